"""Which meetings' conferences a member reaches: 404 for a stranger, 403 for somebody whose part is too small."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.rooms.models import Meeting, Occurrence
from apps.tenants.models import Membership


def visible_meeting(member: Membership, meeting_id: UUID) -> Meeting:
    meetings = Meeting.objects.filter(tenant=member.tenant_id).visible_to(member)
    return get_object_or_404(meetings.select_related("organizer__user", "room", "tenant"), id=meeting_id)


def led_meeting(member: Membership, meeting_id: UUID) -> Meeting:
    """Return the meeting; 404 for a stranger, 403 for somebody who only attends it."""
    meeting = visible_meeting(member, meeting_id)
    _check_leads(member, meeting)
    return meeting


def kept_occurrence(member: Membership, occurrence_id: UUID) -> Occurrence:
    """Return an occurrence whose attendance is kept, to those who lead the meeting."""
    occurrences = Occurrence.objects.filter(tenant=member.tenant_id).visible_to(member).taking_place()
    found = occurrences.select_related("meeting__organizer__user", "meeting__room", "room", "tenant")
    occurrence = get_object_or_404(found, id=occurrence_id)
    _check_leads(member, occurrence.meeting)
    if occurrence.meeting.attendance_threshold is None:
        raise Http404("No attendance is kept.")
    return occurrence


def _check_leads(member: Membership, meeting: Meeting) -> None:
    if not Meeting.objects.schedulable_by(member).filter(id=meeting.id).exists():
        raise PermissionDenied(_("Only the organisers of this meeting may do this."))
