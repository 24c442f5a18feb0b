"""A meeting's recordings on its page, which belongs to an app that knows nothing of them."""

from typing import Any

from django import template

from apps.rooms.models import Meeting
from apps.transcripts.forms import RecordingForm
from apps.transcripts.states import states_of

register = template.Library()


@register.inclusion_tag("transcripts/meeting_recordings.html", takes_context=True)
def meeting_recordings(context: template.Context, meeting: Meeting, is_editor: bool) -> dict[str, Any]:
    """Show the recordings that the member may hear, and what there is to do now."""
    request = context["request"]
    recordings = request.tenant.recordings.visible_to(request.membership).filter(meeting=meeting)
    occurrence = context["occurrence"]
    form = RecordingForm(meeting=meeting)
    return {
        "request": request,
        "meeting": meeting,
        "is_editor": is_editor,
        "is_cancelled": occurrence.status == "cancelled" and not form.has_date,
        "has_started": form.has_date or occurrence.start_at <= context["now"],
        "states": states_of(recordings, request.membership),
        "form": form,
    }
