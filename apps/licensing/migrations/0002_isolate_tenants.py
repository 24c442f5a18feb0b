"""Put the app's tables under forced row-level security; the catalogue is global."""

from django.db import migrations

from apps.tenants.rls import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("licensing", "0001_initial"), ("tenants", "0002_isolate_tenants")]

    operations = [IsolateTenant("Contract"), IsolateTenant("ContractLine")]
