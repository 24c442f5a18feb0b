"""A job as it stands in the database, for tests that speak with the portal as a worker does."""

from datetime import timedelta

from django.db.models import F

from apps.tenants.models import JournalEvent
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import TranscriptionJob
from media_worker import contract

LONGER_THAN_A_CLAIM = timedelta(seconds=contract.CLAIM_EXPIRY_S + 1)


def reload(job: TranscriptionJob) -> TranscriptionJob:
    with tenant_scope(job.tenant_id):
        return TranscriptionJob.objects.select_related("result_file", "tenant").get(pk=job.pk)


def age(job: TranscriptionJob) -> None:
    """Let more than a minute pass for the job."""
    with tenant_scope(job.tenant_id):
        TranscriptionJob.objects.filter(pk=job.pk).update(
            dispatched_at=F("dispatched_at") - LONGER_THAN_A_CLAIM,
            heartbeat_at=F("heartbeat_at") - LONGER_THAN_A_CLAIM,
            finished_at=F("finished_at") - LONGER_THAN_A_CLAIM,
        )


def actions(job: TranscriptionJob) -> list[str]:
    with tenant_scope(job.tenant_id):
        return list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))
