"""Which coming meetings break rules: those in force, or those that somebody is about to lay down."""

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


@dataclass(frozen=True)
class Breach:
    """A coming meeting that breaks rules, at the first occurrence that does."""

    occurrence: Occurrence
    rules: tuple[str | Promise, ...]


@dataclass(frozen=True)
class Breaches:
    """How many meetings break rules, and the first of them; ``is_cut`` where there are more to look at."""

    count: int
    first: tuple[Breach, ...]
    is_cut: bool = False


def breaches(policies: Policies, *, only: str = "", unit_id: UUID | None = None) -> Breaches:
    """Return the coming meetings of the tenant that break its rules (two queries).

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
    checker = _Checker(policies, only, unit_id)
    found: dict[UUID, Breach] = {}
    scanned = 0
    for row in rows[: SCANNED_MAX + 1]:
        scanned += 1
        if row.meeting_id not in found and (broken := checker.broken(row)):
            found[row.meeting_id] = Breach(row, broken)
    return Breaches(len(found), tuple(found.values())[:SHOWN_MAX], is_cut=scanned > SCANNED_MAX)


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
