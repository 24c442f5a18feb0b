from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0002_isolate_tenants")]

    operations = [
        migrations.AlterField(
            model_name="upload",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("recording", "recording"),
                    ("import", "import"),
                    ("result", "result of a transcription"),
                    ("partial", "partial result of a transcription"),
                    ("export", "export"),
                    ("document", "document"),
                ],
                max_length=16,
            ),
        ),
    ]
