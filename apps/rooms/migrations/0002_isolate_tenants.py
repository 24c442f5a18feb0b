"""Put the app's tables under forced row-level security."""

from django.db import migrations

from apps.tenants.rls import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("rooms", "0001_initial"), ("tenants", "0002_isolate_tenants")]

    operations = [
        IsolateTenant("Room"),
        IsolateTenant("Meeting"),
        IsolateTenant("Attendee"),
        IsolateTenant("Occurrence"),
    ]
