"""A line's prices are in the currency of its contract."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("licensing", "0003_bound_contract_dates")]

    operations = [
        migrations.RemoveConstraint("contractline", "contract_line_price"),
        migrations.RemoveConstraint("contractline", "contract_line_price_without"),
        migrations.RenameField("contractline", "unit_price_eur", "unit_price"),
        migrations.RenameField("contractline", "price_without_meetings_eur", "price_without_meetings"),
    ]
