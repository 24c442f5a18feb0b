"""The savings as pages, and their tables as files."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.licensing.dashboards.files import FILES
from apps.licensing.dashboards.tables import Table
from apps.licensing.models import Contract
from apps.licensing.savings import HORIZON, add_months
from apps.licensing.savings_pages.book import Book, line_month_url
from apps.licensing.savings_pages.explained import OpenedMonth
from apps.licensing.savings_pages.forms import NetForm, SavingsForm
from apps.licensing.savings_pages.months import FIRST_YEAR, code_of, month_of_code
from apps.licensing.savings_pages.net_book import NetBook, begun_in
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required

ATTACHED = ("amendments__line__product", "amendments__stored_file")


@require_safe
@role_required(Role.PROCUREMENT)
def savings(request: TenantRequest) -> HttpResponse:
    form = SavingsForm(request.GET, tenant=request.tenant)
    book = Book(request.tenant, *form.wanted(request.tenant.today.year))
    context = {"form": form, "book": book, "query": request.GET.urlencode()}
    return render(request, "licensing/savings/savings.html", context)


@require_safe
@role_required(Role.PROCUREMENT)
def savings_table(request: TenantRequest, table: str, table_format: str) -> HttpResponse:
    form = SavingsForm(request.GET, tenant=request.tenant)
    book = Book(request.tenant, *form.wanted(request.tenant.today.year))
    found = next((sheet for sheet in (*book.sheets, book.details) if sheet.table.key == table), None)
    if found is None:
        raise Http404
    return as_file(found.as_file, f"savings-{table}-{book.year or HORIZON.year}", table_format)


@require_safe
@role_required(Role.PROCUREMENT)
def savings_net(request: TenantRequest) -> HttpResponse:
    form, book = _net(request)
    context = {"form": form, "book": book, "query": request.GET.urlencode()}
    return render(request, "licensing/savings/net.html", context)


@require_safe
@role_required(Role.PROCUREMENT)
def savings_net_table(request: TenantRequest, table_format: str) -> HttpResponse:
    _form, book = _net(request)
    return as_file(book.sheet.as_file, f"net-{book.today.isoformat()}", table_format)


def _net(request: TenantRequest) -> tuple[NetForm, NetBook]:
    """Return the filter and the net that it asks for; a month that makes no sense counts as none."""
    begun = begun_in(request.tenant)
    form = NetForm(request.GET, begun=begun, today=request.tenant.today)
    return form, NetBook(request.tenant, form.wanted or begun)


@require_safe
@role_required(Role.PROCUREMENT)
def savings_month(request: TenantRequest, month: str) -> HttpResponse:
    day = month_of_code(month)
    book = Book(request.tenant, day.year)
    context = {"month": day, "book": book, "sheet": book.month_sheet(day), "today": book.today}
    return render(request, "licensing/savings/month.html", context)


@require_safe
@role_required(Role.PROCUREMENT)
def savings_line_month(request: TenantRequest, contract_id: UUID, line_id: UUID, month: str) -> HttpResponse:
    day = month_of_code(month)
    contracts = Contract.objects.filter(tenant=request.tenant).select_related("tenant").with_lines()
    contract = get_object_or_404(contracts.prefetch_related(*ATTACHED), id=contract_id)
    line = next((item for item in contract.lines.all() if item.id == line_id), None)
    if line is None:
        raise Http404
    before, after = add_months(day, -1), add_months(day, 1)
    context = {
        "opened": OpenedMonth(contract, line, day, request.tenant.today),
        "before": before if before.year >= FIRST_YEAR else None,
        "before_url": line_month_url(request.tenant, line, before),
        "after": after if after <= HORIZON else None,
        "after_url": line_month_url(request.tenant, line, after),
        "month_code": code_of(day),
    }
    return render(request, "licensing/savings/line_month.html", context)


def as_file(table: Table, name: str, table_format: str) -> HttpResponse:
    """Answer with a table as a file; raise Http404 for a format that is not written."""
    if table_format not in FILES:
        raise Http404
    written_by, media_type = FILES[table_format]
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{table_format}"'}
    return HttpResponse(written_by(table), content_type=media_type, headers=disposition)
