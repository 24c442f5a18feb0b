"""Pages on which room managers answer those who ask for their rooms."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.rooms.models import Meeting, Occurrence, Room
from apps.rooms.operations import RoomTaken
from apps.rooms.places.forms import RefusalForm
from apps.rooms.places.requests import awaiting, confirm_request, manages, refuse_request, requests_of
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import check_role
from visio_portal.forms import form_page, posted


@require_safe
def request_list(request: TenantRequest) -> HttpResponse:
    return _list_page(request)


@require_POST
def request_confirm(request: TenantRequest, meeting_id: UUID, room_id: UUID) -> HttpResponse:
    meeting, room = _asked(request, meeting_id, room_id)
    only_free = "only_free" in request.POST
    try:
        dates = confirm_request(meeting=meeting, room=room, by=request.membership, only_free=only_free)
    except RoomTaken:
        return _list_page(request, problem=_("Another meeting has the room by now; nothing was confirmed."))
    told = ngettext("The room is booked for this date.", "The room is booked for these %(dates)s dates.", dates)
    messages.success(request, told % {"dates": dates})
    return redirect("rooms:request_list", request.tenant.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def request_refuse(request: TenantRequest, meeting_id: UUID, room_id: UUID) -> HttpResponse:
    meeting, room = _asked(request, meeting_id, room_id)
    form = RefusalForm(posted(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        refuse_request(meeting=meeting, room=room, by=request.membership, reason=reason)
        messages.success(request, _("The organiser is told. The meeting stays, without the room."))
        return redirect("rooms:request_list", request.tenant.slug)
    rows = Occurrence.objects.filter(meeting=meeting, room=room, status=Occurrence.Status.TENTATIVE)
    asked = next(iter(requests_of(rows)), None)
    return form_page(request, "rooms/places/request_refuse.html", form, asked=asked, meeting=meeting, room=room)


def _list_page(request: TenantRequest, *, problem: str = "") -> HttpResponse:
    context = {
        "requests": requests_of(awaiting(request.membership)),
        "is_manager": request.membership.managed_rooms.exists(),
        "problem": problem,
    }
    return render(request, "rooms/places/request_list.html", context, status=409 if problem else 200)


def _asked(request: TenantRequest, meeting_id: UUID, room_id: UUID) -> tuple[Meeting, Room]:
    """Return a meeting that asked for a room of the member's; 403 to those who do not look after it."""
    room = get_object_or_404(Room, tenant=request.tenant, id=room_id)
    if not manages(request.membership, room):
        check_role(request, request.membership, Role.ADMIN)
    meetings = Meeting.objects.filter(tenant=request.tenant).select_related("organizer__user", "organizer__tenant")
    asked = meetings.filter(id__in=Occurrence.objects.filter(room=room).values("meeting"))
    return get_object_or_404(asked, id=meeting_id), room
