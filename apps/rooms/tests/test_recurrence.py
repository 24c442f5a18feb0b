"""Repetitions: what is read and refused, and the same dates as a library that did not write them finds."""

import random
import time as clock
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.prop import vRecur

from apps.rooms.recurrence import (
    HORIZON,
    OCCURRENCES_MAX,
    Rule,
    RuleError,
    StartOutsideRule,
    expand,
    instant,
    parse_rule,
    rest_of,
)
from apps.rooms.wall_time import FRENCH_ZONES

PARIS = ZoneInfo("Europe/Paris")
ZONES = [key for key, _name in FRENCH_ZONES]
ROUNDS, RULES_PER_ROUND = 20, 100  # thousands of rules in all


def random_rule(chance: random.Random, start: datetime) -> str:
    """Return a rule that people could ask for; most of them begin on ``start``."""
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[start.weekday()]
    nth = (start.day - 1) // 7 + 1
    others = chance.sample(["MO", "TU", "WE", "TH", "FR", "SA", "SU"], chance.randint(0, 3))
    days = ",".join(dict.fromkeys([weekday, *others]))
    pattern = chance.choice(
        [
            "FREQ=DAILY",
            f"FREQ=DAILY;BYDAY={days}",
            "FREQ=WEEKLY",
            f"FREQ=WEEKLY;BYDAY={days}",
            f"FREQ=WEEKLY;BYDAY={days};WKST=SU",
            "FREQ=MONTHLY",
            f"FREQ=MONTHLY;BYMONTHDAY={start.day}",
            f"FREQ=MONTHLY;BYMONTHDAY={start.day},-1",
            f"FREQ=MONTHLY;BYDAY={nth}{weekday}",
            f"FREQ=MONTHLY;BYDAY={days};BYSETPOS=1,-1",
            f"FREQ=MONTHLY;BYDAY=-1{weekday}",
            "FREQ=YEARLY",
            f"FREQ=YEARLY;BYMONTH={start.month};BYDAY={nth}{weekday}",
        ]
    )
    parts = [pattern]
    if chance.random() < 0.5:
        parts.append(f"INTERVAL={chance.randint(1, 5)}")
    end = chance.random()
    if end < 0.3:
        parts.append(f"COUNT={chance.randint(1, 60)}")
    elif end < 0.6:
        parts.append(f"UNTIL={start + timedelta(days=chance.randint(0, 700)):%Y%m%dT235959Z}")
    return ";".join(parts)


def dates_by_the_other_library(
    start: datetime, zone: ZoneInfo, rule: str, excluded: list[datetime], until: datetime
) -> list[datetime]:
    event = Event()
    event.add("uid", "1")
    event.add("dtstart", start.replace(tzinfo=zone))
    event.add("dtend", start.replace(tzinfo=zone) + timedelta(minutes=30))
    event.add("rrule", vRecur.from_ical(rule))
    for wall in excluded:
        event.add("exdate", wall.replace(tzinfo=zone))
    calendar = Calendar()
    calendar.add_component(event)
    found = recurring_ical_events.of(calendar).between(
        start.replace(tzinfo=zone) - timedelta(days=1), until.replace(tzinfo=zone)
    )
    return sorted(event["DTSTART"].dt.astimezone(zone).replace(tzinfo=None) for event in found)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_expansion_gives_the_dates_that_another_library_finds(seed: int) -> None:
    chance, compared = random.Random(seed), 0
    while compared < RULES_PER_ROUND:
        zone = ZoneInfo(chance.choice(ZONES))
        day = date(2024, 1, 1) + timedelta(days=chance.randint(0, 1500))
        start = datetime.combine(day, datetime.min.time()) + timedelta(minutes=15 * chance.randint(24, 80))
        text = random_rule(chance, start)
        try:
            times = list(expand(parse_rule(text, zone), start).times)
        except StartOutsideRule:
            continue
        excluded = [wall for wall in times[1:] if chance.random() < 0.1]
        until = min(times[-1] + timedelta(minutes=1), start + timedelta(days=150))
        ours = [wall for wall in times if wall not in excluded and wall < until]
        assert ours == dates_by_the_other_library(start, zone, text, excluded, until), (text, start, zone.key)
        compared += 1


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_expansion_keeps_its_promises(seed: int) -> None:
    chance = random.Random(1000 + seed)
    for _round in range(RULES_PER_ROUND):
        zone = ZoneInfo(chance.choice(ZONES))
        start = datetime(2025, 1, 1) + timedelta(days=chance.randint(0, 1000), minutes=15 * chance.randint(0, 95))
        rule = parse_rule(random_rule(chance, start), zone)
        try:
            expansion = expand(rule, start)
        except StartOutsideRule as error:
            assert error.next_start is None or error.next_start > start
            continue
        times = expansion.times
        assert times[0] == start
        assert all(earlier < later for earlier, later in pairwise(times))
        assert len(times) <= OCCURRENCES_MAX
        assert times[-1] <= start + HORIZON
        assert rule.count is None or len(times) <= rule.count
        assert rule.until is None or times[-1] <= rule.until
        assert parse_rule(rule.text(zone), zone) == rule
        middle = chance.choice(times)
        left = [wall for wall in times if wall >= middle]
        assert list(expand(rest_of(rule, start, middle), middle).times)[: len(left)] == left


