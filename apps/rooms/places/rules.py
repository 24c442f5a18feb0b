"""The rules under which rooms are booked and meetings held, as pure values: what they are, and how levels inherit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import TextChoices
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.rooms.models import Meeting
from visio_portal.dates import written

Value = TypeVar("Value")

CLOSURES_MAX = 50
DAYS_MAX = 3660
MINUTES_MAX = 24 * 60


class InvalidValue(ValueError):
    """A stored or given value is none that the rule can have."""


class Bookers(TextChoices):
    EVERYBODY = "everybody", _("every member of the ministry")
    UNIT = "unit", _("the members of the room’s unit and of the units below it")
    MANAGERS = "managers", _("the room’s managers alone")


class Group(StrEnum):
    """Whose units count: the room's for what concerns rooms, the organiser's for what concerns meetings."""

    ROOM = "room"
    MEETING = "meeting"


class LevelKind(TextChoices):
    STATE = "state", _("the State")
    MINISTRY = "ministry", _("the ministry")
    UNIT = "unit", _("a unit")


@dataclass(frozen=True)
class Hours:
    """On which weekdays (0 is Monday) and from when until when a room is open; midnight at the end closes the day."""

    weekdays: frozenset[int] = frozenset(range(7))
    opens: time = time(0)
    closes: time = time(0)

    def hold(self, start: datetime, end: datetime) -> bool:
        """Return whether every moment of [start, end), naive wall times, is within the hours."""
        day = start.date()
        while (midnight := datetime.combine(day, time())) < end:
            opens = datetime.combine(day, self.opens)
            closes = datetime.combine(day, self.closes)
            if closes <= midnight:
                closes += timedelta(days=1)
            tomorrow = midnight + timedelta(days=1)
            if day.weekday() not in self.weekdays or max(start, midnight) < opens or min(end, tomorrow) > closes:
                return False
            day = tomorrow.date()
        return True


@dataclass(frozen=True)
class Closure:
    """Days on which a room cannot be booked, both ends included."""

    starts_on: date
    ends_on: date
    reason: str = ""

    def touches(self, start: datetime, end: datetime) -> bool:
        """Return whether [start, end), naive wall times, has a moment of these days."""
        return start < datetime.combine(self.ends_on, time()) + timedelta(days=1) and end > datetime.combine(
            self.starts_on, time()
        )


@dataclass(frozen=True)
class Definition(Generic[Value]):
    """A rule: its stable name (also its code in the API), its words, and how its values are kept as JSON."""

    name: str
    group: Group
    default: Value
    label: str | Promise
    explanation: str | Promise
    read: Callable[[Any], Value]
    write: Callable[[Value], Any]
    describe: Callable[[Value], str]


@dataclass(frozen=True)
class Rule:
    """What one level says about a rule; ``value`` has the type of its definition."""

    value: Any
    is_enforced: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Level:
    """The State, the ministry or a unit, with the rules that it lays down, by name."""

    kind: LevelKind
    name: str
    rules: Mapping[str, Rule] = field(default_factory=dict)
    unit_id: UUID | None = None


@dataclass(frozen=True)
class Effective(Generic[Value]):
    """What counts in the end: the value, the level that decided it (None: nobody did), and whether it is locked."""

    value: Value
    text: str
    level: Level | None = None
    is_enforced: bool = False
    reason: str = ""

    @property
    def origin(self) -> str:
        """Say in plain words who decided the value, and why where it was said."""
        if self.level is None:
            return gettext("Nobody laid anything down.")
        sentence = gettext("Locked by: %(level)s.") if self.is_enforced else gettext("Default of: %(level)s.")
        told = sentence % {"level": self.level.name}
        return f"{told} {self.reason}".strip()


def effective(definition: Definition[Value], levels: Sequence[Level]) -> Effective[Value]:
    """Return what counts after the levels, the highest first: the lowest one that says something decides.

    A value that a higher level enforces ends the search: what stands below it changes nothing.
    """
    decided = Effective(definition.default, definition.describe(definition.default))
    for level in levels:
        rule = level.rules.get(definition.name)
        if rule is not None:
            text = definition.describe(rule.value)
            decided = Effective(rule.value, text, level, rule.is_enforced, rule.reason)
            if rule.is_enforced:
                break
    return decided


def read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(value)
    return value


def describe_flag(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def read_hours(value: Any) -> Hours:
    try:
        weekdays = frozenset(value["weekdays"])
        hours = Hours(weekdays, time.fromisoformat(value["opens"]), time.fromisoformat(value["closes"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidValue(value) from error
    if not weekdays or not weekdays <= set(range(7)) or (hours.closes != time() and hours.closes <= hours.opens):
        raise InvalidValue(value)
    return hours


def write_hours(hours: Hours) -> Any:
    times = {"opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}"}
    return {"weekdays": sorted(hours.weekdays), **times}


def describe_hours(hours: Hours) -> str:
    if hours == Hours():
        return gettext("at any time")
    days = describe_weekdays(hours.weekdays)
    if hours.opens == hours.closes == time():
        return days
    closes = time_format(hours.closes) if hours.closes != time() else gettext("midnight")
    opens = time_format(hours.opens)
    return gettext("%(days)s, from %(opens)s to %(closes)s") % {"days": days, "opens": opens, "closes": closes}


def describe_weekdays(weekdays: Iterable[int]) -> str:
    """Name weekdays; three or more in a row as from one to the other."""
    days = sorted(weekdays)
    if len(days) == 7:
        return gettext("every day")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return gettext("%(first)s to %(last)s") % {"first": WEEKDAYS[days[0]], "last": WEEKDAYS[days[-1]]}
    return ", ".join(str(WEEKDAYS[day]) for day in days)


def read_closures(value: Any) -> tuple[Closure, ...]:
    try:
        rows = [
            Closure(date.fromisoformat(row["from"]), date.fromisoformat(row["to"]), str(row.get("reason", ""))[:200])
            for row in value
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidValue(value) from error
    if len(rows) > CLOSURES_MAX or any(row.ends_on < row.starts_on for row in rows):
        raise InvalidValue(value)
    return tuple(sorted(rows, key=lambda row: (row.starts_on, row.ends_on, row.reason)))


def write_closures(closures: Sequence[Closure]) -> Any:
    return [
        {"from": closure.starts_on.isoformat(), "to": closure.ends_on.isoformat(), "reason": closure.reason}
        for closure in closures
    ]


def describe_closures(closures: Sequence[Closure]) -> str:
    return "; ".join(describe_closure(closure) for closure in closures) or gettext("none")


def describe_closure(closure: Closure) -> str:
    start, end = (written(day) for day in (closure.starts_on, closure.ends_on))
    days = start if start == end else gettext("from %(start)s to %(end)s") % {"start": start, "end": end}
    return f"{days} ({closure.reason})" if closure.reason else days


def describe_days(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days} if days else gettext("no limit")


def describe_minutes(minutes: int) -> str:
    if not minutes:
        return gettext("no limit")
    hours, rest = divmod(minutes, 60)
    parts = [ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}] if hours else []
    if rest:
        parts.append(gettext("%(minutes)s min") % {"minutes": rest})
    return " ".join(parts)


def number_up_to(most: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers from 0, which stands for no limit."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise InvalidValue(value)
        return value

    return read


Choice = TypeVar("Choice", bound=TextChoices)


def one_of(choices: type[Choice]) -> Callable[[Any], Choice]:
    """Return a reader of one of the choices."""

    def read(value: Any) -> Choice:
        try:
            return choices(value)
        except ValueError as error:
            raise InvalidValue(value) from error

    return read


def describe_choice(choice: TextChoices) -> str:
    return str(choice.label)


def write_choice(choice: TextChoices) -> Any:
    return str(choice.value)


def same(value: Value) -> Value:
    return value


def yes_or_no(name: str, group: Group, default: bool, label: Promise, explanation: Promise) -> Definition[bool]:
    return Definition(name, group, default, label, explanation, read_flag, same, describe_flag)


BOOKERS = Definition(
    "bookers",
    Group.ROOM,
    Bookers.EVERYBODY,
    _("Who may book"),
    _("Counts for the person who organises the meeting; managers may always book their rooms."),
    one_of(Bookers),
    write_choice,
    describe_choice,
)
DAYS_AHEAD = Definition(
    "days_ahead",
    Group.ROOM,
    0,
    _("How far ahead"),
    _("Most days between today and the meeting. 0: no limit."),
    number_up_to(DAYS_MAX),
    same,
    describe_days,
)
MAX_MINUTES = Definition(
    "max_minutes",
    Group.ROOM,
    0,
    _("How long"),
    _("Most minutes that one meeting may take. 0: no limit."),
    number_up_to(MINUTES_MAX),
    same,
    describe_minutes,
)
HOURS = Definition(
    "hours",
    Group.ROOM,
    Hours(),
    _("Bookable hours"),
    _("By the clocks of the room’s place."),
    read_hours,
    write_hours,
    describe_hours,
)
CLOSURES: Definition[tuple[Closure, ...]] = Definition(
    "closures",
    Group.ROOM,
    (),
    _("Closed periods"),
    _("Days on which no room can be booked."),
    read_closures,
    write_closures,
    describe_closures,
)
CONFIRMATION = yes_or_no(
    "confirmation",
    Group.ROOM,
    False,
    _("Confirmation by a manager"),
    _("A booking awaits one of the room’s managers; where a room has none, it is confirmed at once."),
)
ACCESS_LEVEL = Definition(
    "access_level",
    Group.MEETING,
    Meeting.Access.TRUSTED,
    _("Who may enter the conference"),
    _("Visio’s level of access to the conference."),
    one_of(Meeting.Access),
    write_choice,
    describe_choice,
)
GUESTS = yes_or_no(
    "guests",
    Group.MEETING,
    True,
    _("People from outside"),
    _("Whether people from outside the ministry may be invited."),
)
RECORDING = yes_or_no(
    "recording",
    Group.MEETING,
    False,
    _("Recording"),
    _("Whether meetings are recorded."),
)
TRANSCRIPTION = yes_or_no(
    "transcription",
    Group.MEETING,
    False,
    _("Transcription"),
    _("Whether meetings are transcribed."),
)
DIAL_IN = yes_or_no(
    "dial_in",
    Group.MEETING,
    True,
    _("Joining by telephone"),
    _("Whether meetings may be joined by telephone."),
)

ROOM_RULES: tuple[Definition[Any], ...] = (BOOKERS, DAYS_AHEAD, MAX_MINUTES, HOURS, CLOSURES, CONFIRMATION)
MEETING_RULES: tuple[Definition[Any], ...] = (ACCESS_LEVEL, GUESTS, RECORDING, TRANSCRIPTION, DIAL_IN)
RULES: dict[str, Definition[Any]] = {rule.name: rule for rule in (*ROOM_RULES, *MEETING_RULES)}

# The columns of a meeting, and fields of a plan, that the rules of meetings prefill or lock.
MEETING_FIELDS: dict[str, Definition[Any]] = {
    "access_level": ACCESS_LEVEL,
    "has_guests": GUESTS,
    "is_recorded": RECORDING,
    "is_transcribed": TRANSCRIPTION,
    "has_dial_in": DIAL_IN,
}
