"""A worker's result becomes a transcript: whole, once, or not at all."""

import io
import json
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from apps.files.models import Purpose
from apps.files.objects import Body
from apps.files.operations import has_object, store_file
from apps.files.store import object_store
from apps.tenants.models import JournalEvent
from apps.tenants.scoping import tenant_scope
from apps.transcripts import jobs, tasks
from apps.transcripts.ingest import BATCH_ROWS, ingest_result
from apps.transcripts.jobs import INGEST_TASK, SILENCE, Status
from apps.transcripts.models import Revision, Segment, Speaker, Transcript, TranscriptionJob
from apps.transcripts.tests.factories import JobFactory
from apps.transcripts.tests.protocol import FakeBroker, golden

LONG = 2 * BATCH_ROWS + 1


def finished_job(content: bytes) -> TranscriptionJob:
    """Return a job that succeeded with these bytes."""
    job = JobFactory.create(status=Status.SUCCEEDED, run_id=uuid4(), finished_at=timezone.now())
    job.result_file = store_file(
        tenant_id=job.tenant_id,
        purpose=Purpose.RESULT,
        name="transcript.json",
        media_type="application/json",
        body=io.BytesIO(content),
    )
    with tenant_scope(job.tenant_id):
        job.save()
    return job


def finished_with(**changes: Any) -> TranscriptionJob:
    return finished_job(json.dumps(golden("transcription_result") | changes).encode())


def ingest(job: TranscriptionJob) -> Transcript | None:
    return ingest_result(tenant_id=job.tenant_id, job_id=job.id)


@pytest.mark.django_db
def test_ingest_makes_speakers_lines_and_the_first_revision() -> None:
    job = finished_with()

    transcript = ingest(job)

    assert transcript is not None
    with tenant_scope(job.tenant_id):
        assert (transcript.status, transcript.language, transcript.version) == ("draft", "fr", 0)
        speakers = Speaker.objects.filter(transcript=transcript).values_list("position", "label", "name", "origin")
        assert list(speakers) == [(1, "SPK01", "Claire Dupont", "track"), (2, "SPK02", "", "none")]
        lines = Segment.objects.filter(transcript=transcript).values_list("position", "speaker__label", "text")
        assert list(lines) == [(0, "SPK01", "Bonjour à toutes."), (1, "SPK02", "Merci."), (2, None, "Oui")]
        assert Segment.objects.get(position=0).words[0] == {
            "word": "Bonjour",
            "start": 0.62,
            "end": 1.1,
            "score": 0.98,
        }
        assert Revision.objects.values_list("number", "kind", "changes").get() == (
            0,
            "recognised",
            {"segments": 3, "speakers": 2},
        )
        assert JournalEvent.objects.filter(action="transcript.created", object_id=transcript.id).count() == 1


@pytest.mark.django_db
def test_ingest_orders_voices_by_their_first_words_and_lines_by_time() -> None:
    result = golden("transcription_result")
    job = finished_with(segments=result["segments"][::-1], speakers=result["speakers"][::-1])

    ingest(job)

    with tenant_scope(job.tenant_id):
        assert list(Speaker.objects.values_list("label", flat=True)) == ["SPK01", "SPK02"]
        assert list(Segment.objects.values_list("text", flat=True)) == ["Bonjour à toutes.", "Merci.", "Oui"]


@pytest.mark.django_db
def test_ingest_of_silence_makes_an_empty_transcript() -> None:
    job = finished_job(json.dumps(golden("transcription_result_silence")).encode())

    transcript = ingest(job)

    assert transcript is not None
    with tenant_scope(job.tenant_id):
        assert not Segment.objects.exists()
        assert transcript.language == "fr"  # the recording's own


@pytest.mark.django_db
def test_ingest_once_more_does_nothing() -> None:
    job = finished_with()
    ingest(job)

    assert ingest(job) is None

    with tenant_scope(job.tenant_id):
        assert Segment.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_ingest_by_two_tasks_at_once_makes_one_transcript() -> None:
    job = finished_with()
    made: list[Transcript | None] = []

    def run() -> None:
        made.append(ingest(job))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 4
    assert sum(transcript is not None for transcript in made) == 1


@pytest.mark.django_db
def test_ingest_of_a_long_meeting_keeps_every_line() -> None:
    line = golden("transcription_result")["segments"][0]
    segments = [{**line, "start": float(n), "end": n + 0.9, "text": f"Phrase {n}."} for n in range(LONG)]
    job = finished_with(segments=segments)

    ingest(job)

    with tenant_scope(job.tenant_id):
        assert Segment.objects.count() == LONG
        assert Segment.objects.get(position=LONG - 1).text == f"Phrase {LONG - 1}."


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the golden result with one value changed."""
    result = golden("transcription_result")
    place, *rest = path.split(".")
    if not rest:
        return {**result, place: value}
    result[place][int(rest[0])][rest[1]] = value
    return result


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"{}",
        *[
            json.dumps(changed(path, value)).encode()
            for path, value in [
                ("version", 2),
                ("segments.0.speaker", "SPK99"),
                ("segments.0.text", "nul \x00"),
                ("segments.0.text", "half \ud83d"),
                ("language", "x" * 9),
                ("speakers.0.label", "x" * 33),
                ("speakers.1.name", "x" * 201),
            ]
        ],
    ],
)
def test_ingest_ends_the_job_as_failed_for_a_result_that_nobody_can_read(content: bytes) -> None:
    job = finished_job(content or b" ")

    assert ingest(job) is None

    with tenant_scope(job.tenant_id):
        ended = TranscriptionJob.objects.get()
        assert (ended.status, ended.failure_code) == (Status.FAILED, "invalid_result")
        assert not Transcript.objects.exists()


@pytest.mark.django_db
def test_ingest_ends_the_job_as_failed_when_the_result_is_gone() -> None:
    job = finished_with()
    assert job.result_file is not None
    object_store().delete(job.result_file.key)

    ingest(job)

    with tenant_scope(job.tenant_id):
        assert TranscriptionJob.objects.get().failure_code == "invalid_result"


@pytest.mark.django_db
def test_lost_ingest_is_asked_for_again(broker: FakeBroker, django_capture_on_commit_callbacks: Any) -> None:
    job = finished_with()

    def tend() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.tend_tenant_jobs(tenant_id=str(job.tenant_id))
        return len(broker.sent(INGEST_TASK))

    assert tend() == 0  # its first message may be on its way
    with tenant_scope(job.tenant_id):
        TranscriptionJob.objects.update(finished_at=timezone.now() - SILENCE)
    assert tend() == 1
    tasks.ingest_result(**broker.sent(INGEST_TASK)[0])
    assert tend() == 1  # nothing is left to do


@pytest.mark.django_db
def test_partial_result_is_deleted_a_while_after_the_end() -> None:
    job = finished_with()
    stages = Body(io.BytesIO(b"stages"), max_bytes=100)
    object_store().put(job.partial_key, stages, media_type="application/octet-stream")

    assert jobs.remove_leftovers(tenant_id=job.tenant_id) == 0
    assert has_object(job.partial_key)
    with tenant_scope(job.tenant_id):
        TranscriptionJob.objects.update(finished_at=timezone.now() - jobs.LEFTOVERS_AFTER)
    assert jobs.remove_leftovers(tenant_id=job.tenant_id) == 1

    assert not has_object(job.partial_key)
    assert jobs.remove_leftovers(tenant_id=job.tenant_id) == 0
