"""Which meetings a person reaches: 404 for a stranger, 403 for somebody whose part is too small."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.rooms.models import Meeting, Occurrence
from apps.tenants.models import TenantRequest

RELATED = ("organizer__user", "organizer__unit", "organizer__tenant", "scheduled_by__user", "room")


def visible_meeting(request: TenantRequest, meeting_id: UUID) -> Meeting:
    meetings = request.tenant.meetings.visible_to(request.membership)
    return get_object_or_404(meetings.select_related(*RELATED), id=meeting_id)


def schedulable_meeting(request: TenantRequest, meeting_id: UUID) -> Meeting:
    """Return a meeting that the person may move, invite to or cancel; 403 for somebody who only attends it."""
    meeting = visible_meeting(request, meeting_id)
    if not is_scheduler(request, meeting):
        raise PermissionDenied(_("Only the organiser, the co-organisers and delegates may change this meeting."))
    return meeting


def schedulable_occurrence(request: TenantRequest, meeting_id: UUID, occurrence_id: UUID) -> Occurrence:
    """Return a date of such a meeting."""
    meeting = schedulable_meeting(request, meeting_id)
    occurrence: Occurrence = get_object_or_404(meeting.occurrences.select_related("room"), id=occurrence_id)
    occurrence.meeting = meeting
    return occurrence


def is_scheduler(request: TenantRequest, meeting: Meeting) -> bool:
    return Meeting.objects.schedulable_by(request.membership).filter(id=meeting.id).exists()


def is_editor(request: TenantRequest, meeting: Meeting) -> bool:
    return Meeting.objects.editable_by(request.membership).filter(id=meeting.id).exists()
