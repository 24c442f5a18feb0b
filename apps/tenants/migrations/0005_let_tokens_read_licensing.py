"""Let API tokens read and change contracts and imports."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0004_allow_visio_to_order"),
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
                        ("licensing:read", "read contracts, imports and figures"),
                        ("licensing:write", "import usage and change contracts"),
                        ("transcription:order", "have Visio's recordings transcribed"),
                    ],
                    max_length=32,
                ),
                size=None,
            ),
        ),
    ]
