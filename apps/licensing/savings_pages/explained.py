"""How each figure of a line and month is made: the formula in words, the numbers put in, and where each comes from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.licensing import savings
from apps.licensing.amounts import with_currency, written_count, written_price
from apps.licensing.dated_lines import dated_lines, letters_to_leave
from apps.licensing.models import Amendment, Contract, ContractLine
from apps.licensing.savings import Amount, DatedLine, LineMonth, Measure
from apps.licensing.savings_pages.advice import Advice, advice_of_line
from apps.licensing.savings_pages.book import MEASURES
from apps.licensing.savings_pages.facts import Fact, facts_of

WORDS: dict[Measure, str | Promise] = {
    Measure.DUE: gettext_lazy("Seats that are still paid for × price per seat"),
    Measure.POTENTIAL: gettext_lazy("Seats that could go, gone or not, × price freed per seat"),
    Measure.COMMITTED: gettext_lazy("Seats gone by notice or amendment, not yet shown by an invoice, × price freed"),
    Measure.REALISED: gettext_lazy("Seats gone that an invoice shows × price freed per seat"),
    Measure.SUNK: gettext_lazy(
        "Seats that could go and for which nothing was done × price freed per seat, while notice comes too late"
    ),
    Measure.AVOIDED: gettext_lazy("Seats that are still paid for × the part of the price that was avoided"),
}


@dataclass(frozen=True)
class Step:
    """One figure with its formula, the numbers in it, and what to do where it misses one."""

    measure: Measure
    label: str
    words: str
    numbers: str
    amount: Amount
    note: str = ""
    advice: list[Advice] = field(default_factory=list)


@dataclass(frozen=True)
class OpenedMonth:
    """A line of a contract that was fetched ``with_lines``, in one month seen from today."""

    contract: Contract
    line: ContractLine
    month: date
    today: date

    @cached_property
    def dated(self) -> DatedLine:
        return next(dated for line, dated in dated_lines(self.contract, self.today) if line.id == self.line.id)

    @cached_property
    def state(self) -> LineMonth:
        return savings.month_of(self.dated, self.month, self.today)

    @cached_property
    def steps(self) -> list[Step]:
        return [self._step(measure) for measure in MEASURES]

    @cached_property
    def facts(self) -> list[Fact]:
        return facts_of(self.contract, self.line, self.state, self.today)

    @property
    def amendments(self) -> list[Amendment]:
        """What had changed the line by the month."""
        return [
            item
            for item in self.contract.amendments.all()
            if item.line_id == self.line.id and item.effective_on <= self.month
        ]

    @property
    def letters(self) -> list[date]:
        """The days for which the contract was given notice."""
        return [letter.effective_on for letter in letters_to_leave(self.contract)]

    @property
    def remark(self) -> str:
        """Why a month has no seats, or only those that have gone."""
        if self.month < self.contract.starts_on:
            return _("The contract had not begun on the first day of this month.")
        if not self.state.is_in_force:
            return _("The contract has ended by then: only the seats that are known to have gone are counted.")
        return ""

    def _step(self, measure: Measure) -> Step:
        amount = self.state.amount(measure)
        return Step(
            measure=measure,
            label=str(MEASURES[measure]),
            words=str(WORDS[measure]),
            numbers=f"{'; '.join(self._numbers(amount))}",
            amount=amount,
            note=self._note(measure),
            advice=[advice_of_line(item, self.line) for item in amount.missing],
        )

    def _numbers(self, amount: Amount) -> Iterator[str]:
        seats = "?" if amount.seats is None else written_count(amount.seats)
        price = "?" if amount.price_eur is None else priced(amount.price_eur)
        result = "?" if amount.eur is None else priced(amount.eur)
        yield f"{seats} × {price} = {result}"

    def _note(self, measure: Measure) -> str:
        if measure is Measure.SUNK and self.state.is_reducible:
            return _("A notice given today still reaches this month: nothing is sunk.")
        if measure is Measure.AVOIDED and self.state.prices.avoided_eur is None:
            return _("No increase is known to have been avoided.")
        return ""


def priced(amount: Decimal) -> str:
    return with_currency(written_price(amount, grouped=True), "EUR")
