"""Rows of contracts made into the dated lines that the arithmetic takes: amendments, notices, rates and need."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.licensing import savings
from apps.licensing.models import Amendment, Contract, ContractLine, NoticeDecision
from apps.licensing.savings import (
    AvoidedPrice,
    DatedLine,
    LineKind,
    Need,
    NeedPlan,
    PriceChange,
    Proof,
    Rate,
    SeatChange,
    VatPlace,
)


@dataclass(frozen=True, order=True)
class Letter:
    """A letter of notice, for the day from which it is to take effect."""

    effective_on: date
    sent_on: date
    received_on: date | None


def dated_lines(
    contract: Contract, today: date, plan: NeedPlan | None = None
) -> Iterator[tuple[ContractLine, DatedLine]]:
    """Yield the lines of a contract that was fetched ``with_lines``; its last word is a notice to leave it.

    The need is the number given by hand, else what the plan says.
    """
    left_on = left_by_notice_on(contract)
    for line in contract.lines.all():
        dated = dated_line(line, contract, left_on, today)
        if plan is not None and not dated.needs:
            months = savings.months_of(contract.starts_on)
            dated = replace(dated, needs=savings.planned_needs(dated, plan, months))
        yield line, dated


def dated_line(line: ContractLine, contract: Contract, left_on: date | None, today: date) -> DatedLine:
    """Return a line with what its contract's amendments and notice make of it."""
    amendments = [item for item in contract.amendments.all() if item.line_id == line.id]
    dated = DatedLine(
        key=str(line.id),
        contract=contract.name,
        product=str(line.product),
        terms=contract.terms,
        kind=LineKind(line.product.kind),
        seats=line.seats,
        unit_price=line.unit_price,
        price_without_meetings=line.price_without_meetings,
        rate=Rate(contract.currency, contract.in_eur(Decimal(1)), contract.rate_on, contract.rate_source),
        vat_place=VatPlace(contract.vat_place),
        price_fixed_until=price_fixed_until(contract, today),
        needs=() if line.needed_seats is None else (Need(line.needed_seats),),
        seat_changes=tuple(seat_change(item) for item in amendments if item.kind == Amendment.Kind.SEATS),
        price_changes=tuple(price_change(item) for item in amendments if item.kind == Amendment.Kind.PRICE),
        avoided_prices=tuple(avoided_price(item) for item in amendments if item.kind == Amendment.Kind.AVOIDED),
    )
    return dated if left_on is None else without_seats_from(dated, left_on)


def without_seats_from(line: DatedLine, left_on: date) -> DatedLine:
    """Return a line whose seats all go on a day, by the notice given for it."""
    left = savings.seats_in(line, left_on).paid
    leaving = SeatChange(left_on, Proof.NOTICE, left_on, seats=-left)
    return replace(line, seat_changes=(*line.seat_changes, leaving)) if left else line


def price_fixed_until(contract: Contract, today: date) -> date | None:
    """Return the end of the term that runs, unless the price is revised within it."""
    if contract.price_clause == Contract.PriceClause.REVISED:
        return None
    return savings.period_end_after(contract.terms, today)


def seat_change(amendment: Amendment) -> SeatChange:
    return SeatChange(
        amendment.effective_on,
        Proof(amendment.evidence),
        amendment.evidenced_on,
        amendment.number,
        seats=amendment.seats or 0,
    )


def price_change(amendment: Amendment) -> PriceChange:
    return PriceChange(
        amendment.effective_on,
        Proof(amendment.evidence),
        amendment.evidenced_on,
        amendment.number,
        unit_price=amendment.unit_price or Decimal(0),
        price_without_meetings=amendment.price_without_meetings,
    )


def avoided_price(amendment: Amendment) -> AvoidedPrice:
    return AvoidedPrice(
        amendment.effective_on,
        Proof(amendment.evidence),
        amendment.evidenced_on,
        amendment.number,
        avoided_price=amendment.avoided_price or Decimal(0),
    )


def left_by_notice_on(contract: Contract) -> date | None:
    """Return the day on which a contract ends by a notice that was sent, or received, in time for it."""
    notice = timedelta(days=contract.notice_days)
    for letter in letters_to_leave(contract):
        given_on = letter.received_on if contract.notice_rule == Contract.NoticeRule.RECEIVED else letter.sent_on
        if given_on is not None and given_on <= letter.effective_on - notice:
            return letter.effective_on
    return None


def letters_to_leave(contract: Contract) -> list[Letter]:
    """Return the letters sent to leave a contract."""
    return sorted(
        Letter(item.effective_on, item.sent_on, item.received_on)
        for item in decisions_of(contract)
        if item.choice == NoticeDecision.Choice.LEAVE and item.sent_on
    )


def decisions_of(contract: Contract) -> list[NoticeDecision]:
    """Return a contract's decisions: whole where they were fetched, else what ``with_lines`` brought, else by a query.

    Those of ``with_lines`` know their choice and dates alone, and are not to be saved.
    """
    is_fetched = "decisions" in getattr(contract, "_prefetched_objects_cache", {})
    brought = None if is_fetched else vars(contract).get("decided")
    return list(contract.decisions.all()) if brought is None else [_decision(contract, item) for item in brought]


def _decision(contract: Contract, row: dict[str, Any]) -> NoticeDecision:
    days = {name: day and date.fromisoformat(day) for name, day in row.items() if name.endswith("_on")}
    return NoticeDecision(**row | days, tenant_id=contract.tenant_id, contract=contract)
