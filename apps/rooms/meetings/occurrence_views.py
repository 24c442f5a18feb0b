"""One date of a series: what can be done with it, changing it alone, cancelling and restoring."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.rooms.invitations.overview import unanswered_since_move
from apps.rooms.meetings import conflicts
from apps.rooms.meetings.access import is_editor, schedulable_meeting, schedulable_occurrence
from apps.rooms.meetings.confirmation import is_silent, rehearse
from apps.rooms.meetings.drafts import times_from_link
from apps.rooms.meetings.occurrence_forms import OccurrenceForm, values_of_date
from apps.rooms.meetings.room_choices import offered_rooms
from apps.rooms.models import Meeting, Notify, Occurrence
from apps.rooms.operations import (
    RoomTaken,
    Scope,
    cancel_following,
    cancel_meeting,
    cancel_occurrence,
    change_occurrence,
    restore_meeting,
    restore_occurrence,
)
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
        "is_editor": is_editor(request, occurrence.meeting),
        "unanswered": unanswered_since_move(occurrence),
    }
    return render(request, "rooms/meetings/occurrence_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def occurrence_edit(request: TenantRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    occurrence = schedulable_occurrence(request, meeting_id, occurrence_id)
    step, _colon, way = request.POST.get("step", "").partition(":")
    if request.method == "POST" and step != "back":
        data = conflicts.taken(request.POST, way) if step == "take" else request.POST
        return _sent(request, occurrence, data, is_confirmed=step == "send")
    values = request.POST.dict() if step == "back" else values_of_date(occurrence) | times_from_link(request.GET)
    form = _form(request, occurrence, initial=values)
    return form_page(request, FORM, form, meeting=occurrence.meeting, occurrence=occurrence)


def _form(request: TenantRequest, occurrence: Occurrence, **kwargs: Any) -> OccurrenceForm:
    rooms = offered_rooms(request.tenant, occurrence.room)
    return OccurrenceForm(meeting=occurrence.meeting, rooms=rooms, **kwargs)


def _sent(request: TenantRequest, occurrence: Occurrence, data: QueryDict, *, is_confirmed: bool) -> HttpResponse:
    """Change a date as a form says, or show it with all that was typed and what stands in the way."""
    form, status, meeting = _form(request, occurrence, data=data), 200, occurrence.meeting
    context: dict[str, Any] = {"meeting": meeting, "occurrence": occurrence}
    if form.is_valid():
        try:
            return _save(request, occurrence, form, data, is_confirmed=is_confirmed)
        except conflicts.REFUSALS as error:
            if isinstance(error, RoomTaken):
                plan = form.as_meeting_plan()
                context["conflict"] = conflicts.conflict_of(plan, meeting.organizer, request.membership, None)
            status = conflicts.explain(form, error)
    return form_page(request, FORM, form, status=status, **context)


def _save(
    request: TenantRequest, occurrence: Occurrence, form: OccurrenceForm, data: QueryDict, *, is_confirmed: bool
) -> HttpResponse:
    """Change a date as a valid form says, once it was said who is written to."""
    meeting: Meeting = occurrence.meeting
    plan = form.plan()

    def change(notify: Notify) -> Meeting:
        change_occurrence(occurrence=_fresh(occurrence), by=request.membership, plan=plan, notify=notify)
        return meeting

    choices = [] if is_confirmed else rehearse(change, among=[Notify.ALL], of=meeting)
    if not is_silent(choices, request.membership):
        kept = [(name, value) for name, value in data.items() if name in form.fields]
        context = {"meeting": meeting, "occurrence": occurrence, "form": form, "plan": plan}
        context |= {"choices": choices, "kept": kept}
        return render(request, "rooms/meetings/occurrence_confirm.html", context)
    change(Notify.ALL)
    messages.success(request, _("The date is changed."))
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_cancel(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Cancel a meeting with all that is still to come of it."""
    meeting = schedulable_meeting(request, meeting_id)

    def change(notify: Notify) -> None:
        fresh = get_object_or_404(request.tenant.meetings.select_related("organizer__user"), id=meeting.id)
        cancel_meeting(meeting=fresh, by=request.membership, notify=notify)

    told = _("The meeting is cancelled. You can take this back here.")
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
    except conflicts.REFUSALS as error:
        context["problem"] = str(error)
    return render(request, f"rooms/meetings/{template}.html", context)


def _fresh(occurrence: Occurrence) -> Occurrence:
    """Read a date anew: a rehearsal has changed the one before."""
    rows = Occurrence.objects.select_related("room", "meeting__organizer__user", "meeting__organizer__tenant")
    return rows.get(id=occurrence.id)
