"""LiveKit's webhooks: who speaks is proved by a signature over the body, each event is kept once, order is no matter.

https://docs.livekit.io/home/server/webhooks/ – the events that this module keeps are the ones that say who is there.
"""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from django.utils import timezone
from google.protobuf.json_format import Parse, ParseError
from livekit.api import TokenVerifier
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

from apps.rooms.conferences.operations import connection_of, tell_pages
from apps.rooms.models import Conference, ConferenceEvent, Meeting, Occurrence, VisioConnection
from apps.tenants.scoping import tenant_scope

ROOM_EVENTS = frozenset({"room_started", "room_finished"})
PERSON_EVENTS = frozenset({"participant_joined", "participant_left", "participant_connection_aborted"})
# Recorders, transcribers and streams have connections too, but are nobody.
PEOPLE = frozenset({ParticipantInfo.Kind.STANDARD, ParticipantInfo.Kind.SIP})
TEXT_MAX = 255
AROUND = timedelta(minutes=15)  # of an occurrence: people come early, and stay on
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(days=1)


class NotAuthentic(Exception):
    """The request is not LiveKit's: no signature, a wrong one, or one over another body."""


class BadEvent(Exception):
    """The body is signed, but is no event."""


def receive_event(*, tenant_id: UUID, body: bytes, authorization: str) -> None:
    """Verify an event and keep it, once. Events about other rooms, and of other kinds, change nothing.

    Raises NotAuthentic and BadEvent.
    """
    with tenant_scope(tenant_id):
        connection = connection_of(tenant_id)
        event = verified_event(connection, body, authorization)
        if event.event not in ROOM_EVENTS | PERSON_EVENTS:
            return
        if event.event in PERSON_EVENTS and event.participant.kind not in PEOPLE:
            return
        conference = _conference_of(event.room.name)
        if conference is not None:
            _keep(conference, event)


def verified_event(connection: VisioConnection | None, body: bytes, authorization: str) -> WebhookEvent:
    """Return the event of a body whose signature is right; raises NotAuthentic and BadEvent."""
    if connection is None or not connection.livekit_api_key or not connection.livekit_api_secret:
        raise NotAuthentic("no LiveKit key is known")
    verifier = TokenVerifier(connection.livekit_api_key, connection.livekit_api_secret)
    try:
        claims = verifier.verify(authorization.removeprefix("Bearer "))
        stated = base64.b64decode(claims.sha256 or "", validate=True)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
        raise NotAuthentic(type(error).__name__) from error
    if stated != hashlib.sha256(body).digest():
        raise NotAuthentic("the signature is of another body")
    try:
        event: WebhookEvent = Parse(body, WebhookEvent(), ignore_unknown_fields=True)
    except (ParseError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent("not an event of LiveKit") from error
    if not event.id:
        raise BadEvent("the event has no id")
    return event


def _conference_of(name: str) -> Conference | None:
    """Return the conference of a LiveKit room: Visio calls it by the room's id."""
    try:
        visio_id = UUID(name)
    except ValueError:
        return None
    return Conference.objects.filter(visio_id=visio_id).select_related("meeting", "room").first()


def _keep(conference: Conference, event: WebhookEvent) -> None:
    """Write an event; the name and the lasting identity of a person only where attendance is kept."""
    happened_at = _instant(event.created_at) or timezone.now()
    person = event.participant
    joined_at = _instant(person.joined_at)
    identity, name = _text(person.identity), _text(person.name)
    if identity and not keeps_attendance(conference, joined_at or happened_at):
        identity, name = hashlib.sha256(f"{event.room.sid}/{identity}".encode()).hexdigest(), ""
    row = ConferenceEvent(
        tenant_id=conference.tenant_id,
        conference=conference,
        event_id=_text(event.id),
        name=event.event,
        session_id=_text(event.room.sid),
        participant_id=_text(person.sid),
        identity=identity,
        participant_name=name,
        joined_at=joined_at,
        happened_at=happened_at,
    )
    ConferenceEvent.objects.bulk_create([row], ignore_conflicts=True)  # a replay is there already
    tell_pages(conference)


def keeps_attendance(conference: Conference, at: datetime) -> bool:
    """Return whether the meeting that a conference serves at an instant keeps attendance."""
    if conference.meeting is not None:
        return conference.meeting.attendance_threshold is not None
    now_there = Occurrence.objects.filter(room=conference.room).overlapping(at - AROUND, at + AROUND)
    meetings = Meeting.objects.filter(id__in=now_there.taking_place().values("meeting_id"))
    return meetings.filter(attendance_threshold__isnull=False).exists()


def _instant(seconds: int) -> datetime | None:
    """Return a Unix time as LiveKit gives it; None for 0. Raises BadEvent for one that cannot be meant."""
    if not seconds:
        return None
    latest = timezone.now() + CLOCK_SKEW
    if not EARLIEST.timestamp() <= seconds <= latest.timestamp():
        raise BadEvent("the event's time is out of range")
    return datetime.fromtimestamp(seconds, UTC)


def _text(value: str) -> str:
    return value.replace("\x00", "")[:TEXT_MAX]
