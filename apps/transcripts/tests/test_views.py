"""The pages of transcripts: reading, naming voices, downloading."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.rooms.models import Meeting
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory
from apps.transcripts import views
from apps.transcripts.models import Segment, Speaker, Transcript, TranscriptReader
from apps.transcripts.tests.factories import JobFactory, RecordingFactory, TranscriptFactory

pytestmark = pytest.mark.django_db

SCOPE_IN_A_TEST = 4  # queries: inside the transaction of a test the tenant is entered in a savepoint
HTMX = {"HX-Request": "true"}


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def web(member: Membership) -> Client:
    client = client_of(member)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def transcript(member: Membership) -> Transcript:
    meeting = MeetingFactory.create(organizer=member, title="Comité <i>de suivi</i>")
    return TranscriptFactory.create(recording=RecordingFactory.create(meeting=meeting))


def url(name: str, transcript: Transcript, *args: Any) -> str:
    return reverse(f"transcripts:{name}", args=[transcript.tenant.slug, transcript.id, *args])


def first_speaker(transcript: Transcript) -> Speaker:
    with tenant_scope(transcript.tenant_id):
        return transcript.speakers.get(position=1)


def lengthen(transcript: Transcript, lines: int) -> None:
    with tenant_scope(transcript.tenant_id):
        speaker = transcript.speakers.get(position=1)
        Segment.objects.bulk_create(
            Segment(
                tenant=transcript.tenant,
                transcript=transcript,
                position=position,
                speaker=speaker,
                start_s=position,
                end_s=position + 1,
                text=f"Phrase {position}.",
            )
            for position in range(3, lines)
        )


# --- The list -----------------------------------------------------------------------------------------


def transcript_list(web: Client, member: Membership, query: str = "") -> Any:
    return web.get(reverse("transcripts:transcript_list", args=[member.tenant.slug]) + query)


def test_transcript_list_says_what_to_do_when_empty(web: Client, member: Membership) -> None:
    html = transcript_list(web, member).content.decode()
    assert "No transcript yet" in html
    assert "?when=past" in html


def test_transcript_list_shows_what_the_member_may_hear(web: Client, transcript: Transcript) -> None:
    TranscriptFactory.create(
        recording__meeting__organizer=MembershipFactory.create(tenant=transcript.tenant)
    )  # a colleague's
    response = transcript_list(web, transcript.recording.meeting.organizer)
    assert [state.transcript for state in response.context["states"]] == [transcript]
    assert "&lt;i&gt;de suivi" in response.content.decode()


def test_transcript_list_searches_titles(web: Client, member: Membership, transcript: Transcript) -> None:
    assert len(transcript_list(web, member, "?q=suivi").context["states"]) == 1
    nothing = transcript_list(web, member, "?q=budget")
    assert nothing.context["states"] == []
    assert "contains “budget”" in nothing.content.decode()


def test_transcript_list_costs_the_same_for_one_and_for_thirty(
    web: Client, member: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    costs = []
    for count in (1, 29):
        for number in range(count):
            recording = RecordingFactory.create(meeting=MeetingFactory.create(organizer=member))
            if number % 2:
                TranscriptFactory.create(recording=recording)
            else:
                JobFactory.create(recording=recording)
        with django_assert_max_num_queries(12 + SCOPE_IN_A_TEST) as queries:
            response = transcript_list(web, member)
        costs.append(len(queries))
    assert len(response.context["states"]) == 25
    assert costs[0] == costs[1]


# --- Reading ------------------------------------------------------------------------------------------


def test_transcript_detail_shows_who_said_what(web: Client, transcript: Transcript) -> None:
    html = web.get(url("transcript_detail", transcript)).content.decode()
    assert "Bonjour à toutes et à tous." in html
    assert "&lt;b&gt;commençons&lt;/b&gt; &amp; avançons" in html
    assert "Speaker 1" in html
    assert 'data-start="0.6"' in html
    assert "Name this voice" in html


def test_transcript_detail_is_journalled_once_an_hour(web: Client, transcript: Transcript) -> None:
    for _ in range(2):
        web.get(url("transcript_detail", transcript))
    web.get(url("transcript_lines", transcript))
    with tenant_scope(transcript.tenant_id):
        assert JournalEvent.objects.filter(action="transcript.read", object_id=transcript.id).count() == 1


def test_transcript_detail_of_words_without_a_voice(web: Client, transcript: Transcript) -> None:
    with tenant_scope(transcript.tenant_id):
        transcript.segments.update(speaker=None)
        transcript.speakers.all().delete()
    html = web.get(url("transcript_detail", transcript)).content.decode()
    assert "Unknown voice" in html
    assert "No voice was found" in html


def test_transcript_detail_of_silence(web: Client, transcript: Transcript) -> None:
    with tenant_scope(transcript.tenant_id):
        transcript.segments.all().delete()
    assert "Nobody speaks" in web.get(url("transcript_detail", transcript)).content.decode()


def test_lines_come_in_parts(web: Client, transcript: Transcript) -> None:
    lengthen(transcript, 2 * views.LINES_PER_PART + 1)
    html = web.get(url("transcript_detail", transcript)).content.decode()
    assert html.count('class="transcript-line ') == 200
    assert url("transcript_lines", transcript) + "?from=200" in html  # by HTMX
    assert url("transcript_detail", transcript) + "?from=200" in html  # and by a plain link

    part = web.get(url("transcript_lines", transcript) + "?from=400").content.decode()
    assert part.count('class="transcript-line ') == 1
    assert "more-lines" not in part
    assert "From the beginning" in web.get(url("transcript_detail", transcript) + "?from=200").content.decode()


@pytest.mark.parametrize("start", ["x", "-1", "1" * 9, "²"])
def test_lines_from_nowhere_are_not_found(web: Client, transcript: Transcript, start: str) -> None:
    assert web.get(url("transcript_lines", transcript), {"from": start}).status_code == 404


def test_transcript_detail_costs_the_same_for_three_and_for_two_hundred_lines(
    web: Client, transcript: Transcript, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    web.get(url("transcript_detail", transcript))  # the first read of the hour is journalled
    costs = []
    for lines in (3, 200):
        lengthen(transcript, lines)
        with django_assert_max_num_queries(12 + SCOPE_IN_A_TEST) as queries:
            web.get(url("transcript_detail", transcript))
        costs.append(len(queries))
    assert costs[0] == costs[1]


# --- Who may read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["transcript_detail", "transcript_lines", "transcript_names"])
@pytest.mark.parametrize("role", [None, *Role.values])
def test_no_role_alone_opens_a_transcript(transcript: Transcript, name: str, role: str | None) -> None:
    colleague = MembershipFactory.create(tenant=transcript.tenant, roles=[role] if role else [])
    assert client_of(colleague).get(url(name, transcript)).status_code == 404


def test_transcript_of_another_ministry_is_not_found(web: Client) -> None:
    assert web.get(url("transcript_detail", TranscriptFactory.create())).status_code == 404


@pytest.mark.parametrize(("status", "expected"), [("draft", 404), ("approved", 200), ("sealed", 200)])
def test_attendees_read_once_it_is_approved(transcript: Transcript, status: str, expected: int) -> None:
    with tenant_scope(transcript.tenant_id):
        Meeting.objects.update(transcript_audience=Meeting.Audience.ATTENDEES)
        Transcript.objects.update(status=status)
    attendee = AttendeeFactory.create(meeting=transcript.recording.meeting)
    assert client_of(attendee.membership).get(url("transcript_detail", transcript)).status_code == expected


@pytest.fixture
def reader(transcript: Transcript) -> Membership:
    """Somebody who may read the transcript, and nothing more."""
    reader: Membership = MembershipFactory.create(tenant=transcript.tenant)
    with tenant_scope(transcript.tenant_id):
        TranscriptReader.objects.create(tenant=transcript.tenant, transcript=transcript, membership=reader)
    return reader


def test_a_reader_reads_and_names_no_voice(transcript: Transcript, reader: Membership) -> None:
    client = client_of(reader)
    html = client.get(url("transcript_detail", transcript)).content.decode()
    rename = url("speaker_rename", transcript, first_speaker(transcript).id)
    assert rename not in html
    assert client.get(rename).status_code == 403
    assert client.post(rename, {"name": "X", "seen_name": ""}).status_code == 403


# --- Naming voices ------------------------------------------------------------------------------------


def test_speaker_rename_opens_in_its_place_or_as_a_page(web: Client, transcript: Transcript) -> None:
    rename = url("speaker_rename", transcript, first_speaker(transcript).id)
    assert "<html" not in web.get(rename, headers=HTMX).content.decode()
    assert "<html" in web.get(rename).content.decode()


def test_speaker_rename_offers_those_who_were_there(web: Client, transcript: Transcript) -> None:
    guest = AttendeeFactory.create(
        meeting=transcript.recording.meeting, membership=None, name="Jeanne Invitée", email="j@x.fr"
    )
    html = web.get(url("transcript_detail", transcript)).content.decode()
    assert f'<option value="{guest.name}">' in html
    assert f'<option value="{transcript.recording.meeting.organizer}">' in html


def test_speaker_rename_changes_the_name_everywhere(web: Client, transcript: Transcript) -> None:
    speaker = first_speaker(transcript)
    data = {"name": "Élise <Garnier>", "seen_name": ""}
    html = web.post(url("speaker_rename", transcript, speaker.id), data, headers=HTMX).content.decode()
    assert f'hx-swap-oob="innerHTML:.speaker-{speaker.id}">Élise &lt;Garnier&gt;<' in html
    assert first_speaker(transcript).name == "Élise <Garnier>"
    names = web.get(url("transcript_names", transcript)).content.decode()
    assert "Élise &lt;Garnier&gt;" in names and "Speaker 2" in names


def test_speaker_rename_without_scripts_leads_back(web: Client, transcript: Transcript) -> None:
    rename = url("speaker_rename", transcript, first_speaker(transcript).id)
    assert web.post(rename, {"name": "A", "seen_name": ""})["Location"] == url("transcript_detail", transcript)


def test_speaker_rename_shows_both_names_when_somebody_was_faster(web: Client, transcript: Transcript) -> None:
    rename = url("speaker_rename", transcript, first_speaker(transcript).id)
    web.post(rename, {"name": "La leur", "seen_name": ""})
    response = web.post(rename, {"name": "La mienne", "seen_name": ""}, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 409
    assert "La leur" in html and "La mienne" in html
    assert first_speaker(transcript).name == "La leur"

    again = web.post(rename, {"name": "La mienne", "seen_name": "La leur"}, headers=HTMX)
    assert again.status_code == 200
    assert first_speaker(transcript).name == "La mienne"


def test_speaker_rename_is_not_disturbed_by_another_voice_s_name(web: Client, transcript: Transcript) -> None:
    with tenant_scope(transcript.tenant_id):
        other = transcript.speakers.get(position=2)
    web.post(url("speaker_rename", transcript, other.id), {"name": "B", "seen_name": ""})
    rename = url("speaker_rename", transcript, first_speaker(transcript).id)
    assert web.post(rename, {"name": "A", "seen_name": ""}, headers=HTMX).status_code == 200


def test_speaker_rename_explains_a_name_that_is_too_long(web: Client, transcript: Transcript) -> None:
    rename = url("speaker_rename", transcript, first_speaker(transcript).id)
    response = web.post(rename, {"name": "x" * 201, "seen_name": ""}, headers=HTMX)
    assert response.status_code == 422
    assert "name-error" in response.content.decode()


def test_speaker_rename_is_over_once_approved(web: Client, transcript: Transcript) -> None:
    with tenant_scope(transcript.tenant_id):
        Transcript.objects.update(status=Transcript.Status.APPROVED)
    rename = url("speaker_rename", transcript, first_speaker(transcript).id)
    assert web.post(rename, {"name": "A", "seen_name": ""}).status_code == 403
    assert rename not in web.get(url("transcript_detail", transcript)).content.decode()


def test_speaker_of_another_transcript_is_not_found(web: Client, transcript: Transcript) -> None:
    other = TranscriptFactory.create(recording=RecordingFactory.create(meeting=transcript.recording.meeting))
    rename = url("speaker_rename", transcript, first_speaker(other).id)
    assert web.get(rename).status_code == 404


# --- Downloads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("export_format", "media_type", "start"), [("vtt", "text/vtt", b"WEBVTT"), ("docx", "application/vnd", b"PK")]
)
def test_transcript_export_is_a_download(
    web: Client, transcript: Transcript, export_format: str, media_type: str, start: bytes
) -> None:
    response = web.get(url("transcript_export", transcript, export_format))
    assert response["Content-Type"].startswith(media_type)
    assert response["Content-Disposition"].startswith("attachment")
    assert response.content.startswith(start)
    with tenant_scope(transcript.tenant_id):
        assert JournalEvent.objects.filter(action="transcript.exported").count() == 1


def test_transcript_export_knows_its_formats(web: Client, transcript: Transcript) -> None:
    assert web.get(url("transcript_export", transcript, "exe")).status_code == 404


def test_transcript_export_is_not_found_by_a_colleague(transcript: Transcript) -> None:
    colleague = client_of(MembershipFactory.create(tenant=transcript.tenant))
    assert colleague.get(url("transcript_export", transcript, "vtt")).status_code == 404
