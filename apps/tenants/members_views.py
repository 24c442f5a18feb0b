"""A tenant's members and units, for its administrators."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.tenants import operations
from apps.tenants.forms import MemberSearchForm, RolesForm
from apps.tenants.models import Membership, Role, TenantRequest, Unit
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted
from visio_portal.paging import page_of


@dataclass(frozen=True)
class UnitRow:
    """A unit of the tree; ``depth`` is 0 at its top."""

    unit: Unit
    depth: int
    member_count: int


@require_safe
@role_required(Role.ADMIN)
def member_list(request: TenantRequest) -> HttpResponse:
    form = MemberSearchForm(request.GET)
    words = form.cleaned_data["q"].split() if form.is_valid() else []
    members = Membership.objects.active().filter(tenant=request.tenant)
    for word in words:
        members = members.filter(_named(word))
    members = members.select_related("user", "unit").order_by("user__usual_name", "user__given_name", "id")
    context = {"form": form, "members": page_of(request, members), "is_filtered": bool(words)}
    return render(request, "tenants/member_list.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMIN)
def member_roles(request: TenantRequest, membership_id: UUID) -> HttpResponse:
    member = get_object_or_404(_members(request), id=membership_id)
    form = RolesForm(posted(request), initial={"roles": member.roles})
    if form.is_valid():
        roles = form.cleaned_data["roles"]
        operations.change_roles(by=request.membership, member=member, roles=roles, among=RolesForm.GIVEN)
        messages.success(request, _("The roles of %(person)s are saved.") % {"person": member.user})
        return redirect("tenants:member_list", tenant_slug=request.tenant.slug)
    is_self = member.user_id == request.membership.user_id
    return form_page(request, "tenants/member_roles.html", form, member=member, is_self=is_self)


@require_safe
@role_required(Role.ADMIN)
def unit_list(request: TenantRequest) -> HttpResponse:
    units = Unit.objects.filter(tenant=request.tenant)
    active = Membership.objects.active().filter(tenant=request.tenant).exclude(unit=None).order_by()
    members = dict(active.values_list("unit_id").annotate(number=Count("id")))
    return render(request, "tenants/unit_list.html", {"rows": list(tree_of(units, members))})


def tree_of(units: Iterable[Unit], members: dict[UUID, int]) -> Iterator[UnitRow]:
    """Yield units below their parents, in the order given; ``members`` counts them by unit id."""
    children: dict[UUID | None, list[Unit]] = defaultdict(list)
    for unit in units:
        children[unit.parent_id].append(unit)
    waiting = [(unit, 0) for unit in reversed(children[None])]
    while waiting:
        unit, depth = waiting.pop()
        yield UnitRow(unit, depth, members.get(unit.id, 0))
        waiting.extend((child, depth + 1) for child in reversed(children[unit.id]))


def _members(request: TenantRequest) -> QuerySet[Membership]:
    return Membership.objects.active().filter(tenant=request.tenant).select_related("user", "unit")


def _named(word: str) -> Q:
    return Q(user__usual_name__icontains=word) | Q(user__given_name__icontains=word) | Q(user__email__icontains=word)
