"""What people do with recordings and transcripts, and what stands in the journal afterwards."""

import hashlib
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.files.models import PART_SIZE_BYTES, Purpose, StoredFile, Upload
from apps.files.operations import complete_upload, receive_part, start_upload
from apps.rooms.models import Meeting
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory
from apps.transcripts import jobs
from apps.transcripts.failures import MediaRefused
from apps.transcripts.jobs import Status
from apps.transcripts.models import Recording, Revision, Speaker, Transcript, TranscriptionJob
from apps.transcripts.operations import (
    TranscriptChanged,
    UploadNotReady,
    add_recording,
    cancel_transcription,
    read_transcript,
    rename_speaker,
    retry_transcription,
)
from apps.transcripts.tests.factories import JobFactory, TranscriptFactory
from apps.transcripts.tests.test_media import MEETING as MEETING_FILE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("broker")]


@pytest.fixture
def meeting() -> Meeting:
    return MeetingFactory.create()


@pytest.fixture
def transcript() -> Transcript:
    return TranscriptFactory.create()


def uploaded(member: Membership, content: bytes, *, media_type: str = "text/html") -> UUID:
    """Return a complete upload of the member's."""
    upload = start_upload(
        tenant_id=member.tenant_id,
        purpose=Purpose.RECORDING,
        name="reunion.webm",
        media_type=media_type,
        size_bytes=len(content),
        user_id=member.user_id,
    )
    for number, start in enumerate(range(0, len(content), PART_SIZE_BYTES), start=1):
        part = content[start : start + PART_SIZE_BYTES]
        receive_part(upload=upload, number=number, body=io.BytesIO(part))
    complete_upload(upload=upload, sha256=hashlib.sha256(content).hexdigest())
    return upload.id


def actions(tenant_id: UUID) -> list[str]:
    with tenant_scope(tenant_id):
        return list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))


# --- Adding a recording


def test_add_recording_checks_the_file_and_queues_a_job(meeting: Meeting) -> None:
    upload_id = uploaded(meeting.organizer, MEETING_FILE.read_bytes())

    recording = add_recording(
        membership=meeting.organizer, meeting=meeting, upload_id=upload_id, language="fr", speakers=4
    )

    with tenant_scope(meeting.tenant_id):
        assert recording.occurrence == meeting.occurrences.get()
        assert (recording.language, recording.speaker_count, round(recording.duration_s)) == ("fr", 4, 145)
        assert recording.tracks.get().file.media_type == "audio/webm"  # and not what the browser said
        assert recording.jobs.get().status == Status.QUEUED
        assert not Upload.objects.exists()
    assert actions(meeting.tenant_id) == ["recording.added", "job.queued"]


def test_add_recording_sent_twice_makes_one(meeting: Meeting) -> None:
    upload_id = uploaded(meeting.organizer, MEETING_FILE.read_bytes())

    first, second = (
        add_recording(membership=meeting.organizer, meeting=meeting, upload_id=upload_id) for _ in range(2)
    )

    assert first == second
    with tenant_scope(meeting.tenant_id):
        assert TranscriptionJob.objects.count() == 1


def test_add_recording_refuses_other_files_and_deletes_them(meeting: Meeting) -> None:
    upload_id = uploaded(meeting.organizer, b"%PDF-1.7 minutes of the meeting")

    with pytest.raises(MediaRefused) as refusal:
        add_recording(membership=meeting.organizer, meeting=meeting, upload_id=upload_id)

    assert refusal.value.code == "not_media"
    with tenant_scope(meeting.tenant_id):
        assert not Recording.objects.exists()
        assert not StoredFile.objects.exists()
    assert actions(meeting.tenant_id) == ["recording.refused"]


def test_add_recording_takes_no_upload_of_somebody_else(meeting: Meeting) -> None:
    colleague = MembershipFactory.create(tenant=meeting.tenant)
    upload_id = uploaded(colleague, MEETING_FILE.read_bytes())

    for unknown in (upload_id, uuid4()):
        with pytest.raises(UploadNotReady):
            add_recording(membership=meeting.organizer, meeting=meeting, upload_id=unknown)


def test_add_recording_takes_no_upload_that_is_incomplete(meeting: Meeting) -> None:
    member = meeting.organizer
    upload = start_upload(
        tenant_id=member.tenant_id, purpose=Purpose.RECORDING, name="a.webm", size_bytes=10, user_id=member.user_id
    )

    with pytest.raises(UploadNotReady):
        add_recording(membership=member, meeting=meeting, upload_id=upload.id)


