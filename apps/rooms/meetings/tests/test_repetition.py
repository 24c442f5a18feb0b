"""The form's words for repetitions and the rules that they stand for."""

from datetime import date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from apps.rooms.meetings.repetition import Frequency, Repetition, means_the_same, repetition_of
from apps.rooms.recurrence import parse_rule

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 12, 8, 10)  # the second Tuesday of the month
REPEATED = [frequency for frequency in Frequency if frequency not in (Frequency.NEVER, Frequency.KEPT)]


@pytest.mark.parametrize(
    ("frequency", "interval"), list(product(REPEATED, [1, 3])), ids=lambda value: str(getattr(value, "value", value))
)
@pytest.mark.parametrize("end", ["never", "after", "on"])
def test_repetition_is_read_back_from_its_rule(frequency: Frequency, interval: int, end: str) -> None:
    count, until = (5 if end == "after" else None), (date(2027, 6, 1) if end == "on" else None)
    days = (1, 3) if frequency is Frequency.WEEKLY else ()
    wanted = Repetition(frequency, interval, days, count, until)
    start = datetime(2026, 11, 24, 10) if frequency is Frequency.MONTHLY_LAST else START  # the fourth and last one
    rule = wanted.rule(start)
    assert rule is not None
    assert repetition_of(parse_rule(rule.text(PARIS), PARIS), start) == wanted


def test_rule_from_elsewhere_is_kept() -> None:
    rule = parse_rule("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2", PARIS)
    found = repetition_of(rule, START)
    assert found.frequency is Frequency.KEPT
    assert found.rule(START, kept=rule) == rule


def test_end_before_the_time_of_day_is_the_day_before() -> None:
    ended = parse_rule("FREQ=WEEKLY;BYDAY=TU", PARIS).ending_before(datetime(2027, 1, 5, 10))
    found = repetition_of(ended, START)
    assert found.until == date(2027, 1, 4)
    assert means_the_same(found.rule(START), ended, START)


def test_fifth_weekday_of_a_month_is_asked_for_as_the_last() -> None:
    rule = Repetition(Frequency.MONTHLY_WEEKDAY).rule(datetime(2026, 12, 29, 10))
    assert rule is not None
    assert rule.weekdays == ((-1, 1),)
