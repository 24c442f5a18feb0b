"""The operator's dashboard as pages that follow their figures, and its tables as files."""

from collections.abc import Mapping
from functools import partial

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.licensing.dashboards.files import FILES
from apps.licensing.state.comparison import Sorting
from apps.licensing.state.dashboard import StateDashboard, months_told
from apps.licensing.state.forms import StateForm, YearForm, sort_asked_for
from apps.licensing.state.reading import ministry_figures
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required


@require_safe
@role_required(Role.OPERATOR)
def dashboard(request: TenantRequest) -> HttpResponse:
    form, shown = _state(request)
    page = {"form": form, "tables_below": ("state:dashboard_table", {}), "here": reverse("state:dashboard")}
    return _page(request, shown, page)


@require_safe
@role_required(Role.OPERATOR)
def dashboard_table(request: TenantRequest, table: str, table_format: str) -> HttpResponse:
    return _file(_state(request)[1], table, table_format, "state")


@require_safe
@role_required(Role.OPERATOR)
def ministry(request: TenantRequest, ministry: str) -> HttpResponse:
    """One ministry's aggregates: never its rows, which the operator may not read."""
    form, shown = _ministry(request, ministry)
    known = {"ministry": ministry}
    page = {
        "form": form,
        "ministry": shown.ministries[0],
        "tables_below": ("state:ministry_table", known),
        "here": reverse("state:ministry", kwargs=known),
    }
    return _page(request, shown, page)


@require_safe
@role_required(Role.OPERATOR)
def ministry_table(request: TenantRequest, ministry: str, table: str, table_format: str) -> HttpResponse:
    return _file(_ministry(request, ministry)[1], table, table_format, ministry)


def _state(request: TenantRequest) -> tuple[StateForm, StateDashboard]:
    """Return the filters and the figures that they ask for; a filter that makes no sense counts as none."""
    today, year = request.tenant.today, _year(request)
    listed = ministry_figures(months_told(year, today))
    form = StateForm(request.GET, today=today, tenants=[item.tenant for item in listed])
    form.is_valid()
    wanted = form.cleaned_data.get("ministry")
    chosen = [item for item in listed if item.tenant.slug == wanted] if wanted else listed
    return form, StateDashboard(chosen, year, today, _sorting(request.GET))


def _ministry(request: TenantRequest, slug: str) -> tuple[YearForm, StateDashboard]:
    today, year = request.tenant.today, _year(request)
    found = ministry_figures(months_told(year, today), slug)
    if not found:
        raise Http404
    form = YearForm(request.GET, today=today)
    return form, StateDashboard(found, year, today, _sorting(request.GET), is_of_one=True)


def _year(request: TenantRequest) -> int:
    form = YearForm(request.GET, today=request.tenant.today)
    form.is_valid()
    return form.cleaned_data.get("year") or request.tenant.today.year


def _sorting(query: QueryDict) -> Sorting:
    key, is_descending = sort_asked_for(query)
    return Sorting(key, is_descending, partial(_sort_url, query, key, is_descending))


def _sort_url(query: QueryDict, sorted_by: str, is_descending: bool, key: str) -> str:
    """Return where the same figures are sorted by a column: downwards where it is the upward one already."""
    further = query.copy()
    further.pop("seen", None)
    further["sort"] = f"-{key}" if key == sorted_by and not is_descending else key
    return f"?{further.urlencode()}#ministries"


def _page(request: TenantRequest, shown: StateDashboard, page: Mapping[str, object]) -> HttpResponse:
    query = request.GET.copy()
    query.pop("seen", None)
    context = {**page, "dashboard": shown, "query": query.urlencode()}
    if request.headers.get("HX-Request"):  # the live part asks whether what it shows still holds
        if request.GET.get("seen") == shown.digest:
            return HttpResponse(status=204)
        return render(request, "licensing/state/figures.html", context)
    return render(request, "licensing/state/dashboard.html", context)


def _file(shown: StateDashboard, key: str, table_format: str, name: str) -> HttpResponse:
    found = next((item for item in shown.tables if item.key == key), None)
    if found is None or table_format not in FILES:
        raise Http404
    written_by, media_type = FILES[table_format]
    disposition = f'attachment; filename="{name}-{key}-{shown.today.isoformat()}.{table_format}"'
    return HttpResponse(written_by(found), content_type=media_type, headers={"Content-Disposition": disposition})
