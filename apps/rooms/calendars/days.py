"""A calendar's days: what lies on each, and half-hour by half-hour when somebody is taken. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

FIRST_HOUR, LAST_HOUR = 7, 20  # what a planning shows of a day
STEP = timedelta(minutes=30)
ONE_DAY = timedelta(days=1)
WEEK_DAYS = 7


class View(StrEnum):
    """How much of a calendar is shown."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Timed(Protocol):
    """Something that takes [start_at, end_at)."""

    @property
    def start_at(self) -> datetime: ...

    @property
    def end_at(self) -> datetime: ...


@dataclass(frozen=True)
class Range:
    """The days [first, last) of a view, and those to leaf to; ``day`` is the one asked for."""

    view: View
    day: date
    first: date
    last: date

    @property
    def previous(self) -> date:
        return self.first - ONE_DAY if self.view is View.MONTH else self.day - self._length

    @property
    def following(self) -> date:
        return _month_after(self.day) if self.view is View.MONTH else self.day + self._length

    @property
    def days(self) -> list[date]:
        return [self.first + ONE_DAY * number for number in range((self.last - self.first).days)]

    @property
    def _length(self) -> timedelta:
        return ONE_DAY if self.view is View.DAY else ONE_DAY * WEEK_DAYS

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the instants at which the range begins and ends in a zone."""
        return midnight(self.first, zone), midnight(self.last, zone)


def range_of(view: View, day: date) -> Range:
    """Return the days that a view shows around a day; a month goes from its first to its last day."""
    match view:
        case View.DAY:
            return Range(view, day, day, day + ONE_DAY)
        case View.WEEK:
            monday = day - ONE_DAY * day.weekday()
            return Range(view, day, monday, monday + ONE_DAY * WEEK_DAYS)
        case View.MONTH:
            return Range(view, day, day.replace(day=1), _month_after(day))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a day begins in a zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def half_hours(day: date, zone: ZoneInfo) -> list[datetime]:
    """Return the instants at which the half-hours of a planning begin."""
    first = datetime.combine(day, time(FIRST_HOUR), zone).astimezone(UTC)
    return [first + STEP * number for number in range((LAST_HOUR - FIRST_HOUR) * 2)]


def taken_cells(busy: Iterable[Timed], day: date, zone: ZoneInfo) -> list[bool]:
    """Return for each half-hour of a planning whether something takes a part of it."""
    spans = list(busy)
    return [
        any(span.start_at < start + STEP and span.end_at > start for span in spans) for start in half_hours(day, zone)
    ]


def common_free_times(
    sheets: Sequence[Sequence[Timed]], days: Iterable[date], length: timedelta, zone: ZoneInfo, *, most: int
) -> list[datetime]:
    """Return the first half-hours, between the planning's hours, from which all are free for ``length``."""
    found: list[datetime] = []
    for day in days:
        ends_at = datetime.combine(day, time(LAST_HOUR), zone).astimezone(UTC)
        for start in half_hours(day, zone):
            end = start + length
            is_free = all(not (busy.start_at < end and busy.end_at > start) for sheet in sheets for busy in sheet)
            if end <= ends_at and is_free:
                found.append(start)
                if len(found) == most:
                    return found
    return found


def _month_after(day: date) -> date:
    return (day.replace(day=28) + ONE_DAY * 4).replace(day=1)
