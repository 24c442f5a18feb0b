"""A line's figures month by month, each opened down to the seats, price, formula and proofs that made it.

Per line l and month m, the state of a month being that of its first day:

    u  price per seat that leaving frees      need  seats that must stay, never more than are left
    a  max(0, seats - need)                   k     seats removed, shown by an invoice
    c  seats removed by a notice or amendment, not yet shown by an invoice
    x  first date at which a notice given today lets seats go

    potential = a·u    realised = k·u    committed = c·u    sunk = (a - k - c)·u while m < x
    avoided   = paid seats · max(0, price avoided - price)      due = paid seats · price

``seats`` counts what was bought before anything went, so the potential holds what is realised, committed and sunk.
A figure that misses an input is None (not computable), never 0, and names the input.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from itertools import pairwise

from apps.licensing.savings.history import (
    HORIZON,
    Change,
    DatedLine,
    Need,
    Prices,
    Seats,
    months_of,
    prices_in,
    seats_in,
)
from apps.licensing.savings.lines import LineKind, total_eur, with_vat
from apps.licensing.savings.terms import Reduction, next_reduction, reduction_dates


class Measure(Enum):
    POTENTIAL = "potential"
    COMMITTED = "committed"
    REALISED = "realised"
    SUNK = "sunk"
    AVOIDED = "avoided"
    DUE = "due"


FORMULAS = {
    Measure.POTENTIAL: "a · u",
    Measure.COMMITTED: "c · u",
    Measure.REALISED: "k · u",
    Measure.SUNK: "(a - k - c) · u, m < x",
    Measure.AVOIDED: "(seats - k - c) · max(0, avoided - price)",
    Measure.DUE: "(seats - k - c) · price",
}


class Missing(Enum):
    """An input that is not known."""

    NEED = "need"
    PRICE_WITHOUT_MEETINGS = "price_without_meetings"
    RATE = "rate"
    VISIO_USERS = "visio_users"
    RUN_COST = "run_cost"
    HEADCOUNT = "headcount"


@dataclass(frozen=True)
class Amount:
    """One figure of a line and month: ``seats`` × ``price_eur``; None is not computable, for want of ``missing``."""

    line: DatedLine
    month: date
    measure: Measure
    eur: Decimal | None
    seats: int | None
    price_eur: Decimal | None
    missing: tuple[Missing, ...] = ()
    proofs: tuple[Change, ...] = ()

    @property
    def eur_with_vat(self) -> Decimal | None:
        """The amount with the tax (TTC) of the place where the contract's seats are used."""
        return with_vat(self.eur, self.line.vat_place)

    @property
    def formula(self) -> str:
        return FORMULAS[self.measure]


@dataclass(frozen=True)
class LineMonth:
    """What a month's figures of a line are made of."""

    line: DatedLine
    month: date
    seats: Seats
    need: Need | None
    prices: Prices
    effective_on: date | None  # x; None once the contract has ended
    is_in_force: bool

    @property
    def freed_price_eur(self) -> Decimal | None:
        """Return u; None where the rate, or a suite's price without meetings, is not known."""
        if self.line.kind is LineKind.NOT_SEPARABLE:
            return Decimal(0)
        if self.line.kind is LineKind.STANDALONE or self.prices.unit_eur is None:
            return self.prices.unit_eur
        if self.prices.without_meetings_eur is None:
            return None
        return max(Decimal(0), self.prices.unit_eur - self.prices.without_meetings_eur)

    @property
    def needed_seats(self) -> int | None:
        """Return the need, at most what is left: a seat that has gone was not needed."""
        if self.seats.paid == 0:
            return 0
        return None if self.need is None else min(self.need.seats, self.seats.paid)

    @property
    def freeable_seats(self) -> int | None:
        """Return a = max(0, seats - need)."""
        return None if self.needed_seats is None else max(0, self.seats.bought - self.needed_seats)

    @property
    def open_seats(self) -> int | None:
        """Return a - k - c: seats that could go and for which nothing has been done yet."""
        freeable = self.freeable_seats
        return None if freeable is None else freeable - self.seats.removed - self.seats.committed

    @property
    def is_reducible(self) -> bool:
        """Whether a notice given today still reaches this month (m >= x)."""
        return self.effective_on is not None and self.month >= self.effective_on

    def amount(self, measure: Measure) -> Amount:
        """Return one figure with its inputs."""
        seats, price = self._factors(measure)
        nothing = seats == 0 or price == 0
        known = None if seats is None or price is None else seats * price
        eur = Decimal(0) if nothing else known
        missing = () if eur is not None else tuple(self._missing(seats, price))
        return Amount(self.line, self.month, measure, eur, seats, price, missing, self._proofs(measure))

    def _factors(self, measure: Measure) -> tuple[int | None, Decimal | None]:
        if measure is Measure.POTENTIAL:
            return self.freeable_seats, self.freed_price_eur
        if measure is Measure.COMMITTED:
            return self.seats.committed, self.freed_price_eur
        if measure is Measure.REALISED:
            return self.seats.removed, self.freed_price_eur
        if measure is Measure.SUNK:
            return (0 if self.is_reducible else self.open_seats), self.freed_price_eur
        if measure is Measure.AVOIDED:
            return self.seats.paid, self._avoided_price_eur()
        return self.seats.paid, self.prices.unit_eur

    def _avoided_price_eur(self) -> Decimal | None:
        if not any(change.effective_on <= self.month for change in self.line.avoided_prices):
            return Decimal(0)
        unit, avoided = self.prices.unit_eur, self.prices.avoided_eur
        return None if unit is None or avoided is None else max(Decimal(0), avoided - unit)

    def _missing(self, seats: int | None, price: Decimal | None) -> Iterator[Missing]:
        if seats is None:
            yield Missing.NEED
        if price is None:
            has_rate = self.line.rate.eur_per_unit is not None
            yield Missing.PRICE_WITHOUT_MEETINGS if has_rate else Missing.RATE

    def _proofs(self, measure: Measure) -> tuple[Change, ...]:
        if measure in (Measure.AVOIDED, Measure.DUE):
            return (*self.seats.changes, *self.prices.changes)
        return self.seats.changes


