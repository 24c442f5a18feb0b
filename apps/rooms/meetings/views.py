"""Pages of a member's meetings."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.rooms.meetings.forms import InviteesForm, MeetingForm, MeetingSearchForm, When, initial_of
from apps.rooms.models import Attendee, Meeting
from apps.rooms.operations import (
    MeetingChanged,
    RoomTaken,
    cancel_meeting,
    recognise,
    reschedule_meeting,
    restore_meeting,
    schedule_meeting,
)
from apps.tenants.models import TenantRequest
from visio_portal.forms import form_page
from visio_portal.paging import page_of


@require_safe
def meeting_list(request: TenantRequest) -> HttpResponse:
    search = MeetingSearchForm(request.GET)
    if not search.is_valid():
        raise Http404("No such list.")
    when, title = search.cleaned_data["when"], search.cleaned_data["q"]
    occurrences = request.tenant.occurrences.visible_to(request.membership).filter(meeting__title__icontains=title)
    if when is When.PAST:
        occurrences = occurrences.filter(end_at__lt=timezone.now()).order_by("-start_at")
    else:
        occurrences = occurrences.filter(end_at__gte=timezone.now()).order_by("start_at")
    page = page_of(request, occurrences.select_related("meeting__organizer__user"))
    context = {"search": search, "when": when, "title": title, "page_obj": page, "tabs": When}
    return render(request, "rooms/meetings/meeting_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_create(request: TenantRequest) -> HttpResponse:
    initial = {
        "time_zone": request.tenant.time_zone,
        "starts_on": timezone.now().astimezone(request.tenant.zone).date(),
    }
    form = MeetingForm(_posted(request), organizer=request.membership, initial=initial)
    if not form.is_valid():
        return _form_page(request, form)
    meeting = schedule_meeting(by=request.membership, plan=form.plan())
    messages.success(request, _("The meeting is scheduled."))
    _tell_doubled_start(request, form)
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = _editable_meeting(request, meeting_id)
    initial = initial_of(meeting, list(meeting.attendees.all()))
    form = MeetingForm(_posted(request), organizer=meeting.organizer, initial=initial)
    if not form.is_valid():
        return _form_page(request, form, meeting)
    seen_at = form.cleaned_data["seen_at"]
    try:
        reschedule_meeting(meeting=meeting, by=request.membership, plan=form.plan(), seen_at=seen_at)
    except (MeetingChanged, RoomTaken) as error:  # what was typed stays on the page
        form.add_error(None, str(error))
        return _form_page(request, form, meeting, status=409)
    messages.success(request, _("The meeting is changed."))
    _tell_doubled_start(request, form)
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


@require_POST
def people_recognise(request: TenantRequest) -> HttpResponse:
    """Show, while somebody types addresses, who is a member and who is a guest."""
    form = InviteesForm(request.POST)
    form.is_valid()  # what is half typed is left out
    invitees = form.invitees()
    members = recognise(invitees, tenant_id=request.tenant.id)
    people = [(invitee, members.get(invitee.email)) for invitee in invitees]
    return render(request, "rooms/meetings/people_recognised.html", {"people": people})


@require_safe
def meeting_detail(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = _visible_meeting(request, meeting_id)
    attendees = list(meeting.attendees.select_related("membership__user", "membership__unit"))
    context = {
        "meeting": meeting,
        "occurrence": meeting.occurrences.first(),
        "co_organizers": [person for person in attendees if person.role == Attendee.Role.CO_ORGANIZER],
        "attendees": [person for person in attendees if person.role == Attendee.Role.ATTENDEE],
        "is_editor": _is_editor(request, meeting, attendees),
        "now": timezone.now(),
    }
    return render(request, "rooms/meetings/meeting_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_cancel(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = _editable_meeting(request, meeting_id)
    if request.method != "POST":
        context = {"meeting": meeting, "occurrence": meeting.occurrences.first()}
        return render(request, "rooms/meetings/meeting_cancel.html", context)
    cancel_meeting(meeting=meeting, by=request.membership)
    messages.success(request, _("The meeting is cancelled. You can take this back on its page."))
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


@require_POST
def meeting_restore(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = _editable_meeting(request, meeting_id)
    restore_meeting(meeting=meeting, by=request.membership)
    messages.success(request, _("The cancellation is taken back: the meeting takes place."))
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


def _visible_meeting(request: TenantRequest, meeting_id: UUID) -> Meeting:
    meetings = request.tenant.meetings.visible_to(request.membership)
    return get_object_or_404(meetings.select_related("organizer__user", "organizer__unit"), id=meeting_id)


def _editable_meeting(request: TenantRequest, meeting_id: UUID) -> Meeting:
    """Return the meeting; 404 for a stranger, 403 for somebody who only attends it."""
    meeting = _visible_meeting(request, meeting_id)
    if not _is_editor(request, meeting, list(meeting.attendees.all())):
        raise PermissionDenied(_("Only the organiser and the co-organisers may change this meeting."))
    return meeting


def _is_editor(request: TenantRequest, meeting: Meeting, attendees: list[Attendee]) -> bool:
    own = request.membership.id
    return meeting.organizer_id == own or any(
        person.membership_id == own and person.role == Attendee.Role.CO_ORGANIZER for person in attendees
    )


def _posted(request: TenantRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _form_page(
    request: TenantRequest, form: MeetingForm, meeting: Meeting | None = None, *, status: int = 200
) -> HttpResponse:
    return form_page(request, "rooms/meetings/meeting_form.html", form, meeting=meeting, status=status)


def _tell_doubled_start(request: TenantRequest, form: MeetingForm) -> None:
    if form.has_doubled_start():
        text = _("The clocks are set back that night, so this time comes twice: the meeting starts at the first one.")
        messages.warning(request, text)
