"""Note when a mail may be tried again, and how a ministry reminds and verifies."""

import django.core.validators
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0006_refuse_rooms"),
    ]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="next_attempt_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="authserv_id",
            field=models.CharField(blank=True, max_length=255, verbose_name="name of the verifying server"),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="reminder_hours",
            field=models.PositiveSmallIntegerField(
                blank=True,
                default=24,
                null=True,
                validators=[django.core.validators.MaxValueValidator(168)],
                verbose_name="reminder (hours before)",
            ),
        ),
    ]
