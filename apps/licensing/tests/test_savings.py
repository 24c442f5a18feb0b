"""The arithmetic of savings, against figures worked out by hand and against its own laws."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.licensing import savings
from apps.licensing.savings import Line, LineKind, Reduction, ReductionDate, Renewal, Terms

E = Decimal

prices = st.decimals(min_value=0, max_value=1000, places=4)
seats = st.integers(min_value=0, max_value=6_000_000)
lines = st.builds(
    Line,
    kind=st.sampled_from(LineKind),
    seats=seats,
    needed_seats=st.none() | seats,
    unit_price_eur=prices,
    price_without_meetings_eur=st.none() | prices,
)
days = st.dates(min_value=date(2015, 1, 1), max_value=date(2045, 12, 31))
terms = st.builds(
    Terms,
    starts_on=days,
    term_months=st.integers(min_value=1, max_value=120),
    notice_days=st.integers(min_value=0, max_value=730),
    reduction=st.sampled_from(Reduction),
    renewal=st.sampled_from(Renewal),
)


def line(kind: LineKind, seats: int, needed: int | None, price: str, without: str | None = None) -> Line:
    return Line(kind, seats, needed, E(price), E(without) if without is not None else None)


# By hand: seats that could go × price freed × 12
@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (line(LineKind.STANDALONE, 1000, 150, "13.30"), E("135660")),  # 850 × 13.30 × 12
        (line(LineKind.BUNDLE, 8400, 400, "36.00", "33.75"), E("216000")),  # 8000 × 2.25 × 12
        (line(LineKind.BUNDLE, 100, 0, "33.75", "36.00"), E("0")),  # dearer without: frees nothing
        (line(LineKind.NOT_SEPARABLE, 500, 0, "8.00"), E("0")),
        (line(LineKind.NOT_SEPARABLE, 500, None, "8.00"), E("0")),
        (line(LineKind.STANDALONE, 100, 120, "10.00"), E("0")),  # more needed than bought
        (line(LineKind.STANDALONE, 100, None, "10.00"), None),
        (line(LineKind.BUNDLE, 100, 0, "36.00"), None),
    ],
)
def test_potential_of_a_line(case: Line, expected: Decimal | None) -> None:
    assert savings.potential_eur_per_year([case]) == expected


def test_potential_of_a_contract_adds_its_lines() -> None:
    contract = [
        line(LineKind.BUNDLE, 8400, 400, "36.00", "33.75"),
        line(LineKind.STANDALONE, 1000, 150, "13.30"),
        line(LineKind.NOT_SEPARABLE, 60, 60, "22.00"),
    ]

    assert savings.potential_eur_per_year(contract) == E("351660")


def test_potential_without_lines_is_not_computable() -> None:
    assert savings.potential_eur_per_year([]) is None


@given(st.lists(lines))
def test_potential_is_never_negative_nor_more_than_is_paid(contract: list[Line]) -> None:
    potential = savings.potential_eur_per_year(contract)

    paid = sum((12 * item.seats * item.unit_price_eur for item in contract), E(0))
    assert potential is None or 0 <= potential <= paid


@given(st.lists(lines, min_size=1), st.lists(lines, min_size=1))
def test_potential_of_two_contracts_is_the_sum_of_theirs(first: list[Line], second: list[Line]) -> None:
    parts = [savings.potential_eur_per_year(first), savings.potential_eur_per_year(second)]

    assert savings.potential_eur_per_year(first + second) == savings.total_eur(parts)


@given(lines, st.integers(min_value=1, max_value=1000))
def test_potential_never_grows_with_the_need(case: Line, more: int) -> None:
    if case.needed_seats is None:
        return
    needier = Line(
        case.kind, case.seats, case.needed_seats + more, case.unit_price_eur, case.price_without_meetings_eur
    )
    before, after = savings.potential_eur_per_year([case]), savings.potential_eur_per_year([needier])

    assert (before is None) == (after is None)
    assert before is None or after is None or after <= before


def test_vat_is_twenty_percent() -> None:
    assert savings.with_vat(E("351660")) == E("421992")
    assert savings.with_vat(None) is None


def test_distance_to_the_announced_ten_euros() -> None:
    distance = savings.distance_to_announced(E("63000"), 8400)

    assert distance is not None
    assert (distance.per_user_eur, distance.announced_eur, distance.difference_eur) == (E("7.5"), E(10), E("-2.5"))


@pytest.mark.parametrize(("amount", "users"), [(None, 8400), (E(1), None), (E(1), 0)])
def test_distance_without_its_inputs_is_not_computable(amount: Decimal | None, users: int | None) -> None:
    assert savings.distance_to_announced(amount, users) is None


def made(reduction: Reduction, renewal: Renewal, notice_days: int = 90) -> Terms:
    """Three years from 1 March 2024."""
    return Terms(date(2024, 3, 1), 36, notice_days, reduction, renewal)


# By hand, with 90 days of notice: 1 March 2026 less 90 days is 1 December 2025, 2027 is 1 December 2026.
@pytest.mark.parametrize(
    ("contract", "today", "expected"),
    [
        (
            made(Reduction.ANNIVERSARY, Renewal.TACIT),
            date(2025, 12, 1),
            ReductionDate(date(2026, 3, 1), date(2026, 3, 1), date(2025, 12, 1), False),
        ),
        (
            made(Reduction.ANNIVERSARY, Renewal.TACIT),
            date(2025, 12, 2),
            ReductionDate(date(2026, 3, 1), date(2027, 3, 1), date(2026, 12, 1), True),
        ),
        (
            made(Reduction.END_OF_TERM, Renewal.TACIT),
            date(2026, 12, 15),
            ReductionDate(date(2027, 3, 1), date(2030, 3, 1), date(2029, 12, 1), True),
        ),
        (  # ends by itself: no notice can be missed
            made(Reduction.END_OF_TERM, Renewal.EXPRESS),
            date(2026, 12, 15),
            ReductionDate(date(2027, 3, 1), date(2027, 3, 1), None, False),
        ),
        (  # the anniversary is missed, the end of the contract is not
            made(Reduction.ANNIVERSARY, Renewal.NONE),
            date(2026, 1, 10),
            ReductionDate(date(2026, 3, 1), date(2027, 3, 1), None, True),
        ),
        (
            made(Reduction.ANY_TIME, Renewal.TACIT),
            date(2026, 1, 10),
            ReductionDate(date(2026, 1, 10), date(2026, 4, 10), date(2026, 1, 10), False),
        ),
        (
            made(Reduction.ANY_TIME, Renewal.NONE),
            date(2027, 2, 1),
            ReductionDate(date(2027, 2, 1), date(2027, 3, 1), None, False),
        ),
        (made(Reduction.ANY_TIME, Renewal.NONE), date(2027, 3, 1), None),
        (made(Reduction.ANNIVERSARY, Renewal.EXPRESS), date(2028, 1, 1), None),
    ],
)
def test_next_reduction(contract: Terms, today: date, expected: ReductionDate | None) -> None:
    assert savings.next_reduction(contract, today) == expected


@given(terms, days)
def test_next_reduction_can_still_be_reached(contract: Terms, today: date) -> None:
    reduction = savings.next_reduction(contract, today)

    if reduction is None:
        assert contract.renewal is not Renewal.TACIT
        assert today >= contract.first_term_ends_on
        return
    assert today <= reduction.next_on <= reduction.effective_on
    assert reduction.notice_by is None or today <= reduction.notice_by
    if reduction.notice_by is not None:
        assert reduction.effective_on - reduction.notice_by == timedelta(days=contract.notice_days)


@given(terms, days, st.integers(min_value=1, max_value=60))
def test_next_reduction_never_comes_earlier_by_waiting(contract: Terms, today: date, later: int) -> None:
    before = savings.next_reduction(contract, today)
    after = savings.next_reduction(contract, today + timedelta(days=later))

    assert before is None or after is None or before.effective_on <= after.effective_on


def test_missed_notice_costs_every_month_until_the_following_date() -> None:
    seats = [line(LineKind.BUNDLE, 8400, 400, "36.00", "33.75")]
    reduction = savings.next_reduction(made(Reduction.ANNIVERSARY, Renewal.TACIT), date(2025, 12, 2))

    assert reduction is not None
    assert savings.missed_notice_loss_eur(seats, reduction) == E("216000")  # 12 months × 8000 × 2.25


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2024, 12, 1), 1, date(2025, 1, 1)),
    ],
)
def test_add_months_stays_in_the_month(day: date, months: int, expected: date) -> None:
    assert savings.add_months(day, months) == expected


@pytest.mark.parametrize(
    ("day", "is_in_force"),
    [(date(2024, 2, 29), False), (date(2024, 3, 1), True), (date(2027, 2, 28), True), (date(2027, 3, 1), False)],
)
def test_contract_is_in_force_for_its_term(day: date, is_in_force: bool) -> None:
    assert made(Reduction.ANY_TIME, Renewal.EXPRESS).is_in_force(day) is is_in_force
