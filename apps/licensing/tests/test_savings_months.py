"""A line's figures by month, against figures worked out by hand and against their own laws."""

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.licensing import savings
from apps.licensing.savings import (
    AvoidedPrice,
    DatedLine,
    Exempted,
    LineKind,
    Measure,
    Missing,
    Need,
    NeedPlan,
    PlannedUnit,
    PriceChange,
    Proof,
    Rate,
    Renewal,
    SeatChange,
    VatPlace,
)
from apps.licensing.tests.lines import FIRST, TODAY, E, days, drawn_lines, gone, line, terms

JANUARY, JULY = date(2027, 1, 1), date(2026, 7, 1)


def eur(case: DatedLine, month: date, measure: Measure, today: date = TODAY) -> Decimal | None:
    return savings.month_of(case, month, today).amount(measure).eur


def test_potential_and_what_is_due_of_a_month() -> None:
    assert eur(line(), JULY, Measure.POTENTIAL) == E(6000)  # (1000 - 400) × 10
    assert eur(line(), JULY, Measure.DUE) == E(10000)


def test_sunk_ends_where_notice_given_today_takes_effect() -> None:
    case = line()  # 15 June 2026: the anniversary of 1 January 2027 can still be reached

    assert [eur(case, month, Measure.SUNK) for month in (JULY, date(2026, 12, 1), JANUARY)] == [E(6000), E(6000), E(0)]


def test_sunk_goes_on_for_a_year_where_notice_is_missed() -> None:
    assert eur(line(), date(2027, 12, 1), Measure.SUNK, today=date(2026, 10, 4)) == E(6000)


def test_removed_seats_are_realised_by_an_invoice_alone() -> None:
    months = {proof: savings.month_of(line(seat_changes=(gone(100, JULY, proof),)), JULY, TODAY) for proof in Proof}

    figures = {
        proof: (month.amount(Measure.REALISED).eur, month.amount(Measure.COMMITTED).eur)
        for proof, month in months.items()
    }

    assert figures == {
        Proof.NOTICE: (E(0), E(1000)),
        Proof.SIGNED: (E(0), E(1000)),
        Proof.INVOICE: (E(1000), E(0)),
    }
    assert {month.amount(Measure.POTENTIAL).eur for month in months.values()} == {E(6000)}
    assert {month.amount(Measure.DUE).eur for month in months.values()} == {E(9000)}


def test_several_proofs_of_one_change_count_once() -> None:
    proofs = (gone(100, JULY, Proof.NOTICE), gone(100, JULY, Proof.SIGNED), gone(80, JULY, Proof.INVOICE))

    seats = savings.seats_in(line(seat_changes=proofs), JULY)

    assert (seats.bought, seats.removed, seats.committed, seats.paid) == (1000, 80, 20, 900)
    assert seats.changes == proofs


def test_seats_bought_again_take_back_what_was_realised() -> None:
    changes = (gone(100, FIRST), SeatChange(JULY, Proof.SIGNED, JULY, seats=150))

    seats = savings.seats_in(line(seat_changes=changes), JULY)

    assert (seats.bought, seats.removed, seats.paid) == (1050, 0, 1050)


def test_a_change_counts_from_the_first_whole_month() -> None:
    case = line(seat_changes=(gone(100, date(2026, 7, 2)),))

    assert [savings.seats_in(case, month).removed for month in (JULY, date(2026, 8, 1))] == [0, 100]


def test_need_is_never_more_than_what_is_left() -> None:
    month = savings.month_of(line(seat_changes=(gone(700, JULY),)), JULY, TODAY)

    assert (month.needed_seats, month.freeable_seats, month.open_seats) == (300, 700, 0)


def test_need_follows_its_plan_by_month() -> None:
    plan = (
        Need(900, exempted=20, buffer=46, month=date(2026, 1, 1)),
        Need(300, exempted=20, buffer=16, month=date(2026, 7, 1)),
    )
    case = line(needs=plan)

    assert [eur(case, month, Measure.POTENTIAL) for month in (FIRST, date(2026, 6, 1), JULY)] == [None, E(340), E(6640)]