# --- Jobs, as people drive them


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
def test_retry_queues_another_job(status: str) -> None:
    former = JobFactory.create(status=status)
    recording = former.recording

    with tenant_scope(former.tenant_id):
        job = retry_transcription(membership=recording.uploaded_by, recording=recording)

    assert job != former
    assert (job.status, job.attempt) == (Status.QUEUED, 1)


def test_retry_is_refused_while_a_job_is_active_and_once_there_is_a_transcript(transcript: Transcript) -> None:
    active = JobFactory.create().recording

    for recording in (active, transcript.recording):
        with pytest.raises(jobs.JobUnavailable), tenant_scope(recording.tenant_id):
            retry_transcription(membership=recording.uploaded_by, recording=recording)


def test_cancelled_job_may_be_followed_by_another() -> None:
    job = JobFactory.create()
    member = job.recording.uploaded_by

    with tenant_scope(job.tenant_id):
        cancel_transcription(membership=member, job=job)
        retry_transcription(membership=member, recording=job.recording)

    assert actions(job.tenant_id) == ["job.cancelled", "job.queued"]


# --- Reading


def test_read_gives_speakers_and_lines_in_few_queries_and_is_journalled_once(transcript: Transcript) -> None:
    member = transcript.recording.uploaded_by
    with tenant_scope(transcript.tenant_id):
        read_transcript(membership=member, transcript=transcript)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text = read_transcript(membership=member, transcript=transcript)
            shown = [(line.speaker.position if line.speaker else None, line.text) for line in text.lines]

    assert [speaker.label for speaker in text.speakers] == ["SPK01", "SPK02"]
    assert [position for position, _ in shown] == [1, 2, 1]
    assert len(queries) == 3
    assert actions(transcript.tenant_id) == ["transcript.read"]


# --- Naming speakers


def rename(transcript: Transcript, name: str, *, expected_version: int = 0) -> Revision:
    with tenant_scope(transcript.tenant_id):
        return rename_speaker(
            membership=transcript.recording.uploaded_by,
            transcript=transcript,
            speaker=Speaker.objects.get(label="SPK02"),
            name=name,
            expected_version=expected_version,
        )


def test_rename_makes_a_revision_and_journals_no_name(transcript: Transcript) -> None:
    revision = rename(transcript, "  Claire   Dupont ")

    with tenant_scope(transcript.tenant_id):
        speaker = Speaker.objects.get(label="SPK02")
        assert (speaker.name, speaker.origin) == ("Claire Dupont", "person")
        assert Transcript.objects.get().version == revision.number == 1
        assert revision.changes["before"] == "" and revision.changes["after"] == "Claire Dupont"
        (event,) = JournalEvent.objects.filter(action="speaker.renamed")
        assert "Dupont" not in bytes(event.canonical).decode()


def test_rename_to_nothing_takes_the_name_away(transcript: Transcript) -> None:
    rename(transcript, "Claire Dupont")
    rename(transcript, " ", expected_version=1)

    with tenant_scope(transcript.tenant_id):
        speaker = Speaker.objects.get(label="SPK02")
        assert (speaker.name, speaker.origin) == ("", "none")


def test_rename_of_an_older_version_is_a_conflict_and_changes_nothing(transcript: Transcript) -> None:
    rename(transcript, "Claire Dupont")

    with pytest.raises(TranscriptChanged), transaction.atomic():
        rename(transcript, "Somebody else", expected_version=0)

    with tenant_scope(transcript.tenant_id):
        assert Speaker.objects.get(label="SPK02").name == "Claire Dupont"
        assert Revision.objects.count() == 2


@pytest.mark.parametrize("status", [Transcript.Status.APPROVED, Transcript.Status.SEALED])
def test_rename_of_an_approved_text_is_refused(transcript: Transcript, status: str) -> None:
    with tenant_scope(transcript.tenant_id):
        Transcript.objects.update(status=status)

    with pytest.raises(TranscriptChanged):
        rename(transcript, "Claire Dupont")


def test_rename_tells_the_pages_that_follow(transcript: Transcript, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr("apps.transcripts.operations.publish", lambda *message: told.append(message))

    rename(transcript, "Claire Dupont")

    event = {"type": "speaker.renamed", "transcript": str(transcript.id), "version": 1}
    assert told == [(transcript.tenant_id, f"transcript:{transcript.id}", event)]
