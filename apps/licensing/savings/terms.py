"""When a contract lets its seats go: its term, its renewals and the notice that they need."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from itertools import count

MONTHS_PER_YEAR = 12


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
class ReductionDate:
    """``next_on`` is the next date by contract, ``effective_on`` the first that notice can still reach."""

    next_on: date
    effective_on: date
    notice_by: date | None  # the last day to give notice for effective_on; None where none is needed
    is_notice_missed: bool


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4096)  # each of a contract's months asks again
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
    for day, needs_notice in reduction_dates(terms):
        if day < today:
            continue
        next_on = next_on or day
        if not needs_notice or today <= day - notice:
            return ReductionDate(next_on, day, day - notice if needs_notice else None, day > next_on)
    return None


def period_end_after(terms: Terms, day: date) -> date:
    """Return the first end of the term or of a renewal after a day: until then, a firm price holds."""
    for months in count(1):
        end = add_months(terms.starts_on, months)
        if end > day and terms.is_end_of_period(months):
            return end
    raise AssertionError("a term always ends")


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


def reduction_dates(terms: Terms) -> Iterator[tuple[date, bool]]:
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
