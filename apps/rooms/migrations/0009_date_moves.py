"""Keep when a single date was moved, so that answers from before do not count for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rooms", "0008_look_after_conferences")]

    operations = [
        migrations.AddField(
            model_name="occurrence",
            name="moved_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
