"""Keep a count that no import tells as unknown, not as 0."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0008_price_without_meetings_in_amendments"),
    ]

    operations = [
        migrations.AlterField(
            model_name="unitday",
            name="active_30d",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="unitday",
            name="assigned",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="unitday",
            name="blocked",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="unitday",
            name="deleted",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="unitday",
            name="dormant_90d",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="unitday",
            name="double",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="unitday",
            name="meetings",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="unitday",
            name="people",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="unitday",
            name="people_also_visio",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
