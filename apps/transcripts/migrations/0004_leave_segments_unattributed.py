"""Let a segment have no speaker: words for which the recogniser found no voice."""

import django.db.models.deletion
from django.db import migrations

import apps.tenants.rls

DROP = 'ALTER TABLE "transcripts_segment" DROP CONSTRAINT "transcripts_segment_speaker_id_tenant_fk"'
RESTORE = (
    'ALTER TABLE "transcripts_segment" ADD CONSTRAINT "transcripts_segment_speaker_id_tenant_fk" '
    'FOREIGN KEY (tenant_id, "speaker_id") REFERENCES "transcripts_speaker" (tenant_id, id) NOT DEFERRABLE'
)


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0003_follow_results")]

    operations = [
        migrations.AlterField(
            model_name="segment",
            name="speaker",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="segments",
                to="transcripts.speaker",
            ),
        ),
        migrations.RunSQL(DROP, RESTORE),
        apps.tenants.rls.LinkTenantForeignKey("Segment", "speaker"),
    ]
