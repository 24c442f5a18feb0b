"""Contracts as the arithmetic of savings reads them, and their figures over the months of a year."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from apps.licensing.models import Amendment, Contract, ContractLine
from apps.licensing.savings import (
    Amount,
    AvoidedPrice,
    DatedLine,
    LineKind,
    LineMonth,
    Measure,
    Need,
    PriceChange,
    Proof,
    Rate,
    SeatChange,
    Total,
    VatPlace,
    month_of,
    months_of,
    total,
)


def dated_line(line: ContractLine, amendments: Iterable[Amendment]) -> DatedLine:
    """Return a line with everything that changes it; ``amendments`` are those of its contract."""
    contract = line.contract
    own = [item for item in amendments if item.line_id == line.id]
    rate = Rate(contract.currency, contract.eur_per_unit, contract.rate_on, contract.rate_source)
    return DatedLine(
        key=str(line.id),
        contract=contract.name,
        product=str(line.product),
        terms=contract.terms,
        kind=LineKind(line.product.kind),
        seats=line.seats,
        unit_price=line.unit_price,
        price_without_meetings=line.price_without_meetings,
        rate=Rate() if contract.currency == Contract.Currency.EUR else rate,
        vat_place=VatPlace(contract.vat_place),
        needs=() if line.needed_seats is None else (Need(line.needed_seats),),
        seat_changes=tuple(_seat_change(item) for item in own if item.kind == Amendment.Kind.SEATS),
        price_changes=tuple(_price_changes(own)),
        avoided_prices=tuple(_avoided_prices(own)),
    )


def _seat_change(item: Amendment) -> SeatChange:
    return SeatChange(item.effective_on, Proof(item.evidence), item.evidenced_on, item.number, item.seats or 0)


def _price_changes(amendments: Iterable[Amendment]) -> Iterator[PriceChange]:
    for item in amendments:
        if item.kind == Amendment.Kind.PRICE and item.unit_price is not None:
            proof = Proof(item.evidence)
            yield PriceChange(item.effective_on, proof, item.evidenced_on, item.number, item.unit_price)


def _avoided_prices(amendments: Iterable[Amendment]) -> Iterator[AvoidedPrice]:
    for item in amendments:
        if item.kind == Amendment.Kind.AVOIDED and item.avoided_price is not None:
            yield AvoidedPrice(
                item.effective_on, Proof(item.evidence), item.evidenced_on, item.number, item.avoided_price
            )


def dated_lines(contracts: Iterable[Contract]) -> list[DatedLine]:
    """Return the lines of contracts fetched with ``with_lines``."""
    return [
        dated_line(line, contract.amendments.all())
        for contract in contracts
        for line in _with_contract(contract, contract.lines.all())
    ]


def _with_contract(contract: Contract, lines: Iterable[ContractLine]) -> Iterable[ContractLine]:
    for line in lines:
        line.contract = contract
        yield line


@dataclass(frozen=True)
class Spending:
    """What lines cost and free in the twelve months of a year, seen from today."""

    lines: list[DatedLine]
    year: int
    today: date

    @cached_property
    def months(self) -> list[date]:
        return list(months_of(date(self.year, 1, 1), date(self.year, 12, 1)))

    @cached_property
    def line_months(self) -> list[LineMonth]:
        return [month_of(line, month, self.today) for line in self.lines for month in self.months]

    def amounts(self, measure: Measure) -> list[Amount]:
        return [item.amount(measure) for item in self.line_months]

    def total(self, measure: Measure) -> Total:
        """Return a measure of the whole year."""
        return total(self.amounts(measure))
