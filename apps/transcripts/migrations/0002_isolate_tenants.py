"""Put the app's tables under forced row-level security."""

from django.db import migrations

from apps.tenants.rls import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("transcripts", "0001_initial"),
        ("files", "0002_isolate_tenants"),
        ("rooms", "0002_isolate_tenants"),
    ]

    operations = [
        IsolateTenant("Recording"),
        IsolateTenant("RecordingTrack"),
        IsolateTenant("TranscriptionJob"),
        IsolateTenant("Transcript"),
        IsolateTenant("TranscriptReader"),
        IsolateTenant("Speaker"),
        IsolateTenant("Segment"),
        IsolateTenant("Revision", append_only=True),
    ]
