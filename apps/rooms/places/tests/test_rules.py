"""What a level says, what is inherited, and how values are kept: pure, without a database."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.rooms.places import rules
from apps.rooms.places.rules import RULES, Bookers, Closure, Hours, InvalidValue, Level, LevelKind, Rule, effective

KINDS = (LevelKind.STATE, LevelKind.MINISTRY, LevelKind.UNIT, LevelKind.UNIT)
said = st.none() | st.builds(Rule, st.integers(0, 500), st.booleans())


def levels(*said_rules: Rule | None) -> list[Level]:
    return [
        Level(kind, f"level {number}", {} if rule is None else {"max_minutes": rule})
        for number, (kind, rule) in enumerate(zip(KINDS, said_rules, strict=False))
    ]


def test_without_any_rule_the_built_in_default_counts() -> None:
    found = effective(rules.MAX_MINUTES, levels(None, None))

    assert (found.value, found.level, found.is_enforced) == (0, None, False)


def test_a_default_is_replaced_below() -> None:
    found = effective(rules.MAX_MINUTES, levels(Rule(60), Rule(90), Rule(30)))

    assert (found.value, found.level and found.level.name) == (30, "level 2")


def test_an_enforced_value_is_not_changed_below_and_says_why() -> None:
    found = effective(rules.MAX_MINUTES, levels(Rule(60), Rule(90, True, "Décret 1"), Rule(30, True)))

    assert (found.value, found.is_enforced) == (90, True)
    assert "level 1" in found.origin and "Décret 1" in found.origin


@given(st.lists(said, max_size=4))
def test_the_highest_enforced_or_else_the_lowest_one_decides(said_rules: list[Rule | None]) -> None:
    told = [rule for rule in said_rules if rule is not None]
    enforced = [rule for rule in told if rule.is_enforced]

    found = effective(rules.MAX_MINUTES, levels(*said_rules))

    assert found.value == (enforced[0].value if enforced else told[-1].value if told else 0)
    assert found.is_enforced == bool(enforced)


@given(st.lists(said, max_size=3), said)
def test_what_stands_below_an_enforced_value_changes_nothing(above: list[Rule | None], below: Rule | None) -> None:
    before = effective(rules.MAX_MINUTES, levels(*above))
    if before.is_enforced:
        assert effective(rules.MAX_MINUTES, levels(*above, below)).value == before.value


CLOSURES = st.builds(
    lambda day, days, text: Closure(day, day + timedelta(days), text),
    st.dates(max_value=date(9000, 1, 1)),
    st.integers(0, 40),
    st.text(max_size=20),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bookers": st.sampled_from(Bookers),
    "days_ahead": st.integers(0, rules.DAYS_MAX),
    "max_minutes": st.integers(0, rules.MINUTES_MAX),
    "hours": st.builds(
        Hours, st.frozensets(st.integers(0, 6), min_size=1), st.just(time(8, 30)), st.sampled_from([time(18), time(0)])
    ),
    "closures": st.lists(CLOSURES, max_size=4).map(
        lambda rows: tuple(sorted(rows, key=lambda row: (row.starts_on, row.ends_on, row.reason)))
    ),
    "access_level": st.sampled_from(RULES["access_level"].default.__class__),
}


@pytest.mark.parametrize("name", sorted(RULES))
@given(st.data())
def test_a_value_is_read_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES.get(name, st.booleans()))

    assert RULES[name].read(RULES[name].write(value)) == value
    assert isinstance(RULES[name].describe(value), str)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("name", sorted(RULES))
@given(JSON)
def test_another_value_is_refused(name: str, value: Any) -> None:
    try:
        read = RULES[name].read(value)
    except InvalidValue:
        return
    assert RULES[name].read(RULES[name].write(read)) == read


@pytest.mark.parametrize(
    "value",
    [
        {"weekdays": [], "opens": "08:00", "closes": "18:00"},
        {"weekdays": [7], "opens": "08:00", "closes": "18:00"},
        {"weekdays": [0], "opens": "18:00", "closes": "08:00"},
        {"weekdays": [[]], "opens": "08:00", "closes": "18:00"},
    ],
    ids=["no day", "eighth day", "closes before it opens", "a list as a day"],
)
def test_impossible_hours_are_refused(value: Any) -> None:
    with pytest.raises(InvalidValue):
        RULES["hours"].read(value)


OFFICE = Hours(frozenset(range(5)), time(8), time(19))


@pytest.mark.parametrize(
    ("start", "minutes", "is_kept"),
    [
        (datetime(2026, 11, 23, 8, 0), 60, True),
        (datetime(2026, 11, 23, 7, 59), 60, False),
        (datetime(2026, 11, 23, 18, 0), 60, True),
        (datetime(2026, 11, 23, 18, 1), 60, False),
        (datetime(2026, 11, 28, 10, 0), 60, False),
        (datetime(2026, 11, 23, 23, 0), 120, False),
    ],
    ids=["from the first minute", "too early", "to the last minute", "too late", "Saturday", "over midnight"],
)
def test_hours_hold(start: datetime, minutes: int, is_kept: bool) -> None:
    assert OFFICE.hold(start, start + timedelta(minutes=minutes)) is is_kept


def test_hours_until_midnight_hold_to_the_end_of_the_day() -> None:
    evening = Hours(frozenset({0}), time(18), time(0))

    assert evening.hold(datetime(2026, 11, 23, 22), datetime(2026, 11, 24, 0))
    assert not evening.hold(datetime(2026, 11, 23, 22), datetime(2026, 11, 24, 0, 1))
    assert Hours().hold(datetime(2026, 11, 23, 22), datetime(2026, 11, 24, 10))


def test_a_closure_touches_its_days_to_their_ends() -> None:
    closure = Closure(date(2026, 12, 24), date(2026, 12, 25))

    assert closure.touches(datetime(2026, 12, 25, 23), datetime(2026, 12, 26, 1))
    assert not closure.touches(datetime(2026, 12, 26, 0), datetime(2026, 12, 26, 1))
    assert not closure.touches(datetime(2026, 12, 23, 23), datetime(2026, 12, 24, 0))
