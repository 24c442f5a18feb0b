"""Rooms and time: a booking locks its rooms first, and says what is in the way."""

from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.rooms.models import Meeting, Occurrence, Room
from apps.rooms.models.meetings import recurrence_id_of
from apps.rooms.recurrence import instant
from apps.tenants.conflicts import Conflict

NAMED_MAX = 20  # conflicts that are looked up; the first ones tell enough
EDGE = timedelta(days=1)  # a meeting lasts a day at most


class RoomTaken(Conflict):
    """The room is held by others at some of the times; ``in_the_way`` are the first of their occurrences."""

    def __init__(self, in_the_way: Sequence[Occurrence] = ()) -> None:
        super().__init__(_("The room is taken by another meeting at this time."))
        self.in_the_way = tuple(in_the_way)


@contextmanager
def booking(rooms: Iterable[Room | None], wanted: Sequence[Occurrence]) -> Iterator[None]:
    """Open a transaction that holds the rooms' locks; raises RoomTaken where the database finds a double booking.

    The locks are taken in id order, so that writers wait for one another instead of meeting in a deadlock.
    """
    try:
        with transaction.atomic():
            lock_rooms(room for room in rooms if room is not None)
            yield
    except IntegrityError as error:
        if "occurrence_no_double_booking" not in str(error):
            raise
        raise RoomTaken(in_the_way_of(wanted)) from error


def lock_rooms(rooms: Iterable[Room]) -> None:
    """Lock the rows of rooms until the transaction ends."""
    ids = sorted({room.id for room in rooms})
    if ids:
        list(Room.objects.filter(id__in=ids).order_by("id").select_for_update(of=("self",)).values_list("id"))


def in_the_way_of(wanted: Sequence[Occurrence]) -> list[Occurrence]:
    """Return what holds the rooms of occurrences at their times, the first NAMED_MAX."""
    booked = [occurrence for occurrence in wanted if occurrence.room_id and occurrence.status in Occurrence.BLOCKING]
    if not booked:
        return []
    overlaps = Q()
    for occurrence in booked[: 10 * NAMED_MAX]:
        overlaps |= Q(room=occurrence.room_id, start_at__lt=occurrence.end_at, end_at__gt=occurrence.start_at)
    rows = Occurrence.objects.blocking().filter(
        overlaps,
        start_at__gt=min(occurrence.start_at for occurrence in booked) - EDGE,
        start_at__lt=max(occurrence.end_at for occurrence in booked),
    )
    own = [occurrence.id for occurrence in booked]
    return list(rows.exclude(id__in=own).select_related("meeting__organizer__user", "room")[:NAMED_MAX])


def occurrences_at(
    meeting: Meeting,
    times: Iterable[datetime],
    *,
    status: Occurrence.Status = Occurrence.Status.CONFIRMED,
    excluded: Container[datetime] = (),
) -> list[Occurrence]:
    """Return unsaved occurrences of a meeting at naive wall times of its zone; those excluded are cancelled ones."""
    zone, length = meeting.zone, timedelta(minutes=meeting.duration_minutes)
    rows = []
    for wall in times:
        start_at = instant(wall, zone)
        rows.append(
            Occurrence(
                tenant_id=meeting.tenant_id,
                meeting=meeting,
                room_id=meeting.room_id,
                recurrence_id=recurrence_id_of(wall),
                starts_on=wall.date(),
                start_time=wall.time(),
                duration_minutes=meeting.duration_minutes,
                start_at=start_at,
                end_at=start_at + length,
                status=Occurrence.Status.CANCELLED if wall in excluded else status,
                is_changed=wall in excluded,
            )
        )
    return rows


def place(occurrence: Occurrence, wall: datetime, duration_minutes: int) -> None:
    """Move an unsaved change of an occurrence to a naive wall time of its meeting's zone."""
    occurrence.starts_on, occurrence.start_time = wall.date(), wall.time()
    occurrence.duration_minutes = duration_minutes
    occurrence.start_at = instant(wall, occurrence.meeting.zone).astimezone(UTC)
    occurrence.end_at = occurrence.start_at + timedelta(minutes=duration_minutes)
