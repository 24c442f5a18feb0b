"""What a calendar page shows of a range of days."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.rooms.calendars.days import ONE_DAY, Range
from apps.rooms.models import Answer, Attendee, Delegation, Occurrence
from apps.tenants.models import Membership

ENTRIES_MAX = 1_000


@dataclass(frozen=True)
class Entry:
    """An occurrence as it stands on one day, by the clocks of the reader; ``whose`` names those it concerns."""

    occurrence: Occurrence
    starts_at: datetime | None  # None: it goes on from the day before
    ends_at: datetime | None  # None: it goes on on the next day
    whose: str
    is_declined: bool

    @property
    def title(self) -> str:
        return self.occurrence.title or self.occurrence.meeting.title


@dataclass(frozen=True)
class Day:
    """One day of a calendar."""

    date: date
    entries: tuple[Entry, ...]
    is_today: bool

    @property
    def is_weekend(self) -> bool:
        return self.date.weekday() >= 5


def people_of(membership: Membership, today: date) -> list[Membership]:
    """Return the member and those in whose name they may schedule today: whose calendars they see as one."""
    held = Delegation.objects.valid_on(today).filter(delegate=membership)
    principals = Membership.objects.active().filter(id__in=held.values("principal"))
    return [membership, *principals.select_related("user").order_by("user__usual_name")]


def days_of(shown: Range, people: Sequence[Membership], zone: ZoneInfo, today: date) -> list[Day]:
    """Return the days of a range with the meetings of people, in three queries."""
    start_at, end_at = shown.bounds(zone)
    ids = [person.id for person in people]
    attended = Attendee.objects.filter(membership__in=ids).values("meeting_id")
    occurrences = list(
        Occurrence.objects.overlapping(start_at, end_at)
        .filter(start_at__gt=start_at - ONE_DAY)  # a meeting lasts a day at most
        .filter(Q(meeting__organizer__in=ids) | Q(meeting__in=attended))
        .exclude(status__in=[Occurrence.Status.CANCELLED, Occurrence.Status.HELD])
        .select_related("meeting__organizer__user", "room")
        .order_by("start_at", "id")[:ENTRIES_MAX]
    )
    concerned = _concerned(occurrences, people)
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for occurrence in occurrences:
        who = concerned[occurrence.meeting_id]
        names = ", ".join(who) if len(people) > 1 else ""
        starts, ends = occurrence.start_at.astimezone(zone), occurrence.end_at.astimezone(zone)
        is_declined = bool(who) and all(who.values())
        day = starts.date()
        while day == starts.date() or datetime.combine(day, ends.time().min, zone) < ends:
            first, last = day == starts.date(), day == ends.date()
            entry = Entry(occurrence, starts if first else None, ends if last else None, names, is_declined)
            by_day[day].append(entry)
            day += ONE_DAY
    return [Day(day, tuple(by_day[day]), day == today) for day in shown.days]


def _concerned(occurrences: Sequence[Occurrence], people: Sequence[Membership]) -> dict[UUID, dict[str, bool]]:
    """Return for each meeting whom of the people it concerns, and whether they declined it."""
    names = {person.id: str(person.user) for person in people}
    found: dict[UUID, dict[str, bool]] = defaultdict(dict)
    for occurrence in occurrences:
        if occurrence.meeting.organizer_id in names:
            found[occurrence.meeting_id][names[occurrence.meeting.organizer_id]] = False
    meetings = {occurrence.meeting_id for occurrence in occurrences}
    for attendee in Attendee.objects.filter(meeting__in=meetings, membership__in=list(names)):
        if attendee.membership_id in names:
            found[attendee.meeting_id][names[attendee.membership_id]] = attendee.answer == Answer.DECLINED
    return found
