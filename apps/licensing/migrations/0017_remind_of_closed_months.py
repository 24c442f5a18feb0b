"""Keep which reminders of a closed month were sent, so that each is sent once."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from apps.tenants.rls import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0016_find_accounts_by_their_file"),
        ("tenants", "0005_let_tokens_read_licensing"),
    ]

    operations = [
        migrations.CreateModel(
            name="MonthReminder",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("month", models.DateField()),
                ("day", models.PositiveSmallIntegerField()),
                ("sent_at", models.DateTimeField(auto_now_add=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("tenant", "month", "day"), name="month_reminded_once")],
            },
        ),
        IsolateTenant("MonthReminder"),
    ]
