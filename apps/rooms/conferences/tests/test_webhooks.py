"""LiveKit's webhooks over HTTP: the signature, replays, order, and what is kept of whom."""

import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from apps.rooms.conferences.operations import Status
from apps.rooms.conferences.sheets import presences_at
from apps.rooms.conferences.tests.conftest import LIVEKIT_KEY, LIVEKIT_SECRET, meeting_at
from apps.rooms.models import Conference, ConferenceEvent, Meeting, Occurrence, Room, VisioConnection
from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from visio_portal.services import livekit

pytestmark = pytest.mark.django_db

AskFor = Callable[..., Conference]
VISIO_ID = UUID("5c8f1bd2-0000-4000-8000-00000000000a")
Send = Callable[..., HttpResponse]


@pytest.fixture
def now_on(organizer: Membership) -> Meeting:
    """A meeting that began half an hour ago, and keeps attendance."""
    return meeting_at(organizer, timezone.now() - timedelta(minutes=30), attendance_threshold=50)


@pytest.fixture
def conference(now_on: Meeting, connection: VisioConnection, ask_for: AskFor) -> Conference:
    return ask_for(now_on, status=Status.READY, visio_id=VISIO_ID)


@pytest.fixture
def send(conference: Conference, client: Client) -> Send:
    def post(event: dict[str, Any] | bytes, *, key: str = LIVEKIT_KEY, secret: str = LIVEKIT_SECRET) -> Any:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return deliver(client, conference, body, livekit.signed(body, key=key, secret=secret))

    return post


def deliver(client: Client, conference: Conference, body: bytes, authorization: str | None) -> Any:
    headers = {"Authorization": authorization} if authorization is not None else {}
    url = f"/t/{conference.tenant.slug}/visio/webhook/"
    return client.post(url, body, content_type=livekit.CONTENT_TYPE, headers=headers)


def told(name: str, minute: int = 0, who: str = "", *, connection: str = "", **person: Any) -> dict[str, Any]:
    """Return an event some minutes after the meeting's start, with an id that follows from it."""
    participant = {"sid": connection or f"PA_{who}", "identity": who, "name": who.title(), **person} if who else None
    event = livekit.room_event(name, room=str(VISIO_ID), session="RM_1", participant=participant)
    at = int(time.time()) - 30 * 60 + minute * 60
    return event | {"id": f"EV_{name}_{minute}_{who}_{connection}", "createdAt": str(at)}


def kept(conference: Conference) -> list[ConferenceEvent]:
    with tenant_scope(conference.tenant_id):
        return list(ConferenceEvent.objects.order_by("happened_at"))


def test_event_is_kept_with_who_and_when(send: Send, conference: Conference) -> None:
    assert send(told("participant_joined", 5, "ana")).status_code == 200

    (event,) = kept(conference)
    assert (event.name, event.identity, event.participant_name) == ("participant_joined", "ana", "Ana")
    assert (event.session_id, event.participant_id) == ("RM_1", "PA_ana")


def test_replay_changes_nothing(send: Send, conference: Conference) -> None:
    event = told("participant_joined", 5, "ana")
    send(event)

    assert send(event).status_code == 200

    assert len(kept(conference)) == 1


@pytest.mark.parametrize(
    "forge",
    [
        lambda body: None,
        lambda body: "",
        lambda body: "garbled",
        lambda body: livekit.signed(body, key=LIVEKIT_KEY, secret="another secret of more than 32 bytes"),
        lambda body: livekit.signed(body, key="APIother", secret=LIVEKIT_SECRET),
        lambda body: livekit.signed(body + b" ", key=LIVEKIT_KEY, secret=LIVEKIT_SECRET),
        lambda body: jwt.encode({"iss": LIVEKIT_KEY, "exp": time.time() + 60}, LIVEKIT_SECRET),
        lambda body: jwt.encode({"iss": LIVEKIT_KEY, "exp": time.time() + 60, "sha256": "é"}, LIVEKIT_SECRET),
        lambda body: jwt.encode({"iss": LIVEKIT_KEY, "exp": time.time() - 3600, "sha256": ""}, LIVEKIT_SECRET),
        lambda body: jwt.encode({"iss": LIVEKIT_KEY, "sha256": ""}, LIVEKIT_SECRET),
        lambda body: jwt.encode({"iss": LIVEKIT_KEY, "exp": time.time() + 60}, "", algorithm="none"),
    ],
    ids=[
        "none",
        "empty",
        "garbled",
        "secret",
        "key",
        "body",
        "no-digest",
        "digest",
        "expired",
        "no-expiry",
        "unsigned",
    ],
)
def test_wrong_signature_is_401(client: Client, conference: Conference, forge: Callable[[bytes], str | None]) -> None:
    body = json.dumps(told("participant_joined", 5, "ana")).encode()

    assert deliver(client, conference, body, forge(body)).status_code == 401

    assert kept(conference) == []