def month_of(line: DatedLine, month: date, today: date) -> LineMonth:
    """Return a line in one month (its first day), seen from today.

    Before the contract there are no seats. After it ended by itself there are those alone of which a proof says
    that they went: nobody knows what would have been bought then, unless the line is said to be renewed.
    """
    seats = seats_in(line, month)
    is_begun = line.terms.starts_on <= month
    is_in_force = is_begun and (line.is_renewed or line.terms.is_in_force(month))
    if not is_begun:
        seats = Seats(0)
    elif not is_in_force:
        seats = Seats(seats.removed + seats.committed, seats.removed, seats.committed, seats.changes)
    reduction = next_reduction(line.terms, today)
    effective_on = reduction.effective_on if reduction else line.terms.ends_on
    return LineMonth(line, month, seats, line.need_in(month), prices_in(line, month), effective_on, is_in_force)


def timeline(line: DatedLine, today: date, first: date | None = None, last: date = HORIZON) -> list[LineMonth]:
    """Return a line's months, from that of its contract's start unless another is given, to the horizon."""
    return [month_of(line, month, today) for month in months_of(first or line.terms.starts_on, last)]


def amounts(months: Iterable[LineMonth], measure: Measure) -> list[Amount]:
    """Return one measure of many lines and months."""
    return [item.amount(measure) for item in months]


@dataclass(frozen=True)
class MissedNotice:
    """A date at which seats could have gone, had notice been given by ``notice_by``; they stay until the next one."""

    line: DatedLine
    missed_on: date
    notice_by: date
    effective_on: date
    amounts: tuple[Amount, ...]  # what the seats that could have gone cost, month by month

    @property
    def loss_eur(self) -> Decimal | None:
        return total_eur(item.eur for item in self.amounts)

    @property
    def loss_eur_with_vat(self) -> Decimal | None:
        return with_vat(self.loss_eur, self.line.vat_place)


def missed_notices(line: DatedLine, since: date, today: date) -> list[MissedNotice]:
    """Return what each notice missed since a day costs until the following date, those that cost nothing left out.

    ``since`` is the day from which somebody would have wanted seats to go: the start of the migration.
    """
    if line.terms.reduction is Reduction.ANY_TIME:  # notice can be given on any day
        return []
    notice = timedelta(days=line.terms.notice_days)
    missed = []
    for (day, needs_notice), (following, _needs) in pairwise(reduction_dates(line.terms)):
        if day - notice >= today:
            break
        if needs_notice and day >= since:
            last = min(following - timedelta(days=1), HORIZON)
            months = [month for month in months_of(day, last) if month >= day]
            sunk = tuple(_open_amount(month_of(line, month, today)) for month in months)
            missed.append(MissedNotice(line, day, day - notice, following, sunk))
    return [item for item in missed if item.loss_eur != 0]


def _open_amount(month: LineMonth) -> Amount:
    """Return (a - k - c)·u, also where x has come meanwhile."""
    return replace(month, effective_on=None).amount(Measure.SUNK)
