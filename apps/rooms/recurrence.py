"""Repeating meetings: rules of RFC 5545 section 3.3.10, expanded on wall times.

Of the RFC's rules those are taken that people make for meetings: daily, weekly, monthly and yearly ones with
INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST and COUNT or UNTIL. All wall times here are naive and belong to
the meeting's zone; UNTIL is written in UTC and read in that zone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import chain, dropwhile, islice
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday
from django.utils.translation import gettext as _

HORIZON = relativedelta(months=24)  # how far a series is expanded
OCCURRENCES_MAX = 520  # each working day of the two years
INTERVAL_MAX = 99
TEXT_MAX = 500  # characters

FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(rf"([+-]?\d{{1,2}})?({'|'.join(WEEKDAYS)})", re.ASCII)
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)


class RuleError(ValueError):
    """The text is no rule, or none that the portal takes; the message says which part, for people."""


class StartOutsideRule(RuleError):
    """The first start does not follow the rule; ``next_start`` is the first wall time that does, if any."""

    def __init__(self, next_start: datetime | None) -> None:
        super().__init__(_("The first date does not follow the repetition."))
        self.next_start = next_start


@dataclass(frozen=True)
class Rule:
    """A repetition. ``weekdays`` are (ordinal or 0, 0 for Monday to 6), ``until`` the last wall time possible."""

    frequency: str
    interval: int = 1
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: datetime | None = None

    def text(self, zone: ZoneInfo) -> str:
        """Return the rule as RFC 5545 writes it, UNTIL in UTC."""
        return ";".join(f"{name}={value}" for name, value in self._parts(zone))

    def _parts(self, zone: ZoneInfo) -> Iterator[tuple[str, object]]:
        yield "FREQ", self.frequency
        if self.interval != 1:
            yield "INTERVAL", self.interval
        if self.weekdays:
            yield "BYDAY", ",".join(f"{ordinal or ''}{WEEKDAYS[day]}" for ordinal, day in self.weekdays)
        for name, values in (
            ("BYMONTHDAY", self.month_days),
            ("BYMONTH", self.months),
            ("BYSETPOS", self.positions),
        ):
            if values:
                yield name, ",".join(str(value) for value in values)
        if self.week_start:
            yield "WKST", WEEKDAYS[self.week_start]
        if self.count is not None:
            yield "COUNT", self.count
        if self.until is not None:
            yield "UNTIL", f"{instant(self.until, zone):%Y%m%dT%H%M%SZ}"

    def ending_before(self, wall: datetime) -> "Rule":
        """Return the rule that ends just before a wall time."""
        return replace(self, count=None, until=wall - timedelta(seconds=1))


def parse_rule(text: str, zone: ZoneInfo) -> Rule:
    """Read a rule, with or without "RRULE:"; raises RuleError for what the portal does not take."""
    text = text.strip().upper().removeprefix("RRULE:")
    if len(text) > TEXT_MAX:
        raise RuleError(_("The repetition is too long."))
    parts: dict[str, str] = {}
    for part in filter(None, text.split(";")):
        name, equals, value = part.partition("=")
        if not equals or name in parts:
            raise RuleError(_("The repetition cannot be read: %(part)s") % {"part": part[:40]})
        parts[name] = value
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise RuleError(_("A meeting repeats by day, week, month or year."))
    if frequency == "WEEKLY" and "BYMONTHDAY" in parts:  # RFC 5545 section 3.3.10
        raise RuleError(_("A weekly meeting is on days of the week."))
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError(_("A repetition ends after a number of times or on a date, not both."))
    rule = Rule(
        frequency,
        interval=_number(parts.pop("INTERVAL", "1"), 1, INTERVAL_MAX),
        weekdays=tuple(_weekday(value, frequency) for value in _values(parts.pop("BYDAY", ""))),
        month_days=_numbers(parts.pop("BYMONTHDAY", ""), 31),
        months=_numbers(parts.pop("BYMONTH", ""), 12, lowest=1),
        positions=_numbers(parts.pop("BYSETPOS", ""), 366),
        week_start=_weekday(parts.pop("WKST", "MO"), "")[1],
        count=_number(parts.pop("COUNT"), 1, 9999) if "COUNT" in parts else None,
        until=_until(parts.pop("UNTIL"), zone) if "UNTIL" in parts else None,
    )
    if parts:
        raise RuleError(_("The portal does not know this part of a repetition: %(name)s") % {"name": next(iter(parts))})
    if rule.positions and not (rule.weekdays or rule.month_days or rule.months):
        raise RuleError(_("A position needs days to choose among."))
    if _is_empty(rule):
        raise RuleError(_("This repetition has no date at all."))
    return rule


def _is_empty(rule: Rule) -> bool:
    """Return whether a rule never comes true; looking for its first date would take until the year 9999."""
    days = {month: 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31 for month in rule.months or range(1, 13)}
    if rule.month_days and all(abs(day) > length for day in rule.month_days for length in days.values()):
        return True
    return bool(rule.positions) and min(map(abs, rule.positions)) > _most_in_a_set(rule, len(days))


def _most_in_a_set(rule: Rule, months: int) -> int:
    """Return how many days a set of BYSETPOS can have at the most."""
    if rule.frequency in ("DAILY", "WEEKLY"):
        return len(rule.weekdays) or 1 if rule.frequency == "WEEKLY" else 1
    times = months if rule.frequency == "YEARLY" else 1
    most = 31 * times
    if rule.weekdays:
        most = min(most, sum(1 if ordinal else 5 * times for ordinal, _day in rule.weekdays) * times)
    if rule.month_days:
        most = min(most, len(rule.month_days) * times)
    return most


@dataclass(frozen=True)
class Expansion:
    """The wall times of a series, in order; ``is_cut`` where the rule goes on beyond what is expanded."""

    times: tuple[datetime, ...]
    is_cut: bool


def expand(rule: Rule, start: datetime, *, since: datetime | None = None) -> Expansion:
    """Return the wall times of a series that starts at ``start``, from ``since`` on.

    At most two years and OCCURRENCES_MAX of them. Raises StartOutsideRule where ``start`` is none of them.
    """
    horizon = (since or start) + HORIZON
    times = _times(rule, start, horizon)
    first = next(times, None)
    if first != start:
        raise StartOutsideRule(first)
    wanted = dropwhile(lambda wall: since is not None and wall < since, chain([start], times))
    found = tuple(islice(wanted, OCCURRENCES_MAX + 1))
    is_cut = len(found) > OCCURRENCES_MAX or (rule.count is None and (rule.until is None or rule.until > horizon))
    return Expansion(found[:OCCURRENCES_MAX], is_cut)


def rest_of(rule: Rule, start: datetime, since: datetime) -> Rule:
    """Return the rule of a series from one of its wall times on: where it counts, those before are counted already."""
    if rule.count is None:
        return rule
    return replace(rule, count=max(1, rule.count - sum(wall < since for wall in _times(rule, start, since))))


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a naive wall time.

    Of a time that comes twice the first is meant; a time that the clocks skip moves forward by the gap, as RFC 5545
    section 3.3.5 has it.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _times(rule: Rule, start: datetime, horizon: datetime) -> Iterator[datetime]:
    until = min(rule.until, horizon) if rule.until is not None else horizon
    days = [weekday(day, ordinal) if ordinal else weekday(day) for ordinal, day in rule.weekdays]
    times = rrule(
        FREQUENCIES[rule.frequency],
        dtstart=start,
        interval=rule.interval,
        wkst=rule.week_start,
        until=until,  # always: a rule that never comes true must end
        byweekday=days or None,
        bymonthday=rule.month_days or None,
        bymonth=rule.months or None,
        bysetpos=rule.positions or None,
    )
    return islice(times, rule.count) if rule.count is not None else iter(times)


def _values(text: str) -> list[str]:
    return text.split(",") if text else []


def _number(text: str, lowest: int, highest: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,4}", text) or not lowest <= int(text) <= highest:
        raise RuleError(_("This number does not fit in a repetition: %(value)s") % {"value": text[:20]})
    return int(text)


def _numbers(text: str, highest: int, *, lowest: int | None = None) -> tuple[int, ...]:
    numbers = tuple(_number(value, -highest if lowest is None else lowest, highest) for value in _values(text))
    if 0 in numbers:
        raise RuleError(_("This number does not fit in a repetition: %(value)s") % {"value": 0})
    return numbers


def _weekday(text: str, frequency: str) -> tuple[int, int]:
    match = _WEEKDAY.fullmatch(text)
    if match is None:
        raise RuleError(_("This is no day of the week in a repetition: %(value)s") % {"value": text[:20]})
    ordinal = int(match[1] or 0)
    if ordinal and frequency not in ("MONTHLY", "YEARLY"):
        raise RuleError(_("A first or last day of the week belongs to a month or a year."))
    if abs(ordinal) > (5 if frequency == "MONTHLY" else 53):
        raise RuleError(_("This number does not fit in a repetition: %(value)s") % {"value": text[:20]})
    return ordinal, WEEKDAYS.index(match[2])


def _until(text: str, zone: ZoneInfo) -> datetime:
    match = _UNTIL.fullmatch(text)
    try:
        day = datetime.strptime(match[1], "%Y%m%d").date() if match else None
        at = datetime.strptime(match[2], "%H%M%S").time() if match and match[2] else time.max.replace(microsecond=0)
    except ValueError as error:
        raise RuleError(_("The end of the repetition is no date: %(value)s") % {"value": text[:20]}) from error
    if match is None or day is None or not 1970 <= day.year <= 2199:
        raise RuleError(_("The end of the repetition is no date: %(value)s") % {"value": text[:20]})
    wall = datetime.combine(day, at)
    return wall.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if match[3] else wall