@pytest.mark.parametrize(
    ("case", "measure", "missing"),
    [
        (line(needs=()), Measure.POTENTIAL, Missing.NEED),
        (line(kind=LineKind.BUNDLE), Measure.POTENTIAL, Missing.PRICE_WITHOUT_MEETINGS),
        (line(rate=Rate("USD", None)), Measure.DUE, Missing.RATE),
        (line(rate=Rate("USD", None)), Measure.POTENTIAL, Missing.RATE),
    ],
)
def test_not_computable_names_what_is_missing(case: DatedLine, measure: Measure, missing: Missing) -> None:
    amount = savings.month_of(case, JULY, TODAY).amount(measure)

    assert (amount.eur, amount.eur_with_vat, amount.missing) == (None, None, (missing,))


def test_unknown_need_leaves_what_was_realised_computable() -> None:
    case = line(needs=(), seat_changes=(gone(100, JULY),))

    assert (eur(case, JULY, Measure.REALISED), eur(case, JULY, Measure.POTENTIAL)) == (E(1000), None)


def test_bundle_frees_the_difference_of_the_same_date_alone() -> None:
    suite = line(kind=LineKind.BUNDLE, unit_price=E(36), price_without_meetings=E("33.75"))
    dearer = PriceChange(JULY, Proof.SIGNED, JULY, unit_price=E(39), price_without_meetings=E(36))
    half_known = PriceChange(JULY, Proof.SIGNED, JULY, unit_price=E(39))

    assert eur(suite, JULY, Measure.POTENTIAL) == E(1350)  # 600 × 2.25
    assert eur(line(**vars(suite) | {"price_changes": (dearer,)}), JULY, Measure.POTENTIAL) == E(1800)  # 600 × 3
    assert eur(line(**vars(suite) | {"price_changes": (half_known,)}), JULY, Measure.POTENTIAL) is None


def test_foreign_price_is_turned_at_the_contracts_own_rate() -> None:
    case = line(unit_price=E("18.30"), rate=Rate("USD", E("0.92"), FIRST, "BCE"))

    assert eur(case, JULY, Measure.POTENTIAL) == E("10101.60")  # 600 × 18.30 × 0.92


@pytest.mark.parametrize(
    ("place", "expected"),
    [(VatPlace.METROPOLE, E(7200)), (VatPlace.REUNION, E(6510)), (VatPlace.MAYOTTE, E(6000))],
)
def test_tax_is_that_of_the_contracts_place(place: VatPlace, expected: Decimal) -> None:
    amount = savings.month_of(line(vat_place=place), JULY, TODAY).amount(Measure.POTENTIAL)

    assert amount.eur_with_vat == expected


def test_avoided_increase_is_kept_apart_on_the_seats_that_are_paid() -> None:
    avoided = AvoidedPrice(JULY, Proof.SIGNED, JULY, avoided_price=E("11.50"))
    case = line(avoided_prices=(avoided,), seat_changes=(gone(100, JULY),))

    assert eur(case, date(2026, 6, 1), Measure.AVOIDED) == 0
    assert eur(case, JULY, Measure.AVOIDED) == E(1350)  # 900 × 1.50
    assert eur(case, JULY, Measure.REALISED) == E(1000)


def test_an_ended_contract_keeps_what_its_proofs_show_and_nothing_else() -> None:
    ended = line(terms=terms(renewal=Renewal.NONE), seat_changes=(gone(100, JULY),))
    after = date(2028, 1, 1)

    figures = {measure: eur(ended, after, measure) for measure in Measure}

    assert figures == {
        Measure.POTENTIAL: E(1000),
        Measure.COMMITTED: 0,
        Measure.REALISED: E(1000),
        Measure.SUNK: 0,
        Measure.AVOIDED: 0,
        Measure.DUE: 0,
    }


def test_an_ended_contract_may_be_assumed_to_be_bought_again() -> None:
    renewed = line(terms=terms(renewal=Renewal.NONE), is_renewed=True)

    assert eur(renewed, date(2028, 1, 1), Measure.POTENTIAL) == E(6000)


def test_a_figure_names_its_line_month_formula_and_proofs() -> None:
    proof = gone(100, JULY)
    case = line(seat_changes=(proof,))

    amount = savings.month_of(case, JULY, TODAY).amount(Measure.REALISED)

    assert (amount.line, amount.month, amount.formula) == (case, JULY, "k · u")
    assert (amount.seats, amount.price_eur, amount.proofs) == (100, E(10), (proof,))


