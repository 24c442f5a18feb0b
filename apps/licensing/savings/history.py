"""What is known of a contract's line over time: seats, prices, need, rate, and the proof of each change."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import TypeVar

from apps.licensing.savings.lines import LineKind, VatPlace
from apps.licensing.savings.terms import Terms, add_months

HORIZON = date(2030, 12, 1)  # the last month that is computed


class Proof(Enum):
    """What shows that a contract changed; only an invoice makes a saving realised."""

    NOTICE = "notice"
    SIGNED = "signed"
    INVOICE = "invoice"


@dataclass(frozen=True)
class Change:
    """The day from which a change counts, and its proof: its kind, date and number."""

    effective_on: date
    proof: Proof
    proved_on: date
    reference: str = ""


@dataclass(frozen=True)
class SeatChange(Change):
    """``seats`` is signed: negative where they go."""

    seats: int = 0


@dataclass(frozen=True)
class PriceChange(Change):
    """A price per seat and month in the contract's currency.

    ``price_without_meetings`` is that of the same suite, term and date; the one before says nothing of it any more.
    """

    unit_price: Decimal = Decimal(0)
    price_without_meetings: Decimal | None = None


@dataclass(frozen=True)
class AvoidedPrice(Change):
    """The price per seat and month that would have been due, had the increase not been avoided."""

    avoided_price: Decimal = Decimal(0)


@dataclass(frozen=True)
class Rate:
    """Euros for one unit of the contract's currency on a day, with its source; None: not known."""

    currency: str = "EUR"
    eur_per_unit: Decimal | None = Decimal(1)
    on: date | None = None
    source: str = ""


@dataclass(frozen=True)
class Need:
    """Seats that must stay from a month on (None: always, a number given by hand), until the next such row."""

    to_migrate: int
    exempted: int = 0
    buffer: int = 0
    month: date | None = None

    @property
    def seats(self) -> int:
        return self.to_migrate + self.exempted + self.buffer


@dataclass(frozen=True)
class Exempted:
    """People who keep the old tool from a day until another (exclusive)."""

    seats: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class PlannedUnit:
    """The eligible agents of a unit, and the day from which they use Visio alone; None: not planned."""

    agents: int
    switch_on: date | None


@dataclass(frozen=True)
class NeedPlan:
    """The units of a ministry with their switch dates, those exempted, and the buffer kept (0 to 10 percent)."""

    units: tuple[PlannedUnit, ...]
    exemptions: tuple[Exempted, ...]
    buffer_percent: Decimal


@dataclass(frozen=True)
class DatedLine:
    """A line of a contract with everything that changes it; prices in the contract's currency, before tax.

    ``key`` is the line's own, the names are for people. ``needs`` empty: the need is not known.
    ``price_fixed_until``: no scenario's rise of prices reaches it before.
    ``is_renewed``: once the contract has ended by itself, its seats are assumed to be bought again on the same terms.
    """

    key: str
    contract: str
    product: str
    terms: Terms
    kind: LineKind
    seats: int
    unit_price: Decimal
    price_without_meetings: Decimal | None = None
    rate: Rate = Rate()
    vat_place: VatPlace = VatPlace.METROPOLE
    needs: tuple[Need, ...] = ()
    seat_changes: tuple[SeatChange, ...] = ()
    price_changes: tuple[PriceChange, ...] = ()
    avoided_prices: tuple[AvoidedPrice, ...] = ()
    price_fixed_until: date | None = None
    is_renewed: bool = False

    def need_in(self, month: date) -> Need | None:
        """Return the need of a month; None where it is not known."""
        begun = [need for need in self.needs if need.month is None or need.month <= month]
        return max(begun, key=lambda need: need.month or date.min, default=None)


@dataclass(frozen=True)
class Seats:
    """``bought`` before anything went; of them, ``removed`` by an invoice, ``committed`` by notice or amendment."""

    bought: int
    removed: int = 0
    committed: int = 0
    changes: tuple[SeatChange, ...] = ()

    @property
    def paid(self) -> int:
        return self.bought - self.removed - self.committed

    def changed_by(self, added: int, removed: int, committed: int, changes: tuple[SeatChange, ...]) -> "Seats":
        """Return the seats after a day's changes.

        Seats that come back undo what had gone, first of what was realised; no more can go than there are.
        """
        back = min(added, self.removed)
        back_committed = min(added - back, self.committed)
        bought = self.bought + added - back - back_committed
        gone = self.removed - back
        planned = self.committed - back_committed
        newly_gone = min(removed, bought - gone - planned)
        newly_planned = min(committed, bought - gone - planned - newly_gone)
        return Seats(bought, gone + newly_gone, planned + newly_planned, (*self.changes, *changes))


