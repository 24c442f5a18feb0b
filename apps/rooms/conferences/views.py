"""The conference on its meeting's page, and the attendance of an occurrence."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.rooms.conferences.joining import conference_of
from apps.rooms.conferences.operations import try_again
from apps.rooms.conferences.sheet_files import csv_of, pdf_of, summary_of
from apps.rooms.conferences.sheets import sheet_of, sheets_of
from apps.rooms.models import Meeting, Occurrence
from apps.tenants.journal import record_by, record_read
from apps.tenants.models import TenantRequest

SHEETS = {"csv": (csv_of, "text/csv; charset=utf-8"), "pdf": (pdf_of, "application/pdf")}
OTHERS_SHOWN = 20


@require_safe
def conference_state(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Render the conference's part of the meeting's page alone, for the live page."""
    meeting = _visible_meeting(request, meeting_id)
    return render(request, "rooms/conferences/part.html", {"meeting": meeting})


@require_POST
def conference_retry(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = _led_meeting(request, meeting_id)
    conference = conference_of(meeting, meeting.occurrences.select_related("room").order_by("start_at").last())
    if conference is None:
        raise Http404("No conference was asked for.")
    try_again(conference=conference, by=request.membership)
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


@never_cache
@require_safe
def attendance(request: TenantRequest, occurrence_id: UUID) -> HttpResponse:
    """Show who was there; reading it is journalled."""
    occurrence = _kept_occurrence(request, occurrence_id)
    record_read(request.membership, "attendance.read", occurrence)
    sheet = sheet_of(occurrence)
    context = {
        "meeting": occurrence.meeting,
        "occurrence": occurrence,
        "sheet": sheet,
        "summary": summary_of(sheet),
        "others": sheets_of(occurrence.meeting).exclude(id=occurrence.id)[:OTHERS_SHOWN],
        "zone": request.tenant.zone,
    }
    return render(request, "rooms/conferences/attendance.html", context)


@never_cache
@require_safe
def attendance_sheet(request: TenantRequest, occurrence_id: UUID, sheet_format: str) -> HttpResponse:
    """Hand out the sign-in sheet as a file."""
    if sheet_format not in SHEETS:
        raise Http404("No such format.")
    write, media_type = SHEETS[sheet_format]
    occurrence = _kept_occurrence(request, occurrence_id)
    record_by(request.membership, "attendance.exported", occurrence, format=sheet_format)
    content = write(sheet_of(occurrence), request.tenant.zone)
    response = HttpResponse(content, content_type=media_type)
    day = occurrence.start_at.astimezone(request.tenant.zone).date().isoformat()
    name = f"{_('attendance')}-{day}.{sheet_format}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _visible_meeting(request: TenantRequest, meeting_id: UUID) -> Meeting:
    meetings = request.tenant.meetings.visible_to(request.membership)
    return get_object_or_404(meetings.select_related("organizer__user", "room", "tenant"), id=meeting_id)


def _led_meeting(request: TenantRequest, meeting_id: UUID) -> Meeting:
    """Return the meeting; 404 for a stranger, 403 for somebody who only attends it."""
    meeting = _visible_meeting(request, meeting_id)
    _check_leads(request, meeting)
    return meeting


def _check_leads(request: TenantRequest, meeting: Meeting) -> None:
    if not Meeting.objects.schedulable_by(request.membership).filter(id=meeting.id).exists():
        raise PermissionDenied(_("Only the organisers of this meeting may do this."))


def _kept_occurrence(request: TenantRequest, occurrence_id: UUID) -> Occurrence:
    """Return an occurrence whose attendance is kept, to those who lead the meeting."""
    occurrences = request.tenant.occurrences.visible_to(request.membership).taking_place()
    found = occurrences.select_related("meeting__organizer__user", "meeting__room", "room")
    occurrence = get_object_or_404(found, id=occurrence_id)
    _check_leads(request, occurrence.meeting)
    if occurrence.meeting.attendance_threshold is None:
        raise Http404("No attendance is kept.")
    return occurrence
