"""Keep what tells two imports of one file apart, what its preview shows, and how often it was begun."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0002_isolate_tenants"),
        ("licensing", "0006_isolate_usage_and_migration"),
        ("tenants", "0004_allow_visio_to_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="usageimport",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="usageimport",
            name="header",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="usageimport",
            name="sample",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="usageimport",
            name="sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[
                    ("paid", "paid seat"),
                    ("free", "free account"),
                    ("guest", "guest"),
                    ("resource", "room or resource"),
                    ("untold", "not told by this file"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="usageimport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "committed"), models.Q(("sha256", ""), _negated=True)),
                fields=("tenant", "format", "refreshed_on", "period_days", "sha256"),
                name="usage_import_once",
                nulls_distinct=False,
            ),
        ),
    ]
