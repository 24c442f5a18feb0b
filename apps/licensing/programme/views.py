"""The programme's pages: its overview, headcounts, targets and exemptions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.licensing.dashboards.rollups import Eligible
from apps.licensing.models import Exemption, Target
from apps.licensing.programme import operations, overview
from apps.licensing.programme.forms import ExemptionForm, HeadcountForm, ProlongForm, TargetForm
from apps.licensing.programme.usage import programme_usage
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import PortalForm, form_page, posted

FORM = "licensing/programme/form.html"


@require_safe
@role_required(Role.PROCUREMENT, Role.ADMIN)
def programme(request: TenantRequest) -> HttpResponse:
    eligible = Eligible.of(request.tenant)
    months, waves = overview.wave_states(request.tenant, eligible)
    context = {
        "months": months,
        "waves": waves,
        "usage": programme_usage(request.tenant, [item.wave for item in waves], eligible),
        "targets": overview.target_states(request.tenant, eligible),
        "exemptions": overview.exemption_states(request.tenant),
        "headcounts": overview.headcounts(request.tenant),
    }
    return render(request, "licensing/programme/programme.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def headcount_set(request: TenantRequest) -> HttpResponse:
    form = HeadcountForm(posted(request), tenant=request.tenant, initial={"starts_on": request.tenant.today})
    if form.is_valid():
        wanted = form.cleaned_data
        operations.set_headcounts(
            membership=request.membership,
            agents=form.agents,
            starts_on=wanted["starts_on"],
            source=wanted["source"],
        )
        return _saved(request, _("The headcounts are saved."))
    return page(request, form, _("Enter headcounts"), _("Save the headcounts"))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def target_create(request: TenantRequest) -> HttpResponse:
    form = TargetForm(posted(request))
    if form.is_valid():
        try:
            operations.add_target(membership=request.membership, target=form.instance)
        except operations.AlreadyExists:
            form.add_error("due_on", _("There is a target for this day already."))
        else:
            return _saved(request, _("The target is saved."))
    return page(request, form, _("Add a target"), _("Save the target"))


@require_POST
@role_required(Role.PROCUREMENT, Role.ADMIN)
def target_remove(request: TenantRequest, target_id: UUID) -> HttpResponse:
    target = get_object_or_404(Target, tenant=request.tenant, id=target_id)
    operations.remove_target(membership=request.membership, target=target)
    return _saved(request, _("The target was removed."))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def exemption_create(request: TenantRequest) -> HttpResponse:
    initial = {"starts_on": request.tenant.today, "owner": request.membership.id}
    form = ExemptionForm(posted(request), tenant=request.tenant, initial=initial)
    if form.is_valid():
        operations.grant_exemption(membership=request.membership, exemption=form.instance)
        return _saved(request, _("The exemption is saved."))
    return page(request, form, _("Grant an exemption"), _("Save the exemption"))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def exemption_prolong(request: TenantRequest, exemption_id: UUID) -> HttpResponse:
    exemption = _exemption(request, exemption_id)
    form = ProlongForm(posted(request), expires_on=exemption.expires_on, today=request.tenant.today)
    if form.is_valid():
        try:
            operations.prolong_exemption(membership=request.membership, exemption=exemption, **form.cleaned_data)
        except operations.NotOpen:
            form.add_error(None, _("This exemption has ended."))
        else:
            return _saved(request, _("The exemption is prolonged."))
    title = _("Prolong the exemption: %(unit)s") % {"unit": exemption.unit}
    return page(request, form, title, _("Prolong"))


@require_POST
@role_required(Role.PROCUREMENT, Role.ADMIN)
def exemption_end(request: TenantRequest, exemption_id: UUID) -> HttpResponse:
    operations.end_exemption(membership=request.membership, exemption=_exemption(request, exemption_id))
    return _saved(request, _("The exemption is ended."))


def _exemption(request: TenantRequest, exemption_id: UUID) -> Exemption:
    found = Exemption.objects.filter(tenant=request.tenant).select_related("unit")
    return get_object_or_404(found, id=exemption_id)


def page(request: TenantRequest, form: PortalForm, title: str, submit: str, leave_url: str = "") -> HttpResponse:
    """Render a form of the programme on a page of its own."""
    leave_url = leave_url or programme_url(request)
    return form_page(request, FORM, form, title=title, submit=submit, leave_url=leave_url)


def programme_url(request: TenantRequest) -> str:
    return reverse("licensing:programme", kwargs={"tenant_slug": request.tenant.slug})


def _saved(request: TenantRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(programme_url(request))
