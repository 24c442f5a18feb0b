"""What a worker does with a job: claim it, report, complete or fail.

The fence: a run is current while its job is running and ``run_id`` is its own. Whatever another run says changes
nothing. A run proves itself by a token that is signed over job and run, so a late one is recognised and told so.
All functions enter the tenant by themselves; ``claim`` and ``complete`` wait on the store in between.
"""

from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.files.links import read_link
from apps.files.models import Purpose, StoredFile, Upload
from apps.files.objects import DigestMismatch
from apps.files.operations import (
    UploadClosed,
    UploadIncomplete,
    UploadNotReady,
    UploadTooLarge,
    WrongPart,
    complete_upload,
    has_object,
    start_upload,
    take_upload,
)
from apps.tenants.scoping import tenant_scope
from apps.tenants.tokens import digest_of
from apps.transcripts import jobs
from apps.transcripts.jobs import SILENCE, Status, note
from apps.transcripts.models import RecordingTrack, ServiceJob, TranscriptionJob
from apps.transcripts.service.events import stored_events
from apps.transcripts.worker_links import closed_links, run_links
from media_worker.contract import (
    Action,
    ClaimRequest,
    Completion,
    Failure,
    Progress,
    ProgressReply,
    Refusal,
    SpeechEvent,
    Stage,
    Track,
    TranscriptionRequest,
)
from visio_portal.realtime import publish

log = structlog.get_logger(__name__)


class NotAuthentic(Exception):
    """The secret or token is not one of this job's."""


class RunRefused(Exception):
    """The run may not go on; ``code`` is the contract's."""

    def __init__(self, code: Refusal) -> None:
        self.code = code
        super().__init__(code.value)


class ResultDamaged(Exception):
    """The parts in the store do not make what the worker says that it has put."""


def claim(*, tenant_id: UUID, job_id: UUID, secret: str, request: ClaimRequest) -> TranscriptionRequest:
    """Give the job to one run, and return its work with fresh links. Waits on the store.

    The same run may claim again (its answer was lost). Raises NotAuthentic for a secret that is wrong or of an
    earlier dispatch, RunRefused while another run's heartbeat is fresh, or when the job has ended.
    """
    with tenant_scope(tenant_id):
        job = _take_claim(_find(job_id), secret, request)
        upload = job.result_upload
    has_partial = has_object(job.partial_key)
    if upload is None:
        upload = start_upload(
            tenant_id=tenant_id, purpose=Purpose.RESULT, name="transcript.json", media_type="application/json"
        )
    with tenant_scope(tenant_id):
        if not _current(job_id, request.run).update(result_upload=upload, heartbeat_at=timezone.now()):
            raise RunRefused(Refusal.SUPERSEDED)
        return _work_of(job, request.run, upload, has_partial=has_partial)


def progress(*, tenant_id: UUID, job_id: UUID, token: str, message: Progress) -> ProgressReply:
    """Take the heartbeat of a run; say whether it may go on, with renewed links. Raises NotAuthentic.

    A message that a later one has overtaken changes nothing.
    """
    with tenant_scope(tenant_id):
        job = _authentic(job_id, message.run, token)
        is_news = (
            _current(job_id, message.run)
            .filter(sequence__lt=message.sequence)
            .update(
                sequence=message.sequence,
                stage=message.stage.value,
                fraction=message.fraction,
                heartbeat_at=timezone.now(),
            )
        )
        if is_news:
            publish(tenant_id, f"job:{job_id}", {"type": "job.progress", "job": str(job_id)})
        if job.status == Status.RUNNING and job.run_id == message.run and job.result_upload is not None:
            return ProgressReply(Action.CONTINUE, run_links(job, job.result_upload, has_partial=False))
        is_cancelled = job.status == Status.CANCELLED and job.run_id == message.run
        return ProgressReply(Action.CANCEL if is_cancelled else Action.SUPERSEDED, closed_links(job))


def complete(*, tenant_id: UUID, job_id: UUID, token: str, message: Completion) -> None:
    """Join and check the result's parts, and end the job; the same message again is fine. Waits on the store.

    Raises NotAuthentic, RunRefused for a run that is not current, ResultDamaged where digests differ.
    """
    with tenant_scope(tenant_id):
        job = _authentic(job_id, message.run, token)
        if _is_done_by(job, message):
            return
        is_current = _current(job_id, message.run).update(heartbeat_at=timezone.now())
        upload = job.result_upload
        if not is_current or upload is None:
            raise RunRefused(Refusal.SUPERSEDED)
    try:
        complete_upload(upload=upload, parts=message.parts, sha256=message.sha256)
        _succeed(job, upload, message)
    except (DigestMismatch, UploadIncomplete, UploadTooLarge, WrongPart) as error:
        raise ResultDamaged(str(error)) from error
    except (UploadClosed, UploadNotReady) as error:  # another request of the same run was faster, or it was purged
        with tenant_scope(tenant_id):
            if not _is_done_by(_find(job_id), message):
                raise RunRefused(Refusal.SUPERSEDED) from error


def fail(*, tenant_id: UUID, job_id: UUID, token: str, message: Failure) -> None:
    """End a run without a result: the next attempt is queued where it may help, otherwise the job has failed.

    The same message again is fine. Raises NotAuthentic, RunRefused for a run that is not current.
    """
    with tenant_scope(tenant_id):
        job = _authentic(job_id, message.run, token)
        log.warning("run_failed", job=str(job_id), code=message.code.value, detail=message.detail[:500])
        if job.run_id == message.run and job.status in (Status.CANCELLED, Status.FAILED):
            return
        is_ended = job.run_id == message.run and jobs.retry_or_fail(
            job, code=message.code.value, is_retryable=message.retryable, pause=True
        )
        if not is_ended:
            raise RunRefused(Refusal.SUPERSEDED)


