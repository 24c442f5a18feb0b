"""The permanent join address: who finds what behind it, and when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.rooms.conferences.joining import occurrence_now
from apps.rooms.conferences.operations import Status
from apps.rooms.conferences.tests.conftest import meeting_at
from apps.rooms.models import Conference, Meeting, Occurrence, Room
from apps.rooms.operations import cancel_meeting
from apps.rooms.tests.factories import AttendeeFactory, RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

AskFor = Callable[..., Conference]
MINUTE = timedelta(minutes=1)
URL = "https://visio.example.fr/abc-defg-hij"
TELEPHONY = {"enabled": True, "phone_number": "+33 1 99 00 12 34", "pin_code": "0123456789"}


@pytest.fixture
def soon(organizer: Membership) -> Meeting:
    return meeting_at(organizer, timezone.now() + 20 * MINUTE, title="Comité <b>de pilotage</b>")


@pytest.fixture
def ready(soon: Meeting, ask_for: AskFor) -> Conference:
    return ask_for(soon, status=Status.READY, url=URL, telephony=TELEPHONY)


def page(client: Client, meeting: Meeting, **headers: str) -> Any:
    return client.get(f"/t/{meeting.tenant.slug}/join/{meeting.join_code}/", headers=headers)


def text(client: Client, meeting: Meeting) -> str:
    response = page(client, meeting)
    assert response.status_code == 200
    return str(response.content.decode())


def move(meeting: Meeting, delta: timedelta) -> None:
    with tenant_scope(meeting.tenant_id):
        occurrence = Occurrence.objects.get(meeting=meeting)
        occurrence.start_at, occurrence.end_at = timezone.now() + delta, timezone.now() + delta + 60 * MINUTE
        occurrence.save()


def test_guest_enters_without_an_account(client: Client, soon: Meeting, ready: Conference) -> None:
    shown = text(client, soon)

    assert f'href="{URL}"' in shown
    assert "+33 1 99 00 12 34" in shown
    assert "Comité &lt;b&gt;de pilotage&lt;/b&gt;" in shown


def test_page_names_no_person_and_stays_out_of_caches(client: Client, soon: Meeting, ready: Conference) -> None:
    attendee = AttendeeFactory.create(meeting=soon)

    response = page(client, soon)

    shown = response.content.decode()
    user = soon.organizer.user
    assert not any(word in shown for word in (user.email, user.usual_name, attendee.email, attendee.name))
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


def test_notices_stand_before_the_entrance(client: Client, soon: Meeting, ready: Conference) -> None:
    with tenant_scope(soon.tenant_id):
        Meeting.objects.update(is_recorded=True, is_transcribed=True, attendance_threshold=50)

    shown = text(client, soon)

    for words in ("est enregistrée", "est mis par écrit", "La présence est relevée"):
        assert words in shown


def test_dial_in_is_hidden_where_the_organiser_wants_none(client: Client, soon: Meeting, ready: Conference) -> None:
    with tenant_scope(soon.tenant_id):
        Meeting.objects.update(has_dial_in=False)

    assert "+33 1 99" not in text(client, soon)


@pytest.mark.parametrize("status", [Status.PREPARING, Status.FAILED])
def test_conference_being_prepared_is_waited_for(
    client: Client, soon: Meeting, ready: Conference, status: Status
) -> None:
    with tenant_scope(soon.tenant_id):
        Conference.objects.update(status=status)

    shown = text(client, soon)

    assert "en préparation" in shown
    assert 'hx-trigger="every 10s"' in shown
    assert URL not in shown


def test_script_reads_the_door_alone(client: Client, soon: Meeting, ready: Conference) -> None:
    shown = page(client, soon, HX_Request="true").content.decode()

    assert shown.strip().startswith('<div id="door"')
    assert "hx-trigger" not in shown


def test_guest_is_too_early_but_the_organiser_is_not(client: Client, soon: Meeting, ready: Conference) -> None:
    move(soon, 90 * MINUTE)

    assert URL not in text(client, soon)
    assert "trop tôt" in text(client, soon)
    assert URL in text(client_of(soon.organizer), soon)


def test_colleague_without_a_part_waits_like_a_guest(soon: Meeting, ready: Conference) -> None:
    move(soon, 90 * MINUTE)

    assert URL not in text(client_of(MembershipFactory.create(tenant=soon.tenant)), soon)


def test_member_of_another_ministry_is_a_guest(soon: Meeting, ready: Conference) -> None:
    assert URL in text(client_of(MembershipFactory.create()), soon)


def test_meeting_that_is_over_says_so(client: Client, soon: Meeting, ready: Conference) -> None:
    move(soon, -121 * MINUTE)

    assert "est terminée" in text(client, soon)
    assert URL not in text(client_of(soon.organizer), soon)


def test_meeting_that_overruns_is_open(client: Client, soon: Meeting, ready: Conference) -> None:
    move(soon, -90 * MINUTE)

    assert URL in text(client, soon)


def test_cancelled_meeting_says_so(client: Client, soon: Meeting, ready: Conference) -> None:
    with tenant_scope(soon.tenant_id):
        cancel_meeting(meeting=soon, by=soon.organizer)

    assert "est annulée" in text(client, soon)
    assert URL not in text(client_of(soon.organizer), soon)


def test_open_poll_has_no_date_yet(client: Client, soon: Meeting) -> None:
    with tenant_scope(soon.tenant_id):
        soon.occurrences.update(status=Occurrence.Status.HELD)

    assert "en cours de choix" in text(client, soon)


def test_replacement_stands_behind_the_same_address(
    client: Client, soon: Meeting, ready: Conference, ask_for: AskFor
) -> None:
    with tenant_scope(soon.tenant_id):
        Conference.objects.update(status=Status.REPLACED)
    ask_for(soon, status=Status.READY, url="https://visio.example.fr/new-room-now")

    shown = text(client, soon)

    assert "new-room-now" in shown
    assert URL not in shown


def test_virtual_rooms_conference_is_behind_its_meetings_address(client: Client, organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant, kind=Room.Kind.VIRTUAL)
    meeting = meeting_at(organizer, timezone.now(), room=room)
    with tenant_scope(organizer.tenant_id):
        Conference.objects.create(
            tenant=organizer.tenant, room=room, owner_email="a@b.fr", access_level="trusted", status="ready", url=URL
        )

    assert URL in text(client, meeting)


def test_wrong_code_and_wrong_ministry_are_not_found(client: Client, soon: Meeting) -> None:
    other = MembershipFactory.create().tenant

    assert client.get(f"/t/{soon.tenant.slug}/join/{soon.join_code}x/").status_code == 404
    assert client.get(f"/t/{other.slug}/join/{soon.join_code}/").status_code == 404
    assert client.get(f"/t/{soon.tenant.slug}/join/%00/").status_code == 404


def test_next_date_of_a_series_is_meant_once_it_is_near(organizer: Membership) -> None:
    meeting = meeting_at(organizer, timezone.now() - 70 * MINUTE)
    with tenant_scope(organizer.tenant_id):
        first = meeting.occurrences.get()
        later = Occurrence.objects.get(id=first.id)
        later.id, later.recurrence_id = uuid4(), "20990101T000000"
        later.start_at, later.end_at = timezone.now() + 20 * MINUTE, timezone.now() + 80 * MINUTE
        later.save(force_insert=True)

        assert occurrence_now(meeting, timezone.now()) == later
        assert occurrence_now(meeting, timezone.now() - 20 * MINUTE) == first


def test_page_costs_few_queries(
    client: Client, soon: Meeting, ready: Conference, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        page(client, soon)
