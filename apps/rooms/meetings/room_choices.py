"""The rooms that the form offers, each with whether it is free at the chosen times."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.rooms.models import Meeting, Occurrence, Room
from apps.rooms.operations import MeetingPlan
from apps.rooms.operations.booking import EDGE
from apps.rooms.recurrence import instant
from apps.tenants.models import Tenant

SHOWN = 12
DATES_ASKED_FOR = 60  # one by one; of longer series all that lies between their first date and their last is read


@dataclass(frozen=True)
class RoomChoice:
    """A room, whether it is chosen, and on how many of all the coming dates it is taken (None: no times yet)."""

    room: Room
    is_chosen: bool = False
    taken: int | None = None
    dates: int = 0

    @property
    def state(self) -> str:
        """Return "free", "taken", "partly", or nothing where no times are chosen yet."""
        if self.taken is None:
            return ""
        return "free" if not self.taken else "taken" if self.taken == self.dates else "partly"

    @property
    def state_words(self) -> str:
        match self.state:
            case "free":
                return ngettext("free", "free on all %(count)s dates", self.dates) % {"count": self.dates}
            case "taken":
                return ngettext("taken", "taken on all %(count)s dates", self.dates) % {"count": self.dates}
            case "partly":
                return _("taken on %(taken)s of %(count)s dates") % {"taken": self.taken, "count": self.dates}
        return ""

    @property
    def details(self) -> str:
        """Return kind, site, places and equipment in one line."""
        room = self.room
        parts = [str(Room.Kind(room.kind).label), room.site]
        if room.capacity:
            parts.append(ngettext("%(count)s place", "%(count)s places", room.capacity) % {"count": room.capacity})
        parts += [str(Room.Equipment(item).label) for item in room.equipment if item in Room.Equipment.values]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class RoomChoices:
    """The rooms shown, and how many more there are."""

    shown: tuple[RoomChoice, ...]
    more: int
    sought: str


def offered_rooms(tenant: Tenant, kept: Room | None = None) -> list[Room]:
    """Return the rooms that may be chosen: those in use, and the one that the meeting has already."""
    in_use = Q(closed_at=None)
    return list(tenant.rooms.filter(in_use | Q(id=kept.id) if kept else in_use))


def choices_for(
    rooms: Sequence[Room], sought: str, chosen: str, plan: MeetingPlan | None, moved: Meeting | None = None
) -> RoomChoices:
    """Return the rooms that a search finds, free ones first, always with the one chosen (an id, or empty).

    ``moved`` is the meeting that is being changed, which is not in its own way.
    """
    words = sought.casefold().split()
    found = [room for room in rooms if str(room.id) == chosen or all(word in _haystack(room) for word in words)]
    found.sort(key=lambda room: str(room.id) != chosen)  # the one chosen is looked at in any case
    looked_at = found[: 4 * SHOWN]
    taken, dates = _taken(looked_at, plan, moved) if plan is not None else (None, 0)
    choices = [
        RoomChoice(room, str(room.id) == chosen, taken.get(str(room.id), 0) if taken is not None else None, dates)
        for room in looked_at
    ]
    choices.sort(key=lambda choice: (not choice.is_chosen, choice.taken or 0, choice.room.name))
    return RoomChoices(tuple(choices[:SHOWN]), max(0, len(found) - SHOWN), sought)


def _haystack(room: Room) -> str:
    equipment = " ".join(str(Room.Equipment(item).label) for item in room.equipment if item in Room.Equipment.values)
    return f"{room.name} {room.site} {room.description} {equipment}".casefold()


def _taken(rooms: Sequence[Room], plan: MeetingPlan, moved: Meeting | None) -> tuple[dict[str, int], int]:
    """Return in how many of the plan's coming dates each room is taken (one query), and the number of those dates."""
    length, now, excluded = timedelta(minutes=plan.duration_minutes), timezone.now(), plan.excluded or frozenset()
    starts = [instant(wall, plan.zone) for wall in plan.expansion().times if wall not in excluded]
    spans = [(start, start + length) for start in starts if start + length > now]
    if not spans:
        return {}, 0
    overlaps = Q()
    for start, end in spans if len(spans) <= DATES_ASKED_FOR else ():
        overlaps |= Q(start_at__lt=end, end_at__gt=start)
    rows = Occurrence.objects.blocking().filter(
        overlaps, room__in=[room.id for room in rooms], start_at__gt=spans[0][0] - EDGE, start_at__lt=spans[-1][1]
    )
    if moved is not None:
        rows = rows.exclude(meeting=moved)
    begins, ends = [start for start, _end in spans], [end for _start, end in spans]  # both in order: one length
    hit: dict[str, set[int]] = {}
    for room_id, start_at, end_at in rows.order_by().values_list("room_id", "start_at", "end_at"):
        hit.setdefault(str(room_id), set()).update(range(bisect_right(ends, start_at), bisect_left(begins, end_at)))
    return {room_id: len(numbers) for room_id, numbers in hit.items()}, len(spans)
