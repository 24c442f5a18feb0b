"""The calendar of notice dates, what is decided for each, and its letter."""

from collections.abc import Callable
from datetime import date
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.files.responses import serve_stored_file
from apps.licensing.contracts import notice_operations
from apps.licensing.contracts.evidence_views import keep_pdf
from apps.licensing.contracts.letters import LETTERS, Letter, letter_of
from apps.licensing.contracts.notice_forms import DecisionForm, LetterForm
from apps.licensing.contracts.notices import (
    NoticeDate,
    has_letter,
    losses_of,
    notice_dates,
    notice_of_day,
)
from apps.licensing.models import Contract, ContractQuerySet, NoticeDecision
from apps.licensing.savings import Reduction, next_reduction
from apps.tenants.journal import record_by
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import enters_tenant_itself, role_required
from apps.tenants.scoping import tenant_scope
from visio_portal.forms import form_page, posted


@require_safe
@role_required(Role.PROCUREMENT)
def notice_list(request: TenantRequest) -> HttpResponse:
    """Show notice dates: those overdue first, those missed with their loss, then month by month."""
    today = request.tenant.today
    contracts = list(_contracts(request))
    dates = notice_dates(contracts, today)
    coming = [item for item in dates if not item.is_missed and not item.is_overdue and item.notice_by >= today]
    months = groupby(coming, lambda item: item.notice_by.replace(day=1))
    context = {
        "has_contracts": bool(contracts),
        "overdue": [item for item in dates if item.is_overdue and not item.is_missed],
        "losses": losses_of(dates),
        "months": [(month, list(items)) for month, items in months],
        "any_day": _any_day(contracts, today),
        "today": today,
    }
    return render(request, "licensing/contracts/notice_list.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def notice_detail(request: TenantRequest, contract_id: UUID, day: str) -> HttpResponse:
    """Decide on a date, and lead to its letter."""
    notice = _notice(request, contract_id, day)
    known = notice.decision
    form = DecisionForm(posted(request), initial={"choice": known.choice, "reason": known.reason} if known else {})
    if form.is_valid():
        notice_operations.decide(
            membership=request.membership,
            contract=notice.contract,
            effective_on=notice.effective_on,
            **form.cleaned_data,
        )
        messages.success(request, _("The decision is recorded."))
        return redirect("licensing:notice_detail", request.tenant.slug, contract_id, day)
    return form_page(request, "licensing/contracts/notice_detail.html", form, notice=notice, day=day)


@enters_tenant_itself
@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def notice_follow(request: TenantRequest, contract_id: UUID, day: str) -> HttpResponse:
    """Note when the letter was sent and received, and keep its receipt."""
    with tenant_scope(request.tenant.id):
        notice = _notice(request, contract_id, day)
        decision = _decision_with_letter(notice)
        form = LetterForm(posted(request), request.FILES or None, instance=decision)
        if not form.is_valid():
            return form_page(request, "licensing/contracts/notice_follow.html", form, notice=notice, day=day)
    upload = form.cleaned_data["file"]
    receipt = keep_pdf(request, upload) if upload else None
    with tenant_scope(request.tenant.id):
        notice_operations.follow_letter(membership=request.membership, decision=decision, receipt=receipt)
    messages.success(request, _("It is noted."))
    return redirect("licensing:notice_detail", request.tenant.slug, contract_id, day)


@require_safe
@role_required(Role.PROCUREMENT)
def notice_letter(request: TenantRequest, contract_id: UUID, day: str, letter_format: str) -> HttpResponse:
    notice = _notice(request, contract_id, day)
    _decision_with_letter(notice)
    if letter_format not in LETTERS:
        raise Http404
    path, media_type = LETTERS[letter_format]
    write: Callable[[Letter], bytes] = import_string(path)
    response = HttpResponse(write(letter_of(notice)), content_type=media_type)
    name = f"{_('notice')}-{notice.effective_on.isoformat()}.{letter_format}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    record_by(request.membership, "notice.drafted", notice.contract, effective_on=day, format=letter_format)
    return response


@require_safe
@role_required(Role.PROCUREMENT)
def notice_receipt(request: TenantRequest, contract_id: UUID, day: str) -> HttpResponseBase:
    decision = _notice(request, contract_id, day).decision
    if decision is None or decision.receipt is None:
        raise Http404
    return serve_stored_file(request, decision.receipt, as_attachment=True)


def _contracts(request: TenantRequest) -> ContractQuerySet:
    contracts = Contract.objects.filter(tenant=request.tenant).select_related("tenant").with_lines()
    return contracts.prefetch_related("decisions__receipt", "decisions__decided_by")


def _notice(request: TenantRequest, contract_id: UUID, day: str) -> NoticeDate:
    """Return a notice date of the tenant; 404 where the contract has no such date."""
    contract = get_object_or_404(_contracts(request), id=contract_id)
    notice = notice_of_day(contract, day, request.tenant.today)
    if notice is None:
        raise Http404
    return notice


def _decision_with_letter(notice: NoticeDate) -> NoticeDecision:
    if notice.decision is None or not has_letter(notice):
        raise Http404
    return notice.decision


def _any_day(contracts: list[Contract], today: date) -> list[tuple[Contract, date]]:
    """Return the contracts that may be noticed on any day, and the first date that a notice of today reaches."""
    found = []
    for contract in contracts:
        reduction = next_reduction(contract.terms, today)
        if contract.terms.reduction is Reduction.ANY_TIME and reduction and reduction.notice_by:
            found.append((contract, reduction.effective_on))
    return found