def test_timeline_runs_from_the_start_to_december_2030() -> None:
    months = savings.timeline(line(), TODAY)

    assert (len(months), months[0].month, months[-1].month) == (72, FIRST, date(2030, 12, 1))


def test_missed_notice_is_a_loss_until_the_following_date() -> None:
    missed = savings.missed_notices(line(seat_changes=(gone(100, JULY),)), date(2026, 1, 1), date(2026, 10, 4))

    assert [(item.missed_on, item.notice_by, item.effective_on) for item in missed] == [
        (date(2026, 1, 1), date(2025, 10, 3), date(2027, 1, 1)),
        (date(2027, 1, 1), date(2026, 10, 3), date(2028, 1, 1)),
    ]
    # six months × 600 × 10, six × 500 × 10; then twelve × 500 × 10
    assert [item.loss_eur for item in missed] == [E(66000), E(60000)]
    assert missed[0].loss_eur_with_vat == E(79200)


def test_notice_that_can_still_be_given_is_not_missed() -> None:
    assert savings.missed_notices(line(), date(2026, 6, 1), date(2026, 10, 3)) == []


@given(drawn_lines, days, days)
def test_measures_keep_their_order(case: DatedLine, month: date, today: date) -> None:
    of_month = savings.month_of(case, month.replace(day=1), today)
    figures = {measure: of_month.amount(measure) for measure in Measure}

    known = {measure: amount.eur for measure, amount in figures.items() if amount.eur is not None}
    assert all(isinstance(value, Decimal) and value >= 0 for value in known.values())
    assert all(bool(amount.missing) == (amount.eur is None) for amount in figures.values())
    if Measure.POTENTIAL in known and Measure.REALISED in known and Measure.COMMITTED in known:
        assert known[Measure.POTENTIAL] >= known[Measure.REALISED] + known[Measure.COMMITTED]
        if Measure.SUNK in known:
            parts = known[Measure.REALISED] + known[Measure.COMMITTED] + known[Measure.SUNK]
            assert known[Measure.POTENTIAL] >= parts


@given(drawn_lines, days)
def test_seats_are_never_fewer_than_none(case: DatedLine, month: date) -> None:
    seats = savings.seats_in(case, month)

    assert min(seats.bought, seats.removed, seats.committed, seats.paid) >= 0


@given(drawn_lines, days, st.integers(0, 500))
def test_potential_of_a_month_never_grows_with_the_need(case: DatedLine, month: date, more: int) -> None:
    needier = DatedLine(**vars(case) | {"needs": tuple(Need(need.to_migrate + more) for need in case.needs)})
    plain = DatedLine(**vars(case) | {"needs": tuple(Need(need.to_migrate) for need in case.needs)})

    less, much = (
        eur(needier, month.replace(day=1), Measure.POTENTIAL),
        eur(plain, month.replace(day=1), Measure.POTENTIAL),
    )

    assert (less is None) == (much is None)
    assert less is None or much is None or less <= much


def test_need_is_planned_by_the_units_switch_dates() -> None:
    plan = NeedPlan(
        units=(PlannedUnit(600, date(2026, 7, 1)), PlannedUnit(300, date(2027, 1, 1)), PlannedUnit(100, None)),
        exemptions=(Exempted(50, date(2026, 1, 1), date(2027, 1, 1)),),
        buffer_percent=E(10),
    )

    needs = savings.planned_needs(line(seats=500), plan, [date(2026, 6, 1), JULY, JANUARY])

    assert needs == (  # 500 × 950 / 1000 + 50, no room for a buffer; 500 × 400 / 1000; 500 × 100 / 1000
        Need(475, exempted=25, buffer=0, month=date(2026, 6, 1)),
        Need(200, exempted=50, buffer=25, month=JULY),
        Need(50, exempted=0, buffer=5, month=JANUARY),
    )


@pytest.mark.parametrize("module", sorted(Path(savings.__file__).parent.glob("*.py")), ids=lambda path: path.stem)
def test_money_is_never_a_float(module: Path) -> None:
    tree = ast.parse(module.read_text())

    floats = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert floats == []
