"""Scenarios: compared in columns, kept, changed, copied and removed; and the need that the waves plan."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.licensing.models import Contract, Scenario
from apps.licensing.once import AlreadyExists
from apps.licensing.savings_pages.views import as_file
from apps.licensing.scenarios import operations
from apps.licensing.scenarios.comparison import Comparison, comparison_of
from apps.licensing.scenarios.forms import ScenarioForm
from apps.licensing.scenarios.needs import planned_needs_of
from apps.licensing.situation import situation_of
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted

FORM = "licensing/scenarios/form.html"
RESULTS = "scenario-results"


@require_safe
@role_required(Role.PROCUREMENT)
def scenario_list(request: TenantRequest) -> HttpResponse:
    kept = list(Scenario.objects.filter(tenant=request.tenant))
    context = {"kept": kept, "comparison": _comparison(request, kept), "is_live": False}
    if request.headers.get("HX-Target") == RESULTS:
        return render(request, "licensing/scenarios/results.html", context | {"is_live": True})
    return render(request, "licensing/scenarios/scenario_list.html", context)


@require_safe
@role_required(Role.PROCUREMENT)
def scenario_table(request: TenantRequest, table: str, table_format: str) -> HttpResponse:
    comparison = _comparison(request, list(Scenario.objects.filter(tenant=request.tenant)))
    found = next((sheet.table for sheet in comparison.sheets if sheet.table.key == table), None)
    if found is None:
        raise Http404
    return as_file(found, f"scenarios-{table}-{request.tenant.today.isoformat()}", table_format)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def scenario_create(request: TenantRequest) -> HttpResponse:
    form = ScenarioForm(posted(request), initial=request.GET.dict())
    if form.is_valid():
        try:
            operations.keep_scenario(membership=request.membership, scenario=form.instance)
        except AlreadyExists:
            _name_is_taken(form)
        else:
            return _saved(request, _("The scenario is kept."))
    return form_page(request, FORM, form, title=_("Keep a scenario"), submit=_("Keep the scenario"))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def scenario_update(request: TenantRequest, scenario_id: UUID) -> HttpResponse:
    form = ScenarioForm(posted(request), instance=_scenario(request, scenario_id), initial=request.GET.dict())
    if form.is_valid():
        scenario = form.instance
        try:
            operations.change_scenario(membership=request.membership, scenario=scenario, fields=list(form.cleaned_data))
        except AlreadyExists:
            _name_is_taken(form)
        else:
            return _saved(request, _("The scenario is saved."))
    return form_page(request, FORM, form, title=_("Change a scenario"), submit=_("Save the scenario"))


@require_POST
@role_required(Role.PROCUREMENT)
def scenario_duplicate(request: TenantRequest, scenario_id: UUID) -> HttpResponse:
    scenario = _scenario(request, scenario_id)
    try:
        copy = operations.duplicate_scenario(membership=request.membership, scenario=scenario)
    except AlreadyExists:
        messages.error(request, _("There are too many copies of this scenario."))
        return redirect("licensing:scenario_list", tenant_slug=request.tenant.slug)
    return _saved(request, _("The copy is kept as: %(name)s") % {"name": copy.name})


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def scenario_remove(request: TenantRequest, scenario_id: UUID) -> HttpResponse:
    scenario = _scenario(request, scenario_id)
    if request.method == "POST":
        operations.remove_scenario(membership=request.membership, scenario=scenario)
        return _saved(request, _("The scenario was removed."))
    return render(request, "licensing/scenarios/remove.html", {"scenario": scenario})


@require_safe
@role_required(Role.PROCUREMENT)
def planned_need(request: TenantRequest) -> HttpResponse:
    return render(request, "licensing/scenarios/needs.html", {"needs": planned_needs_of(request.tenant)})


@require_safe
@role_required(Role.PROCUREMENT)
def planned_need_table(request: TenantRequest, table: str, table_format: str) -> HttpResponse:
    needs = planned_needs_of(request.tenant)
    found = next((sheet.table for sheet in needs.sheets if sheet.table.key == table), None)
    if found is None:
        raise Http404
    return as_file(found, f"need-{table}-{request.tenant.today.isoformat()}", table_format)


def _comparison(request: TenantRequest, kept: list[Scenario]) -> Comparison:
    contracts = Contract.objects.filter(tenant=request.tenant).with_lines()
    situation = situation_of(request.tenant, contracts, request.tenant.today)
    return comparison_of(request.GET, kept, request.tenant, situation)


def _scenario(request: TenantRequest, scenario_id: UUID) -> Scenario:
    return get_object_or_404(Scenario, tenant=request.tenant, id=scenario_id)


def _name_is_taken(form: ScenarioForm) -> None:
    form.add_error("name", _("A scenario of this name is kept already."))


def _saved(request: TenantRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("licensing:scenario_list", tenant_slug=request.tenant.slug)
