"""A meeting's recordings on its page, which belongs to an app that knows nothing of them."""

from typing import Any

from django import template

from apps.rooms.models import Meeting
from apps.tenants.models import TenantRequest
from apps.transcripts.states import RecordingState, state_of, with_states

register = template.Library()


@register.inclusion_tag("transcripts/meeting_recordings.html", takes_context=True)
def meeting_recordings(context: template.Context, meeting: Meeting, is_editor: bool) -> dict[str, Any]:
    """Show the recordings that the member may hear, and what there is to do now."""
    request = context["request"]
    return {
        "request": request,
        "meeting": meeting,
        "occurrence": context["occurrence"],
        "now": context["now"],
        "is_editor": is_editor,
        "states": recording_states(request, meeting),
    }


def recording_states(request: TenantRequest, meeting: Meeting) -> list[RecordingState]:
    """Return the states of a meeting's recordings that the member may hear, newest first."""
    recordings = request.tenant.recordings.visible_to(request.membership).filter(meeting=meeting)
    return [state_of(recording) for recording in with_states(recordings, request.membership)]
