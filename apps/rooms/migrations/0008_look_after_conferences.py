"""Keep what the portal knows of its attempts to make conferences, and for how long attendance stays."""

import django.core.validators
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rooms", "0007_send_mails")]

    operations = [
        migrations.AddField(
            model_name="visioconnection",
            name="attendance_days",
            field=models.PositiveSmallIntegerField(
                default=90,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(3650),
                ],
                verbose_name="days that attendance is kept",
            ),
        ),
        migrations.AddField(
            model_name="conference",
            name="given_level",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="conference",
            name="failure_code",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="conference",
            name="due_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="conferenceevent",
            name="joined_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="conference",
            index=models.Index(
                condition=models.Q(("status__in", ["preparing", "failed"])),
                fields=["tenant", "due_at"],
                name="conference_to_make",
            ),
        ),
    ]
