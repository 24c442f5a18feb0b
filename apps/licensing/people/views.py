"""Matching: which accounts are one person, and which unit a department is."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.licensing.models import Alias, UsageImport
from apps.licensing.people import departments as units_of
from apps.licensing.people import matching
from apps.licensing.people.forms import AccountSearchForm, AliasForm, DepartmentsForm
from apps.licensing.people.pages import page_number, page_over
from apps.licensing.people.sources import sources_on
from apps.tenants.models import Role, TenantRequest, Unit
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted
from visio_portal.paging import PAGE_SIZE, page_of

DEPARTMENTS_PAGE = 20


@require_safe
@role_required(Role.PROCUREMENT)
def account_list(request: TenantRequest) -> HttpResponse:
    """Show how far the accounts are matched, and list them."""
    sources = sources_on(request.tenant, request.tenant.today)
    form = AccountSearchForm(request.GET)
    number = page_number(request)
    found = matching.find_accounts(
        request.tenant, sources, form.search, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    context = {
        "counts": matching.match_counts(request.tenant, sources),
        "form": form,
        "search": form.search,
        "page_obj": page_over(found.rows, number, found.total, PAGE_SIZE),
    }
    return render(request, "licensing/people/account_list.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def alias_list(request: TenantRequest) -> HttpResponse:
    """Show who counts as whom, and what else may be one person."""
    form = AliasForm(posted(request), tenant=request.tenant)
    if form.is_valid():
        pair = (form.cleaned_data["identifier"], form.cleaned_data["person"])
        return _confirm(request, [pair])
    sources = sources_on(request.tenant, request.tenant.today)
    aliases: Page[Alias] = page_of(request, Alias.objects.filter(tenant=request.tenant))
    return form_page(
        request,
        "licensing/people/alias_list.html",
        form,
        proposals=matching.proposals(request.tenant, sources),
        proposals_max=matching.PROPOSALS_MAX,
        page_obj=aliases,
        has_accounts=bool(sources.newest),
    )


@require_POST
@role_required(Role.PROCUREMENT)
def alias_confirm(request: TenantRequest) -> HttpResponse:
    """Confirm those of the proposals that are ticked; only what is still proposed counts."""
    sources = sources_on(request.tenant, request.tenant.today)
    wanted = set(request.POST.getlist("pair"))
    pairs = [
        (item.identifier, item.person) for item in matching.proposals(request.tenant, sources) if item.key in wanted
    ]
    return _confirm(request, pairs)


@require_POST
@role_required(Role.PROCUREMENT)
def alias_undo(request: TenantRequest, alias_id: UUID) -> HttpResponse:
    alias = get_object_or_404(Alias.objects.filter(tenant=request.tenant), id=alias_id)
    matching.forget_alias(membership=request.membership, alias=alias)
    messages.success(request, _("The two addresses are two people again."))
    return redirect("licensing:alias_list", tenant_slug=request.tenant.slug)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def department_list(request: TenantRequest) -> HttpResponse:
    """Show which unit each department of the files is, and take many answers at once."""
    sources = sources_on(request.tenant, request.tenant.today)
    number, text = page_number(request), request.GET.get("q", "")[:200].strip()
    is_unknown = request.GET.get("show") != "all"
    found = units_of.departments(
        request.tenant,
        sources,
        is_unknown=is_unknown,
        text=text,
        offset=(number - 1) * DEPARTMENTS_PAGE,
        limit=DEPARTMENTS_PAGE,
    )
    units = list(Unit.objects.filter(tenant=request.tenant))
    form = DepartmentsForm(posted(request), departments=found.rows, units=units, first_day=_first_day(request))
    if form.is_valid():
        changed = units_of.map_departments(
            membership=request.membership, units=form.chosen(), starts_on=form.cleaned_data["starts_on"]
        )
        _say_mapped(request, changed)
        shown = "" if is_unknown else "?show=all"
        return redirect(f"{request.path}{shown}")
    return form_page(
        request,
        "licensing/people/department_list.html",
        form,
        found=found,
        has_units=bool(units),
        is_unknown=is_unknown,
        text=text,
        page_obj=page_over(found.rows, number, found.total, DEPARTMENTS_PAGE),
    )


def _confirm(request: TenantRequest, pairs: list[tuple[str, str]]) -> HttpResponse:
    made = matching.confirm_pairs(membership=request.membership, pairs=pairs)
    if made:
        text = ngettext("%(count)s pair is one person now.", "%(count)s pairs are one person each now.", made)
        messages.success(request, text % {"count": made})
    else:
        messages.info(request, _("Nothing new: tick the pairs that are one person."))
    return redirect("licensing:alias_list", tenant_slug=request.tenant.slug)


def _say_mapped(request: TenantRequest, changed: int) -> None:
    if changed:
        text = ngettext(
            "%(count)s department has its unit now.", "%(count)s departments have their units now.", changed
        )
        messages.success(request, text % {"count": changed})
    else:
        messages.info(request, _("Nothing was changed."))


def _first_day(request: TenantRequest) -> date:
    """Return the first day of the year of the oldest import: what is said of a department counts for all of them."""
    oldest = UsageImport.objects.in_use().filter(tenant=request.tenant).order_by("refreshed_on").first()
    day = oldest.refreshed_on if oldest and oldest.refreshed_on else request.tenant.today
    return day.replace(month=1, day=1)
