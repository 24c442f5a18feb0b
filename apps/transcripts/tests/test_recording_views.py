"""The pages of recordings and of the jobs that transcribe them."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.files.tests.factories import stored_file
from apps.rooms.models import Attendee, Meeting
from apps.rooms.operations import MeetingPlan, schedule_meeting
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory
from apps.transcripts import operations
from apps.transcripts.failures import MediaRefused
from apps.transcripts.models import Recording, TranscriptionJob
from apps.transcripts.tests.factories import JobFactory, RecordingFactory, TranscriptFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("broker")]

SCOPE_IN_A_TEST = 4  # queries: inside the transaction of a test the tenant is entered in a savepoint
Status = TranscriptionJob.Status
FORM = {"upload": str(uuid4()), "language": "fr", "speakers": ""}


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def web(member: Membership) -> Client:
    return client_in_english(member)


@pytest.fixture
def recording(member: Membership) -> Recording:
    return RecordingFactory.create(meeting=MeetingFactory.create(organizer=member))


def client_in_english(member: Membership) -> Client:
    client = client_of(member)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def url(name: str, owner: Recording | Meeting, *args: Any) -> str:
    return reverse(f"transcripts:{name}", args=[owner.tenant.slug, owner.id, *args])


def job_of(recording: Recording, status: Status, **fields: Any) -> TranscriptionJob:
    if status == Status.RUNNING:
        fields = {"run_id": uuid4(), "heartbeat_at": timezone.now(), "started_at": timezone.now()} | fields
    return JobFactory.create(recording=recording, status=status, **fields)


# --- Adding a recording -------------------------------------------------------------------------------


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What the operation is asked for; it answers with a recording that is already there."""
    calls: list[dict[str, Any]] = []

    def add_recording(**asked: Any) -> Recording:
        calls.append(asked)
        with tenant_scope(asked["meeting"].tenant_id):
            recording: Recording = RecordingFactory.create(meeting=asked["meeting"])
        return recording

    monkeypatch.setattr(operations, "add_recording", add_recording)
    yield calls


def test_recording_create_hands_the_upload_over_and_leads_to_its_progress(
    web: Client, member: Membership, added: list[dict[str, Any]]
) -> None:
    meeting = MeetingFactory.create(organizer=member)
    response = web.post(url("recording_create", meeting), FORM | {"speakers": "4", "language": "auto"})
    with tenant_scope(member.tenant_id):
        recording = Recording.objects.get()
    assert response["Location"] == url("recording_detail", recording)
    (asked,) = added
    assert (str(asked["upload_id"]), asked["language"], asked["speakers"]) == (FORM["upload"], "", 4)


