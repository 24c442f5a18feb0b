"""Notice dates: what has to be decided and sent by when, and what a missed one costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from itertools import groupby

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from apps.licensing import savings
from apps.licensing.dated_lines import dated_lines, decisions_of, left_by_notice_on
from apps.licensing.models import Amendment, Contract, ContractLine, NoticeDecision
from apps.licensing.savings import Amount, LineKind, MissedNotice, NoticeRule, Reduction

AHEAD_MONTHS = 24  # how far the calendar reaches
MISSED_FOR = timedelta(days=365)  # how long a missed notice is shown


class State(Enum):
    TO_DECIDE = "to_decide"
    TO_SEND = "to_send"
    AWAITED = "awaited"  # sent, and to be received by the day
    GIVEN = "given"
    KEPT = "kept"
    MISSED = "missed"


STATE_LABELS: dict[State, Promise] = {
    State.TO_DECIDE: _("to decide"),
    State.TO_SEND: _("letter to send"),
    State.AWAITED: _("receipt awaited"),
    State.GIVEN: _("notice given"),
    State.KEPT: _("kept as it is"),
    State.MISSED: _("missed"),
}


@dataclass(frozen=True)
class LossPart:
    """Months in a row in which the same seats at the same price could have gone: months · seats · price."""

    months: int
    seats: int | None
    price_eur: Decimal | None
    eur: Decimal | None


@dataclass(frozen=True)
class LineLoss:
    """What a missed notice costs for one line until the following date, before tax; None: not computable."""

    missed: MissedNotice

    @property
    def parts(self) -> list[LossPart]:
        alike = groupby(self.missed.amounts, lambda amount: (amount.seats, amount.price_eur))
        return [_loss_part(list(amounts)) for _factors, amounts in alike]


@dataclass(frozen=True)
class MissingAmendment:
    """Seats of a line that a notice given makes go, and that no amendment says; ``seats`` None: how many is unknown."""

    line: ContractLine
    seats: int | None
    query: str  # fills in the form


@dataclass(frozen=True)
class NoticeDate:
    """A date at which a contract's seats can go, given notice by ``notice_by``.

    ``losses`` only where it was missed, ``missing`` only where notice to reduce was given.
    """

    contract: Contract
    effective_on: date
    notice_by: date
    prepare_by: date
    decision: NoticeDecision | None
    state: State
    is_overdue: bool
    losses: tuple[LineLoss, ...] = ()
    missing: tuple[MissingAmendment, ...] = ()

    @property
    def state_label(self) -> Promise:
        return STATE_LABELS[self.state]

    @property
    def is_open(self) -> bool:
        return self.state in (State.TO_DECIDE, State.TO_SEND, State.AWAITED)

    @property
    def is_missed(self) -> bool:
        return self.state is State.MISSED

    @property
    def loss_eur(self) -> Decimal | None:
        """What a missed notice costs until the following date, before tax; None: not missed, or not computable."""
        if not self.is_missed:
            return None
        return savings.total_eur([Decimal(0), *(item.missed.loss_eur for item in self.losses)])

    @property
    def following_on(self) -> date | None:
        """Return the date until which a missed notice makes seats stay, where that costs anything."""
        return self.losses[0].missed.effective_on if self.losses else None


@dataclass(frozen=True)
class Losses:
    """What missed notices cost together; of ``unknown`` ones it is not computable."""

    missed: list[NoticeDate]

    @property
    def eur(self) -> Decimal | None:
        """Return the sum of what is computable; None where nothing is."""
        known = [item.loss_eur for item in self.missed if item.loss_eur is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def unknown(self) -> int:
        return sum(item.loss_eur is None for item in self.missed)


def losses_of(dates: Iterable[NoticeDate]) -> Losses:
    """Return those of notice dates that were missed, with what they cost."""
    return Losses([item for item in dates if item.is_missed])


def notice_dates(contracts: Iterable[Contract], today: date) -> list[NoticeDate]:
    """Return the notice dates of contracts fetched ``with_lines`` and decisions: missed lately, and to come."""
    found = [item for contract in contracts for item in _dates_of(contract, today)]
    return sorted(found, key=lambda item: (item.notice_by, item.contract.name))


def notice_date(contract: Contract, day: date, today: date) -> NoticeDate | None:
    """Return one notice date of a contract; None where its seats cannot go on that day by notice."""
    terms, left_on = contract.terms, left_by_notice_on(contract)
    if left_on is not None and day > left_on:
        return None
    if terms.reduction is Reduction.ANY_TIME:
        is_date = terms.starts_on <= day and (terms.ends_on is None or day < terms.ends_on)
        return _made(contract, day, today) if is_date else None
    for found, needs_notice in savings.reduction_dates(terms):
        if found >= day or found.year > day.year:
            return _made(contract, day, today) if found == day and needs_notice else None
    return None


def notice_of_day(contract: Contract, day: str, today: date) -> NoticeDate | None:
    """Return the notice date that an address names as YYYY-MM-DD; None where it names none of the contract's."""
    try:
        found = notice_date(contract, date.fromisoformat(day), today)
    except ValueError:
        return None
    return found if found is not None and found.effective_on.isoformat() == day else None


