"""What the coming years bring under assumptions: how fast people move, what is kept, what prices and Visio do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from apps.licensing.savings.history import HORIZON, DatedLine, Exempted, Need, exempted_in, months_of, need_of
from apps.licensing.savings.lines import total_eur
from apps.licensing.savings.months import LineMonth, Missing, month_of
from apps.licensing.savings.net import NetMonth, OneOff, Payback, RunCost, net_timeline, payback
from apps.licensing.savings.terms import (
    MONTHS_PER_YEAR,
    Reduction,
    Terms,
    next_reduction,
    reduction_dates,
    whole_months,
)


@dataclass(frozen=True)
class Assumptions:
    """``run_cost_eur_per_user`` is per year; None: the dated run costs hold."""

    name: str
    migrated_per_month: int
    buffer_percent: Decimal = Decimal(5)
    price_rise_percent: Decimal = Decimal(0)
    run_cost_eur_per_user: Decimal | None = None


@dataclass(frozen=True)
class Situation:
    """What holds today, whatever is assumed; ``eligible`` None: the headcount is not known."""

    today: date
    lines: tuple[DatedLine, ...]
    eligible: int | None
    migrated: int | None
    exemptions: tuple[Exempted, ...] = ()
    run_costs: tuple[RunCost, ...] = ()
    one_offs: tuple[OneOff, ...] = ()

    def exempted_in(self, month: date) -> int:
        return exempted_in(self.exemptions, month)


@dataclass(frozen=True)
class LineScenario:
    """One line in one month of a scenario: ``removed`` seats are gone at ``price_eur`` each (u with the rise)."""

    line: DatedLine
    month: date
    seats: int
    need: Need | None
    freeable: int | None
    removed: int | None
    price_eur: Decimal | None

    @property
    def gain_eur(self) -> Decimal | None:
        if self.removed == 0 or self.price_eur == 0:
            return Decimal(0)
        return None if self.removed is None or self.price_eur is None else self.removed * self.price_eur

    @property
    def sunk_eur(self) -> Decimal | None:
        """What seats cost that could go, were a date for it reached."""
        if self.price_eur == 0:
            return Decimal(0)
        if self.freeable is None or self.removed is None or self.price_eur is None:
            return None
        return (self.freeable - self.removed) * self.price_eur


@dataclass(frozen=True)
class ScenarioMonth:
    """A month of a scenario: its lines, and what is left of their gain."""

    lines: tuple[LineScenario, ...]
    net: NetMonth

    @property
    def month(self) -> date:
        return self.net.month

    @property
    def sunk_eur(self) -> Decimal | None:
        return total_eur(item.sunk_eur for item in self.lines)


@dataclass(frozen=True)
class Outcome:
    """A scenario computed to the horizon."""

    assumptions: Assumptions
    months: tuple[ScenarioMonth, ...]
    payback: Payback
    missing: tuple[Missing, ...]

    @property
    def gain_eur(self) -> Decimal | None:
        return total_eur(item.net.gain_eur for item in self.months)

    @property
    def net_eur(self) -> Decimal | None:
        return self.months[-1].net.cumulative_eur if self.months else None


def outcome(situation: Situation, assumptions: Assumptions, last: date = HORIZON) -> Outcome:
    """Compute a scenario from this month on.

    It is compared with going on as today: a contract that ends is taken to be bought again on the same terms. At
    each date that notice given from today on can reach, those seats go that are never needed again.
    """
    months = list(months_of(situation.today, last))
    lines = [_line_months(situation, assumptions, line, months) for line in situation.lines]
    by_month = [tuple(items) for items in zip(*lines, strict=True)] or [() for _month in months]
    gains = {month: total_eur(item.gain_eur for item in items) for month, items in zip(months, by_month, strict=True)}
    users = {month: _visio_users(situation, assumptions, month) for month in months}
    net = net_timeline(gains, users, _run_costs(situation, assumptions), situation.one_offs)
    timeline = tuple(ScenarioMonth(items, item) for items, item in zip(by_month, net, strict=True))
    return Outcome(assumptions, timeline, payback(net), tuple(dict.fromkeys(_missing(situation, timeline))))


def unchanged(situation: Situation, last: date = HORIZON) -> Outcome:
    """Return what holds if nobody moves from now on and no notice is given: seats gone by proof stay gone.

    As in a scenario, a contract that ends is taken to be bought again on the same terms.
    """
    months = list(months_of(situation.today, last))
    by_month = [tuple(_gone_by_proof(line, month, situation) for line in situation.lines) for month in months]
    gains = {month: total_eur(item.gain_eur for item in items) for month, items in zip(months, by_month, strict=True)}
    users = dict.fromkeys(months, situation.migrated)
    net = net_timeline(gains, users, situation.run_costs, situation.one_offs)
    timeline = tuple(ScenarioMonth(items, item) for items, item in zip(by_month, net, strict=True))
    missing = tuple(dict.fromkeys(_missing(situation, timeline)))
    return Outcome(Assumptions("", 0), timeline, payback(net), missing)


def _gone_by_proof(line: DatedLine, month: date, situation: Situation) -> LineScenario:
    state = month_of(replace(line, is_renewed=True), month, situation.today)
    gone = state.seats.removed + state.seats.committed
    return LineScenario(line, month, state.seats.bought, state.need, None, gone, state.freed_price_eur)


def side_by_side(outcomes: Sequence[Outcome]) -> Iterator[tuple[date, tuple[ScenarioMonth, ...]]]:
    """Yield each month with that of every scenario; the scenarios are of one situation."""
    for items in zip(*(item.months for item in outcomes), strict=True):
        yield items[0].month, items


def needs_in(situation: Situation, assumptions: Assumptions, seats: int, month: date) -> Need | None:
    """Return the need of a line: its share of those who have not moved yet, the exempted, and the buffer on both.

    Who of the exempted holds which licence is not known: each line keeps a seat for all of them.
    """
    eligible, moved = situation.eligible, _moved(situation, assumptions, month)
    if not eligible or moved is None:
        return None
    exempted = situation.exempted_in(month)
    left = max(0, eligible - moved - exempted)
    return need_of(seats, left, eligible, exempted, assumptions.buffer_percent, month)


def _moved(situation: Situation, assumptions: Assumptions, month: date) -> int | None:
    if situation.migrated is None:
        return None
    return situation.migrated + assumptions.migrated_per_month * whole_months(situation.today, month)


def _visio_users(situation: Situation, assumptions: Assumptions, month: date) -> int | None:
    moved = _moved(situation, assumptions, month)
    if not situation.eligible or moved is None:
        return None
    return max(0, min(moved, situation.eligible - situation.exempted_in(month)))


def _run_costs(situation: Situation, assumptions: Assumptions) -> Sequence[RunCost]:
    if assumptions.run_cost_eur_per_user is None:
        return situation.run_costs
    return [
        RunCost(situation.today.replace(day=1), assumptions.run_cost_eur_per_user / MONTHS_PER_YEAR, assumptions.name)
    ]


def _line_months(
    situation: Situation, assumptions: Assumptions, line: DatedLine, months: Sequence[date]
) -> list[LineScenario]:
    as_today = replace(line, is_renewed=True)
    states = [month_of(as_today, month, situation.today) for month in months]
    needs = [needs_in(situation, assumptions, state.seats.bought, state.month) for state in states]
    freeable = [_freeable(state, need) for state, need in zip(states, needs, strict=True)]
    removed = _removed(states, freeable, _reachable(line, situation.today, months))
    return [
        LineScenario(line, state.month, state.seats.bought, need, free, gone, _price_eur(state, assumptions, situation))
        for state, need, free, gone in zip(states, needs, freeable, removed, strict=True)
    ]


def _freeable(state: LineMonth, need: Need | None) -> int | None:
    return None if need is None else replace(state, need=need).freeable_seats


def _removed(states: Sequence[LineMonth], freeable: Sequence[int | None], reachable: set[date]) -> list[int | None]:
    """Return the seats that are gone: by proof already, and at each date those that are never needed again."""
    known = [seats for seats in freeable if seats is not None]
    if len(known) < len(freeable):
        return [None] * len(freeable)
    never_needed = list(accumulate(reversed(known), min))[::-1]
    gone, removed = 0, []
    for state, seats in zip(states, never_needed, strict=True):
        if state.month in reachable:
            gone = max(gone, seats)
        removed.append(max(gone, state.seats.removed + state.seats.committed))
    return list(removed)


def _reachable(line: DatedLine, today: date, months: Sequence[date]) -> set[date]:
    """Return the months before which, or on whose first day, seats may go by a notice given from today on."""
    days = list(_reduction_days(line.terms, today, months[-1]))
    return {min((month for month in months if month >= day), default=date.max) for day in days}


def _reduction_days(terms: Terms, today: date, last: date) -> Iterator[date]:
    """Yield each day at which seats may go; a contract that ends is bought again for the same term."""
    if terms.reduction is Reduction.ANY_TIME:
        reduction = next_reduction(terms, today)
        first = today if reduction is None else reduction.effective_on
        yield from (month for month in months_of(first, last) if month >= first)
        return
    notice = timedelta(days=terms.notice_days)
    for day, needs_notice in reduction_dates(terms):
        if day > last:
            return
        if day >= today and (not needs_notice or day - notice >= today):
            yield day
    if terms.ends_on is not None:
        yield from _reduction_days(replace(terms, starts_on=terms.ends_on), today, last)


def _price_eur(state: LineMonth, assumptions: Assumptions, situation: Situation) -> Decimal | None:
    """Return u with the yearly rise since today, from the day on until which the price is firm."""
    price, fixed_until = state.freed_price_eur, state.line.price_fixed_until
    if price is None or (fixed_until is not None and state.month < fixed_until):
        return price
    years = whole_months(situation.today, state.month) // MONTHS_PER_YEAR
    return price * (1 + assumptions.price_rise_percent / 100) ** years


def _missing(situation: Situation, timeline: Iterable[ScenarioMonth]) -> Iterator[Missing]:
    if not situation.eligible:
        yield Missing.HEADCOUNT
    if situation.migrated is None:
        yield Missing.VISIO_USERS
    for month in timeline:
        yield from month.net.missing
        for item in month.lines:
            if item.price_eur is None:
                has_rate = item.line.rate.eur_per_unit is not None
                yield Missing.PRICE_WITHOUT_MEETINGS if has_rate else Missing.RATE
