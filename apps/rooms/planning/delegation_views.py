"""Pages of delegations: who acts for me, and for whom I act."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.rooms.planning.delegations import end_delegation, give_delegation
from apps.rooms.planning.forms import DelegationForm
from apps.tenants.models import TenantRequest
from visio_portal.forms import form_page, posted


@require_safe
def delegation_list(request: TenantRequest) -> HttpResponse:
    own, today = request.membership, timezone.localdate()
    in_force = request.tenant.delegations.filter(revoked_at=None).filter(Q(ends_on=None) | Q(ends_on__gt=today))
    people = in_force.select_related("principal__user", "delegate__user", "principal__unit", "delegate__unit")
    people = people.order_by("starts_on", "principal__user__usual_name", "delegate__user__usual_name")
    context = {"given": people.filter(principal=own), "held": people.filter(delegate=own), "today": today}
    return render(request, "rooms/planning/delegation_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def delegation_create(request: TenantRequest) -> HttpResponse:
    initial = {"starts_on": timezone.localdate()}
    form = DelegationForm(posted(request), principal=request.membership, initial=initial)
    if not form.is_valid():
        return form_page(request, "rooms/planning/delegation_form.html", form)
    delegation = give_delegation(by=request.membership, **form.cleaned_data)
    text = _("%(name)s may now schedule meetings in your name.")
    messages.success(request, text % {"name": delegation.delegate.user.full_name})
    return redirect("rooms:delegation_list", request.tenant.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def delegation_end(request: TenantRequest, delegation_id: UUID) -> HttpResponse:
    own = request.membership
    either_side = request.tenant.delegations.filter(Q(principal=own) | Q(delegate=own))
    people = either_side.select_related("principal__user", "delegate__user")
    delegation = get_object_or_404(people, id=delegation_id)
    if request.method != "POST":
        return render(request, "rooms/planning/delegation_end.html", {"delegation": delegation})
    end_delegation(by=own, delegation=delegation)
    messages.success(request, _("The delegation is ended. Meetings that were scheduled under it stay."))
    return redirect("rooms:delegation_list", request.tenant.slug)
