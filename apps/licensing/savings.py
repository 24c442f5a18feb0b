"""What leaving a contract would free: pure arithmetic over dated terms and lines, in Decimal EUR before tax.

A figure that misses one of its inputs is None (not computable), never 0. Nothing is rounded here.
"""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from itertools import count

MONTHS_PER_YEAR = 12
# Announced by the State: 1 million EUR a year for each 100,000 users who leave a paid licence.
ANNOUNCED_EUR_PER_USER_AND_YEAR = Decimal(10)


class LineKind(Enum):
    STANDALONE = "standalone"
    BUNDLE = "bundle"
    NOT_SEPARABLE = "not_separable"


class Reduction(Enum):
    """When a contract lets its seats be reduced."""

    ANY_TIME = "any_time"
    ANNIVERSARY = "anniversary"
    END_OF_TERM = "end_of_term"


class Renewal(Enum):
    TACIT = "tacit"
    EXPRESS = "express"
    NONE = "none"


class NoticeRule(Enum):
    """What has to have happened to a notice by its last day."""

    SENT = "sent"
    RECEIVED = "received"


class VatPlace(Enum):
    """Where the seats are used: overseas, the rates are others."""

    METROPOLE = "metropole"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    REUNION = "reunion"
    GUYANE = "guyane"
    MAYOTTE = "mayotte"


# CGI art. 278 (standard rate), 294 and 296: State bodies budget with tax included.
VAT_RATES = {
    VatPlace.METROPOLE: Decimal("0.20"),
    VatPlace.GUADELOUPE: Decimal("0.085"),
    VatPlace.MARTINIQUE: Decimal("0.085"),
    VatPlace.REUNION: Decimal("0.085"),
    VatPlace.GUYANE: Decimal(0),
    VatPlace.MAYOTTE: Decimal(0),
}


@dataclass(frozen=True)
class Terms:
    """``renewal_months`` None: as long as the term; ``renewals_max`` None: renewed without limit."""

    starts_on: date
    term_months: int
    notice_days: int
    reduction: Reduction
    renewal: Renewal
    renewal_months: int | None = None
    renewals_max: int | None = None
    notice_rule: NoticeRule = NoticeRule.RECEIVED
    preparation_days: int = 0

    @property
    def first_term_ends_on(self) -> date:
        return add_months(self.starts_on, self.term_months)

    @property
    def ends_on(self) -> date | None:
        """The day on which the contract ends by itself (exclusive); None where it is renewed without limit."""
        if self.renewal is not Renewal.TACIT:
            return self.first_term_ends_on
        if self.renewals_max is None:
            return None
        return add_months(self.starts_on, self.term_months + self.renewals_max * self.months_of_renewal)

    @property
    def months_of_renewal(self) -> int:
        return self.renewal_months or self.term_months

    def is_in_force(self, day: date) -> bool:
        """Return whether seats are paid for on a day; a tacit renewal goes on until notice is given."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    def is_end_of_period(self, months: int) -> bool:
        """Return whether the term or one of its renewals ends so many months after the start."""
        rest = months - self.term_months
        return rest == 0 or (rest > 0 and rest % self.months_of_renewal == 0)


@dataclass(frozen=True)
class Line:
    """``seats`` bought and ``needed_seats`` that must stay (not yet migrated, exempted, buffer)."""

    kind: LineKind
    seats: int
    needed_seats: int | None
    unit_price_eur: Decimal
    price_without_meetings_eur: Decimal | None


@dataclass(frozen=True)
class ReductionDate:
    """``next_on`` is the next date by contract, ``effective_on`` the first that notice can still reach."""

    next_on: date
    effective_on: date
    notice_by: date | None  # the last day to give notice for effective_on; None where none is needed
    is_notice_missed: bool


@dataclass(frozen=True)
class Distance:
    """A saving per user and year against the one announced."""

    per_user_eur: Decimal
    announced_eur: Decimal
    difference_eur: Decimal  # negative: less than announced


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def freed_price_eur(line: Line) -> Decimal | None:
    """Return u: what leaving really frees per seat and month; None where a bundle's second price is unknown."""
    if line.kind is LineKind.NOT_SEPARABLE:
        return Decimal(0)
    if line.kind is LineKind.STANDALONE:
        return line.unit_price_eur
    if line.price_without_meetings_eur is None:
        return None
    return max(Decimal(0), line.unit_price_eur - line.price_without_meetings_eur)


