"""A wave's pages: its units and switch dates, checklist and milestones."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.licensing.dashboards.rollups import Eligible, in_force
from apps.licensing.models import ChecklistItem, Milestone, Wave, WaveUnit
from apps.licensing.programme import operations, overview
from apps.licensing.programme.forms import ItemForm, MilestoneForm, PlaceForm, WaveForm
from apps.licensing.programme.views import page, programme_url
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import posted


@require_safe
@role_required(Role.PROCUREMENT, Role.ADMIN)
def wave_detail(request: TenantRequest, wave_id: UUID) -> HttpResponse:
    waves = Wave.objects.filter(tenant=request.tenant).select_related("owner__user")
    wave = get_object_or_404(
        waves.prefetch_related("checklist__done_by__user", "milestones", "units__unit"), id=wave_id
    )
    eligible = Eligible.of(request.tenant)
    places = [(place, in_force(eligible.units.get(place.unit_id, []), wave.ends_on)) for place in wave.units.all()]
    context = {"state": overview.wave_state(wave, [], eligible), "wave": wave, "places": places}
    return render(request, "licensing/programme/wave_detail.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def wave_create(request: TenantRequest) -> HttpResponse:
    form = WaveForm(posted(request), tenant=request.tenant, initial={"owner": request.membership.id})
    if form.is_valid():
        try:
            wave = operations.create_wave(membership=request.membership, wave=form.instance)
        except operations.AlreadyExists:
            form.add_error("name", _("Another wave has this name already."))
        else:
            return _to_wave(request, wave.id, _("The wave is saved, with the usual checklist."))
    return page(request, form, _("Add a wave"), _("Save the wave"))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def wave_update(request: TenantRequest, wave_id: UUID) -> HttpResponse:
    form = WaveForm(posted(request), tenant=request.tenant, instance=_wave(request, wave_id))
    if form.is_valid():
        try:
            operations.change_wave(membership=request.membership, wave=form.instance)
        except operations.AlreadyExists:
            form.add_error("name", _("Another wave has this name already."))
        else:
            return _to_wave(request, wave_id, _("The wave is saved."))
    return page(request, form, _("Change the wave"), _("Save the wave"), _wave_url(request, wave_id))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def wave_remove(request: TenantRequest, wave_id: UUID) -> HttpResponse:
    wave = _wave(request, wave_id)
    if request.method == "POST":
        operations.remove_wave(membership=request.membership, wave=wave)
        messages.success(request, _("The wave was removed."))
        return redirect(programme_url(request))
    return render(request, "licensing/programme/wave_remove.html", {"wave": wave})


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def wave_place(request: TenantRequest, wave_id: UUID) -> HttpResponse:
    wave = _wave(request, wave_id)
    form = PlaceForm(posted(request), tenant=request.tenant)
    if form.is_valid():
        operations.place_unit(membership=request.membership, wave=wave, **form.cleaned_data)
        return _to_wave(request, wave_id, _("The unit moves in this wave."))
    title = _("Put a unit into: %(wave)s") % {"wave": wave}
    return page(request, form, title, _("Save the unit"), _wave_url(request, wave_id))


@require_POST
@role_required(Role.PROCUREMENT, Role.ADMIN)
def place_remove(request: TenantRequest, wave_id: UUID, place_id: UUID) -> HttpResponse:
    places = WaveUnit.objects.filter(tenant=request.tenant, wave_id=wave_id).select_related("wave")
    operations.take_out_unit(membership=request.membership, place=get_object_or_404(places, id=place_id))
    return _to_wave(request, wave_id, _("The unit was taken out of the wave."))


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def item_create(request: TenantRequest, wave_id: UUID) -> HttpResponse:
    wave = _wave(request, wave_id)
    form = ItemForm(posted(request))
    if form.is_valid():
        operations.add_item(membership=request.membership, item=form.instance, wave=wave)
        return _to_wave(request, wave_id, _("The item is added."))
    return page(request, form, _("Add an item to the checklist"), _("Add the item"), _wave_url(request, wave_id))


@require_POST
@role_required(Role.PROCUREMENT, Role.ADMIN)
def item_tick(request: TenantRequest, wave_id: UUID, item_id: UUID) -> HttpResponse:
    items = ChecklistItem.objects.filter(tenant=request.tenant, wave_id=wave_id).select_related("wave")
    item = get_object_or_404(items, id=item_id)
    operations.tick_item(membership=request.membership, item=item, is_done=request.POST.get("done") == "1")
    return redirect(f"{_wave_url(request, wave_id)}#checklist")


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT, Role.ADMIN)
def milestone_create(request: TenantRequest, wave_id: UUID) -> HttpResponse:
    wave = _wave(request, wave_id)
    form = MilestoneForm(posted(request))
    if form.is_valid():
        operations.add_milestone(membership=request.membership, milestone=form.instance, wave=wave)
        return _to_wave(request, wave_id, _("The milestone is added."))
    return page(request, form, _("Add a milestone"), _("Save the milestone"), _wave_url(request, wave_id))


@require_POST
@role_required(Role.PROCUREMENT, Role.ADMIN)
def milestone_reach(request: TenantRequest, wave_id: UUID, milestone_id: UUID) -> HttpResponse:
    milestones = Milestone.objects.filter(tenant=request.tenant, wave_id=wave_id).select_related("wave")
    milestone = get_object_or_404(milestones, id=milestone_id)
    is_reached = request.POST.get("done") == "1"
    operations.reach_milestone(membership=request.membership, milestone=milestone, is_reached=is_reached)
    return redirect(f"{_wave_url(request, wave_id)}#milestones")


def _wave(request: TenantRequest, wave_id: UUID) -> Wave:
    return get_object_or_404(Wave, tenant=request.tenant, id=wave_id)


def _wave_url(request: TenantRequest, wave_id: UUID) -> str:
    return reverse("licensing:wave_detail", kwargs={"tenant_slug": request.tenant.slug, "wave_id": wave_id})


def _to_wave(request: TenantRequest, wave_id: UUID, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(_wave_url(request, wave_id))
