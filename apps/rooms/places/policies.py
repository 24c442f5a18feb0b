"""The rules in force for a room and an organiser, read from the database and inherited level by level."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.rooms.departements import ZONE_OF_DEPARTEMENT
from apps.rooms.models import Meeting, PolicyRule, Room, StatePolicyRule
from apps.rooms.places import rules
from apps.rooms.places.rules import Bookers, Closure, Definition, Effective, Hours, Level, LevelKind, Rule, effective
from apps.tenants.models import Membership, Tenant, Unit


@dataclass(frozen=True)
class RoomPolicy:
    """What counts for the bookings of a room."""

    bookers: Effective[Bookers]
    days_ahead: Effective[int]  # 0: no limit
    max_minutes: Effective[int]  # 0: no limit
    hours: Effective[Hours]
    closures: Effective[tuple[Closure, ...]]
    confirmation: Effective[bool]

    def rows(self) -> list[tuple[Definition[Any], Effective[Any]]]:
        """Return each rule with what counts, in the order of the pages."""
        return [(definition, getattr(self, definition.name)) for definition in rules.ROOM_RULES]


@dataclass(frozen=True)
class MeetingPolicy:
    """What counts for the meetings of an organiser: an enforced value is the meeting's, another one a proposal."""

    access_level: Effective[Meeting.Access]
    guests: Effective[bool]
    recording: Effective[bool]
    transcription: Effective[bool]
    dial_in: Effective[bool]

    def rows(self) -> list[tuple[Definition[Any], Effective[Any]]]:
        """Return each rule with what counts, in the order of the pages."""
        return [(definition, getattr(self, definition.name)) for definition in rules.MEETING_RULES]

    def fields(self) -> dict[str, Effective[Any]]:
        """Return what counts by the name of the meeting's column (and MeetingPlan's field): ``access_level``,
        ``has_guests``, ``is_recorded``, ``is_transcribed``, ``has_dial_in``.
        """
        return {name: getattr(self, definition.name) for name, definition in rules.MEETING_FIELDS.items()}

    def initial(self) -> dict[str, Any]:
        """Return the values that a new meeting starts from, by the name of the meeting's column."""
        return {name: found.value for name, found in self.fields().items()}

    def locked(self) -> dict[str, Effective[Any]]:
        """Return those of ``fields`` that nobody may choose otherwise; ``origin`` says who locked them and why."""
        return {name: found for name, found in self.fields().items() if found.is_enforced}


class Policy(NamedTuple):
    """What counts for a meeting: its own rules, and those of the room that it books, if any."""

    meeting: MeetingPolicy
    room: RoomPolicy | None


class _Place(NamedTuple):
    """A unit as inheritance needs it."""

    parent_id: UUID | None
    name: str
    departement: str


class Policies:
    """Every rule of a tenant, read once (three queries): the rules in force for any room or organiser follow."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._units = {
            id_: _Place(parent_id, name, departement)
            for id_, parent_id, name, departement in Unit.objects.filter(tenant=tenant)
            .order_by()
            .values_list("id", "parent_id", "name", "departement")
        }
        self._rules: dict[UUID | None, dict[str, Rule]] = defaultdict(dict)
        for row in PolicyRule.objects.filter(tenant=tenant):
            self._rules[row.unit_id] |= _read(row)
        self._state: dict[str, Rule] = {}
        for state_row in StatePolicyRule.objects.all():
            self._state |= _read(state_row)

    def of(self, organizer: Membership, room: Room | None) -> Policy:
        """Return what counts when the member organises a meeting, in the room if one is given."""
        return Policy(self.of_meeting(organizer.unit_id), self.of_room(room) if room is not None else None)

    def of_room(self, room: Room) -> RoomPolicy:
        """Return what counts for the bookings of a room: the levels down to its unit."""
        return RoomPolicy(**self._decided(rules.ROOM_RULES, self.levels(room.unit_id)))

    def of_meeting(self, unit_id: UUID | None) -> MeetingPolicy:
        """Return what counts for the meetings of a unit's members."""
        return MeetingPolicy(**self._decided(rules.MEETING_RULES, self.levels(unit_id)))

    def levels(self, unit_id: UUID | None) -> list[Level]:
        """Return the levels from the State down to a unit."""
        path = self.path(unit_id)
        return [
            Level(LevelKind.STATE, str(LevelKind.STATE.label), self._state),
            Level(LevelKind.MINISTRY, self.tenant.name, self._rules.get(None, {})),
            *(Level(LevelKind.UNIT, self._units[id_].name, self._rules.get(id_, {}), id_) for id_ in path),
        ]

    def replace(self, unit_id: UUID | None, name: str, rule: Rule | None) -> None:
        """Put another rule in place of what a level says, for a look at what would follow."""
        self._rules[unit_id].pop(name, None)
        if rule is not None:
            self._rules[unit_id][name] = rule

    def path(self, unit_id: UUID | None) -> list[UUID]:
        """Return the units from the top of the tree down to a unit."""
        path: list[UUID] = []
        while unit_id in self._units and unit_id not in path:
            path.insert(0, unit_id)
            unit_id = self._units[unit_id].parent_id
        return path

    def zone_of(self, room: Room) -> ZoneInfo:
        """Return the zone of the clocks at a room: that of its unit's département, else the ministry's."""
        for unit_id in reversed(self.path(room.unit_id)):
            departement = self._units[unit_id].departement
            if departement:
                return ZoneInfo(ZONE_OF_DEPARTEMENT.get(departement, "Europe/Paris"))
        return self.tenant.zone

    def _decided(self, definitions: tuple[Definition[Any], ...], levels: list[Level]) -> dict[str, Any]:
        return {definition.name: effective(definition, levels) for definition in definitions}


def policy_for(membership: Membership, room: Room | None = None) -> Policy:
    """Return the rules for a meeting that a member organises, in a room if one is given (constant queries).

    ``policy.meeting.initial()`` prefills a new meeting, ``policy.meeting.locked()`` says which fields are fixed and
    (``origin``) by whom; ``policy.room`` holds the limits of the room.
    """
    return Policies(membership.tenant).of(membership, room)


def _read(row: PolicyRule | StatePolicyRule) -> Mapping[str, Rule]:
    """Return a stored rule by its name; one that this version does not know says nothing."""
    definition = rules.RULES.get(row.name)
    return {} if definition is None else {row.name: Rule(definition.read(row.value), row.is_enforced, row.reason)}
