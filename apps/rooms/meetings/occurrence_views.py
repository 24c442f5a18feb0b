"""One date of a series: what can be done with it, changing it alone, cancelling and restoring."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.rooms.meetings import conflicts
from apps.rooms.meetings.access import schedulable_meeting, schedulable_occurrence
from apps.rooms.meetings.confirmation import is_silent, rehearse
from apps.rooms.meetings.occurrence_forms import OccurrenceForm, values_of_date
from apps.rooms.meetings.room_choices import offered_rooms
from apps.rooms.models import Meeting, Notify, Occurrence
from apps.rooms.operations import (
    MeetingChanged,
    RoomTaken,
    Scope,
    cancel_following,
    cancel_meeting,
    cancel_occurrence,
    change_occurrence,
    restore_meeting,
    restore_occurrence,
)
from apps.rooms.places.admission import NotAdmitted
from apps.tenants.models import TenantRequest
from visio_portal.forms import form_page

FORM = "rooms/meetings/occurrence_form.html"


@require_safe
def occurrence_detail(request: TenantRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Offer what can be done with a date, and say which other dates each choice concerns."""
    occurrence = schedulable_occurrence(request, meeting_id, occurrence_id)
    coming = occurrence.meeting.occurrences.filter(end_at__gt=timezone.now()).exclude(status="cancelled")
    context = {
        "meeting": occurrence.meeting,
        "occurrence": occurrence,
        "following": coming.filter(recurrence_id__gte=occurrence.recurrence_id).count(),
        "coming": coming.count(),
        "is_over": occurrence.end_at <= timezone.now(),
    }
    return render(request, "rooms/meetings/occurrence_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def occurrence_edit(request: TenantRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    occurrence = schedulable_occurrence(request, meeting_id, occurrence_id)
    meeting: Meeting = occurrence.meeting
    rooms = offered_rooms(request.tenant, occurrence.room)
    context: dict[str, Any] = {"meeting": meeting, "occurrence": occurrence}
    step, _colon, way = request.POST.get("step", "").partition(":")
    if request.method != "POST":
        form = OccurrenceForm(initial=values_of_date(occurrence), meeting=meeting, rooms=rooms)
        return form_page(request, FORM, form, **context)
    if step == "back":
        return form_page(
            request, FORM, OccurrenceForm(initial=request.POST.dict(), meeting=meeting, rooms=rooms), **context
        )
    data = conflicts.taken(request.POST, way) if step == "take" else request.POST
    form = OccurrenceForm(data=data, meeting=meeting, rooms=rooms)
    if not form.is_valid():
        return form_page(request, FORM, form, **context)

    def change(notify: Notify) -> Meeting:
        fresh = _fresh(occurrence)
        change_occurrence(occurrence=fresh, by=request.membership, plan=form.plan(), notify=notify)
        return meeting

    try:
        if step != "send":
            choices = rehearse(change, among=[Notify.ALL], of=meeting)
            if not is_silent(choices, request.membership):
                kept = [(name, value) for name, value in data.items() if name in form.fields]
                context |= {"form": form, "choices": choices, "kept": kept, "plan": form.plan()}
                return render(request, "rooms/meetings/occurrence_confirm.html", context)
        change(Notify.ALL)
    except RoomTaken as error:
        found = conflicts.conflict_of(form.as_meeting_plan(), meeting.organizer, request.membership, None)
        form.add_error("room", str(error))
        return form_page(request, FORM, form, status=409, conflict=found, **context)
    except NotAdmitted as error:
        for broken in error.broken:
            form.add_error(broken.field if broken.field in form.fields else None, broken.message)
        return form_page(request, FORM, form, **context)
    except MeetingChanged as error:
        form.add_error(None, str(error))
        return form_page(request, FORM, form, status=409, **context)
    messages.success(request, _("The date is changed."))
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_cancel(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Cancel a meeting with all that is still to come of it."""
    meeting = schedulable_meeting(request, meeting_id)

    def change(notify: Notify) -> None:
        fresh = get_object_or_404(request.tenant.meetings.select_related("organizer__user"), id=meeting.id)
        cancel_meeting(meeting=fresh, by=request.membership, notify=notify)

    told = _("The meeting is cancelled. You can take this back on its page.")
    return _asked_first(request, meeting, change, "meeting_cancel", told, scope=Scope.ALL)


@require_http_methods(["GET", "HEAD", "POST"])
def occurrence_cancel(request: TenantRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Cancel one date of a series, or (?scope=following) that one and all that follow."""
    occurrence = schedulable_occurrence(request, meeting_id, occurrence_id)
    scope = request.GET.get("scope", Scope.ONE)
    if scope not in (Scope.ONE, Scope.FOLLOWING):
        raise Http404("No such scope.")
    cancel = cancel_following if scope == Scope.FOLLOWING else cancel_occurrence

    def change(notify: Notify) -> None:
        cancel(occurrence=_fresh(occurrence), by=request.membership, notify=notify)

    told = _("The series ends before this date.") if scope == Scope.FOLLOWING else _("The date is cancelled.")
    return _asked_first(request, occurrence.meeting, change, "meeting_cancel", told, scope=scope, occurrence=occurrence)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_restore(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = schedulable_meeting(request, meeting_id)

    def change(notify: Notify) -> None:
        fresh = get_object_or_404(request.tenant.meetings.select_related("organizer__user", "room"), id=meeting.id)
        restore_meeting(meeting=fresh, by=request.membership, notify=notify)

    told = _("The cancellation is taken back: the meeting takes place.")
    return _asked_first(request, meeting, change, "meeting_restore", told)


@require_http_methods(["GET", "HEAD", "POST"])
def occurrence_restore(request: TenantRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    occurrence = schedulable_occurrence(request, meeting_id, occurrence_id)

    def change(notify: Notify) -> None:
        restore_occurrence(occurrence=_fresh(occurrence), by=request.membership, notify=notify)

    told = _("The cancellation is taken back: the date takes place.")
    return _asked_first(request, occurrence.meeting, change, "meeting_restore", told, occurrence=occurrence)


def _asked_first(
    request: TenantRequest,
    meeting: Meeting,
    change: Callable[[Notify], None],
    template: str,
    told: str,
    **context: Any,
) -> HttpResponse:
    """Show what a change means and who is written to; do it when that page is sent."""
    if request.method == "POST":
        change(Notify.ALL)
        messages.success(request, told)
        return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)
    context |= {"meeting": meeting, "problem": "", "choices": []}
    context.setdefault("occurrence", meeting.occurrences.first())
    try:
        context["choices"] = rehearse(change, among=[Notify.ALL], of=meeting)
    except (MeetingChanged, RoomTaken, NotAdmitted) as error:
        context["problem"] = str(error)
    return render(request, f"rooms/meetings/{template}.html", context)


def _fresh(occurrence: Occurrence) -> Occurrence:
    """Read a date anew: a rehearsal has changed the one before."""
    rows = Occurrence.objects.select_related("room", "meeting__organizer__user", "meeting__organizer__tenant")
    return rows.get(id=occurrence.id)
