"""Three invented ministries against their sheets, worked out by hand (golden/README.md)."""

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apps.licensing import savings
from apps.licensing.savings import (
    AvoidedPrice,
    DatedLine,
    Ledger,
    LineKind,
    LineMonth,
    Measure,
    Missing,
    Need,
    OneOff,
    PriceChange,
    Proof,
    Rate,
    Reduction,
    Renewal,
    RunCost,
    SeatChange,
    Terms,
    VatPlace,
)

GOLDEN = Path(__file__).parent / "golden"
MINISTRIES = ["suite", "zoom", "mixed"]
MEASURES = {measure.value: measure for measure in Measure}


@dataclass(frozen=True)
class Row:
    """A row of a sheet: None in a cell is not computable; a cell that is not looked at is left out."""

    line: str
    name: str
    cells: dict[date, Decimal | None]
    sum: Decimal | None
    first: date
    last: date


@cache
def known(name: str) -> dict[str, Any]:
    return tomllib.loads((GOLDEN / f"{name}.toml").read_text(), parse_float=Decimal)


@cache
def sheet(name: str) -> list[Row]:
    with (GOLDEN / f"{name}.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    _sum, first, _to, last = head[-1].split()
    months = [first_day(cell) for cell in head[3:-1]]
    return [
        Row(
            line=row[0],
            name=row[1],
            cells={month: value(cell) for month, cell in zip(months, row[3:-1], strict=True) if cell},
            sum=value(row[-1]) if row[-1] else None,
            first=first_day(first),
            last=first_day(last),
        )
        for row in rows
    ]


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def value(cell: str) -> Decimal | None:
    return None if cell == "?" else Decimal(cell)


@cache
def ledger(name: str) -> Ledger:
    file = known(name)
    months = [month for row in sheet(name) for month in row.cells]
    return Ledger(tuple(dated_line(**line) for line in file["line"]), file["today"], min(months), max(months))


def dated_line(**fields: Any) -> DatedLine:
    terms = {key: fields.pop(key) for key in ("starts_on", "term_months", "notice_days")}
    renewal_months = fields.pop("renewal_months", None)
    kind, place = LineKind(fields.pop("kind")), VatPlace(fields.pop("vat_place"))
    return DatedLine(
        terms=Terms(
            reduction=Reduction(fields.pop("reduction")),
            renewal=Renewal(fields.pop("renewal")),
            renewal_months=renewal_months,
            **terms,
        ),
        kind=kind,
        vat_place=place,
        rate=Rate(**fields.pop("rate", {})),
        needs=tuple(Need(**item) for item in fields.pop("needs", [])),
        seat_changes=changes(SeatChange, fields.pop("seat_changes", [])),
        price_changes=changes(PriceChange, fields.pop("price_changes", [])),
        avoided_prices=changes(AvoidedPrice, fields.pop("avoided_prices", [])),
        **fields,
    )


def changes(kind: type[Any], items: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**item | {"proof": Proof(item["proof"])}) for item in items)


def quantity(month: LineMonth, name: str) -> Decimal | int | None:
    if name in MEASURES:
        return month.amount(MEASURES[name]).eur
    quantities = {
        "seats": month.seats.bought,
        "k": month.seats.removed,
        "c": month.seats.committed,
        "need": month.needed_seats,
        "a": month.freeable_seats,
        "u": month.freed_price_eur,
    }
    return quantities[name]


@pytest.mark.parametrize("name", MINISTRIES)
def test_every_month_of_every_line_is_that_of_the_sheet(name: str) -> None:
    months = {(item.line.key, item.month): item for item in ledger(name).months}
    rows = [row for row in sheet(name) if row.line != "all"]

    found = {
        (row.line, row.name, month): quantity(months[row.line, month], row.name) for row in rows for month in row.cells
    }

    expected = {(row.line, row.name, month): cell for row in rows for month, cell in row.cells.items()}
    assert len(expected) >= 120
    assert found == expected


