"""The dates of a contract that somebody has to keep."""

from datetime import date, timedelta

from apps.licensing import savings
from apps.licensing.models import Contract


def prepare_by(contract: Contract, today: date) -> date | None:
    """Return the internal deadline of the next notice: its last day less the days to prepare it."""
    reduction = savings.next_reduction(contract.terms, today)
    if reduction is None or reduction.notice_by is None or contract.terms.reduction is savings.Reduction.ANY_TIME:
        return None
    return reduction.notice_by - timedelta(days=contract.preparation_days)
