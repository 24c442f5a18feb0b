"""A transcription job as the portal drives it: queued, dispatched, recovered, cancelled, ended.

Rows are the truth and every transition is one conditional UPDATE. A message to a worker is a hint that can be
lost, doubled or late; ``tend_jobs`` looks at the rows every 15 s and does what is due.
"""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.files.models import Purpose
from apps.files.objects import new_key
from apps.files.operations import discard_object
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tokens import digest_of
from apps.transcripts.failures import WORKER_LOST
from apps.transcripts.models import Recording, TranscriptionJob
from apps.transcripts.worker_links import job_address
from media_worker.contract import CLAIM_EXPIRY_S, QUEUE_NAME, TASK_NAME
from visio_portal.broker import send_on_commit
from visio_portal.realtime import publish

Status = TranscriptionJob.Status

SILENCE = timedelta(seconds=CLAIM_EXPIRY_S)  # of a worker, or after a dispatch: then somebody else may try
MAX_ATTEMPTS = 3
RELEASED_PER_TENANT = 4  # messages that one tenant may have out at a time: the others' turn comes sooner
MESSAGE_LIFETIME = 2 * SILENCE  # by then a newer message is out
INGEST_TASK = "transcripts.ingest_result"
INGEST_GIVEN_UP_AFTER = timedelta(days=1)
LEFTOVERS_AFTER = timedelta(hours=2)  # the last link to a partial result has expired an hour ago


class JobUnavailable(Conflict):
    """The job has ended, or the recording has one already."""


def queue_transcription(*, recording: Recording, membership: Membership | None = None) -> TranscriptionJob:
    """Queue a job for a recording and wake a worker. Raises JobUnavailable where one is waiting or running."""
    try:
        with transaction.atomic():
            job = TranscriptionJob.objects.create(
                tenant=recording.tenant,
                recording=recording,
                partial_key=new_key(recording.tenant_id, Purpose.PARTIAL),
            )
    except IntegrityError as error:
        raise JobUnavailable(_("This recording is being transcribed already.")) from error
    note(job, "job.queued", actor_id=membership.user_id if membership else None)
    release_waiting(tenant_id=recording.tenant_id)
    return job


def release_waiting(*, tenant_id: UUID) -> int:
    """Dispatch those of the tenant's oldest waiting jobs that have no fresh message out; return how many."""
    due = timezone.now() - SILENCE
    waiting = TranscriptionJob.objects.filter(tenant_id=tenant_id, status=Status.QUEUED).select_related("tenant")
    oldest = waiting.order_by("created_at")[:RELEASED_PER_TENANT]
    return sum(dispatch(job) for job in oldest if job.dispatched_at is None or job.dispatched_at < due)


def dispatch(job: TranscriptionJob) -> bool:
    """Send a waiting job to the workers with a new one-time secret; return False if somebody was faster.

    The message of an earlier dispatch is worthless from now on. An attempt is only spent by a run.
    """
    secret = secrets.token_urlsafe(32)
    is_ours = TranscriptionJob.objects.filter(
        pk=job.pk, status=Status.QUEUED, attempt=job.attempt, dispatched_at=job.dispatched_at
    ).update(claim_digest=digest_of(secret), dispatched_at=timezone.now())
    if is_ours:
        send_on_commit(
            TASK_NAME,
            queue=QUEUE_NAME,
            expires_after=MESSAGE_LIFETIME,
            job=str(job.id),
            attempt=job.attempt,
            claim_url=job_address(job, "claim"),
            claim_secret=secret,
        )
    return bool(is_ours)


def recover_lost(*, tenant_id: UUID) -> int:
    """Give the jobs whose worker fell silent to another one, or end them; return how many."""
    is_silent = Q(heartbeat_at__lt=timezone.now() - SILENCE)
    silent = TranscriptionJob.objects.filter(is_silent, tenant_id=tenant_id, status=Status.RUNNING)
    return sum(retry_or_fail(job, code=WORKER_LOST, provided=is_silent) for job in silent)


