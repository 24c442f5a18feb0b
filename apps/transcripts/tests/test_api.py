"""Transcripts over REST."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token
from apps.transcripts.models import Speaker, Transcript, TranscriptReader
from apps.transcripts.tests.factories import RecordingFactory, TranscriptFactory

pytestmark = pytest.mark.django_db

TRANSCRIPTS = "/api/v1/transcripts/"


@pytest.fixture
def transcript() -> Transcript:
    return TranscriptFactory.create()


@pytest.fixture
def organizer(transcript: Transcript) -> Membership:
    organizer: Membership = transcript.recording.meeting.organizer
    return organizer


@pytest.fixture
def api(organizer: Membership) -> Client:
    return with_token(organizer)


def with_token(member: Membership) -> Client:
    _token, secret = api_token(member, "transcripts:read", "transcripts:write")
    return Client(headers={"Authorization": f"Bearer {secret}"})


def speaker_of(transcript: Transcript) -> Speaker:
    with tenant_scope(transcript.tenant_id):
        return transcript.speakers.get(label="SPK02")


def name_speaker(
    api: Client, transcript: Transcript, speaker: Speaker, **body: object
) -> tuple[int, dict[str, object]]:
    address = f"{TRANSCRIPTS}{transcript.pk}/speakers/{speaker.pk}/"
    response = api.patch(address, {"name": "Claire Dupont", "version": 0} | body, "application/json")
    return response.status_code, response.json()


def test_transcript_is_read_with_voices_and_lines_and_journalled(api: Client, transcript: Transcript) -> None:
    body = api.get(f"{TRANSCRIPTS}{transcript.pk}/").json()

    assert [speaker["label"] for speaker in body["speakers"]] == ["SPK01", "SPK02"]
    assert body["segments"][1] == {
        "start": 2.4,
        "end": 4.0,
        "speaker": "SPK02",
        "text": "Merci, <b>commençons</b> & avançons.",
    }
    with tenant_scope(transcript.tenant_id):
        assert JournalEvent.objects.get(object_id=transcript.pk).action.startswith("transcript.")


def test_speaker_is_named_in_a_new_version(api: Client, transcript: Transcript) -> None:
    status, body = name_speaker(api, transcript, speaker_of(transcript))

    assert (status, body["version"]) == (200, 1)
    assert speaker_of(transcript).name == "Claire Dupont"


def test_speaker_of_an_older_version_is_a_conflict(api: Client, transcript: Transcript) -> None:
    name_speaker(api, transcript, speaker_of(transcript))

    status, body = name_speaker(api, transcript, speaker_of(transcript), name="Autre")

    assert (status, body["code"]) == (409, "conflict")
    assert speaker_of(transcript).name == "Claire Dupont"


@pytest.mark.parametrize("body", [{"name": "x" * 201}, {"name": None}, {"version": -1}, {"version": "last"}])
def test_speaker_with_wrong_values_is_refused(api: Client, transcript: Transcript, body: dict[str, object]) -> None:
    status, answer = name_speaker(api, transcript, speaker_of(transcript), **body)

    assert (status, answer["code"]) == (400, "invalid")


def test_named_reader_reads_and_may_not_correct(transcript: Transcript) -> None:
    reader = MembershipFactory.create(tenant=transcript.tenant)
    with tenant_scope(transcript.tenant_id):
        TranscriptReader.objects.create(tenant=transcript.tenant, transcript=transcript, membership=reader)
    api = with_token(reader)

    status, body = name_speaker(api, transcript, speaker_of(transcript))

    assert api.get(f"{TRANSCRIPTS}{transcript.pk}/").status_code == 200
    assert (status, body["code"]) == (403, "not_an_editor")


@pytest.mark.parametrize("role", ["organizer", "procurement", "auditor", "admin"])
def test_no_role_opens_a_transcript(transcript: Transcript, role: str) -> None:
    api = with_token(MembershipFactory.create(tenant=transcript.tenant, roles=[role]))

    assert api.get(TRANSCRIPTS).json()["results"] == []
    assert api.get(f"{TRANSCRIPTS}{transcript.pk}/").status_code == 404
    assert name_speaker(api, transcript, speaker_of(transcript))[0] == 404


def test_speaker_of_another_transcript_is_not_found(api: Client, transcript: Transcript) -> None:
    other = TranscriptFactory.create(
        recording=RecordingFactory.create(
            meeting=MeetingFactory.create(organizer=transcript.recording.meeting.organizer)
        )
    )

    assert name_speaker(api, transcript, speaker_of(other))[0] == 404


def test_transcript_list_costs_the_same_for_any_number(api: Client, organizer: Membership) -> None:
    costs = []
    for more in (0, 5):
        for _ in range(more):
            TranscriptFactory.create(recording__meeting__organizer=organizer)
        with CaptureQueriesContext(connection) as queries:
            rows = api.get(TRANSCRIPTS).json()["results"]
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in queries))

    assert len(rows) == 6
    assert costs[0] == costs[1] <= 12
