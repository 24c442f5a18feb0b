"""Notice dates: what has to be decided and sent by when, and what a missed one costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.licensing import savings
from apps.licensing.dated_lines import dated_lines
from apps.licensing.models import Contract, NoticeDecision
from apps.licensing.savings import NoticeRule, Reduction

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
class NoticeDate:
    """A date at which a contract's seats can go, given notice by ``notice_by``.

    ``loss_eur`` is what a missed notice costs until the following date, before tax; None: not computable.
    """

    contract: Contract
    effective_on: date
    notice_by: date
    prepare_by: date
    decision: NoticeDecision | None
    state: State
    is_overdue: bool
    loss_eur: Decimal | None = None

    @property
    def state_label(self) -> Promise:
        return STATE_LABELS[self.state]

    @property
    def is_open(self) -> bool:
        return self.state in (State.TO_DECIDE, State.TO_SEND, State.AWAITED)

    @property
    def is_missed(self) -> bool:
        return self.state is State.MISSED


def notice_dates(contracts: Iterable[Contract], today: date) -> list[NoticeDate]:
    """Return the notice dates of contracts fetched ``with_lines`` and decisions: missed lately, and to come."""
    found = [item for contract in contracts for item in _dates_of(contract, today)]
    return sorted(found, key=lambda item: (item.notice_by, item.contract.name))


def notice_date(contract: Contract, day: date, today: date) -> NoticeDate | None:
    """Return one notice date of a contract; None where its seats cannot go on that day by notice."""
    terms = contract.terms
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
        for decision in contract.decisions.all():
            yield _made(contract, decision.effective_on, today)
        return
    last = savings.add_months(today, AHEAD_MONTHS)
    for day, needs_notice in savings.reduction_dates(contract.terms):
        notice_by = day - timedelta(days=contract.notice_days)
        if notice_by > last:
            return
        if needs_notice and notice_by >= today - MISSED_FOR:
            yield _made(contract, day, today)


def _made(contract: Contract, day: date, today: date) -> NoticeDate:
    notice_by = day - timedelta(days=contract.notice_days)
    prepare_by = notice_by - timedelta(days=contract.preparation_days)
    decision = next((row for row in contract.decisions.all() if row.effective_on == day), None)
    state = _state(contract, decision, notice_by, today)
    is_overdue = prepare_by < today and state in (State.TO_DECIDE, State.TO_SEND)
    loss = _loss_eur(contract, day, today) if state is State.MISSED else None
    return NoticeDate(contract, day, notice_by, prepare_by, decision, state, is_overdue, loss)


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


def _loss_eur(contract: Contract, day: date, today: date) -> Decimal | None:
    missed = [item for _row, line in dated_lines(contract, today) for item in savings.missed_notices(line, day, today)]
    of_day = [item.loss_eur for item in missed if item.missed_on == day]
    return savings.total_eur(of_day) if of_day else Decimal(0)
