"""Contracts of a tenant and what leaving them would free."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.licensing.contracts import operations
from apps.licensing.contracts.dates import prepare_by
from apps.licensing.contracts.forms import ContractForm, LineForm
from apps.licensing.contracts.notices import losses_of, notice_dates
from apps.licensing.figures import contract_figures, list_prices_on, tenant_figures
from apps.licensing.models import Contract, ContractLine, ContractQuerySet
from apps.licensing.once import AlreadyExists
from apps.tenants.journal_views import rows_for
from apps.tenants.models import JournalEvent, Role, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted

EVENTS_SHOWN = 50
SHOWN = (
    "amendments__line__product",
    "amendments__stored_file",
    "decisions__receipt",
)  # what the page names beyond the figures


@require_safe
@role_required(Role.PROCUREMENT)
def contract_list(request: TenantRequest) -> HttpResponse:
    today = request.tenant.today
    figures = tenant_figures(request.tenant, _contracts(request).with_lines(), today)
    rows = [(item, losses_of(notice_dates([item.contract], today))) for item in figures.contracts]
    context = {"figures": figures, "rows": rows, "today": today}
    return render(request, "licensing/contracts/contract_list.html", context)


@require_safe
@role_required(Role.PROCUREMENT)
def contract_detail(request: TenantRequest, contract_id: UUID) -> HttpResponse:
    contract = get_object_or_404(_contracts(request).with_lines().prefetch_related(*SHOWN), id=contract_id)
    today = request.tenant.today
    dates = notice_dates([contract], today)
    events = JournalEvent.objects.filter(tenant=request.tenant, object_id=contract.id).prefetch_related("links")
    context = {
        "figures": contract_figures(contract, today, list_prices_on(today, contract)),
        "today": today,
        "prepare_by": prepare_by(contract, today),
        "notices": dates,
        "losses": losses_of(dates),
        "documents": contract.documents.select_related("stored_file"),
        "events": rows_for(request.membership, events.order_by("-created_at", "-id")[:EVENTS_SHOWN]),
    }
    return render(request, "licensing/contracts/contract_detail.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def contract_create(request: TenantRequest) -> HttpResponse:
    form = ContractForm(posted(request), today=request.tenant.today)
    line_form = LineForm(posted(request), prefix="line")
    if form.is_valid() & line_form.is_valid():  # both, so that both show their errors
        try:
            contract = operations.create_contract(
                membership=request.membership, contract=form.instance, line=line_form.instance
            )
        except AlreadyExists:
            _name_is_taken(form)
        else:
            _say_saved(request, form)
            return _to_contract(request, contract.id)
    return form_page(request, "licensing/contracts/contract_form.html", form, line_form, line_form=line_form)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def contract_update(request: TenantRequest, contract_id: UUID) -> HttpResponse:
    contract = get_object_or_404(_contracts(request), id=contract_id)
    form = ContractForm(posted(request), today=request.tenant.today, instance=contract)
    if form.is_valid():
        try:
            operations.change_contract(membership=request.membership, contract=contract, fields=form.changed_fields)
        except AlreadyExists:
            _name_is_taken(form)
        else:
            _say_saved(request, form)
            return _to_contract(request, contract.id)
    return form_page(request, "licensing/contracts/contract_form.html", form, contract=contract)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def line_create(request: TenantRequest, contract_id: UUID) -> HttpResponse:
    contract = get_object_or_404(_contracts(request), id=contract_id)
    form = LineForm(posted(request))
    if form.is_valid():
        operations.add_line(membership=request.membership, contract=contract, line=form.instance)
        messages.success(request, _("The line is added."))
        return _to_contract(request, contract.id)
    return form_page(request, "licensing/contracts/line_form.html", form, contract=contract)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def line_update(request: TenantRequest, contract_id: UUID, line_id: UUID) -> HttpResponse:
    line = _line_of(request, contract_id, line_id)
    form = LineForm(posted(request), instance=line)
    if form.is_valid():
        operations.change_line(membership=request.membership, line=line, fields=form.changed_data)
        messages.success(request, _("The line is saved."))
        return _to_contract(request, contract_id)
    return form_page(request, "licensing/contracts/line_form.html", form, contract=line.contract, line=line)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def line_remove(request: TenantRequest, contract_id: UUID, line_id: UUID) -> HttpResponse:
    line = _line_of(request, contract_id, line_id)
    if request.method == "POST":
        operations.remove_line(membership=request.membership, line=line)
        messages.success(request, _("The line was removed."))
        return _to_contract(request, contract_id)
    return render(request, "licensing/contracts/line_remove.html", {"contract": line.contract, "line": line})


def _contracts(request: TenantRequest) -> ContractQuerySet:
    return Contract.objects.filter(tenant=request.tenant)


def _line_of(request: TenantRequest, contract_id: UUID, line_id: UUID) -> ContractLine:
    lines = ContractLine.objects.filter(tenant=request.tenant).select_related("contract", "product")
    return get_object_or_404(lines, contract_id=contract_id, id=line_id)


def _to_contract(request: TenantRequest, contract_id: UUID) -> HttpResponse:
    return redirect("licensing:contract_detail", tenant_slug=request.tenant.slug, contract_id=contract_id)


def _say_saved(request: TenantRequest, form: ContractForm) -> None:
    messages.success(request, _("The contract is saved."))
    if form.has_unusual_commitment:
        messages.warning(request, _("An engagement juridique usually has 10 digits: check the number."))


def _name_is_taken(form: ContractForm) -> None:
    form.add_error("name", _("Another contract has this name already."))