def test_ministry_without_a_key_takes_no_event(client: Client, conference: Conference) -> None:
    with tenant_scope(conference.tenant_id):
        VisioConnection.objects.update(livekit_api_key="", livekit_api_secret="")
    body = json.dumps(told("room_started")).encode()

    assert deliver(client, conference, body, livekit.signed(body, key="", secret="x" * 32)).status_code == 401


def test_unknown_ministry_is_401(client: Client) -> None:
    assert client.post("/t/nowhere/visio/webhook/", b"{}", content_type=livekit.CONTENT_TYPE).status_code == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"not json", b'{"event": 3}', b'{"event": "room_started"}', b"\xff\xfe"],
    ids=["empty", "list", "text", "number", "no-id", "bytes"],
)
def test_signed_body_that_is_no_event_is_400(send: Send, conference: Conference, body: bytes) -> None:
    assert send(body).status_code == 400

    assert kept(conference) == []


@pytest.mark.parametrize("created_at", ["99999999999999", "12", "-5"], ids=["far", "long-ago", "negative"])
def test_impossible_time_is_400(send: Send, created_at: str) -> None:
    assert send(told("room_started") | {"createdAt": created_at}).status_code == 400


def test_long_body_is_413(send: Send) -> None:
    assert send(b"{" + b" " * 300_000 + b"}").status_code == 413


def test_events_of_other_rooms_and_kinds_are_left(send: Send, conference: Conference) -> None:
    other = told("participant_joined", 1, "ana") | {"room": {"sid": "RM_2", "name": str(uuid4())}}
    named = told("participant_joined", 1, "ana") | {"room": {"sid": "RM_2", "name": "a-room"}}
    recorder = told("participant_joined", 1, "recorder", kind="EGRESS")
    track = told("track_published", 1, "ana")

    assert [send(event).status_code for event in (other, named, recorder, track)] == [200] * 4
    assert kept(conference) == []


def test_null_bytes_and_long_names_are_cut(send: Send, conference: Conference) -> None:
    send(told("participant_joined", 1, "ana") | {"participant": {"identity": "a\x00na", "name": "x" * 999}})

    (event,) = kept(conference)
    assert (event.identity, len(event.participant_name)) == ("ana", 255)


def test_no_name_is_kept_without_attendance(send: Send, conference: Conference) -> None:
    with tenant_scope(conference.tenant_id):
        Meeting.objects.update(attendance_threshold=None)
    send(told("participant_joined", 1, "ana", connection="PA_1"))
    send(told("participant_joined", 2, "ana", connection="PA_2"))

    first, second = kept(conference)
    assert first.participant_name == ""
    assert first.identity == second.identity != "ana"


def test_name_is_kept_in_a_lasting_room_while_its_meeting_keeps_attendance(
    organizer: Membership, connection: VisioConnection, client: Client
) -> None:
    room = RoomFactory.create(tenant=organizer.tenant, kind=Room.Kind.VIRTUAL)
    meeting_at(organizer, timezone.now() - timedelta(minutes=30), attendance_threshold=50, room=room)
    with tenant_scope(organizer.tenant_id):
        conference = Conference.objects.create(
            tenant=organizer.tenant, room=room, owner_email="a@b.fr", access_level="trusted", visio_id=VISIO_ID
        )
    for minute in (5, -300):
        body = json.dumps(told("participant_joined", minute, f"ana{minute}")).encode()
        deliver(client, conference, body, livekit.signed(body, key=LIVEKIT_KEY, secret=LIVEKIT_SECRET))

    assert [event.participant_name for event in kept(conference)] == ["", "Ana5"]


def test_each_order_gives_the_same_attendance(send: Send, conference: Conference, now_on: Meeting) -> None:
    events = [
        told("participant_joined", 2, "ana", connection="PA_1"),
        told("participant_left", 9, "ana", connection="PA_1"),
        told("participant_joined", 11, "ana", connection="PA_2"),
        told("room_finished", 25),
    ]
    results = []
    for order in list(itertools.permutations(events))[::4]:  # each event comes first, and last
        for event in (*order, order[0]):
            send(event)
        results.append(minutes_of(now_on))
        with tenant_scope(conference.tenant_id):
            ConferenceEvent.objects.all().delete()

    assert results == [[(2, 9), (11, 25)]] * 6


def minutes_of(meeting: Meeting) -> list[tuple[int, int]]:
    """Return the intervals of the one person in minutes from the start."""
    with tenant_scope(meeting.tenant_id):
        occurrence = Occurrence.objects.select_related("room", "meeting").get(meeting=meeting)
        (presence,) = presences_at(occurrence, now=timezone.now())
    start = occurrence.start_at
    ends = [(first, last or datetime.now(UTC)) for first, last in presence.intervals]
    return [(round((first - start).seconds / 60), round((last - start).seconds / 60)) for first, last in ends]
