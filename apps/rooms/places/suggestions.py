"""What to offer when a room is taken: another time nearby, a shorter meeting, or another room like it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.db.models import F, Q
from django.utils import timezone

from apps.rooms.models import Meeting, Occurrence, Room
from apps.rooms.operations.plans import MeetingPlan
from apps.rooms.places.admission import limits, may_book
from apps.rooms.places.availability import Span, availability, blocking
from apps.rooms.places.policies import Policies
from apps.rooms.recurrence import instant
from apps.tenants.models import Membership

STEP = timedelta(minutes=5)
SHIFT_MAX = timedelta(minutes=20)
SHARE_MIN = 0.75  # of its length that a shortened meeting keeps
SLOTS_MAX = 4  # other times that are offered for one date
ROOMS_MAX = 10  # rooms that are looked at, the most similar ones first
DATES_MAX = 10  # dates of a series that get offers; the others are counted

Times = tuple[datetime, datetime]
IsAllowed = Callable[[datetime, datetime], bool]


class Slot(NamedTuple):
    """A free time near the one that was asked for: how much later it starts (negative: earlier), how much shorter."""

    start_at: datetime
    end_at: datetime
    shift_minutes: int
    shortened_minutes: int


@dataclass(frozen=True)
class BlockedDate:
    """A time at which the room is taken: by what, when nearby it is free, and which other rooms are free then."""

    start_at: datetime
    end_at: datetime
    in_the_way: tuple[Span, ...]
    slots: tuple[Slot, ...]
    rooms: tuple[Room, ...]


@dataclass(frozen=True)
class RoomOffer:
    """Another room, at how many of the times it is free, and whether one of its managers has to confirm."""

    room: Room
    free_count: int
    is_free_always: bool
    needs_confirmation: bool


@dataclass(frozen=True)
class Suggestions:
    """What stands in the way of a plan, and what to offer; ``dates`` are the first DATES_MAX of ``blocked_count``."""

    total: int
    blocked_count: int
    dates: tuple[BlockedDate, ...]
    rooms: tuple[RoomOffer, ...]


def nearest_slots(
    start_at: datetime, end_at: datetime, taken: Sequence[Times], is_allowed: IsAllowed = lambda start, end: True
) -> list[Slot]:
    """Return free times near [start_at, end_at), the best first: moved by up to 20 min, shortened by up to 25 %.

    ``taken`` are half-open times in any order. A slot is left out where another one is at least as near on the same
    side and at least as long.
    """
    found: list[Slot] = []
    for slot in sorted(_candidates(start_at, end_at), key=_cost):
        is_free = not any(start < slot.end_at and end > slot.start_at for start, end in taken)
        if is_free and is_allowed(slot.start_at, slot.end_at) and not any(_beats(other, slot) for other in found):
            found.append(slot)
    return found[:SLOTS_MAX]


def suggest(*, plan: MeetingPlan, organizer: Membership, meeting: Meeting | None = None) -> Suggestions:
    """Return what is in the way of a plan in its room, and what to offer instead (a constant number of queries).

    ``meeting`` is the one that the plan changes: its own bookings are in nobody's way.
    Raises what the plan's expansion raises.
    """
    times = [times for times in _times_of(plan) if times[1] > timezone.now()]
    if plan.room is None or not times:
        return Suggestions(len(times), 0, (), ())
    search = _Search(plan.room, organizer, times, meeting)
    blocked = [wanted for wanted in times if search.is_taken(plan.room, wanted)]
    if not blocked:
        return Suggestions(len(times), 0, (), ())
    dates = tuple(search.blocked_date(wanted) for wanted in blocked[:DATES_MAX])
    return Suggestions(len(times), len(blocked), dates, tuple(search.offers()))


class _Search:
    """The bookings and rules of a room and of those like it, read once."""

    def __init__(self, room: Room, organizer: Membership, times: Sequence[Times], meeting: Meeting | None) -> None:
        self.room, self.times = room, times
        self.policies = Policies(organizer.tenant)
        similar = [other for other in similar_rooms(room) if self._may_book(other, organizer)]
        self.others = list(islice(similar, ROOMS_MAX))
        start, end = min(start for start, _end in times) - SHIFT_MAX, max(end for _start, end in times) + SHIFT_MAX
        own = [meeting.id] if meeting is not None else []
        found = availability([room, *self.others], start, end, without=own)
        self.spans = {room_id: blocking(spans) for room_id, spans in found.items()}
        self._allowed = {other.id: self._rules(other) for other in (room, *self.others)}
        self._free = {other.id: [wanted for wanted in times if self._is_free(other, wanted)] for other in self.others}

    def is_taken(self, room: Room, wanted: Times) -> bool:
        return any(span.overlaps(*wanted) for span in self.spans[room.id])

    def blocked_date(self, wanted: Times) -> BlockedDate:
        start_at, end_at = wanted
        spans = self.spans[self.room.id]
        near = [
            (span.start_at, span.end_at) for span in spans if span.overlaps(start_at - SHIFT_MAX, end_at + SHIFT_MAX)
        ]
        slots = nearest_slots(start_at, end_at, near, self._allowed[self.room.id])
        in_the_way = [span for span in spans if span.overlaps(start_at, end_at)]
        rooms = [other for other in self.others if wanted in self._free[other.id]]
        return BlockedDate(start_at, end_at, tuple(in_the_way), tuple(slots), tuple(rooms))

    def offers(self) -> Iterator[RoomOffer]:
        """Yield the other rooms that are free at some of the times, those that are free most often first."""
        for other in sorted(self.others, key=lambda other: -len(self._free[other.id])):
            free = len(self._free[other.id])
            if free:
                asks = self.policies.of_room(other).confirmation.value and bool(other.managers.all())
                yield RoomOffer(other, free, free == len(self.times), asks)

    def _may_book(self, room: Room, organizer: Membership) -> bool:
        is_manager = any(manager.membership_id == organizer.id for manager in room.managers.all())
        return is_manager or may_book(self.policies, room, self.policies.of_room(room), organizer.unit_id)

    def _is_free(self, room: Room, wanted: Times) -> bool:
        return not self.is_taken(room, wanted) and self._allowed[room.id](*wanted)

    def _rules(self, room: Room) -> IsAllowed:
        """Return whether the rules of a room allow a time; what is past is not offered."""
        checks = list(limits(self.policies.of_room(room), self.policies.zone_of(room)))
        now = timezone.now()

        def is_allowed(start_at: datetime, end_at: datetime) -> bool:
            minutes = int((end_at - start_at).total_seconds() // 60)
            row = Occurrence(start_at=start_at, end_at=end_at, duration_minutes=minutes)
            return start_at >= now and all(is_kept(row) for _rule, _decided, _sentence, is_kept in checks)

        return is_allowed


def similar_rooms(room: Room) -> Iterable[Room]:
    """Return open rooms of the same site, with at least the room's capacity and equipment, the smallest first."""
    rooms = Room.objects.filter(tenant=room.tenant_id, kind=room.kind, site=room.site, closed_at=None)
    if room.capacity is not None:
        rooms = rooms.filter(Q(capacity__gte=room.capacity))
    if room.equipment:
        rooms = rooms.filter(equipment__contains=room.equipment)
    return rooms.exclude(id=room.id).order_by(F("capacity").asc(nulls_last=True), "name").prefetch_related("managers")


