"""What contracts cost and free over the months of a year."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from apps.licensing.savings import Amount, DatedLine, LineMonth, Measure, Total, month_of, months_of, total


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