def test_recording_of_a_series_is_of_the_past_date_that_is_chosen(
    web: Client, member: Membership, added: list[dict[str, Any]]
) -> None:
    first = timezone.localdate() - timedelta(days=9)
    with tenant_scope(member.tenant_id):
        plan = MeetingPlan("Point", first, time(10), 60, rrule="FREQ=DAILY;COUNT=20")
        meeting = schedule_meeting(by=member, plan=plan)
        begun = list(meeting.occurrences.filter(start_at__lte=timezone.now()).order_by("-start_at"))
        ahead = meeting.occurrences.order_by("start_at").last()
    page = web.get(url("recording_create", meeting) + f"?occurrence={begun[2].id}")
    form = page.context["form"]
    with tenant_scope(member.tenant_id):
        assert [choice.instance for choice, _label in form.fields["occurrence"].choices] == begun
    assert form["occurrence"].value() == str(begun[2].id)

    web.post(url("recording_create", meeting), FORM | {"occurrence": str(begun[2].id)})
    assert added[0]["occurrence"] == begun[2]
    assert ahead is not None
    refused = web.post(url("recording_create", meeting), FORM | {"occurrence": str(ahead.id)})
    assert list(refused.context["form"].errors) == ["occurrence"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"upload": ""}, "upload"),
        ({"upload": "x"}, "upload"),
        ({"language": "tlh"}, "language"),
        ({"speakers": "0"}, "speakers"),
        ({"speakers": "31"}, "speakers"),
    ],
)
def test_recording_create_explains_what_is_wrong(
    web: Client, member: Membership, added: list[dict[str, Any]], changes: dict[str, str], field: str
) -> None:
    meeting = MeetingFactory.create(organizer=member)
    response = web.post(url("recording_create", meeting), FORM | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert added == []


def test_recording_create_shows_why_a_file_is_refused(
    web: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**asked: Any) -> Recording:
        raise MediaRefused("truncated")

    monkeypatch.setattr(operations, "add_recording", refuse)
    meeting = MeetingFactory.create(organizer=member)
    response = web.post(url("recording_create", meeting), FORM)
    assert response.status_code == 422
    assert "its end is missing" in response.content.decode()


def test_recording_create_says_that_an_upload_is_gone(web: Client, member: Membership) -> None:
    meeting = MeetingFactory.create(organizer=member)
    response = web.post(url("recording_create", meeting), FORM)
    assert response.status_code == 422
    assert "Choose the file again" in response.content.decode()


@pytest.mark.parametrize(("role", "status"), [(None, 404), ("attendee", 403), ("co_organizer", 200)])
def test_recording_create_by_part_in_the_meeting(
    web: Client, member: Membership, role: str | None, status: int
) -> None:
    meeting = MeetingFactory.create(organizer=MembershipFactory.create(tenant=member.tenant))
    if role:
        AttendeeFactory.create(meeting=meeting, membership=member, role=role)
    assert web.get(url("recording_create", meeting)).status_code == status


# --- Its place on the meeting's page ------------------------------------------------------------------


def meeting_page(web: Client, meeting: Meeting) -> str:
    return web.get(reverse("rooms:meeting_detail", args=[meeting.tenant.slug, meeting.id])).content.decode()


def test_meeting_page_asks_for_the_recording_of_a_past_meeting(web: Client, member: Membership) -> None:
    html = meeting_page(web, MeetingFactory.create(organizer=member))
    assert "What to do now" in html
    assert "Transcribe the recording" in html


def test_meeting_page_of_a_coming_meeting_asks_for_nothing(web: Client, member: Membership) -> None:
    soon = timezone.localdate() + timedelta(days=2)
    assert "What to do now" not in meeting_page(web, MeetingFactory.create(organizer=member, starts_on=soon))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.QUEUED, "This recording is the next of your ministry."),
        (Status.RUNNING, "Recognising the words"),
        (Status.FAILED, "Try again"),
        (Status.CANCELLED, "Transcribe it"),
    ],
)
def test_meeting_page_shows_how_far_a_recording_is(
    web: Client, recording: Recording, status: Status, expected: str
) -> None:
    job_of(recording, status, stage="speech")
    html = meeting_page(web, recording.meeting)
    assert expected in html
    assert "What to do now" not in html


def test_meeting_page_tells_an_attendee_when_there_will_be_something(web: Client, member: Membership) -> None:
    meeting = MeetingFactory.create(
        organizer=MembershipFactory.create(tenant=member.tenant), transcript_audience=Meeting.Audience.ATTENDEES
    )
    AttendeeFactory.create(meeting=meeting, membership=member)
    TranscriptFactory.create(recording=RecordingFactory.create(meeting=meeting))
    html = meeting_page(web, meeting)
    assert "once the organisers have approved it" in html
    assert "reunion.webm" not in html


