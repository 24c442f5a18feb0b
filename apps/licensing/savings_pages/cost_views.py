"""The pages of one-off costs."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.licensing.models import OneOffCost
from apps.licensing.savings_pages import costs
from apps.licensing.savings_pages.forms import OneOffCostForm
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted

FORM = "licensing/savings/cost_form.html"


@require_safe
@role_required(Role.PROCUREMENT)
def cost_list(request: TenantRequest) -> HttpResponse:
    found = OneOffCost.objects.filter(tenant=request.tenant)
    context = {"costs": found, "total": found.aggregate(eur=Sum("amount_eur"))["eur"]}
    return render(request, "licensing/savings/cost_list.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def cost_create(request: TenantRequest) -> HttpResponse:
    form = OneOffCostForm(posted(request), initial={"month": request.tenant.today})
    if form.is_valid():
        costs.add_cost(membership=request.membership, cost=form.instance)
        return _saved(request, _("The cost is saved and counts in the net."))
    return form_page(request, FORM, form, title=_("Add a one-off cost"))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def cost_update(request: TenantRequest, cost_id: UUID) -> HttpResponse:
    form = OneOffCostForm(posted(request), instance=_cost(request, cost_id))
    if form.is_valid():
        costs.change_cost(membership=request.membership, cost=form.instance, fields=form.changed_data)
        return _saved(request, _("The cost is saved and counts in the net."))
    return form_page(request, FORM, form, title=_("Change a one-off cost"))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def cost_remove(request: TenantRequest, cost_id: UUID) -> HttpResponse:
    cost = _cost(request, cost_id)
    if request.method == "POST":
        costs.remove_cost(membership=request.membership, cost=cost)
        return _saved(request, _("The cost was removed."))
    return render(request, "licensing/savings/cost_remove.html", {"cost": cost})


def _cost(request: TenantRequest, cost_id: UUID) -> OneOffCost:
    return get_object_or_404(OneOffCost, tenant=request.tenant, id=cost_id)


def _saved(request: TenantRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("licensing:one_off_cost_list", tenant_slug=request.tenant.slug)
