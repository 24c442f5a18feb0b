"""Who may follow which topic of meetings over the WebSocket."""

from uuid import UUID

from apps.rooms.models import Meeting
from apps.tenants.models import Membership


def may_follow_meeting(membership: Membership, meeting_id: UUID) -> bool:
    """Let those follow a meeting who may see it."""
    return Meeting.objects.visible_to(membership).filter(id=meeting_id).exists()


def may_follow_calendar(membership: Membership, tenant_id: UUID) -> bool:
    """Let every member know that something in their ministry was booked; what it was, the page asks for."""
    return membership.tenant_id == tenant_id
