"""Know a job's incoming result; runs prove themselves by a signature, so that no digest is kept."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import apps.tenants.rls


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0002_isolate_tenants")]

    operations = [
        migrations.RemoveField(model_name="transcriptionjob", name="run_digest"),
        migrations.AddField(
            model_name="transcriptionjob",
            name="result_upload",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="jobs",
                to="files.upload",
            ),
        ),
        apps.tenants.rls.LinkTenantForeignKey("TranscriptionJob", "result_upload"),
        migrations.AddConstraint(
            model_name="transcriptionjob",
            constraint=models.CheckConstraint(
                condition=~Q(status="running") | Q(run_id__isnull=False, heartbeat_at__isnull=False),
                name="job_running_has_run",
            ),
        ),
    ]