def _times_of(plan: MeetingPlan) -> Iterator[Times]:
    excluded, length = plan.excluded or frozenset(), timedelta(minutes=plan.duration_minutes)
    for wall in plan.expansion().times:
        if wall not in excluded:
            start_at = instant(wall, plan.zone)
            yield start_at, start_at + length


def _candidates(start_at: datetime, end_at: datetime) -> Iterator[Slot]:
    """Yield every time that is near enough and long enough, in steps of five minutes, but the one asked for."""
    length = end_at - start_at
    shift = -SHIFT_MAX
    while shift <= SHIFT_MAX:
        shortened = timedelta()
        while length - shortened >= length * SHARE_MIN and length - shortened >= STEP:
            if shift or shortened:
                start = start_at + shift
                yield Slot(start, start + length - shortened, _minutes(shift), _minutes(shortened))
            shortened += STEP
        shift += STEP


def _cost(slot: Slot) -> tuple[int, int, int, int]:
    """Order slots: whole ones by their shift, then those that keep their start, then what is moved and shortened."""
    kinds_of_change = bool(slot.shift_minutes) + 2 * bool(slot.shortened_minutes)
    return kinds_of_change, slot.shortened_minutes, abs(slot.shift_minutes), slot.shift_minutes


def _beats(other: Slot, slot: Slot) -> bool:
    """Return whether a slot is at least as near as another one, on the same side, and as long."""
    is_same_side = other.shift_minutes * slot.shift_minutes > 0 or other.shift_minutes == 0
    is_as_near = abs(other.shift_minutes) <= abs(slot.shift_minutes)
    return is_same_side and is_as_near and other.shortened_minutes <= slot.shortened_minutes


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)