def has_letter(notice: NoticeDate) -> bool:
    """Return whether a letter follows from what was decided."""
    return notice.decision is not None and notice.decision.choice != NoticeDecision.Choice.KEEP


def _dates_of(contract: Contract, today: date) -> Iterable[NoticeDate]:
    if contract.terms.reduction is Reduction.ANY_TIME:  # no day can be missed: those that somebody decided on
        for decision in decisions_of(contract):
            yield _made(contract, decision.effective_on, today)
        return
    last, left_on = savings.add_months(today, AHEAD_MONTHS), left_by_notice_on(contract)
    for day, needs_notice in savings.reduction_dates(contract.terms):
        notice_by = day - timedelta(days=contract.notice_days)
        if notice_by > last or (left_on is not None and day > left_on):
            return
        if needs_notice and notice_by >= today - MISSED_FOR:
            yield _made(contract, day, today)


def _made(contract: Contract, day: date, today: date) -> NoticeDate:
    notice_by = day - timedelta(days=contract.notice_days)
    prepare_by = notice_by - timedelta(days=contract.preparation_days)
    decision = next((row for row in decisions_of(contract) if row.effective_on == day), None)
    state = _state(contract, decision, notice_by, today)
    is_overdue = prepare_by < today and state in (State.TO_DECIDE, State.TO_SEND)
    losses = _losses(contract, day, today) if state is State.MISSED else ()
    missing = _missing(decision, contract, today) if decision is not None and state is State.GIVEN else ()
    return NoticeDate(contract, day, notice_by, prepare_by, decision, state, is_overdue, losses, missing)


def _state(contract: Contract, decision: NoticeDecision | None, notice_by: date, today: date) -> State:
    if decision is not None and decision.choice == NoticeDecision.Choice.KEEP:
        return State.KEPT
    told_on = None
    if decision is not None:
        is_sending_enough = contract.terms.notice_rule is NoticeRule.SENT
        told_on = decision.sent_on if is_sending_enough else decision.received_on
    if told_on is not None and told_on <= notice_by:
        return State.GIVEN
    if today > notice_by or told_on is not None:
        return State.MISSED
    if decision is None:
        return State.TO_DECIDE
    return State.AWAITED if decision.sent_on else State.TO_SEND


def _losses(contract: Contract, day: date, today: date) -> tuple[LineLoss, ...]:
    missed = [item for _row, line in dated_lines(contract, today) for item in savings.missed_notices(line, day, today)]
    return tuple(LineLoss(item) for item in missed if item.missed_on == day)


def _missing(decision: NoticeDecision, contract: Contract, today: date) -> tuple[MissingAmendment, ...]:
    """Return each line of which a notice to reduce makes seats go while no amendment says how many."""
    if decision.choice != NoticeDecision.Choice.REDUCE:
        return ()
    day, found = decision.effective_on, []
    amendments = [item for item in contract.amendments.all() if item.kind == Amendment.Kind.SEATS]
    said = {item.line_id for item in amendments if item.effective_on == day}
    for line, dated in dated_lines(contract, today):
        if line.id in said or dated.kind is LineKind.NOT_SEPARABLE:
            continue
        seats = savings.month_of(dated, day, today).open_seats
        if seats != 0:
            found.append(MissingAmendment(line, seats, _query(decision, line, seats)))
    return tuple(found)


def _query(decision: NoticeDecision, line: ContractLine, seats: int | None) -> str:
    told_on = decision.received_on or decision.sent_on
    return urlencode(
        {
            "kind": Amendment.Kind.SEATS.value,
            "line": str(line.id),
            "seats": "" if seats is None else str(-seats),
            "effective_on": decision.effective_on.isoformat(),
            "evidence": Amendment.Evidence.NOTICE.value,
            "evidenced_on": told_on.isoformat() if told_on else "",
            "number": decision.tracking_number,
        }
    )


def _loss_part(amounts: list[Amount]) -> LossPart:
    first = amounts[0]
    return LossPart(len(amounts), first.seats, first.price_eur, savings.total_eur(item.eur for item in amounts))