def test_meeting_page_costs_the_same_for_one_and_for_five_recordings(
    web: Client, member: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    meeting = MeetingFactory.create(organizer=member)
    costs = []
    for count in (1, 4):
        for _ in range(count):
            job_of(RecordingFactory.create(meeting=meeting), Status.QUEUED)
            TranscriptFactory.create(recording=RecordingFactory.create(meeting=meeting))
        with django_assert_max_num_queries(24 + SCOPE_IN_A_TEST) as queries:
            meeting_page(web, meeting)
        costs.append(len(queries))
    assert costs[0] == costs[1]


# --- Progress -----------------------------------------------------------------------------------------


def test_recording_progress_follows_the_job_and_asks_again(web: Client, recording: Recording) -> None:
    job = job_of(recording, Status.RUNNING, stage="diarization", fraction=0.42)
    html = web.get(url("recording_progress", recording)).content.decode()
    assert f'data-live-topic="job:{job.id}"' in html
    assert "every 10s" in html
    assert "42 %" in html


def test_recording_progress_is_said_aloud_only_when_the_phase_changes(web: Client, recording: Recording) -> None:
    job_of(recording, Status.RUNNING, stage="speech")
    part = url("recording_progress", recording)
    assert "hx-swap-oob" in web.get(part + "?seen=decode").content.decode()
    assert "hx-swap-oob" not in web.get(part + "?seen=speech").content.decode()


def test_recording_progress_counts_those_before(web: Client, member: Membership, recording: Recording) -> None:
    job_of(RecordingFactory.create(meeting=MeetingFactory.create(organizer__tenant=member.tenant)), Status.QUEUED)
    job_of(RecordingFactory.create(), Status.QUEUED)  # of another ministry
    job_of(recording, Status.QUEUED)
    assert "1 recording of your ministry is before" in web.get(url("recording_progress", recording)).content.decode()


def test_recording_progress_asks_on_while_the_result_becomes_a_transcript(web: Client, recording: Recording) -> None:
    job_of(recording, Status.SUCCEEDED)
    html = web.get(url("recording_progress", recording)).content.decode()
    assert "?seen=written" in html
    assert "being put together" in html


def test_recording_progress_leads_to_the_transcript_and_stops(web: Client, recording: Recording) -> None:
    transcript = TranscriptFactory.create(recording=recording)
    html = web.get(url("recording_progress", recording)).content.decode()
    assert reverse("transcripts:transcript_detail", args=[transcript.tenant.slug, transcript.id]) in html
    assert "hx-get" not in html


def test_recording_detail_says_why_a_job_failed(web: Client, recording: Recording) -> None:
    job_of(recording, Status.FAILED, failure_code="no_audio_in_file")
    assert "holds no sound" in web.get(url("recording_detail", recording)).content.decode()


# --- Cancelling and trying again ----------------------------------------------------------------------


def test_transcription_cancel_asks_first(web: Client, recording: Recording) -> None:
    job = job_of(recording, Status.QUEUED)
    assert "Let it go on" in web.get(url("transcription_cancel", recording)).content.decode()
    assert web.post(url("transcription_cancel", recording)).status_code == 302
    with tenant_scope(recording.tenant_id):
        job.refresh_from_db()
    assert job.status == Status.CANCELLED


def test_transcription_cancel_is_too_late_for_a_finished_job(web: Client, recording: Recording) -> None:
    job_of(recording, Status.FAILED)
    assert web.post(url("transcription_cancel", recording)).status_code == 409


def test_transcription_retry_queues_another_job_once(web: Client, recording: Recording) -> None:
    job_of(recording, Status.FAILED)
    assert web.post(url("transcription_retry", recording)).status_code == 302
    assert web.post(url("transcription_retry", recording)).status_code == 409
    with tenant_scope(recording.tenant_id):
        assert [job.status for job in recording.jobs.all()] == [Status.FAILED, Status.QUEUED]


# --- Who may do what ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "method", "args"),
    [
        ("recording_detail", "get", []),
        ("recording_progress", "get", []),
        ("recording_sound", "get", [1]),
        ("transcription_cancel", "get", []),
        ("transcription_cancel", "post", []),
        ("transcription_retry", "post", []),
    ],
)
@pytest.mark.parametrize("who", ["colleague", "attendee", "stranger"])
def test_recording_is_not_found_by_those_who_may_not_hear_it(
    recording: Recording, name: str, method: str, args: list[int], who: str
) -> None:
    tenant = recording.tenant
    person = MembershipFactory.create() if who == "stranger" else MembershipFactory.create(tenant=tenant)
    if who == "attendee":
        AttendeeFactory.create(meeting=recording.meeting, membership=person, role=Attendee.Role.ATTENDEE)
    job_of(recording, Status.QUEUED)
    assert getattr(client_of(person), method)(url(name, recording, *args)).status_code == 404


def test_recording_sound_is_given_in_ranges_and_journalled_once(web: Client, recording: Recording) -> None:
    content = bytes(range(256)) * 40
    with tenant_scope(recording.tenant_id):
        track = recording.tracks.get()
        track.file = stored_file(recording.tenant_id, content)
        track.save()
    sound = url("recording_sound", recording, 1)

    part = web.get(sound, headers={"Range": "bytes=256-511"})
    rest = web.get(sound, headers={"Range": "bytes=9000-"})

    assert (part.status_code, rest.status_code) == (206, 206)
    assert (part.getvalue(), rest.getvalue()) == (content[256:512], content[9000:])
    with tenant_scope(recording.tenant_id):
        assert JournalEvent.objects.filter(action="recording.heard", object_id=recording.id).count() == 1
    assert web.get(url("recording_sound", recording, 2)).status_code == 404
