"""The operator's editions: what is frozen, and what can be."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.licensing.dashboards.tables import Link
from apps.licensing.editions.content import Content, restated_since
from apps.licensing.editions.editions_shown import Shown, detail_head, file_of, list_head
from apps.licensing.editions.figures import closed_months, month_of
from apps.licensing.editions.freezing import draft, freeze_month
from apps.licensing.editions.tables import coverage_in_words, month_in_words, restated_today, tables_of
from apps.licensing.models import Edition
from apps.licensing.state.measures import month_dimension
from apps.licensing.state.reading import ministry_figures
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required


@require_safe
@role_required(Role.OPERATOR)
def edition_list(request: TenantRequest) -> HttpResponse:
    """List the editions, and the closed months of which there is none yet."""
    editions = [_shown(edition) for edition in Edition.objects.select_related("frozen_by")]
    waiting = [(month, month_dimension(month)) for month in open_months(request.tenant.today)]
    return render(
        request, "licensing/editions/edition_list.html", {**list_head(), "editions": editions, "waiting": waiting}
    )


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def edition_create(request: TenantRequest, month: str) -> HttpResponse:
    """Show what would be frozen, and freeze it once that is confirmed."""
    found = month_of(month, closed_months(request.tenant.today))
    if found is None:
        raise Http404
    frozen = Edition.objects.filter(month=found).first()
    if request.method == "POST":
        edition = freeze_month(membership=request.membership, month=found)
        messages.success(request, _("Edition no. %(number)s is frozen.") % {"number": edition.number})
        return redirect("editions:edition_detail", edition.number)
    if frozen:
        return redirect("editions:edition_detail", frozen.number)
    content = draft(found, request.tenant.today, list(Edition.objects.all()))
    context = {
        "heading": _("Freeze %(month)s") % {"month": month_in_words(found)},
        "lead": coverage_in_words(content),
        "above": Link(_("Editions"), reverse("editions:edition_list")),
        "draft": content,
        "tables": tables_of(content),
    }
    return render(request, "licensing/editions/edition_create.html", context)


@require_safe
@role_required(Role.OPERATOR)
def edition_detail(request: TenantRequest, number: int) -> HttpResponse:
    shown = _shown(get_object_or_404(Edition.objects.select_related("frozen_by"), number=number))
    restated = restated_since(shown.content, ministry_figures([shown.edition.month], is_whole=True))
    tables = [*shown.tables, restated_today(restated, request.tenant.today)]
    context = {**detail_head(shown, reverse("editions:edition_list")), "shown": shown, "tables": tables}
    return render(request, "licensing/editions/edition_detail.html", context)


@require_safe
@role_required(Role.OPERATOR)
def edition_file(request: TenantRequest, number: int, edition_format: str) -> HttpResponse:
    return file_of(request, _shown(get_object_or_404(Edition, number=number)), edition_format)


def open_months(today: date) -> list[date]:
    """Return the closed months that no edition has frozen yet, the newest first."""
    frozen = set(Edition.objects.values_list("month", flat=True))
    return [month for month in closed_months(today) if month not in frozen]


def _shown(edition: Edition) -> Shown:
    url = reverse("editions:edition_detail", kwargs={"number": edition.number})
    return Shown(edition, Content.of(edition), url)
