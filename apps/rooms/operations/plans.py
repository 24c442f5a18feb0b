"""What an organiser decides, as the forms and the API hand it over."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from apps.rooms.models import Attendee, Meeting, Occurrence, Room
from apps.rooms.models.meetings import wall_of
from apps.rooms.recurrence import Expansion, Rule, expand, parse_rule
from apps.rooms.wall_time import resolve
from apps.tenants.models import Membership


class Scope(StrEnum):
    """Which occurrences of a series a change concerns."""

    ALL = "all"
    FOLLOWING = "following"
    ONE = "one"


@dataclass(frozen=True)
class Invitee:
    """Somebody to invite, by address; a member of the tenant is recognised by it."""

    email: str
    name: str = ""
    role: Attendee.Role = Attendee.Role.ATTENDEE


@dataclass(frozen=True)
class MeetingPlan:
    """What an organiser decides about a meeting. The wall time belongs to ``time_zone`` (an IANA key).

    ``rrule`` repeats it (RFC 5545, empty: once), ``excluded`` are wall times of the rule that do not take place
    (None: those of before). ``invitees`` are all who are invited.
    """

    title: str
    starts_on: date
    start_time: time
    duration_minutes: int
    time_zone: str = "Europe/Paris"
    rrule: str = ""
    excluded: frozenset[datetime] | None = None
    room: Room | None = None
    agenda: str = ""
    access_level: Meeting.Access = Meeting.Access.TRUSTED
    has_guests: bool = True
    is_recorded: bool = False
    is_transcribed: bool = False
    has_dial_in: bool = True
    transcript_audience: Meeting.Audience = Meeting.Audience.NAMED
    attendance_threshold: int | None = None
    invitees: tuple[Invitee, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def wall_start(self) -> datetime:
        return datetime.combine(self.starts_on, self.start_time)

    @property
    def rule(self) -> Rule | None:
        """Return the repetition; raises RuleError."""
        return parse_rule(self.rrule, self.zone) if self.rrule else None

    def fields(self) -> dict[str, Any]:
        """Return the values of the meeting's own columns."""
        values = {name: value for name, value in vars(self).items() if name not in ("invitees", "excluded")}
        rule = self.rule
        return values | {"rrule": rule.text(self.zone) if rule else ""}

    def bounds(self) -> tuple[datetime, datetime]:
        """Return the first start and end as instants; raises NonexistentTime for a time that the clocks skip."""
        start = resolve(self.starts_on, self.start_time, self.zone)
        return start, start + timedelta(minutes=self.duration_minutes)

    def expansion(self) -> Expansion:
        """Return every wall time of the meeting, excluded ones too.

        Raises NonexistentTime, RuleError, and StartOutsideRule.
        """
        self.bounds()
        rule = self.rule
        return expand(rule, self.wall_start) if rule else Expansion((self.wall_start,), is_cut=False)


@dataclass(frozen=True)
class OccurrencePlan:
    """What an organiser decides about one occurrence of a series; empty texts are the series' own."""

    starts_on: date
    start_time: time
    duration_minutes: int
    room: Room | None = None
    title: str = ""
    agenda: str = ""


def plan_of(meeting: Meeting, **changes: Any) -> MeetingPlan:
    """Return what was decided about a meeting, with changes."""
    names = [name for name in MeetingPlan.__dataclass_fields__ if name not in ("invitees", "excluded")]
    values: dict[str, Any] = {name: getattr(meeting, name) for name in names}
    if "invitees" not in changes:
        changes["invitees"] = invitees_of(meeting)
    return MeetingPlan(**(values | changes))


def excluded_of(meeting: Meeting) -> frozenset[datetime]:
    """Return the wall times of a series' rule that were taken out of it one by one."""
    rows = meeting.occurrences.filter(status=Occurrence.Status.CANCELLED, is_changed=True)
    if meeting.cancelled_at is not None:  # those cancelled with the whole meeting are no exceptions of it
        rows = rows.exclude(cancelled_at=meeting.cancelled_at)
    return frozenset(wall_of(key) for key in rows.values_list("recurrence_id", flat=True))


def invitees_of(meeting: Meeting) -> tuple[Invitee, ...]:
    """Return the people whom a meeting has already."""
    return tuple(Invitee(person.email, person.name, Attendee.Role(person.role)) for person in meeting.attendees.all())


def may_act_for(by: Membership, organizer: Membership) -> bool:
    """Return whether a member may schedule in the organiser's name today: their own, or by delegation."""
    today = organizer.tenant.today
    return by.id == organizer.id or by.delegations_held.valid_on(today).filter(principal=organizer).exists()
