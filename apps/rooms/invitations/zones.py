"""Time zones as VTIMEZONE (RFC 5545 section 3.6.5): yearly rules where a zone keeps to one, as Outlook expects it.

icalendar's own ones list the changes one by one, and put those into summer time an hour too late.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STEP = timedelta(days=7)  # no zone changes twice in a week


class Change(NamedTuple):
    """A change of the clocks: the wall time at which it happens, by the offset that ends."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


@lru_cache(maxsize=64)
def time_zone(key: str, first_year: int, last_year: int) -> bytes:
    """Return the VTIMEZONE of a zone that is right from one year to another, as bytes of iCalendar."""
    zone = ZoneInfo(key)
    component = Timezone()
    component.add("tzid", key)
    start = datetime(first_year, 1, 1, tzinfo=zone)
    component.add_component(_observance([_beginning(start)]))
    changes = sorted(_changes(zone, first_year, last_year), key=_kind)
    for _key, same in groupby(changes, key=_kind):
        component.add_component(_observance(list(same)))
    text: bytes = component.to_ical()
    return text


def _kind(change: Change) -> tuple[timedelta, timedelta, str, bool]:
    return change.before, change.after, change.name, change.is_summer


def _beginning(start: datetime) -> Change:
    offset = start.utcoffset() or timedelta()
    return Change(start.replace(tzinfo=None), offset, offset, start.tzname() or "", bool(start.dst()))


def _changes(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[Change]:
    moment, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    while moment < end:
        later = moment + STEP
        if moment.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            yield _change_between(moment, later, zone)
        moment = later


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> Change:
    """Find the minute of a change by halving."""
    before = low.astimezone(zone).utcoffset() or timedelta()
    while high - low > timedelta(minutes=1):
        middle = (low + (high - low) / 2).replace(second=0, microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    after = high.astimezone(zone)
    wall = (high + before).replace(tzinfo=None)
    return Change(wall, before, after.utcoffset() or timedelta(), after.tzname() or "", bool(after.dst()))


def _observance(changes: list[Change]) -> TimezoneStandard | TimezoneDaylight:
    first = changes[0]
    part = TimezoneDaylight() if first.is_summer else TimezoneStandard()
    part.add("dtstart", first.wall)
    part.add("tzoffsetfrom", first.before)
    part.add("tzoffsetto", first.after)
    part.add("tzname", first.name)
    days = [_day_of_year(change.wall) for change in changes]
    if len(changes) > 1 and len(set(days)) == 1:
        month, weekday, _time = days[0]
        part.add("rrule", vRecur.from_ical(f"FREQ=YEARLY;BYMONTH={month};BYDAY={weekday}"))
    elif len(changes) > 1:
        part.add("rdate", [change.wall for change in changes[1:]])
    return part


def _day_of_year(wall: datetime) -> tuple[int, str, str]:
    """Return month, weekday and time of a change, such as (3, "-1SU", "02:00")."""
    is_last = (wall + timedelta(days=7)).month != wall.month
    number = -1 if is_last else (wall.day - 1) // 7 + 1
    return wall.month, f"{number}{WEEKDAYS[wall.weekday()]}", f"{wall:%H:%M}"