def run_token(job_id: UUID, run: UUID) -> str:
    """Return what a run shows to prove itself; it says nothing about whether the run is current."""
    return salted_hmac("apps.transcripts.runs", f"{job_id}/{run}", algorithm="sha256").hexdigest()


def _find(job_id: UUID) -> TranscriptionJob:
    job = TranscriptionJob.objects.select_related("tenant", "recording", "result_upload", "result_file")
    found = job.filter(pk=job_id).first()
    if found is None:
        raise NotAuthentic("No such job.")
    return found


def _authentic(job_id: UUID, run: UUID, token: str) -> TranscriptionJob:
    if not constant_time_compare(token, run_token(job_id, run)):
        raise NotAuthentic("The token is not this run's.")
    return _find(job_id)


def _current(job_id: UUID, run: UUID) -> QuerySet[TranscriptionJob]:
    return TranscriptionJob.objects.filter(pk=job_id, status=Status.RUNNING, run_id=run)


def _take_claim(job: TranscriptionJob, secret: str, request: ClaimRequest) -> TranscriptionJob:
    """Make the run the current one, in one conditional UPDATE; return the job as it is then."""
    if not job.claim_digest or not constant_time_compare(digest_of(secret), job.claim_digest):
        raise NotAuthentic("The secret is not that of the last dispatch.")
    if request.attempt != job.attempt:
        raise RunRefused(Refusal.SUPERSEDED)
    now = timezone.now()
    is_same_run = job.run_id == request.run
    is_free = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, heartbeat_at__lt=now - SILENCE)
    is_mine = Q(status=Status.RUNNING, run_id=request.run)
    change = _first_values(job, request, now) | ({} if is_same_run else {"result_upload": None})
    is_ours = TranscriptionJob.objects.filter(
        is_free | is_mine, pk=job.pk, attempt=request.attempt, claim_digest=job.claim_digest
    ).update(**change)
    job = _find(job.pk)
    if not is_ours:
        raise RunRefused(_why_taken(job))
    if not is_same_run:
        note(job, "job.claimed", attempt=job.attempt, worker=job.worker)
    return job


def _first_values(job: TranscriptionJob, request: ClaimRequest, now: datetime) -> dict[str, object]:
    return {
        "status": Status.RUNNING,
        "run_id": request.run,
        "sequence": 0,
        "stage": Stage.DECODE.value,
        "fraction": 0,
        "worker": _printable(f"{request.worker.name} {request.worker.version}")[:200],
        "failure_code": "",
        "heartbeat_at": now,
        "started_at": job.started_at or now,
    }


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def _why_taken(job: TranscriptionJob) -> Refusal:
    if not job.is_active:
        return Refusal.FINISHED
    return Refusal.ALREADY_CLAIMED if job.status == Status.RUNNING else Refusal.SUPERSEDED


def _work_of(job: TranscriptionJob, run: UUID, upload: Upload, *, has_partial: bool) -> TranscriptionRequest:
    tracks = RecordingTrack.objects.filter(recording=job.recording).select_related("file", "attendee__membership__user")
    return TranscriptionRequest(
        job=job.id,
        attempt=job.attempt,
        run=run,
        run_token=run_token(job.id, run),
        tracks=tuple(_track(track) for track in tracks),
        language=job.recording.language or None,
        speakers=job.recording.speaker_count,
        vocabulary=(),
        events=_events_of(job),
        links=run_links(job, upload, has_partial=has_partial),
    )


def _events_of(job: TranscriptionJob) -> tuple[SpeechEvent, ...]:
    """Return who spoke when, where Visio ordered the transcription and said so."""
    rows = ServiceJob.objects.filter(recording=job.recording).exclude(speech_events=[])
    return stored_events(rows.values_list("speech_events", flat=True).first() or [])


def _track(track: RecordingTrack) -> Track:
    file: StoredFile = track.file
    return Track(url=read_link(file), size_bytes=file.size_bytes, participant=_participant(track) or None)


def _participant(track: RecordingTrack) -> str:
    """Return the name of who speaks on a track; empty where nobody is known."""
    attendee = track.attendee
    if attendee is None:
        return ""
    return attendee.name or (attendee.membership.user.full_name if attendee.membership else "")


def _is_done_by(job: TranscriptionJob, message: Completion) -> bool:
    file: StoredFile | None = job.result_file
    return (
        job.status == Status.SUCCEEDED
        and job.run_id == message.run
        and file is not None
        and file.sha256 == message.sha256
    )


def _succeed(job: TranscriptionJob, upload: Upload, message: Completion) -> None:
    """Take the result and end the job in one transaction; raises RunRefused, keeping neither, if not current."""
    with tenant_scope(job.tenant_id):
        file = take_upload(tenant_id=job.tenant_id, upload_id=upload.id, purpose=Purpose.RESULT)
        is_current = _current(job.id, message.run).update(
            status=Status.SUCCEEDED,
            result_file=file,
            stage=Stage.RESULT.value,
            fraction=1,
            finished_at=timezone.now(),
        )
        if not is_current:
            raise RunRefused(Refusal.SUPERSEDED)
        note(job, "job.succeeded", attempt=job.attempt, sha256=file.sha256)
        jobs.request_ingest(job)
