"""A member's meetings: the list, one meeting with its dates and people, and meeting at once."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.rooms.conferences.joining import dial_in
from apps.rooms.departements import zone_of
from apps.rooms.invitations.links import join_url
from apps.rooms.meetings.access import is_editor, is_scheduler, visible_meeting
from apps.rooms.meetings.forms import MeetingSearchForm, When
from apps.rooms.meetings.invitation_text import invitation_text
from apps.rooms.models import Attendee, Meeting, Occurrence
from apps.rooms.operations import MeetingPlan, schedule_meeting
from apps.tenants.models import Membership, TenantRequest
from visio_portal.paging import page_of

NEXT_SHOWN = 5
NOW_MINUTES = 60


@require_safe
def meeting_list(request: TenantRequest) -> HttpResponse:
    search = MeetingSearchForm(request.GET)
    if not search.is_valid():
        raise Http404("No such list.")
    when, sought = search.cleaned_data["when"], search.cleaned_data["q"]
    occurrences = request.tenant.occurrences.visible_to(request.membership).taking_place()
    occurrences = occurrences.filter(_about(sought))
    if when is When.PAST:
        occurrences = occurrences.filter(end_at__lt=timezone.now()).order_by("-start_at")
    else:
        occurrences = occurrences.filter(end_at__gte=timezone.now()).order_by("start_at")
    page = page_of(request, occurrences.select_related("meeting__organizer__user", "room"))
    context = {"search": search, "when": when, "title": sought, "page_obj": page, "tabs": When}
    return render(request, "rooms/meetings/meeting_list.html", context)


def _about(sought: str) -> Q:
    """Return the condition that each word is in the title, the agenda's first lines, a person's name, or the room's."""
    found = Q()
    for word in sought.split()[:5]:
        people = Attendee.objects.filter(Q(name__icontains=word) | Q(email__icontains=word)).values("meeting_id")
        organizer = Q(meeting__organizer__user__given_name__icontains=word) | Q(
            meeting__organizer__user__usual_name__icontains=word
        )
        found &= (
            Q(meeting__title__icontains=word)
            | Q(title__icontains=word)
            | Q(room__name__icontains=word)
            | Q(meeting__in=people)
            | organizer
        )
    return found


@require_safe
def meeting_detail(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = visible_meeting(request, meeting_id)
    dates = _dates(meeting)
    context = {
        "meeting": meeting,
        "is_editor": is_editor(request, meeting),
        "is_scheduler": is_scheduler(request, meeting),
        "now": timezone.now(),
        "invitation": invitation_text(
            meeting, dates["occurrence"], join_url=join_url(meeting), dial_in=dial_in(meeting)
        ),
        **dates,
    }
    return render(request, "rooms/meetings/meeting_detail.html", context)


@require_safe
def meeting_dates(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Every date of a series."""
    meeting = visible_meeting(request, meeting_id)
    page = page_of(request, meeting.occurrences.select_related("room").order_by("start_at"))
    context = {
        "meeting": meeting,
        "page_obj": page,
        "is_scheduler": is_scheduler(request, meeting),
        "is_editor": is_editor(request, meeting),
        "now": timezone.now(),
    }
    return render(request, "rooms/meetings/meeting_dates.html", context)


@require_POST
def meeting_now(request: TenantRequest) -> HttpResponse:
    """Make a meeting that begins at once, to which people come by its address."""
    meeting = schedule_meeting(by=request.membership, plan=_plan_now(request.membership))
    messages.success(request, _("The meeting has begun. Copy the invitation and send it to whom you want to meet."))
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


def _plan_now(organizer: Membership) -> MeetingPlan:
    zone = zone_of(organizer)
    start: datetime = timezone.now().astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    return MeetingPlan(
        title=_("Meeting with %(name)s") % {"name": organizer.user.full_name or organizer.user.email},
        starts_on=start.date(),
        start_time=start.time(),
        duration_minutes=NOW_MINUTES,
        time_zone=zone,
    )


def _dates(meeting: Meeting) -> dict[str, Any]:
    """Return the date that the page leads with, and of a series the next ones, those changed and those cancelled."""
    rows = meeting.occurrences.select_related("room")
    if not meeting.is_series:
        return {"occurrence": rows.first(), "next_dates": [], "special_dates": [], "dates_count": 1}
    coming = rows.filter(end_at__gt=timezone.now())
    next_dates = list(coming.exclude(status=Occurrence.Status.CANCELLED)[:NEXT_SHOWN])
    lead = next_dates[0] if next_dates else None
    if lead is None and meeting.cancelled_at is not None:
        lead = coming.first()
    special = coming.filter(is_changed=True).exclude(id__in=[row.id for row in next_dates])
    return {
        "occurrence": lead or rows.last(),
        "next_dates": next_dates,
        "special_dates": list(special[:20]),
        "dates_count": rows.count(),
    }
