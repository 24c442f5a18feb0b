"""A ministry's dashboard as a page that follows its figures, and its tables as files."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from apps.licensing.dashboards.files import FILES
from apps.licensing.dashboards.forms import DashboardForm
from apps.licensing.dashboards.ministry import Dashboard
from apps.licensing.dashboards.report import file_name
from apps.tenants.journal import record_by
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required

REPORT = "apps.licensing.dashboards.report_pdf.report_pdf"


@require_safe
@role_required(Role.PROCUREMENT)
def dashboard(request: TenantRequest) -> HttpResponse:
    form, shown = _asked_for(request)
    if request.headers.get("HX-Request"):  # the live part asks whether what it shows still holds
        if request.GET.get("seen") == shown.digest:
            return HttpResponse(status=204)
        return render(request, "licensing/dashboards/figures.html", _context(request, shown))
    return render(request, "licensing/dashboards/dashboard.html", _context(request, shown) | {"form": form})


@require_safe
@role_required(Role.PROCUREMENT)
def dashboard_table(request: TenantRequest, table: str, table_format: str) -> HttpResponse:
    _form, shown = _asked_for(request)
    found = next((item for item in shown.tables if item.key == table), None)
    if found is None or table_format not in FILES:
        raise Http404
    written_by, media_type = FILES[table_format]
    name = f"{table}-{shown.today.isoformat()}.{table_format}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(written_by(found), content_type=media_type, headers=disposition)


@require_safe
@role_required(Role.PROCUREMENT)
def dashboard_report(request: TenantRequest) -> HttpResponse:
    """Hand out the figures as a report for a minister's office."""
    _form, shown = _asked_for(request)
    write: Callable[[Dashboard], bytes] = import_string(REPORT)  # typst is loaded at the first report
    response = HttpResponse(write(shown), content_type="application/pdf")
    name = file_name(shown.today)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    record_by(request.membership, "dashboard.exported", year=shown.year, format="pdf")
    return response


def _asked_for(request: TenantRequest) -> tuple[DashboardForm, Dashboard]:
    """Return the filters and the figures that they ask for; a filter that makes no sense counts as none."""
    form = DashboardForm(request.GET, tenant=request.tenant)
    form.is_valid()
    wanted = form.cleaned_data
    year = wanted.get("year") or request.tenant.today.year
    return form, Dashboard(request.tenant, year, wanted.get("product"), wanted.get("unit"))


def _context(request: TenantRequest, shown: Dashboard) -> dict[str, object]:
    query = request.GET.copy()
    query.pop("seen", None)
    return {"dashboard": shown, "query": query.urlencode()}
