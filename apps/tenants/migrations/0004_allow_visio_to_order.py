"""Add the scope of keys with which Visio has recordings transcribed."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_chain_journal"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apitoken",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("meetings:read", "read meetings"),
                        ("meetings:write", "schedule meetings"),
                        ("transcripts:read", "read transcripts"),
                        ("transcripts:write", "correct transcripts"),
                        ("transcription:order", "have Visio's recordings transcribed"),
                    ],
                    max_length=32,
                ),
                size=None,
            ),
        ),
    ]
