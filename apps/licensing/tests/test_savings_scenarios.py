"""Net, payback, scenarios and sums, against figures worked out by hand and against their own laws."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.licensing import savings
from apps.licensing.savings import (
    Assumptions,
    DatedLine,
    Exempted,
    LineKind,
    Measure,
    Missing,
    Need,
    OneOff,
    Outcome,
    Reduction,
    Renewal,
    RunCost,
    Situation,
    months_of,
)
from apps.licensing.tests.lines import TODAY, E, drawn_lines, gone, line, terms

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
MONTHS = list(months_of(JUNE, date(2026, 12, 1)))


def situation(*lines: DatedLine, eligible: int | None = 1000, migrated: int | None = 0, **changes: object) -> Situation:
    plain = Situation(TODAY, lines or (line(),), eligible, migrated, run_costs=(RunCost(JUNE, E("0.50")),))
    return replace(plain, **changes)  # type: ignore[arg-type]


def in_month(outcome: Outcome, month: date) -> savings.ScenarioMonth:
    return next(item for item in outcome.months if item.month == month)


def test_net_is_gain_less_run_and_one_off_costs() -> None:
    gains: dict[date, Decimal | None] = {JUNE: E(0), JULY: E(1000)}
    users: dict[date, int | None] = {JUNE: 0, JULY: 300}

    timeline = savings.net_timeline(gains, users, [RunCost(JULY, E("0.5"))], [OneOff(date(2026, 6, 15), E(400))])

    assert [item.net_eur for item in timeline] == [E(-400), E(850)]  # 0 - 0 - 400; 1000 - 150 - 0
    assert [item.cumulative_eur for item in timeline] == [E(-400), E(450)]
    assert savings.payback(timeline) == savings.Payback(JULY, True)


def test_net_without_run_cost_is_not_computable_and_says_so() -> None:
    gains: dict[date, Decimal | None] = {JUNE: E(1000)}

    (item,) = savings.net_timeline(gains, {JUNE: 300}, [], [])

    assert (item.run_eur, item.net_eur, item.cumulative_eur) == (None, None, None)
    assert item.missing == (Missing.RUN_COST,)
    assert savings.payback([item]) == savings.Payback(None, False)


def test_run_cost_is_that_of_its_month() -> None:
    costs = [RunCost(date(2026, 1, 1), E("0.80")), RunCost(JULY, E("0.50"))]

    timeline = savings.net_timeline({JUNE: E(0), JULY: E(0)}, {JUNE: 100, JULY: 100}, costs, [])

    assert [item.run_eur for item in timeline] == [E(80), E(50)]


def test_payback_does_not_count_the_months_before_anything_was_spent() -> None:
    gains = dict.fromkeys(MONTHS, E(0)) | {MONTHS[5]: E(100)}

    timeline = savings.net_timeline(gains, dict.fromkeys(MONTHS, 0), [], [OneOff(MONTHS[2], E(60))])

    assert savings.payback(timeline).month == MONTHS[5]


def test_scenario_lets_seats_go_at_each_anniversary() -> None:
    result = savings.outcome(situation(), Assumptions("100 a month", 100, buffer_percent=E(0)))

    december, january = in_month(result, date(2026, 12, 1)), in_month(result, date(2027, 1, 1))
    assert [december.lines[0].freeable, december.lines[0].removed] == [600, 0]  # six months × 100; no date yet
    assert (december.net.gain_eur, december.sunk_eur) == (E(0), E(6000))
    assert (january.lines[0].removed, january.net.gain_eur) == (700, E(7000))
    assert january.net.run_eur == E(350)  # 700 × 0.50
    assert in_month(result, date(2027, 12, 1)).lines[0].removed == 700
    assert in_month(result, date(2028, 1, 1)).lines[0].removed == 1000


def test_scenario_keeps_the_exempted_and_the_buffer() -> None:
    exempted = Exempted(50, date(2026, 1, 1), date(2031, 1, 1))
    result = savings.outcome(situation(exemptions=(exempted,)), Assumptions("", 1000, buffer_percent=E("2.5")))

    need = in_month(result, date(2028, 1, 1)).lines[0].need

    assert need == Need(0, exempted=50, buffer=2, month=date(2028, 1, 1))  # 2.5 % of 50, in whole seats
    assert in_month(result, date(2028, 1, 1)).net.visio_users == 950


def test_scenario_raises_prices_once_a_year_after_they_were_firm() -> None:
    firm = line(price_fixed_until=date(2028, 1, 1))
    result = savings.outcome(situation(firm), Assumptions("", 100, price_rise_percent=E(10)))
    plain = savings.outcome(situation(), Assumptions("", 100, price_rise_percent=E(10)))

    prices = [in_month(plain, month).lines[0].price_eur for month in (date(2027, 5, 1), date(2027, 6, 1))]
    assert prices == [E(10), E(11)]
    assert in_month(result, date(2027, 12, 1)).lines[0].price_eur == E(10)
    assert in_month(result, date(2028, 6, 1)).lines[0].price_eur == E("12.1")


def test_scenario_goes_on_with_a_contract_that_ends() -> None:
    ending = line(terms=terms(term_months=24, renewal=Renewal.NONE, reduction=Reduction.END_OF_TERM))
    result = savings.outcome(situation(ending), Assumptions("", 50, buffer_percent=E(0)))

    removed = [in_month(result, date(year, 1, 1)).lines[0].removed for year in (2027, 2028, 2029, 2030)]

    assert removed == [350, 350, 1000, 1000]  # 7 × 50 at the end of 2026; the rest at that of 2028


@pytest.mark.parametrize(
    ("case", "missing"),
    [
        (situation(eligible=None), Missing.HEADCOUNT),
        (situation(migrated=None), Missing.VISIO_USERS),
        (situation(run_costs=()), Missing.RUN_COST),
        (situation(line(kind=LineKind.BUNDLE)), Missing.PRICE_WITHOUT_MEETINGS),
    ],
    ids=["headcount", "users", "run_cost", "price"],
)
def test_scenario_without_an_input_is_not_computable_and_says_so(case: Situation, missing: Missing) -> None:
    result = savings.outcome(case, Assumptions("", 100))

    assert result.net_eur is None
    assert missing in result.missing
    assert not result.payback.is_computable


def test_scenarios_stand_side_by_side() -> None:
    outcomes = [savings.outcome(situation(), Assumptions(str(speed), speed)) for speed in (50, 100)]

    rows = list(savings.side_by_side(outcomes))

    assert len(rows) == 55  # June 2026 to December 2030
    assert {len(items) for _month, items in rows} == {2}
    assert all(items[0].month == items[1].month == month for month, items in rows)


def gains(result: Outcome) -> list[Decimal | None]:
    return [item.net.gain_eur for item in result.months]


def assert_never_less(more: Outcome, less: Outcome) -> None:
    for left, right in zip(gains(more), gains(less), strict=True):  # no seat at a price that is not known is 0
        assert left is None or right is None or left >= right


situations = st.builds(
    situation,
    drawn_lines,
    drawn_lines,
    eligible=st.integers(1, 3000),
    migrated=st.integers(0, 500),
    exemptions=st.just(()) | st.builds(Exempted, st.integers(1, 100), st.dates(), st.dates()).map(lambda item: (item,)),
)
assumptions = st.builds(
    Assumptions,
    name=st.just(""),
    migrated_per_month=st.integers(0, 300),
    buffer_percent=st.decimals(0, 9, places=1),
    price_rise_percent=st.decimals(-10, 20, places=1),
    run_cost_eur_per_user=st.none() | st.decimals(0, 20, places=2),
)


@given(situations, assumptions, st.integers(1, 300))
@settings(max_examples=60)
def test_scenario_gains_no_less_by_moving_faster(case: Situation, plain: Assumptions, more: int) -> None:
    faster = replace(plain, migrated_per_month=plain.migrated_per_month + more)

    assert_never_less(savings.outcome(case, faster), savings.outcome(case, plain))


@given(situations, assumptions, st.decimals(0, 1, places=1))
@settings(max_examples=60)
def test_scenario_gains_no_less_with_a_smaller_buffer(case: Situation, plain: Assumptions, more: Decimal) -> None:
    larger = replace(plain, buffer_percent=plain.buffer_percent + more)

    assert_never_less(savings.outcome(case, plain), savings.outcome(case, larger))


@given(situations, assumptions, st.decimals(0, 20, places=1))
@settings(max_examples=60)
def test_scenario_gains_no_less_where_prices_rise(case: Situation, plain: Assumptions, more: Decimal) -> None:
    dearer = replace(plain, price_rise_percent=plain.price_rise_percent + more)

    assert_never_less(savings.outcome(case, dearer), savings.outcome(case, plain))


@given(situations, assumptions, st.decimals(0, 20, places=2))
@settings(max_examples=60)
def test_scenario_nets_no_more_where_visio_costs_more(case: Situation, plain: Assumptions, more: Decimal) -> None:
    cost = plain.run_cost_eur_per_user or E(0)
    cheap = savings.outcome(case, replace(plain, run_cost_eur_per_user=cost))
    dear = savings.outcome(case, replace(plain, run_cost_eur_per_user=cost + more))

    assert (cheap.net_eur is None) == (dear.net_eur is None)
    assert cheap.net_eur is None or dear.net_eur is None or cheap.net_eur >= dear.net_eur


@given(situations, assumptions)
@settings(max_examples=60)
def test_scenario_reckons_in_decimals_and_adds_up(case: Situation, plain: Assumptions) -> None:
    result = savings.outcome(case, plain)

    nets = [item.net.net_eur for item in result.months]
    known = [net for net in nets if net is not None]
    assert all(isinstance(net, Decimal) for net in known)
    removed = [item.lines[0].removed for item in result.months]
    assert all(isinstance(seats, int) for seats in removed)
    if len(known) == len(nets):
        assert [item.net.cumulative_eur for item in result.months] == list(accumulate(known))


def test_sum_by_product_names_what_it_misses() -> None:
    zoom, teams = line(key="1", product="Zoom"), line(key="2", product="Teams", needs=())
    months = [savings.month_of(item, JULY, TODAY) for item in (zoom, teams)]

    totals = savings.grouped(savings.amounts(months, Measure.POTENTIAL), lambda amount: amount.line.product)

    assert (totals["Zoom"].eur, totals["Zoom"].eur_with_vat) == (E(6000), E(7200))
    assert (totals["Teams"].eur, totals["Teams"].missing) == (None, [("2", Missing.NEED)])
    assert savings.total([]).eur is None


def test_amount_is_shared_to_the_cent() -> None:
    assert savings.shared(E("100.00"), {"A": 1, "B": 1, "C": 1}) == {"A": E("33.34"), "B": E("33.33"), "C": E("33.33")}
    assert savings.shared(E("0.05"), {"A": 3, "B": 2, "C": 0}) == {"A": E("0.03"), "B": E("0.02"), "C": 0}


def test_amount_without_seats_belongs_to_no_unit() -> None:
    with pytest.raises(ValueError, match="without seats"):
        savings.shared(E(1), {"A": 0})


weights = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(0, 10_000), min_size=1)


@given(st.decimals(0, 10**9, places=10), weights.filter(lambda item: any(item.values())))
def test_sum_of_units_is_the_ministry_exactly(eur: Decimal, seats: dict[str, int]) -> None:
    shares = savings.shared(eur, seats)

    assert sum(shares.values()) == eur
    assert list(shares) == list(seats)
    exact = {unit: eur * seats[unit] / sum(seats.values()) for unit in seats}
    assert all(abs(shares[unit] - exact[unit]) < E("0.02") for unit in seats)


@given(st.lists(drawn_lines, min_size=1, max_size=5))
def test_sums_by_product_add_up_to_the_ministry(lines: list[DatedLine]) -> None:
    amounts = savings.amounts((savings.month_of(item, JULY, TODAY) for item in lines), Measure.POTENTIAL)

    parts = savings.grouped(amounts, lambda amount: amount.line.product)

    assert savings.total_eur(part.eur for part in parts.values()) == savings.total(amounts).eur


def test_scenario_counts_seats_that_have_gone_already() -> None:
    result = savings.outcome(situation(line(seat_changes=(gone(100, JULY),))), Assumptions("", 0, E(0)))

    assert [in_month(result, month).lines[0].removed for month in (JUNE, JULY)] == [0, 100]


def test_scenario_gives_no_seat_back_that_is_needed_again() -> None:
    later = Exempted(400, date(2028, 6, 1), date(2031, 1, 1))
    result = savings.outcome(situation(exemptions=(later,)), Assumptions("", 1000, E(0)))

    january = in_month(result, date(2027, 1, 1)).lines[0]

    assert (january.freeable, january.removed) == (1000, 600)
