"""Make one recording of an upload, however often its last request is sent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0004_leave_segments_unattributed")]

    operations = [
        migrations.AddField(
            model_name="recording", name="upload_id", field=models.UUIDField(editable=False, null=True)
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.UniqueConstraint(fields=("tenant", "upload_id"), name="recording_once_per_upload"),
        ),
    ]
