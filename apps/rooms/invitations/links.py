"""Addresses that stand in mails and calendars: joining, answering."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing

from apps.rooms.models import Attendee, Meeting, Occurrence

ANSWER_SALT = "rooms.answer"


class BadLink(ValueError):
    """The link was not made here, or not for this ministry."""


@dataclass(frozen=True)
class AnswerLink:
    """What an answer's link says: whose answer, and in which version of their links."""

    attendee_id: UUID
    version: int


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
