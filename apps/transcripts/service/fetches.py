"""Fetch what Visio ordered, look into it, and hand it to a worker. Waits on networks and the store."""

import io
import tempfile
from datetime import timedelta
from typing import Any, BinaryIO
from uuid import UUID

import structlog
from django.db.models import F
from django.utils import timezone

from apps.files import operations as files
from apps.files.models import Purpose, StoredFile
from apps.files.objects import StorageFull, StoreUnavailable
from apps.tenants.scoping import tenant_scope
from apps.transcripts.failures import MediaRefused
from apps.transcripts.media import MediaInfo, probe
from apps.transcripts.models import ServiceJob, TranscriptionService
from apps.transcripts.operations import create_recording
from apps.transcripts.service.answers import TOO_LONG, UNKNOWN, error_code_of
from apps.transcripts.service.events import MetadataUnreadable, speech_events
from apps.transcripts.service.linking import place_of
from apps.transcripts.service.operations import FETCHES_MAX, Status, end_job, reach_of
from visio_portal.fetching import FetchError, TooLarge, fetch

MIB = 1024 * 1024
METADATA_MAX_BYTES, METADATA_S = 16 * MIB, 60.0
LOOKING_INTO = timedelta(minutes=5)  # and storing: after the download
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))  # FETCHES_MAX - 1

log = structlog.get_logger(__name__)


def fetch_recording(*, tenant_id: UUID, job_id: UUID) -> bool:
    """Fetch a due recording and queue its transcription; return whether it was done here.

    What may pass is tried again after a pause, FETCHES_MAX times in all. Otherwise the job fails with one of the
    contract's codes.
    """
    with tenant_scope(tenant_id):
        service = TranscriptionService.objects.filter(tenant_id=tenant_id).first()
        job = _take(job_id, service)
    if job is None or service is None:
        return False
    try:
        with tempfile.TemporaryFile() as body:
            _download(job, service, body)
            info = _look_into(body)
            events = _events_of(job, service)
            file = files.store_file(
                tenant_id=tenant_id,
                purpose=Purpose.RECORDING,
                name=job.title or f"visio-{job.id}",
                media_type=info.media_type,
                body=body,
            )
    except FetchError as error:
        code = TOO_LONG if isinstance(error, TooLarge) else UNKNOWN
        return _give_back(job, str(error), code=code, is_passing=error.is_passing)
    except MediaRefused as refusal:
        return _give_back(job, str(refusal), code=error_code_of(refusal.code), is_passing=False)
    except (StorageFull, StoreUnavailable) as error:
        return _give_back(job, str(error), code=UNKNOWN, is_passing=True)
    return _start(job, file, info, events)


def _take(job_id: UUID, service: TranscriptionService | None) -> ServiceJob | None:
    """Take a due download: until its time is over nobody else begins it."""
    if service is None:
        return None
    until = timezone.now() + timedelta(minutes=service.fetch_minutes) + LOOKING_INTO
    due = ServiceJob.objects.filter(pk=job_id).due_for_fetching()
    if not due.update(status=Status.FETCHING, fetch_at=until, fetch_attempts=F("fetch_attempts") + 1):
        return None
    return ServiceJob.objects.select_related("tenant", "member__user", "member__tenant").get(pk=job_id)


def _download(job: ServiceJob, service: TranscriptionService, body: BinaryIO) -> None:
    fetch(
        job.source_url,
        body,
        max_bytes=service.size_limit_mb * MIB,
        within_s=service.fetch_minutes * 60,
        reach=reach_of(service),
    )
    body.seek(0)


def _look_into(body: BinaryIO) -> MediaInfo:
    info = probe(body)
    body.seek(0)
    return info


def _events_of(job: ServiceJob, service: TranscriptionService) -> list[dict[str, Any]]:
    """Return who spoke when; nothing where Visio's file cannot be had: the words matter more than the names."""
    if not job.metadata_url or job.started_at is None:
        return []
    content = io.BytesIO()
    try:
        fetch(job.metadata_url, content, max_bytes=METADATA_MAX_BYTES, within_s=METADATA_S, reach=reach_of(service))
        return speech_events(content.getvalue(), job.started_at)
    except (FetchError, MetadataUnreadable) as error:
        log.warning("metadata_left_out", job=str(job.id), error=str(error))
        return []


def _give_back(job: ServiceJob, reason: str, *, code: str, is_passing: bool) -> bool:
    """Let a download be tried again later, or end the job."""
    with tenant_scope(job.tenant_id):
        if is_passing and job.fetch_attempts < FETCHES_MAX:
            again_at = timezone.now() + PAUSES[job.fetch_attempts - 1]
            mine = ServiceJob.objects.filter(pk=job.pk, status=Status.FETCHING, fetch_attempts=job.fetch_attempts)
            mine.update(status=Status.ACCEPTED, fetch_at=again_at, reason=reason[:500])
        else:
            end_job(job, error_code=code, reason=reason, among=(Status.FETCHING,))
    return False


def _start(job: ServiceJob, file: StoredFile, info: MediaInfo, events: list[dict[str, Any]]) -> bool:
    """Make the file a recording of its meeting, in one transaction; it is deleted where somebody else was faster."""
    with tenant_scope(job.tenant_id):
        mine = ServiceJob.objects.filter(pk=job.pk, status=Status.FETCHING, fetch_attempts=job.fetch_attempts)
        if not mine.update(
            status=Status.TRANSCRIBING, fetch_at=None, source_url="", metadata_url="", reason="", speech_events=events
        ):
            files.delete_stored_file(file)
            return False
        place = place_of(job, duration_s=info.duration_s)
        recording = create_recording(
            membership=job.member,
            meeting=place.meeting,
            occurrence=place.occurrence,
            tracks=[(file, info, None)],
            language=job.language,
        )
        ServiceJob.objects.filter(pk=job.pk).update(recording=recording)
    return True