@pytest.mark.parametrize("name", MINISTRIES)
def test_every_sum_of_a_line_is_that_of_the_sheet(name: str) -> None:
    rows = [row for row in sheet(name) if row.name in MEASURES and row.line != "all"]

    found = {
        (row.line, row.name): ledger(name)
        .by(MEASURES[row.name], lambda item: item.line.key, row.first, row.last)[row.line]
        .eur
        for row in rows
    }

    assert found == {(row.line, row.name): row.sum for row in rows}


@pytest.mark.parametrize("name", MINISTRIES)
def test_every_sum_of_the_ministry_is_that_of_the_sheet_with_and_without_tax(name: str) -> None:
    rows = [row for row in sheet(name) if row.line == "all"]
    found, expected = {}, {}
    for row in rows:
        measure, _space, tax = row.name.partition(" ")
        total = ledger(name).total(MEASURES[measure], row.first, row.last)
        found[row.name] = total.eur_with_vat if tax else total.eur
        expected[row.name] = row.sum
        by_month = ledger(name).by_month(MEASURES[measure])
        assert {month: by_month[month].eur for month in row.cells} == row.cells

    assert found == expected


def test_each_missed_notice_is_the_loss_of_the_sheet() -> None:
    file = known("suite")

    missed = ledger("suite").missed_notices(file["migration_since"])

    assert [
        {
            "line": item.line.key,
            "missed_on": item.missed_on,
            "notice_by": item.notice_by,
            "effective_on": item.effective_on,
            "loss_eur": item.loss_eur,
            "loss_eur_with_vat": item.loss_eur_with_vat,
        }
        for item in missed
    ] == file["missed"]


def test_net_and_payback_are_those_of_the_sheet() -> None:
    file = known("zoom")
    users = {row["month"]: row["users"] for row in file["net"]}
    realised = ledger("zoom").by_month(Measure.REALISED)
    gains = {month: realised[month].eur for month in users}
    costs = [RunCost(**item) for item in file["run_cost"]]

    timeline = savings.net_timeline(gains, users, costs, [OneOff(**item) for item in file["one_off"]])

    assert [
        {
            "month": item.month,
            "users": item.visio_users,
            "run": item.run_eur,
            "one_off": item.one_off_eur,
            "gain": item.gain_eur,
            "net": item.net_eur,
            "cumulative": item.cumulative_eur,
        }
        for item in timeline
    ] == file["net"]
    assert savings.payback(timeline).month == file["payback"]["month"]


def test_distance_to_the_announced_figure_is_that_of_the_sheet() -> None:
    expected = known("zoom")["distance"]
    december = ledger("zoom").by_month(Measure.REALISED)[date(2026, 12, 1)].eur
    assert december is not None

    distance = savings.distance_to_announced(12 * december, expected["agents"])

    assert distance is not None
    assert 12 * december == expected["eur_per_year"]
    assert (distance.per_user_eur, distance.difference_eur) == (expected["per_user"], expected["difference"])


def test_units_share_the_ministrys_sum_as_in_the_sheet() -> None:
    expected = known("mixed")["shares"]
    potential = ledger("mixed").total(MEASURES[expected["measure"]]).eur
    assert potential is not None

    assert savings.shared(potential, expected["seats"]) == expected["eur"]


def test_month_before_the_need_is_known_is_not_computable() -> None:
    potential = ledger("zoom").total(Measure.POTENTIAL)

    assert (potential.eur, potential.missing) == (None, [("zoom", Missing.NEED)])


def test_state_is_the_sum_of_its_ministries() -> None:
    spans = [Ledger(ledger(name).lines, date(2026, 3, 10), date(2026, 6, 1), date(2030, 12, 1)) for name in MINISTRIES]

    state = savings.joined(spans)

    for measure in Measure:
        assert state.total(measure).eur == savings.total_eur(item.total(measure).eur for item in spans)
    assert state.total(Measure.POTENTIAL).eur is not None
