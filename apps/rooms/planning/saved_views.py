"""Pages of saved groups and templates."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.rooms.addresses import INVITEES_MAX, Address
from apps.rooms.meetings.people_forms import AddressesField, written_people
from apps.rooms.models import AttendeeGroup, Meeting
from apps.rooms.planning.saved import (
    delete_group,
    delete_template,
    groups_of,
    save_group,
    save_template,
    templates_of,
)
from apps.tenants.models import Membership, TenantRequest
from visio_portal.forms import PortalForm, form_page, posted


class SavedForm(PortalForm):
    """A name, and whether the unit shares it; only who belongs to a unit is asked."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    for_unit = forms.BooleanField(label=gettext_lazy("For everybody in my unit"), required=False)

    def __init__(self, *args: Any, member: Membership, taken: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = taken
        if member.unit_id is None:
            del self.fields["for_unit"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.taken.filter(name__iexact=name).exists():
            raise ValidationError(_("There is one of this name already."))
        return name


class GroupForm(SavedForm):
    """The people of a group."""

    people = AddressesField(
        label=gettext_lazy("People"), help_text=gettext_lazy("E-mail addresses, one a line or separated by commas.")
    )

    field_order = ("name", "people", "for_unit")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].required = True

    def clean_people(self) -> list[Address]:
        people: list[Address] = self.cleaned_data["people"]
        if not 1 <= len(people) <= INVITEES_MAX:
            message = _("A group holds between 1 and %(most)s people; these are %(number)s.")
            raise ValidationError(message, params={"most": INVITEES_MAX, "number": len(people)})
        return people


@require_safe
def saved_list(request: TenantRequest) -> HttpResponse:
    groups = groups_of(request.membership).prefetch_related("people").select_related("unit")
    templates = templates_of(request.membership).select_related("unit")
    return render(request, "rooms/planning/saved_list.html", {"groups": groups, "templates": templates})


@require_http_methods(["GET", "HEAD", "POST"])
def group_create(request: TenantRequest) -> HttpResponse:
    return _group_form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def group_edit(request: TenantRequest, group_id: UUID) -> HttpResponse:
    return _group_form(request, get_object_or_404(groups_of(request.membership), id=group_id))


@require_POST
def group_delete(request: TenantRequest, group_id: UUID) -> HttpResponse:
    group = get_object_or_404(groups_of(request.membership), id=group_id)
    delete_group(by=request.membership, group=group)
    messages.success(request, _("The group is deleted; meetings to which it was invited stay as they are."))
    return redirect("rooms:saved_list", request.tenant.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def template_create(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Save a meeting as a template."""
    mine = Meeting.objects.schedulable_by(request.membership)
    meeting = get_object_or_404(request.tenant.meetings.filter(id__in=mine.values("id")), id=meeting_id)
    taken = templates_of(request.membership)
    form = SavedForm(posted(request), member=request.membership, taken=taken, initial={"name": meeting.title[:120]})
    if not form.is_valid():
        return form_page(request, "rooms/planning/template_form.html", form, meeting=meeting)
    for_unit = form.cleaned_data.get("for_unit", False)
    save_template(by=request.membership, name=form.cleaned_data["name"], meeting=meeting, for_unit=for_unit)
    messages.success(request, _("The template is saved: you find it here and when you schedule a meeting."))
    return redirect("rooms:saved_list", request.tenant.slug)


@require_POST
def template_delete(request: TenantRequest, template_id: UUID) -> HttpResponse:
    template = get_object_or_404(templates_of(request.membership), id=template_id)
    delete_template(by=request.membership, template=template)
    messages.success(request, _("The template is deleted; meetings made from it stay as they are."))
    return redirect("rooms:saved_list", request.tenant.slug)


def _group_form(request: TenantRequest, group: AttendeeGroup | None) -> HttpResponse:
    initial: dict[str, Any] = {}
    taken = groups_of(request.membership)
    if group is not None:
        taken = taken.exclude(id=group.id)
        people = [Address(person.email, person.name) for person in group.people.all()]
        initial = {"name": group.name, "for_unit": group.unit_id is not None, "people": written_people(people)}
    form = GroupForm(posted(request), member=request.membership, taken=taken, initial=initial)
    if not form.is_valid():
        return form_page(request, "rooms/planning/group_form.html", form, group=group)
    data = form.cleaned_data
    for_unit = data.get("for_unit", False)
    save_group(by=request.membership, name=data["name"], people=data["people"], for_unit=for_unit, group=group)
    messages.success(request, _("The group is saved: you find it by its name when you invite people."))
    return redirect("rooms:saved_list", request.tenant.slug)
