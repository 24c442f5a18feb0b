"""When colleagues are busy: times alone, and where each one is known from.

Nobody learns what another one's meetings are about. What neither the portal nor a person's own external calendar
knows is unknown, never free.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from apps.rooms.models import Answer, BusyPeriod, ExternalCalendar, Occurrence, OccurrenceAnswer
from apps.rooms.models.meetings import is_before_move
from apps.tenants.models import Membership

EDGE = timedelta(days=1)  # a meeting lasts a day at most


class Source(TextChoices):
    """Where a busy time is known from."""

    PORTAL = "portal", _("meetings in the portal")
    EXTERNAL = "external", _("their own calendar elsewhere")


@dataclass(frozen=True, order=True)
class Busy:
    """A time [start_at, end_at) at which somebody is taken."""

    start_at: datetime
    end_at: datetime
    source: Source = Source.PORTAL
    is_tentative: bool = False

    def overlaps(self, start_at: datetime, end_at: datetime) -> bool:
        return self.start_at < end_at and self.end_at > start_at


@dataclass(frozen=True)
class Sheet:
    """A member's busy times in order, and whether their own calendar is read too (None: never, or not lately)."""

    busy: tuple[Busy, ...]
    external_read_at: datetime | None = None

    def during(self, start_at: datetime, end_at: datetime) -> list[Busy]:
        return [busy for busy in self.busy if busy.overlaps(start_at, end_at)]


def free_busy(
    members: Sequence[Membership], start_at: datetime, end_at: datetime, *, without: Iterable[UUID] = ()
) -> dict[UUID, Sheet]:
    """Return what is known of members in [start_at, end_at), by membership id, in a constant number of queries.

    A meeting that they declined does not count. ``without`` leaves out meetings by id, such as the one being moved.
    """
    return free_busy_during(members, [(start_at, end_at)], without=without)


def free_busy_during(
    members: Sequence[Membership], spans: Sequence[tuple[datetime, datetime]], *, without: Iterable[UUID] = ()
) -> dict[UUID, Sheet]:
    """Return the same for several times [start, end) at once, such as the dates of a series; at least one."""
    ids = [member.id for member in members]
    found: dict[UUID, set[Busy]] = defaultdict(set)
    occurrences = (
        Occurrence.objects.filter(_overlapping(spans), start_at__gt=min(spans)[0] - EDGE)
        .exclude(status__in=[Occurrence.Status.CANCELLED, Occurrence.Status.HELD])
        .exclude(meeting__in=list(without))
    )
    tentative = Occurrence.Status.TENTATIVE
    for organizer, start, end, status in occurrences.filter(meeting__organizer__in=ids).values_list(
        "meeting__organizer", "start_at", "end_at", "status"
    ):
        found[organizer].add(Busy(start, end, Source.PORTAL, status == tentative))
    for member, start, end, is_tentative in _attended(ids, occurrences):
        found[member].add(Busy(start, end, Source.PORTAL, is_tentative))
    read_at = _external(ids, spans, found)
    return {member_id: Sheet(tuple(sorted(found[member_id])), read_at.get(member_id)) for member_id in ids}


def _overlapping(spans: Iterable[tuple[datetime, datetime]]) -> Q:
    overlaps = Q()
    for start_at, end_at in spans:
        overlaps |= Q(start_at__gt=start_at - EDGE, start_at__lt=end_at, end_at__gt=start_at)
    return overlaps


def _attended(
    ids: Sequence[UUID], occurrences: "QuerySet[Occurrence]"
) -> Iterator[tuple[UUID, datetime, datetime, bool]]:
    """Yield who attends what, but for what they declined, as a whole or on that date.

    An answer to the series that is older than the move of a date says nothing about that date.
    """
    person = "meeting__attendees__"
    rows = list(
        occurrences.filter(meeting__attendees__membership__in=ids).values_list(
            f"{person}membership",
            f"{person}id",
            f"{person}answer",
            f"{person}answer_stamped_at",
            "moved_at",
            "id",
            "start_at",
            "end_at",
            "status",
        )
    )
    attendees = {attendee for _member, attendee, *_rest in rows}
    said = {
        (answer.attendee_id, answer.occurrence_id): answer.answer
        for answer in OccurrenceAnswer.objects.filter(attendee__in=attendees)
    }
    for member, attendee, answer, stamped_at, moved_at, occurrence, start_at, end_at, status in rows:
        whole = Answer.NEEDS_ACTION if is_before_move(stamped_at, moved_at) else answer
        own = said.get((attendee, occurrence), whole)
        if own != Answer.DECLINED:
            yield member, start_at, end_at, own != Answer.ACCEPTED or status == Occurrence.Status.TENTATIVE


def _external(
    ids: Sequence[UUID], spans: Iterable[tuple[datetime, datetime]], found: dict[UUID, set[Busy]]
) -> dict[UUID, datetime]:
    """Add what external calendars say; return when each was read last."""
    calendars = ExternalCalendar.objects.filter(membership__in=ids, fetched_at__isnull=False)
    read_at = {member: at for member, at in calendars.values_list("membership", "fetched_at") if at is not None}
    overlaps = Q()
    for start_at, end_at in spans:  # of any length
        overlaps |= Q(start_at__lt=end_at, end_at__gt=start_at)
    periods = BusyPeriod.objects.filter(overlaps, calendar__membership__in=list(read_at))
    for member, start, end in periods.values_list("calendar__membership", "start_at", "end_at"):
        found[member].add(Busy(start, end, Source.EXTERNAL))
    return read_at