def months_of(first: date, last: date = HORIZON) -> Iterator[date]:
    """Yield the first day of each month from that of one day to that of another."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = add_months(month, 1)


def with_buffer(seats: int, percent: Decimal) -> int:
    """Return how many seats a buffer in percent adds, in whole seats."""
    return math.ceil(seats * percent / 100)


def need_of(seats: int, left: int, eligible: int, exempted: int, percent: Decimal, month: date) -> Need:
    """Return the need of a line: its share of those who have not moved yet, the exempted, and the buffer on both.

    Who of the exempted holds which licence is not known: each line keeps a seat for all of them. Never more than
    the line's seats are needed.
    """
    to_migrate = min(seats, -(-seats * left // eligible))
    exempted = min(exempted, seats - to_migrate)
    buffer = min(with_buffer(to_migrate + exempted, percent), seats - to_migrate - exempted)
    return Need(to_migrate, exempted, buffer, month)


def planned_needs(line: DatedLine, plan: NeedPlan, months: Iterable[date]) -> tuple[Need, ...]:
    """Return a line's need by month from the dates on which units switch; none without eligible agents.

    A unit without a date has not moved. The line's seats are taken to be spread over the units as the agents are.
    """
    eligible = sum(unit.agents for unit in plan.units)
    needs = []
    for month in months if eligible else ():
        left = sum(unit.agents for unit in plan.units if unit.switch_on is None or unit.switch_on > month)
        exempted = exempted_in(plan.exemptions, month)
        left = max(0, min(left, eligible - exempted))
        seats = seats_in(line, month).bought
        needs.append(need_of(seats, left, eligible, exempted, plan.buffer_percent, month))
    return tuple(needs)


def exempted_in(exemptions: Iterable[Exempted], month: date) -> int:
    return sum(item.seats for item in exemptions if item.starts_on <= month < item.ends_on)


def seats_in(line: DatedLine, month: date) -> Seats:
    """Return a line's seats on the first day of a month, as its changes up to then left them.

    A change of a day that has several proofs (notice, then amendment, then invoice) counts once: what an invoice
    shows is removed, and what only a notice or an amendment says beyond it is committed.
    """
    seats = Seats(line.seats)
    dated = sorted((change for change in line.seat_changes if change.effective_on <= month), key=_effective_on)
    for _day, group in groupby(dated, key=_effective_on):
        changes = tuple(group)
        removed = _by_proof((change.proof, max(0, -change.seats)) for change in changes)
        added = _by_proof((change.proof, max(0, change.seats)) for change in changes)
        invoiced = removed[Proof.INVOICE]
        promised = max(removed[Proof.NOTICE], removed[Proof.SIGNED])
        seats = seats.changed_by(max(added.values()), invoiced, max(0, promised - invoiced), changes)
    return seats


@dataclass(frozen=True)
class Prices:
    """A seat's price and that of the same suite without meetings (None: not known), in euros before tax."""

    unit_eur: Decimal | None
    without_meetings_eur: Decimal | None
    avoided_eur: Decimal | None  # the price that would have been due; None where no increase was avoided
    changes: tuple[Change, ...] = ()


def prices_in(line: DatedLine, month: date) -> Prices:
    """Return a line's prices on the first day of a month, in euros at the contract's own rate."""
    change, avoided = _latest_change(line.price_changes, month), _latest_change(line.avoided_prices, month)
    unit = change.unit_price if change else line.unit_price
    without = change.price_without_meetings if change else line.price_without_meetings
    return Prices(
        unit_eur=_in_eur(unit, line.rate),
        without_meetings_eur=_in_eur(without, line.rate),
        avoided_eur=_in_eur(avoided.avoided_price if avoided else None, line.rate),
        changes=tuple(item for item in (change, avoided) if item),
    )


def _in_eur(price: Decimal | None, rate: Rate) -> Decimal | None:
    return None if price is None or rate.eur_per_unit is None else price * rate.eur_per_unit


def _effective_on(change: Change) -> date:
    return change.effective_on


def _by_proof(counted: Iterable[tuple[Proof, int]]) -> dict[Proof, int]:
    sums = dict.fromkeys(Proof, 0)
    for proof, number in counted:
        sums[proof] += number
    return sums


ChangeT = TypeVar("ChangeT", bound=Change)


def _latest_change(changes: Iterable[ChangeT], month: date) -> ChangeT | None:
    return max((item for item in changes if item.effective_on <= month), key=_effective_on, default=None)
