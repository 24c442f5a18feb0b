from django.db import migrations, models


class Migration(migrations.Migration):
    """An amendment of a suite's price says what the same suite costs without meetings from then on."""

    dependencies = [("licensing", "0007_tell_imports_apart")]

    operations = [
        migrations.AddField(
            model_name="amendment",
            name="price_without_meetings",
            field=models.DecimalField(
                blank=True,
                decimal_places=4,
                max_digits=10,
                null=True,
                verbose_name="new price of the same suite without meetings, before tax",
            ),
        ),
    ]
