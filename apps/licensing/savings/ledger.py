"""All lines of a ministry, or of the State, month by month: what dashboards, editions and reports add up."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from apps.licensing.savings.history import HORIZON, DatedLine, months_of
from apps.licensing.savings.months import Amount, LineMonth, Measure, MissedNotice, missed_notices, month_of
from apps.licensing.savings.sums import Total, grouped, total

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Ledger:
    """Lines seen from today, from the first month (its first day) to the last."""

    lines: tuple[DatedLine, ...]
    today: date
    first: date
    last: date = HORIZON

    @cached_property
    def months(self) -> tuple[LineMonth, ...]:
        return tuple(
            month_of(line, month, self.today) for month in months_of(self.first, self.last) for line in self.lines
        )

    def amounts(self, measure: Measure, first: date | None = None, last: date | None = None) -> list[Amount]:
        """Return one measure, of the months from one day to another where they are given."""
        return [
            item.amount(measure)
            for item in self.months
            if (first is None or item.month >= first) and (last is None or item.month <= last)
        ]

    def total(self, measure: Measure, first: date | None = None, last: date | None = None) -> Total:
        return total(self.amounts(measure, first, last))

    def by_month(self, measure: Measure) -> dict[date, Total]:
        return self.by(measure, lambda item: item.month)

    def by_product(self, measure: Measure, first: date | None = None, last: date | None = None) -> dict[str, Total]:
        return self.by(measure, lambda item: item.line.product, first, last)

    def by_contract(self, measure: Measure, first: date | None = None, last: date | None = None) -> dict[str, Total]:
        return self.by(measure, lambda item: item.line.contract, first, last)

    def by(
        self, measure: Measure, key: Callable[[Amount], Key], first: date | None = None, last: date | None = None
    ) -> dict[Key, Total]:
        return grouped(self.amounts(measure, first, last), key)

    def missed_notices(self, since: date) -> list[MissedNotice]:
        """Return the notices missed since a day, of all lines, the earliest first."""
        missed = [item for line in self.lines for item in missed_notices(line, since, self.today)]
        return sorted(missed, key=lambda item: item.missed_on)


def joined(ledgers: Iterable[Ledger]) -> Ledger:
    """Return the ledger of several ministries: that of the State; raises ValueError where their months differ."""
    listed = list(ledgers)
    spans = {(ledger.today, ledger.first, ledger.last) for ledger in listed}
    if len(spans) != 1:
        raise ValueError("ledgers of different months cannot be added")
    return Ledger(tuple(line for ledger in listed for line in ledger.lines), *spans.pop())
