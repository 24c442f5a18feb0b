"""What a ministry says of a closed month."""

from datetime import date

from django.db import transaction

from apps.licensing.editions.figures import Figures, to_json
from apps.licensing.models import MonthStatement
from apps.licensing.state.measures import month_dimension
from apps.tenants.journal import record_by
from apps.tenants.models import Membership
from visio_portal.figure_requests import request_figures


@transaction.atomic
def state_month(
    *, membership: Membership, month: date, answer: MonthStatement.Answer, comment: str, figures: Figures
) -> MonthStatement:
    """Confirm or comment the figures of a month as they were shown; a later word replaces the former one.

    The operator learns that there is one by the ministry's next aggregates, never what was written.
    """
    tenant = membership.tenant
    said = {"answer": answer, "comment": comment, "figures": to_json(figures), "by": membership}
    statement, _is_new = MonthStatement.objects.update_or_create(tenant=tenant, month=month, defaults=said)
    record_by(membership, "month.stated", statement, month=month_dimension(month), answer=str(answer))
    request_figures(tenant.id, tenant.today)
    return statement
