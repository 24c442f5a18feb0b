"""The conference of a meeting on its page, which then needs to know nothing of it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from apps.rooms.conferences.attendance import Interval
from apps.rooms.conferences.failures import Failure, advice_of
from apps.rooms.conferences.joining import conference_of, dial_in_of, occurrence_now
from apps.rooms.conferences.sheet_files import interval_in_words
from apps.rooms.conferences.sheets import here_now, sheets_of
from apps.rooms.invitations.links import join_url
from apps.rooms.models import Conference, Meeting
from apps.rooms.templatetags.meetings import day_in_words
from apps.tenants.models import TenantRequest

register = template.Library()


@register.inclusion_tag("rooms/conferences/state.html", takes_context=True)
def meeting_conference(context: template.Context, meeting: Meeting) -> dict[str, Any]:
    """Show how far the conference is, how to enter it, who is there, and what was kept of former times."""
    request: TenantRequest = context["request"]
    now = timezone.now()
    occurrence = occurrence_now(meeting, now)
    conference = conference_of(meeting, occurrence)
    is_lead = Meeting.objects.schedulable_by(request.membership).filter(id=meeting.id).exists()
    is_ready = conference is not None and conference.status == Conference.Status.READY
    keeps = meeting.attendance_threshold is not None
    return {
        "request": request,
        "meeting": meeting,
        "occurrence": occurrence,
        "conference": conference,
        "is_ready": is_ready,
        "is_over": occurrence is None or occurrence.end_at < now,
        "is_lead": is_lead,
        "failure": failure_words(conference),
        "advice": advice_of(conference.failure_code) if conference else "",
        "dial_in": dial_in_of(conference) if conference and is_ready and meeting.has_dial_in else None,
        "join_url": join_url(meeting),
        "here": here_now(occurrence, now=now) if occurrence and is_ready else [],
        "kept": sheets_of(meeting).first() if keeps and is_lead else None,
    }


def failure_words(conference: Conference | None) -> str:
    """Return why the conference is not there, in plain words."""
    if conference is None or conference.status == Conference.Status.READY or not conference.failure_code:
        return ""
    return str(Failure(conference.failure_code).label)


@register.filter
def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return "Tomorrow, 09:30", by the clocks of ``zone``."""
    local = at.astimezone(zone)
    words = {"day": day_in_words(local.date(), timezone.now().astimezone(zone).date()), "time": f"{local:%H:%M}"}
    return gettext("%(day)s, %(time)s") % words


@register.filter
def span(interval: Interval, zone: ZoneInfo) -> str:
    """Return when somebody came and left, by the clocks of ``zone``."""
    return interval_in_words(interval, zone)
