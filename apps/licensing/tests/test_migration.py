"""Figures of the migration, against figures worked out by hand and against another solver."""

import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.licensing import migration
from apps.licensing.migration import Item, Pace, Point, Usage
from apps.licensing.savings import add_months

START = date(2026, 1, 1)
PEOPLE = (812, 1350, 1990, 3300, 4620, 6800, 8900, 11650)
MEASURED = [Point(add_months(START, months), people) for months, people in enumerate(PEOPLE)]


def test_adoption_is_a_share_of_the_eligible_agents() -> None:
    assert migration.adoption(4200, 8400) == Decimal("0.5")


@pytest.mark.parametrize(("users", "eligible"), [(None, 8400), (10, None), (10, 0)])
def test_adoption_without_its_inputs_is_not_computable(users: int | None, eligible: int | None) -> None:
    assert migration.adoption(users, eligible) is None


def test_dual_use_and_switched_are_shares_of_all_who_met() -> None:
    usage = migration.usage_of(["anne", "bruno", "chloé", "david"], ["chloé", "david", "émile", "chloé"])

    assert usage == Usage(visio_only=2, legacy_only=1, both=2)
    assert (usage.dual_use, usage.switched) == (Decimal("0.4"), Decimal("0.4"))


def test_dual_use_of_nobody_is_not_computable() -> None:
    assert (Usage(0, 0, 0).dual_use, Usage(0, 0, 0).switched) == (None, None)


@pytest.mark.parametrize(
    ("legacy", "visio", "expected"),
    [(300, 700, Decimal("0.3")), (0, 5, Decimal(0)), (None, 5, None), (5, None, None), (0, 0, None)],
)
def test_residual_is_the_share_of_legacy_meetings(
    legacy: int | None, visio: int | None, expected: Decimal | None
) -> None:
    assert migration.residual(legacy, visio) == expected


def test_readiness_weighs_what_is_done() -> None:
    items = [Item("Réseau", 3, is_done=True, is_mandatory=True), Item("Formation", 1, is_done=False)]

    ready = migration.readiness(items)

    assert ready is not None
    assert (ready.share, ready.is_ready) == (Decimal("0.75"), True)


def test_a_missing_mandatory_item_means_not_ready_however_much_is_done() -> None:
    items = [Item("Réseau", 1, is_done=False, is_mandatory=True), Item("Formation", 99, is_done=True)]

    ready = migration.readiness(items)

    assert ready is not None
    assert (ready.share, ready.missing, ready.is_ready) == (Decimal("0.99"), ("Réseau",), False)


def test_readiness_without_a_checklist_is_not_computable() -> None:
    assert migration.readiness([]) is None


@pytest.mark.parametrize(
    ("target", "due_on", "expected"),
    [
        (20_000, date(2027, 2, 1), Pace(8350, 6, 1392, Decimal(7030) / 3)),  # 8350 / 6; (11650 - 4620) / 3
        (20_000, date(2026, 8, 20), Pace(8350, 1, 8350, Decimal(7030) / 3)),
        (20_000, date(2026, 8, 1), Pace(8350, 0, None, Decimal(7030) / 3)),
        (11_000, date(2027, 2, 1), Pace(0, 6, 0, Decimal(7030) / 3)),
    ],
)
def test_pace_that_a_target_asks_for(target: int, due_on: date, expected: Pace) -> None:
    assert migration.pace(MEASURED, target, due_on, today=date(2026, 8, 1)) == expected


@pytest.mark.parametrize(
    ("pace", "is_kept"),
    [
        (Pace(600, 6, 100, Decimal(120)), True),
        (Pace(600, 6, 100, Decimal(80)), False),
        (Pace(600, 6, 100, None), None),
        (Pace(600, 0, None, Decimal(80)), False),
        (Pace(0, 0, 0, None), True),
    ],
)
def test_pace_is_kept_or_not(pace: Pace, is_kept: bool | None) -> None:
    assert pace.is_kept is is_kept


def test_pace_without_a_point_is_not_computable() -> None:
    assert migration.pace([], 100, date(2027, 1, 1), START) is None


def test_forecast_agrees_with_another_solver() -> None:
    forecast = migration.forecast(MEASURED, 20_000)

    # scipy 1.17.1, optimize.curve_fit of the same points: r, t0 and the variances of both
    assert forecast is not None
    assert (forecast.rate, forecast.middle) == pytest.approx((0.49539241, 6.33042139), abs=1e-7)
    (variance, both), (_both, of_middle) = forecast.covariance
    assert (variance, both, of_middle) == pytest.approx((4.58473773e-05, -1.02025297e-04, 6.75597871e-04), rel=1e-5)


def test_forecast_finds_the_curve_that_its_points_lie_on() -> None:
    points = [
        Point(day, round(migration.logistic(50_000, 0.4, 9, migration.months_since(START, day))))
        for day in (add_months(START, months) for months in range(6))
    ]

    forecast = migration.forecast(points, 50_000)

    assert forecast is not None
    assert (forecast.rate, forecast.middle) == pytest.approx((0.4, 9), rel=1e-3)
    assert forecast.months_until(25_000) == pytest.approx(9, rel=1e-3)


def test_forecast_says_how_sure_it_is() -> None:
    forecast = migration.forecast(MEASURED, 20_000)

    assert forecast is not None
    soon, later = forecast.on(date(2026, 9, 1)), forecast.on(date(2028, 1, 1))
    assert soon.least < soon.people < soon.most
    assert later.most <= 20_000
    assert forecast.months_until(20_000) is None


@pytest.mark.parametrize(
    ("points", "capacity"),
    [
        (MEASURED[:5], 20_000),
        (MEASURED, None),
        (MEASURED, 10_000),  # more people than agents
        ([Point(day.day, 500) for day in MEASURED], 1000),  # no direction
        ([Point(START, 500)] * 6, 1000),
    ],
    ids=["five_points", "no_headcount", "too_many_people", "flat", "one_day"],
)
def test_forecast_is_not_made_where_nothing_tells_it(points: list[Point], capacity: int | None) -> None:
    assert migration.forecast(points, capacity) is None


@pytest.mark.parametrize(("freedom", "expected"), [(4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042)])
def test_student_quantile_is_that_of_the_tables(freedom: int, expected: float) -> None:
    assert migration.student_quantile(freedom) == pytest.approx(expected, abs=0.001)


@given(st.lists(st.integers(0, 1000), min_size=6, max_size=24), st.integers(1000, 5000))
def test_forecast_stays_among_the_agents(people: list[int], capacity: int) -> None:
    points = [Point(add_months(START, months), number) for months, number in enumerate(people)]

    forecast = migration.forecast(points, capacity)

    if forecast is not None:
        for day in (START, date(2027, 1, 1), date(2030, 12, 1)):
            expected = forecast.on(day)
            assert 0 <= expected.least <= expected.people <= expected.most <= capacity
            assert math.isfinite(expected.people)
