"""Put the app's tables under forced row-level security."""

from django.db import migrations

from apps.tenants.rls import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial"), ("tenants", "0002_isolate_tenants")]

    operations = [
        IsolateTenant("StoredFile"),
        IsolateTenant("Upload"),
        IsolateTenant("UploadPart"),
        IsolateTenant("DiscardedObject"),
    ]
