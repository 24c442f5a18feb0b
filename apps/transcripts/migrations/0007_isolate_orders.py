"""Put the tables of the transcription service under forced row-level security."""

from django.db import migrations

from apps.tenants.rls import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0006_take_orders_of_visio")]

    operations = [IsolateTenant("TranscriptionService"), IsolateTenant("ServiceJob")]