def retry_or_fail(
    job: TranscriptionJob, *, code: str, is_retryable: bool = True, pause: bool = False, provided: Q | None = None
) -> bool:
    """End the run that ``job`` shows: queue the next attempt, or fail for good after the last one.

    With ``pause`` the next attempt waits as long as a lost dispatch would. Returns False, having changed
    nothing, if that run is not current any more or the row is not as ``provided``.
    """
    now = timezone.now()
    is_over = not is_retryable or job.attempt >= MAX_ATTEMPTS
    change: dict[str, Any] = {"claim_digest": "", "failure_code": code, "stage": ""}
    if is_over:
        change |= {"status": Status.FAILED, "finished_at": now}
    else:
        change |= {
            "status": Status.QUEUED,
            "attempt": job.attempt + 1,
            "run_id": None,
            "result_upload": None,
            "fraction": 0,
            "dispatched_at": now if pause else None,
        }
    is_ours = TranscriptionJob.objects.filter(
        provided or Q(), pk=job.pk, status=Status.RUNNING, run_id=job.run_id
    ).update(**change)
    if is_ours:
        note(job, "job.failed" if is_over else "job.retried", attempt=job.attempt, code=code)
    return bool(is_ours)


def cancel_job(*, job: TranscriptionJob, membership: Membership) -> None:
    """Cancel a waiting or running job; a worker hears of it at its next message. Raises JobUnavailable."""
    is_ours = (
        TranscriptionJob.objects.active().filter(pk=job.pk).update(status=Status.CANCELLED, finished_at=timezone.now())
    )
    if not is_ours:
        raise JobUnavailable(_("This transcription has ended already."))
    note(job, "job.cancelled", actor_id=membership.user_id)


def request_ingest(job: TranscriptionJob) -> None:
    """Ask for the result of a job that succeeded to be made a transcript."""
    send_on_commit(
        INGEST_TASK,
        expires_after=MESSAGE_LIFETIME,
        tenant_id=str(job.tenant_id),
        job_id=str(job.id),
    )


def request_lost_ingests(*, tenant_id: UUID) -> int:
    """Ask again for results that have become no transcript within a minute; return how many."""
    now = timezone.now()
    waiting = TranscriptionJob.objects.filter(
        Q(finished_at__lt=now - SILENCE, finished_at__gt=now - INGEST_GIVEN_UP_AFTER),
        tenant_id=tenant_id,
        status=Status.SUCCEEDED,
        result_file__isnull=False,
        transcripts=None,
    )
    for job in waiting:
        request_ingest(job)
    return len(waiting)


def tend_jobs(*, tenant_id: UUID) -> None:
    """Do what is due for a tenant's jobs. Enters the tenant for each step; the last one waits on the store."""
    for step in (recover_lost, release_waiting, request_lost_ingests):
        with tenant_scope(tenant_id):
            step(tenant_id=tenant_id)
    remove_leftovers(tenant_id=tenant_id)


def remove_leftovers(*, tenant_id: UUID) -> int:
    """Delete the partial results of jobs that ended a while ago; return how many. Waits on the store."""
    ended = Q(finished_at__lt=timezone.now() - LEFTOVERS_AFTER) & ~Q(partial_key="")
    with tenant_scope(tenant_id):
        jobs = list(TranscriptionJob.objects.filter(ended, tenant_id=tenant_id).values_list("pk", "partial_key")[:100])
    for job_id, partial_key in jobs:
        discard_object(partial_key)
        with tenant_scope(tenant_id):
            TranscriptionJob.objects.filter(pk=job_id).update(partial_key="")
    return len(jobs)


def note(job: TranscriptionJob, action: str, *, actor_id: UUID | None = None, **data: Any) -> None:
    """Journal a step of a job and tell the pages that follow it."""
    record(action, tenant_id=job.tenant_id, actor_id=actor_id, subject=job, data=data)
    publish(job.tenant_id, f"job:{job.id}", {"type": action, "job": str(job.id)})
