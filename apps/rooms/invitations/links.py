"""Addresses that stand in mails and calendars: joining, answering; and how to dial in."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing

from apps.rooms.models import Attendee, Conference, Meeting, Occurrence

ANSWER_SALT = "rooms.answer"


class BadLink(ValueError):
    """The link was not made here, or not for this ministry."""


@dataclass(frozen=True)
class AnswerLink:
    """What an answer's link says: whose answer, and in which version of their links."""

    attendee_id: UUID
    version: int


@dataclass(frozen=True)
class DialIn:
    """A telephone number and the code to type."""

    number: str
    code: str


def join_url(meeting: Meeting) -> str:
    """Return the portal's permanent address of the conference, whatever lies behind it."""
    return f"{settings.PORTAL_PUBLIC_URL}/t/{meeting.tenant.slug}/join/{meeting.join_code}/"


def meeting_url(meeting: Meeting) -> str:
    """Return the address of the meeting's page, for members."""
    return f"{settings.PORTAL_PUBLIC_URL}/t/{meeting.tenant.slug}/meetings/{meeting.id}/"


def answer_url(attendee: Attendee, slug: str, occurrence: Occurrence | None = None) -> str:
    """Return the address under which an attendee answers without an account; ``occurrence`` is chosen there."""
    token = signing.dumps([attendee.id.hex, attendee.link_version], salt=f"{ANSWER_SALT}.{slug}")
    chosen = f"?on={occurrence.id}" if occurrence is not None else ""
    return f"{settings.PORTAL_PUBLIC_URL}/t/{slug}/answers/{token}/{chosen}"


def poll_url(attendee: Attendee, slug: str) -> str:
    """Return the address under which an attendee answers a date poll without an account."""
    token = signing.dumps([attendee.id.hex, attendee.link_version], salt=f"{ANSWER_SALT}.{slug}")
    return f"{settings.PORTAL_PUBLIC_URL}/t/{slug}/polls/answers/{token}/"


def read_answer_token(token: str, slug: str) -> AnswerLink:
    """Return what a link says; raises BadLink."""
    try:
        attendee_id, version = signing.loads(token, salt=f"{ANSWER_SALT}.{slug}")
        return AnswerLink(UUID(attendee_id), int(version))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink(token[:20]) from error


def dial_in(meeting: Meeting) -> DialIn | None:
    """Return how to join by telephone, where Visio has said it already."""
    if not meeting.has_dial_in:
        return None
    ready = Conference.objects.filter(status=Conference.Status.READY)
    conference = ready.filter(meeting=meeting).first()
    if conference is None and meeting.room_id is not None:
        conference = ready.filter(room_id=meeting.room_id).first()
    if conference is None or not conference.telephony.get("phone_number"):
        return None
    return DialIn(str(conference.telephony["phone_number"]), str(conference.telephony.get("pin_code") or ""))
