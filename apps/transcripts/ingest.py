"""Make a transcript of a worker's result: all of it or nothing, and once."""

import re
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.files.models import StoredFile
from apps.files.objects import NoSuchObject
from apps.files.operations import open_stored_file
from apps.tenants.journal import record
from apps.tenants.scoping import tenant_scope
from apps.transcripts.failures import INVALID_RESULT
from apps.transcripts.jobs import Status, note
from apps.transcripts.models import Revision, Segment, Speaker, Transcript, TranscriptionJob
from media_worker import contract
from visio_portal.realtime import publish

BATCH_ROWS = 1000
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONGEST = {"language": 8, "label": 32, "name": 200}  # characters that the columns hold


def ingest_result(*, tenant_id: UUID, job_id: UUID) -> Transcript | None:
    """Make the transcript of a job that succeeded, unless there is one; return the new one.

    Enters the tenant by itself and waits on the store. A result that does not follow the contract ends the job
    as failed.
    """
    with tenant_scope(tenant_id):
        job = _waiting_jobs().select_related("recording", "result_file", "tenant").filter(pk=job_id).first()
    if job is None or job.result_file is None:
        return None
    try:
        result = read_result(job.result_file)
    except (contract.ContractError, NoSuchObject) as error:
        _reject(job, str(error))
        return None
    with tenant_scope(tenant_id):
        # A second task waits at the lock; what the first has made is only seen by the statement after it.
        TranscriptionJob.objects.select_for_update().get(pk=job_id)
        return _create_transcript(job, result) if _waiting_jobs().filter(pk=job_id).exists() else None


def read_result(file: StoredFile) -> contract.TranscriptionResult:
    """Read and check a stored result; raises ContractError for what the contract or the columns refuse."""
    with open_stored_file(file) as stream:
        content = stream.read()
    result = contract.TranscriptionResult.from_json(content)
    texts = [("language", result.language or "")]
    for speaker in result.speakers:
        texts += [("label", speaker.label), ("name", speaker.name or "")]
    for name, text in texts:
        if len(text) > LONGEST[name]:
            raise contract.ContractError(f"{name}: expected at most {LONGEST[name]} characters")
    _check_characters(result)
    return result


def _check_characters(result: contract.TranscriptionResult) -> None:
    """Raise ContractError for what JSON can say and PostgreSQL cannot keep: NUL, and half a surrogate pair."""
    spoken = [text for segment in result.segments for text in (segment.text, *(word.word for word in segment.words))]
    named = [text for speaker in result.speakers for text in (speaker.label, speaker.name or "")]
    everything = "\n".join([*spoken, *named, *result.models, *result.models.values(), result.language or ""])
    if UNSTORABLE.search(everything):
        raise contract.ContractError("message: holds characters that are none")


def _waiting_jobs() -> QuerySet[TranscriptionJob]:
    """Return the jobs whose result has become no transcript yet."""
    return TranscriptionJob.objects.filter(status=Status.SUCCEEDED, recording__transcripts=None)


def _reject(job: TranscriptionJob, fault: str) -> None:
    with tenant_scope(job.tenant_id):
        is_ours = (
            _waiting_jobs()
            .filter(pk=job.pk)
            .update(status=Status.FAILED, failure_code=INVALID_RESULT, finished_at=timezone.now())
        )
        if is_ours:
            note(job, "job.failed", code=INVALID_RESULT, fault=fault[:200])


def _create_transcript(job: TranscriptionJob, result: contract.TranscriptionResult) -> Transcript:
    transcript = Transcript.objects.create(
        tenant=job.tenant,
        recording=job.recording,
        job=job,
        language=result.language or job.recording.language,
        speech_models=dict(result.models),
    )
    segments = sorted(result.segments, key=lambda segment: (segment.start, segment.end))
    speakers = _create_speakers(transcript, result, segments)
    Segment.objects.bulk_create(
        (_segment(transcript, position, segment, speakers) for position, segment in enumerate(segments)),
        batch_size=BATCH_ROWS,
    )
    counts = {"segments": len(segments), "speakers": len(speakers)}
    Revision.objects.create(tenant=job.tenant, transcript=transcript, number=0, kind="recognised", changes=counts)
    record("transcript.created", tenant_id=job.tenant_id, actor_id=None, subject=transcript, data=counts)
    event = {"type": "transcript.created", "transcript": str(transcript.id)}
    publish(job.tenant_id, f"job:{job.id}", event)
    publish(job.tenant_id, f"transcript:{transcript.id}", event)
    return transcript


def _create_speakers(
    transcript: Transcript, result: contract.TranscriptionResult, segments: list[contract.Segment]
) -> dict[str, Speaker]:
    """Create the voices in the order of their first words; return them by label."""
    first_words = {label: place for place, label in reversed(list(enumerate(s.speaker for s in segments)))}
    ordered = sorted(result.speakers, key=lambda speaker: first_words.get(speaker.label, len(segments)))
    speakers = [
        Speaker(
            tenant=transcript.tenant,
            transcript=transcript,
            label=speaker.label,
            position=position,
            name=speaker.name or "",
            origin=speaker.origin.value if speaker.name and speaker.origin else Speaker.Origin.NONE,
            confidence=speaker.confidence,
        )
        for position, speaker in enumerate(ordered, start=1)
    ]
    return {speaker.label: speaker for speaker in Speaker.objects.bulk_create(speakers)}


def _segment(transcript: Transcript, position: int, segment: contract.Segment, speakers: dict[str, Speaker]) -> Segment:
    return Segment(
        tenant=transcript.tenant,
        transcript=transcript,
        position=position,
        speaker=speakers[segment.speaker] if segment.speaker else None,
        start_s=segment.start,
        end_s=segment.end,
        text=segment.text,
        words=[
            {"word": word.word, "start": word.start, "end": word.end, "score": word.score} for word in segment.words
        ],
    )
