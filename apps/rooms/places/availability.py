"""When rooms are taken: one query for as many rooms and days as asked for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.rooms.models import Occurrence, Room

EDGE = timedelta(days=1)  # a meeting lasts a day at most


@dataclass(frozen=True, order=True)
class Span:
    """A time [start_at, end_at) during which a room is taken, or only asked for (``is_tentative``)."""

    start_at: datetime
    end_at: datetime
    occurrence_id: UUID
    meeting_id: UUID
    is_tentative: bool = False
    is_held: bool = False  # by a poll whose date is not chosen yet

    def overlaps(self, start_at: datetime, end_at: datetime) -> bool:
        return self.start_at < end_at and self.end_at > start_at


def availability(
    rooms: Iterable[Room], start_at: datetime, end_at: datetime, *, without: Iterable[UUID] = ()
) -> dict[UUID, list[Span]]:
    """Return the spans of each room that overlap [start_at, end_at), by room id, in one query.

    Requests that await a manager are among them; they block nobody. ``without`` leaves out meetings by id, such as
    the one that is being moved.
    """
    wanted = [room.id for room in rooms]
    rows = (
        Occurrence.objects.filter(room__in=wanted, start_at__gt=start_at - EDGE, start_at__lt=end_at)
        .filter(end_at__gt=start_at)
        .exclude(status=Occurrence.Status.CANCELLED)
        .exclude(meeting__in=list(without))
        .order_by("start_at")
    )
    found: dict[UUID, list[Span]] = defaultdict(list)
    for row in rows.only("room_id", "start_at", "end_at", "meeting_id", "status"):
        is_tentative, is_held = row.status == Occurrence.Status.TENTATIVE, row.status == Occurrence.Status.HELD
        span = Span(row.start_at, row.end_at, row.id, row.meeting_id, is_tentative=is_tentative, is_held=is_held)
        if row.room_id is not None:
            found[row.room_id].append(span)
    return {room_id: found[room_id] for room_id in wanted}


def blocking(spans: Iterable[Span]) -> list[Span]:
    """Keep the spans that hold their room."""
    return [span for span in spans if not span.is_tentative]


def free_between(spans: Sequence[Span], start_at: datetime, end_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times of [start_at, end_at) that none of the spans (in order of their starts) takes."""
    free_from = start_at
    for span in spans:
        if span.start_at > free_from:
            yield free_from, min(span.start_at, end_at)
        free_from = max(free_from, span.end_at)
        if free_from >= end_at:
            return
    if free_from < end_at:
        yield free_from, end_at
