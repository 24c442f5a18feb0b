"""What the demonstration's ministries said of their closed months, and the first edition of the State's figures."""

from apps.licensing.editions.figures import closed_months, figures_by_month
from apps.licensing.editions.freezing import freeze_month
from apps.licensing.editions.operations import state_month
from apps.licensing.models import Edition, MonthStatement
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.scoping import operator_scope, tenant_scope
from visio_portal.figures import compute_figures

COMMENT = "La facture de l’avenant n’est pas encore arrivée : le montant engagé deviendra réalisé le mois prochain."
SPEAKERS = 2  # the others say nothing, as happens


def seed_editions() -> None:
    """Have some ministries speak of the month before last, and freeze it as all were counted; once."""
    if Edition.objects.exists():
        return
    for number, tenant in enumerate(Tenant.objects.ministries()[:SPEAKERS]):
        with tenant_scope(tenant.id):
            _state(tenant, is_comment=bool(number))
        compute_figures(tenant_id=tenant.id, day=tenant.today)
    operator = Tenant.objects.get(kind=Tenant.Kind.OPERATOR)
    with operator_scope(operator.id):
        member = Membership.objects.select_related("tenant", "user").filter(roles__contains=[Role.OPERATOR])[0]
        freeze_month(membership=member, month=closed_months(operator.today)[1])


def _state(tenant: Tenant, *, is_comment: bool) -> None:
    officer = Membership.objects.select_related("tenant").filter(roles__contains=[Role.PROCUREMENT]).first()
    if officer is None:
        return
    _newest, month, *_older = closed_months(tenant.today)
    answer = MonthStatement.Answer.COMMENTED if is_comment else MonthStatement.Answer.CONFIRMED
    figures = figures_by_month(tenant, tenant.today)[month]
    state_month(membership=officer, month=month, answer=answer, comment=COMMENT if is_comment else "", figures=figures)
