"""The conference on its meeting's page, and the attendance of an occurrence."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.rooms.conferences.access import kept_occurrence, led_meeting, visible_meeting
from apps.rooms.conferences.joining import conference_of
from apps.rooms.conferences.operations import try_again
from apps.rooms.conferences.sheet_files import SHEETS, file_name, summary_of
from apps.rooms.conferences.sheets import sheet_of, sheets_of
from apps.tenants.journal import record_by, record_read
from apps.tenants.models import TenantRequest

OTHERS_SHOWN = 20


@require_safe
def conference_state(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Render the conference's part of the meeting's page alone, for the live page."""
    meeting = visible_meeting(request.membership, meeting_id)
    return render(request, "rooms/conferences/part.html", {"meeting": meeting})


@require_POST
def conference_retry(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = led_meeting(request.membership, meeting_id)
    conference = conference_of(meeting, meeting.occurrences.select_related("room").order_by("start_at").last())
    if conference is None:
        raise Http404("No conference was asked for.")
    try_again(conference=conference, by=request.membership)
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


@never_cache
@require_safe
def attendance(request: TenantRequest, occurrence_id: UUID) -> HttpResponse:
    """Show who was there; reading it is journalled."""
    occurrence = kept_occurrence(request.membership, occurrence_id)
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
    occurrence = kept_occurrence(request.membership, occurrence_id)
    record_by(request.membership, "attendance.exported", occurrence, format=sheet_format)
    content = write(sheet_of(occurrence), request.tenant.zone)
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, file_name(occurrence, sheet_format))
    return response
