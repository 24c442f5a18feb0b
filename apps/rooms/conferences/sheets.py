"""Attendance of one occurrence, read from the events: who is there now, and the sign-in sheet afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.conferences.attendance import Event, Interval, Presence, presences
from apps.rooms.models import Attendee, ConferenceEvent, Meeting, Occurrence, Room

BEFORE, AFTER = timedelta(minutes=30), timedelta(minutes=60)  # people come early, and meetings last longer
SESSION_MAX = timedelta(hours=24)  # events of a session that began this long ago still count
EVENTS_MAX = 50_000


@dataclass(frozen=True)
class SheetRow:
    """One person of the sheet. ``attendee`` is whom the portal recognises by the account they signed in with."""

    name: str
    attendee: Attendee | None
    is_organizer: bool
    intervals: tuple[Interval, ...]
    duration: timedelta
    percent: int
    is_present: bool  # for as long as the organiser asks

    @property
    def minutes(self) -> int:
        return round(self.duration.total_seconds() / 60)

    @property
    def is_recognised(self) -> bool:
        return self.is_organizer or self.attendee is not None

    @property
    def email(self) -> str:
        return self.attendee.email if self.attendee else ""


@dataclass(frozen=True)
class Sheet:
    """The attendance of one occurrence; ``missing`` were invited and are not recognised among those present."""

    occurrence: Occurrence
    threshold: int
    rows: Sequence[SheetRow]
    missing: Sequence[Attendee]

    @property
    def present_count(self) -> int:
        return sum(row.is_present for row in self.rows)


def window_of(occurrence: Occurrence) -> tuple[datetime, datetime]:
    """Return from when to when people count as there; in a lasting room others meet before and after."""
    if occurrence.room is not None and occurrence.room.kind == Room.Kind.VIRTUAL:
        return occurrence.start_at, occurrence.end_at
    return occurrence.start_at - BEFORE, occurrence.end_at + AFTER


def presences_at(occurrence: Occurrence, *, now: datetime) -> list[Presence]:
    """Return who was in the occurrence's conference, within its window."""
    start, end = window_of(occurrence)
    rows = events_of(occurrence).filter(happened_at__gte=start - SESSION_MAX, happened_at__lte=end + SESSION_MAX)
    found = presences(_events(rows[:EVENTS_MAX]))
    return [cut for presence in found if (cut := presence.within(start, end, now=now)).intervals]


def here_now(occurrence: Occurrence, *, now: datetime) -> list[Presence]:
    """Return who is in the conference at this moment."""
    start, end = window_of(occurrence)
    if not start <= now < end:
        return []
    return [presence for presence in presences_at(occurrence, now=now) if presence.is_open]


def sheet_of(occurrence: Occurrence) -> Sheet:
    """Return the sign-in sheet of an occurrence whose meeting keeps attendance."""
    now, meeting = timezone.now(), occurrence.meeting
    attendees = list(meeting.attendees.select_related("membership__user", "membership__unit"))
    by_account = {row.membership.user.sub: row for row in attendees if row.membership and row.membership.user.sub}
    threshold = meeting.attendance_threshold or 0
    rows = [
        _row(presence, occurrence, by_account, threshold, now=now) for presence in presences_at(occurrence, now=now)
    ]
    seen = {row.attendee.id for row in rows if row.attendee}
    return Sheet(occurrence, threshold, rows, [attendee for attendee in attendees if attendee.id not in seen])


def events_of(occurrence: Occurrence) -> QuerySet[ConferenceEvent]:
    """Return the events of every conference that served an occurrence, replaced ones too."""
    room = occurrence.room
    if room is not None and room.kind == Room.Kind.VIRTUAL:
        return ConferenceEvent.objects.filter(conference__room=room)
    return ConferenceEvent.objects.filter(conference__meeting_id=occurrence.meeting_id)


def sheets_of(meeting: Meeting) -> QuerySet[Occurrence]:
    """Return the occurrences of a meeting that have begun, the latest first."""
    begun = Q(start_at__lte=timezone.now() + BEFORE) & ~Q(status=Occurrence.Status.CANCELLED)
    return meeting.occurrences.taking_place().filter(begun).order_by("-start_at")


def _row(
    presence: Presence, occurrence: Occurrence, by_account: Mapping[str, Attendee], threshold: int, *, now: datetime
) -> SheetRow:
    attendee = by_account.get(presence.identity)
    organizer = occurrence.meeting.organizer.user
    is_organizer = bool(organizer.sub) and organizer.sub == presence.identity
    planned = occurrence.end_at - occurrence.start_at
    spent = presence.duration(occurrence.start_at, occurrence.end_at, now=now)
    known = organizer.full_name if is_organizer else attendee.name if attendee else ""
    return SheetRow(
        name=known or presence.name or _("without a name"),
        attendee=attendee,
        is_organizer=is_organizer,
        intervals=presence.intervals,
        duration=spent,
        percent=int(100 * (spent / planned)),
        is_present=spent * 100 >= planned * threshold,
    )


def _events(rows: Iterable[ConferenceEvent]) -> Iterable[Event]:
    for row in rows:
        yield Event(
            name=row.name,
            session=row.session_id,
            happened_at=row.happened_at,
            connection=row.participant_id,
            identity=row.identity,
            person_name=row.participant_name,
            joined_at=row.joined_at,
        )