def test_series_keeps_its_wall_time_when_the_clocks_change() -> None:
    times = expand(parse_rule("FREQ=WEEKLY;COUNT=3", PARIS), datetime(2026, 10, 18, 10)).times
    assert [instant(wall, PARIS).hour for wall in times] == [8, 9, 9]


def test_skipped_time_of_a_series_moves_forward_by_the_gap() -> None:
    assert instant(datetime(2026, 3, 29, 2, 30), PARIS) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30


def test_doubled_time_is_the_first_of_the_two() -> None:
    assert instant(datetime(2026, 10, 25, 2, 30), PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=1",
        "FREQ=HOURLY",
        "",
        "FREQ=WEEKLY;COUNT=5;UNTIL=20270101T000000Z",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=99999999999",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=-1",
        "FREQ=WEEKLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=6TU",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;BYSECOND=" + ",".join(str(second) for second in range(60)),
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=WEEKLY;UNTIL=tomorrow",
        "FREQ=WEEKLY;UNTIL=99991231T235959Z",
        "FREQ=WEEKLY;UNTIL=00010101T000000Z",
        "FREQ=WEEKLY\r\nDTSTART:20260101",
        "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 1000),
        "FREQ=DAILY;INTERVAL=١",
        "X" * 100_000,
    ],
    ids=range(25),
)
def test_rule_that_the_portal_does_not_take_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(text, PARIS)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=9999",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=DAILY;INTERVAL=99;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
        "FREQ=YEARLY;BYDAY=53MO",
    ],
)
def test_rule_bomb_ends_soon(text: str) -> None:
    began = clock.monotonic()
    with suppress(StartOutsideRule):
        assert len(expand(parse_rule(text, PARIS), datetime(2026, 1, 1, 10)).times) <= OCCURRENCES_MAX
    assert clock.monotonic() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4",
        "FREQ=DAILY;BYMONTHDAY=-31;BYMONTH=6",
        "FREQ=DAILY;BYDAY=MO;BYSETPOS=2",
        "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=-3",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=MONTHLY;BYDAY=1MO,-1MO;BYSETPOS=3",
        "FREQ=YEARLY;BYMONTHDAY=1;BYSETPOS=13",
        "FREQ=WEEKLY;BYMONTHDAY=1",
    ],
)
def test_rule_that_never_comes_true_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(text, PARIS)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", datetime(2028, 2, 29, 10)),
        ("FREQ=MONTHLY;BYMONTHDAY=31", datetime(2026, 1, 31, 10)),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=1,-1", datetime(2026, 1, 5, 10)),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=-2", datetime(2026, 1, 5, 10)),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5", datetime(2026, 3, 30, 10)),
        ("FREQ=YEARLY;BYMONTHDAY=1;BYSETPOS=12", datetime(2026, 12, 1, 10)),
        ("FREQ=YEARLY;BYDAY=1MO;BYMONTH=1,2;BYSETPOS=2", datetime(2026, 2, 2, 10)),
    ],
)
def test_rule_that_comes_true_seldom_is_taken(text: str, start: datetime) -> None:
    assert expand(parse_rule(text, PARIS), start).times[0] == start


def test_start_outside_the_rule_names_the_next_date() -> None:
    with pytest.raises(StartOutsideRule) as caught:
        expand(Rule("WEEKLY", weekdays=((0, 1),)), datetime(2026, 12, 7, 10))
    assert caught.value.next_start == datetime(2026, 12, 8, 10)
