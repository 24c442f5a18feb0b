"""Let who schedules in somebody's name read that person's meetings in a calendar program."""

import django.db.models.deletion
from django.db import migrations, models

import apps.tenants.rls


class Migration(migrations.Migration):
    dependencies = [("rooms", "0009_date_moves")]

    operations = [
        migrations.AddField(
            model_name="calendarfeed",
            name="principal",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendar_feeds_of_delegates",
                to="tenants.membership",
            ),
        ),
        apps.tenants.rls.LinkTenantForeignKey("CalendarFeed", "principal"),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.CheckConstraint(
                condition=models.Q(("room", None), ("principal", None), _connector="OR"), name="calendar_feed_of_one"
            ),
        ),
    ]