def freeable_seats(line: Line) -> int | None:
    """Return a = max(0, seats - need); None where the need is unknown."""
    return None if line.needed_seats is None else max(0, line.seats - line.needed_seats)


def potential_eur_per_month(line: Line) -> Decimal | None:
    """Return a·u; a price that frees nothing makes 0 whatever the need."""
    price, seats = freed_price_eur(line), freeable_seats(line)
    if price is not None and price == 0:
        return Decimal(0)
    return None if price is None or seats is None else seats * price


def potential_eur_per_year(lines: Iterable[Line]) -> Decimal | None:
    """Return SUM a·u·12; None where one line is not computable, or where there is no line."""
    amounts = [potential_eur_per_month(line) for line in lines]
    known = [amount for amount in amounts if amount is not None]
    if not amounts or len(known) < len(amounts):
        return None
    return MONTHS_PER_YEAR * sum(known, Decimal(0))


def total_eur(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of figures; None where one of them is not computable, or where there is none."""
    listed = list(amounts)
    known = [amount for amount in listed if amount is not None]
    return sum(known, Decimal(0)) if listed and len(known) == len(listed) else None


def with_vat(amount_eur: Decimal | None, place: VatPlace = VatPlace.METROPOLE) -> Decimal | None:
    """Return an amount with the tax (TTC) of the place where the seats are used."""
    return None if amount_eur is None else amount_eur * (1 + VAT_RATES[place])


def distance_to_announced(amount_eur_per_year: Decimal | None, users: int | None) -> Distance | None:
    """Compare a yearly saving with the announced 10 EUR per user and year; None without amount or users."""
    if amount_eur_per_year is None or not users:
        return None
    per_user = amount_eur_per_year / users
    announced = ANNOUNCED_EUR_PER_USER_AND_YEAR
    return Distance(per_user, announced, per_user - announced)


def next_reduction(terms: Terms, today: date) -> ReductionDate | None:
    """Return d and x, the next date at which seats can go and the first that notice still reaches.

    x = d if today <= d - notice, else the following such date. None once the contract has ended.
    """
    if terms.ends_on is not None and today >= terms.ends_on:
        return None
    if terms.reduction is Reduction.ANY_TIME:
        return _reduction_at_any_time(terms, today)
    notice = timedelta(days=terms.notice_days)
    next_on: date | None = None
    for day, needs_notice in _reduction_dates(terms):
        if day < today:
            continue
        next_on = next_on or day
        if not needs_notice or today <= day - notice:
            return ReductionDate(next_on, day, day - notice if needs_notice else None, day > next_on)
    return None


def missed_notice_loss_eur(lines: Iterable[Line], reduction: ReductionDate) -> Decimal | None:
    """Return what the seats that could go still cost from d to x because notice was missed."""
    per_month = total_eur(potential_eur_per_month(line) for line in lines)
    months = whole_months(reduction.next_on, reduction.effective_on) if reduction.is_notice_missed else 0
    return None if per_month is None else per_month * months


def whole_months(first: date, last: date) -> int:
    """Return how many monthly invoices lie between two dates of the same contract."""
    return (last.year - first.year) * 12 + last.month - first.month


def _reduction_at_any_time(terms: Terms, today: date) -> ReductionDate:
    notice = timedelta(days=terms.notice_days)
    next_on = max(today, terms.starts_on)
    reached = max(today + notice, terms.starts_on)
    if terms.ends_on is not None and reached >= terms.ends_on:
        return ReductionDate(next_on, terms.ends_on, None, False)
    return ReductionDate(next_on, reached, reached - notice, False)


def _reduction_dates(terms: Terms) -> Iterator[tuple[date, bool]]:
    """Yield each date at which seats may go, in order, and whether it needs notice.

    A contract that is not renewed by itself, or not any more, ends without notice.
    """
    for months in count(1):
        day = add_months(terms.starts_on, months)
        if terms.ends_on is not None and day >= terms.ends_on:
            yield terms.ends_on, False
            return
        is_anniversary = terms.reduction is Reduction.ANNIVERSARY and months % MONTHS_PER_YEAR == 0
        if is_anniversary or terms.is_end_of_period(months):
            yield day, True
