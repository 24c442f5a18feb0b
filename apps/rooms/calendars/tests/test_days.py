"""Ranges of days and half-hours, with days on which the clocks change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.rooms.calendars.days import View, common_free_times, range_of, taken_cells

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Span:
    start_at: datetime
    end_at: datetime


def at(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("view", "day", "first", "last", "previous", "following"),
    [
        (View.DAY, date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 2), date(2026, 2, 28), date(2026, 3, 2)),
        (View.WEEK, date(2026, 1, 1), date(2025, 12, 29), date(2026, 1, 5), date(2025, 12, 25), date(2026, 1, 8)),
        (View.MONTH, date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 1), date(2025, 12, 31), date(2026, 2, 1)),
    ],
    ids=["day", "week", "month"],
)
def test_range_of(view: View, day: date, first: date, last: date, previous: date, following: date) -> None:
    shown = range_of(view, day)

    assert (shown.first, shown.last, shown.previous, shown.following) == (first, last, previous, following)


def test_a_day_on_which_the_clocks_go_forward_has_23_hours() -> None:
    start_at, end_at = range_of(View.DAY, date(2026, 3, 29)).bounds(PARIS)

    assert end_at - start_at == timedelta(hours=23)


def test_taken_cells_count_parts_of_half_hours() -> None:
    cells = taken_cells([Span(at(9, 10), at(9, 40))], date(2026, 3, 10), PARIS)

    assert [number for number, is_taken in enumerate(cells) if is_taken] == [4, 5]  # 9:00 and 9:30, from 7:00 on


def test_common_free_times_fit_between_everybodys_meetings() -> None:
    sheets = [[Span(at(7), at(10))], [Span(at(11), at(20))]]

    found = common_free_times(sheets, [date(2026, 3, 10)], timedelta(hours=1), PARIS, most=5)

    assert found == [at(10)]
