"""Pages of rooms."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.rooms.models import Meeting, Occurrence, Room
from apps.rooms.places import operations
from apps.rooms.places.availability import availability, blocking
from apps.rooms.places.forms import RoomForm, RoomSearchForm, initial_managers
from apps.rooms.places.policies import Policies
from apps.rooms.places.requests import manages, requests_of
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import check_role, has_second_factor, role_required
from visio_portal.forms import form_page, posted
from visio_portal.paging import page_of

AHEAD = timedelta(hours=24)  # how far the list looks for the next booking
BOOKINGS_SHOWN = 10


@dataclass(frozen=True)
class RoomRow:
    """A room of the list, and how it stands: ``until`` is when that changes (None: not within a day)."""

    room: Room
    is_free: bool
    until: datetime | None


@require_safe
def room_list(request: TenantRequest) -> HttpResponse:
    search = RoomSearchForm(request.GET, tenant=request.tenant)
    if not search.is_valid():
        raise Http404("No such list.")
    rooms = Room.objects.filter(tenant=request.tenant)
    if not (is_admin := _is_admin(request)):
        rooms = rooms.filter(Q(closed_at=None) | Q(managers__membership=request.membership)).distinct()
    page = page_of(
        request,
        search.keep(rooms).select_related("unit").order_by(F("closed_at").asc(nulls_first=True), "site", "name"),
    )
    context = {
        "search": search,
        "is_filtered": any(search.cleaned_data.values()),
        "page_obj": page,
        "rows": _rows_of(list(page), timezone.now()),
        "is_admin": is_admin,
        "is_manager": request.membership.managed_rooms.exists(),
    }
    return render(request, "rooms/places/room_list.html", context)


@require_safe
def room_detail(request: TenantRequest, room_id: UUID) -> HttpResponse:
    room = _room(request, room_id)
    is_manager = manages(request.membership, room)
    coming = _coming(room).select_related("meeting__organizer__user").order_by("start_at")
    visible = Meeting.objects.visible_to(request.membership)
    bookings = list(coming.filter(status__in=Occurrence.BLOCKING)[:BOOKINGS_SHOWN])
    known = set(visible.filter(id__in=[row.meeting_id for row in bookings]).values_list("id", flat=True))
    asked = requests_of(coming.filter(status=Occurrence.Status.TENTATIVE)) if is_manager or _is_admin(request) else []
    policies = Policies(request.tenant)
    context = {
        "room": room,
        "equipment": [Room.Equipment(value).label for value in room.equipment if value in Room.Equipment.values],
        "managers": room.managers.select_related("membership__user"),
        "bookings": [(row, row.meeting_id in known) for row in bookings],
        "requests": asked,
        "rules": policies.of_room(room).rows(),
        "zone": policies.zone_of(room),
        "may_manage": is_manager or _is_admin(request),
    }
    return render(request, "rooms/places/room_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def room_create(request: TenantRequest) -> HttpResponse:
    form = RoomForm(posted(request), tenant=request.tenant, instance=Room(tenant=request.tenant))
    if form.is_valid():
        try:
            room = operations.create_room(
                by=request.membership, room=form.instance, managers=form.cleaned_data["managers"]
            )
        except operations.RoomExists:
            form.add_error("name", _("The ministry has a room of this name already."))
        else:
            messages.success(request, _("The room can be booked now."))
            return redirect("rooms:room_detail", request.tenant.slug, room.id)
    return form_page(request, "rooms/places/room_form.html", form, room=None)


@require_http_methods(["GET", "HEAD", "POST"])
def room_edit(request: TenantRequest, room_id: UUID) -> HttpResponse:
    room = _managed_room(request, room_id)
    initial = {"managers": initial_managers(room)}
    form = RoomForm(posted(request), tenant=request.tenant, instance=_room(request, room_id), initial=initial)
    if form.is_valid():
        try:
            operations.change_room(by=request.membership, room=form.instance, managers=form.cleaned_data["managers"])
        except operations.RoomExists:
            form.add_error("name", _("The ministry has a room of this name already."))
        else:
            messages.success(request, _("The room is saved."))
            return redirect("rooms:room_detail", request.tenant.slug, room.id)
    return form_page(request, "rooms/places/room_form.html", form, room=room)


@require_http_methods(["GET", "HEAD", "POST"])
def room_close(request: TenantRequest, room_id: UUID) -> HttpResponse:
    room = _managed_room(request, room_id)
    if request.method != "POST":
        coming = _coming(room).order_by().values("meeting").distinct().count()
        return render(request, "rooms/places/room_close.html", {"room": room, "meeting_count": coming})
    operations.close_room(by=request.membership, room=room)
    messages.success(request, _("The room is out of use. You can offer it again on its page."))
    return redirect("rooms:room_detail", request.tenant.slug, room.id)


@require_POST
def room_reopen(request: TenantRequest, room_id: UUID) -> HttpResponse:
    room = _managed_room(request, room_id)
    operations.reopen_room(by=request.membership, room=room)
    messages.success(request, _("The room can be booked again."))
    return redirect("rooms:room_detail", request.tenant.slug, room.id)


def _room(request: TenantRequest, room_id: UUID) -> Room:
    return get_object_or_404(Room.objects.filter(tenant=request.tenant).select_related("unit"), id=room_id)


def _managed_room(request: TenantRequest, room_id: UUID) -> Room:
    """Return a room that the member looks after; 403 for everybody else."""
    room = _room(request, room_id)
    if not manages(request.membership, room):
        check_role(request, request.membership, Role.ADMIN)
    return room


def _is_admin(request: TenantRequest) -> bool:
    return request.membership.has_role(Role.ADMIN) and has_second_factor(request)


def _coming(room: Room) -> QuerySet[Occurrence]:
    coming = room.occurrences.filter(end_at__gt=timezone.now())
    return coming.exclude(status=Occurrence.Status.CANCELLED)


def _rows_of(rooms: list[Room], now: datetime) -> list[RoomRow]:
    """Say of each room whether it is free now, and until when (one query)."""
    found = availability(rooms, now, now + AHEAD)
    return [_row_of(room, [(span.start_at, span.end_at) for span in blocking(found[room.id])], now) for room in rooms]


def _row_of(room: Room, taken: list[tuple[datetime, datetime]], now: datetime) -> RoomRow:
    if not taken or taken[0][0] > now:
        return RoomRow(room, True, taken[0][0] if taken else None)
    until = now
    for start_at, end_at in taken:  # one after the other without a gap
        if start_at > until:
            break
        until = max(until, end_at)
    return RoomRow(room, False, until)
