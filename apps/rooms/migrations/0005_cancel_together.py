"""Tell the dates that were cancelled with the whole meeting from those cancelled alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0004_isolate_scheduling"),
    ]

    operations = [
        migrations.AddField(
            model_name="occurrence",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
