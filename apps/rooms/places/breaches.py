"""Which coming meetings break rules: those in force, or those that somebody is about to lay down."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise

from apps.rooms.models import Occurrence, Room
from apps.rooms.places import rules
from apps.rooms.places.admission import limits, may_book
from apps.rooms.places.policies import MeetingPolicy, Policies
from apps.rooms.places.rules import Effective

SCANNED_MAX = 20_000  # coming occurrences that are looked at, the next ones first
SHOWN_MAX = 10
CHANGED_SHOWN_MAX = 3


@dataclass(frozen=True)
class Breach:
    """A coming meeting that breaks rules: all its dates that do, the next one first, and the rules."""

    dates: tuple[Occurrence, ...]
    rules: tuple[str | Promise, ...]

    @property
    def occurrence(self) -> Occurrence:
        return self.dates[0]

    @property
    def more(self) -> int:
        """Return how many dates break rules beside the first."""
        return len(self.dates) - 1

    @property
    def changed(self) -> list[Occurrence]:
        """Return the first dates, but for the very first, that were changed alone and break rules."""
        return self._changed[:CHANGED_SHOWN_MAX]

    @property
    def more_changed(self) -> int:
        return len(self._changed) - len(self.changed)

    @property
    def _changed(self) -> list[Occurrence]:
        return [row for row in self.dates[1:] if row.is_changed]


@dataclass(frozen=True)
class Breaches:
    """How many meetings break rules, on how many dates, and the first of them.

    ``looked_at`` of ``coming`` dates were looked at: all of them but in the largest ministries.
    """

    count: int
    dates: int
    first: tuple[Breach, ...]
    looked_at: int
    coming: int

    @property
    def is_cut(self) -> bool:
        return self.looked_at < self.coming


def breaches(policies: Policies, *, only: str = "", unit_id: UUID | None = None) -> Breaches:
    """Return the coming meetings of the tenant that break its rules (two queries, three where there are too many).

    ``only`` looks at one rule, ``unit_id`` at what lies in a unit or below it.
    """
    rows = (
        Occurrence.objects.filter(tenant=policies.tenant, end_at__gt=timezone.now())
        .exclude(status=Occurrence.Status.CANCELLED)
        .select_related("meeting__organizer__user", "meeting__organizer__unit", "room")
        .prefetch_related("room__managers")
        .order_by("start_at", "id")
    )
    if only and rules.RULES[only].group is rules.Group.ROOM:
        rows = rows.filter(room__isnull=False)
    looked_at = list(rows[:SCANNED_MAX])
    found = _found(_Checker(policies, only, unit_id), looked_at)
    return Breaches(
        count=len(found),
        dates=sum(len(breach.dates) for breach in found),
        first=tuple(found[:SHOWN_MAX]),
        looked_at=len(looked_at),
        coming=rows.count() if len(looked_at) == SCANNED_MAX else len(looked_at),
    )


def _found(checker: "_Checker", rows: Iterable[Occurrence]) -> list[Breach]:
    """Return the meetings whose dates break rules, in the order of the first that does."""
    dates: dict[UUID, list[Occurrence]] = {}
    labels: dict[UUID, dict[str | Promise, None]] = {}  # in order, each once
    for row in rows:
        if broken := checker.broken(row):
            dates.setdefault(row.meeting_id, []).append(row)
            labels.setdefault(row.meeting_id, {}).update(dict.fromkeys(broken))
    return [Breach(tuple(dates[meeting_id]), tuple(labels[meeting_id])) for meeting_id in dates]


class _Checker:
    """Questions about single occurrences, with what each room and unit needs computed once."""

    def __init__(self, policies: Policies, only: str, unit_id: UUID | None) -> None:
        self.policies, self.only, self.unit_id = policies, only, unit_id
        self._rooms: dict[UUID, _RoomChecks] = {}
        self._meetings: dict[UUID | None, MeetingPolicy] = {}

    def broken(self, row: Occurrence) -> tuple[str | Promise, ...]:
        """Return the labels of the rules that an occurrence breaks."""
        names = [*self._of_room(row), *self._of_meeting(row)]
        return tuple(rules.RULES[name].label for name in names if self.only in ("", name))

    def _of_room(self, row: Occurrence) -> list[str]:
        room = row.room
        if room is None or not self._concerns(room.unit_id):
            return []
        if room.id not in self._rooms:
            self._rooms[room.id] = _RoomChecks(self.policies, room)
        return self._rooms[room.id].broken(row)

    def _of_meeting(self, row: Occurrence) -> list[str]:
        unit_id = row.meeting.organizer.unit_id
        if not self._concerns(unit_id):
            return []
        if unit_id not in self._meetings:
            self._meetings[unit_id] = self.policies.of_meeting(unit_id)
        locked: dict[str, Effective[object]] = self._meetings[unit_id].locked()
        wrong = [name for name, decided in locked.items() if getattr(row.meeting, name) != decided.value]
        return [rules.MEETING_FIELDS[name].name for name in wrong]

    def _concerns(self, unit_id: UUID | None) -> bool:
        return self.unit_id is None or self.unit_id in self.policies.path(unit_id)


class _RoomChecks:
    """What a room asks of its bookings."""

    def __init__(self, policies: Policies, room: Room) -> None:
        self.policies, self.room, self.policy = policies, room, policies.of_room(room)
        self.limits = list(limits(self.policy, policies.zone_of(room)))
        self.managers = {manager.membership_id for manager in room.managers.all()}

    def broken(self, row: Occurrence) -> list[str]:
        """Return the names of the rules that an occurrence breaks."""
        names = [definition.name for definition, _decided, _sentence, is_kept in self.limits if not is_kept(row)]
        organizer = row.meeting.organizer
        if organizer.id not in self.managers and not may_book(self.policies, self.room, self.policy, organizer.unit_id):
            names.insert(0, rules.BOOKERS.name)
        return names
