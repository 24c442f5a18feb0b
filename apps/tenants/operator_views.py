"""The operator's area: every tenant in aggregate, and the establishments whose people wait for one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.tenants import operations
from apps.tenants.forms import RouteForm
from apps.tenants.models import IdentityRoute, QuarantinedSignIn, Role, Tenant, TenantFigure, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted

MEASURES = ("agents", "members", "meetings_28d", "recorded_hours_28d", "potential_eur_year")
FEWEST_PEOPLE = 10


class Gap(Enum):
    """Why a cell has no value."""

    NOT_COMPUTED = "not_computed"
    TOO_FEW = "too_few"
    NOT_COMPUTABLE = "not_computable"


@dataclass(frozen=True)
class Cell:
    measure: str
    value: Decimal | None
    gap: Gap | None


@dataclass(frozen=True)
class TenantRow:
    """A tenant with its newest figures; ``day`` is the oldest of their days."""

    tenant: Tenant
    cells: list[Cell]
    day: date | None


@require_safe
@role_required(Role.OPERATOR)
def home(request: TenantRequest) -> HttpResponse:
    context = {"rows": tenant_rows(), "waiting": waiting_establishments(timezone.localdate())}
    return render(request, "operator/home.html", context)


def waiting_establishments(today: date) -> QuerySet[Any, Any]:
    """Return each SIRET whose people would be refused again today, with their number; the oldest first."""
    routes = IdentityRoute.objects.valid_on(today).filter(
        Q(idp_id="") | Q(idp_id=OuterRef("user__idp_id")),
        kind=IdentityRoute.Kind.SIRET,
        value=OuterRef("siret"),
    )
    waiting = QuarantinedSignIn.objects.exclude(Exists(routes)).values("siret")
    return waiting.annotate(people=Count("id"), since=Min("first_seen_at")).order_by("since")


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def route_create(request: TenantRequest) -> HttpResponse:
    initial = {"siret": request.GET.get("siret", ""), "starts_on": request.tenant.today}
    form = RouteForm(posted(request), initial=initial)
    if form.is_valid():
        try:
            operations.route_establishment(by=request.membership, **form.cleaned_data)
        except operations.RouteExists:
            form.add_error("starts_on", _("This SIRET has a route from this day on already."))
        else:
            messages.success(request, _("The establishment is routed: its people can sign in again now."))
            return redirect("operator_home")
    return form_page(request, "operator/route_form.html", form)


def tenant_rows() -> list[TenantRow]:
    """Return every tenant with the figures of its newest day, by name; two queries for any number."""
    newest = TenantFigure.objects.filter(tenant=OuterRef("pk")).order_by("-day").values("day")[:1]
    tenants = list(Tenant.objects.ministries().annotate(figures_on=Subquery(newest)))
    days = {tenant.pk: vars(tenant)["figures_on"] for tenant in tenants}
    # Of each tenant by the index: the newest of every measure would have to be looked for among all days.
    kept = TenantFigure.objects.filter(
        tenant__in=tenants, day__in={day for day in days.values() if day}, measure__in=MEASURES, dimension=""
    )
    figures: dict[UUID, dict[str, TenantFigure]] = {}
    for figure in kept:
        if figure.day == days[figure.tenant_id]:
            figures.setdefault(figure.tenant_id, {})[figure.measure] = figure
    return [row_of(tenant, figures.get(tenant.pk, {})) for tenant in tenants]


def row_of(tenant: Tenant, figures: dict[str, TenantFigure]) -> TenantRow:
    cells = [cell_of(measure, figures.get(measure)) for measure in MEASURES]
    return TenantRow(tenant, cells, min((figure.day for figure in figures.values()), default=None))


def cell_of(measure: str, figure: TenantFigure | None) -> Cell:
    if figure is None:
        return Cell(measure, None, Gap.NOT_COMPUTED)
    if figure.value is None:
        return Cell(measure, None, Gap.TOO_FEW if 0 < figure.population < FEWEST_PEOPLE else Gap.NOT_COMPUTABLE)
    return Cell(measure, figure.value, None)
