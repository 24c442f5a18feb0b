"""What stands behind a permanent join address at the moment it is clicked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from apps.rooms.models import Conference, Meeting, Occurrence, Room

OPENS_BEFORE = timedelta(minutes=30)
CLOSES_AFTER = timedelta(hours=1)  # meetings last longer than planned


class Door(models.TextChoices):
    """Whether one can go in."""

    CANCELLED = "cancelled"
    UNDATED = "undated"  # the date is still being chosen
    EARLY = "early"
    PREPARING = "preparing"
    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True)
class DialIn:
    """How to join by telephone."""

    number: str
    code: str


@dataclass(frozen=True)
class Entrance:
    """The door of a meeting's conference, for the occurrence that is meant now."""

    meeting: Meeting
    occurrence: Occurrence | None
    door: Door
    conference: Conference | None = None

    @property
    def opens_at(self) -> datetime | None:
        return self.occurrence.start_at - OPENS_BEFORE if self.occurrence else None

    @property
    def url(self) -> str:
        """Return where Visio has the conference; empty while one cannot go in."""
        return self.conference.url if self.door is Door.OPEN and self.conference else ""

    @property
    def dial_in(self) -> DialIn | None:
        if self.door is not Door.OPEN or self.conference is None or not self.meeting.has_dial_in:
            return None
        return dial_in_of(self.conference)


def entrance_of(meeting: Meeting, *, is_host: bool, now: datetime) -> Entrance:
    """Return what somebody finds at a meeting's join address; its hosts may go in before it opens."""
    occurrence = occurrence_now(meeting, now)
    if meeting.cancelled_at is not None:
        return Entrance(meeting, occurrence, Door.CANCELLED)
    if occurrence is None:
        return Entrance(meeting, None, Door.UNDATED)
    if occurrence.status == Occurrence.Status.CANCELLED:
        return Entrance(meeting, occurrence, Door.CANCELLED)
    if occurrence.end_at + CLOSES_AFTER <= now:
        return Entrance(meeting, occurrence, Door.OVER)
    if now < occurrence.start_at - OPENS_BEFORE and not is_host:
        return Entrance(meeting, occurrence, Door.EARLY)
    conference = conference_of(meeting, occurrence)
    is_ready = conference is not None and conference.status == Conference.Status.READY
    return Entrance(meeting, occurrence, Door.OPEN if is_ready else Door.PREPARING, conference)


def occurrence_now(meeting: Meeting, now: datetime) -> Occurrence | None:
    """Return the occurrence that is meant at an instant: the one taking place, else the next, else the last."""
    dated = meeting.occurrences.taking_place().select_related("room")
    going_on = dated.exclude(status=Occurrence.Status.CANCELLED)
    coming = going_on.filter(end_at__gt=now - CLOSES_AFTER).order_by("start_at")[:2]
    if coming:
        first, *later = coming
        # the one before may still last, but who comes for the next one is early for it
        return later[0] if later and first.end_at <= now and later[0].start_at - OPENS_BEFORE <= now else first
    return going_on.order_by("start_at").last() or dated.order_by("start_at").last()


def conference_of(meeting: Meeting, occurrence: Occurrence | None) -> Conference | None:
    """Return the conference in use for an occurrence: its lasting virtual room's, or the meeting's own."""
    room = occurrence.room if occurrence else meeting.room
    in_use = Conference.objects.in_use()
    if room is not None and room.kind == Room.Kind.VIRTUAL:
        return in_use.filter(room=room).first()
    return in_use.filter(meeting=meeting).first()


def dial_in(meeting: Meeting) -> DialIn | None:
    """Return how a meeting is joined by telephone, where it may be and Visio has said how."""
    conference = conference_of(meeting, None) if meeting.has_dial_in else None
    return dial_in_of(conference) if conference and conference.status == Conference.Status.READY else None


def dial_in_of(conference: Conference) -> DialIn | None:
    """Return the telephone number and the code of a conference, where Visio has told them."""
    telephony = conference.telephony
    if not telephony.get("enabled", True) or not telephony.get("phone_number"):
        return None
    return DialIn(str(telephony["phone_number"]), str(telephony.get("pin_code") or ""))
