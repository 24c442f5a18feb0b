"""Pages of date polls: asking, following the answers, choosing; and answering from a mail's link."""

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.rooms.invitations.links import BadLink, read_answer_token
from apps.rooms.meetings.editing import principals_of
from apps.rooms.models import Attendee, Meeting, Occurrence, Poll
from apps.rooms.operations import RoomTaken
from apps.rooms.places.admission import NotAdmitted
from apps.rooms.planning.poll_forms import (
    SLOTS_MORE,
    PollAnswerForm,
    PollForm,
    SlotFormSet,
    check_slots,
    plan_of_poll,
    proposed_closing,
)
from apps.rooms.planning.polls import SLOTS_MAX, answer_poll, cancel_poll, choose_slot, open_poll, remind_undecided
from apps.rooms.planning.tallies import tally_of
from apps.tenants.models import Tenant, TenantRequest
from apps.tenants.scoping import tenant_scope
from visio_portal.forms import form_page, posted
from visio_portal.paging import page_of


@require_safe
def poll_list(request: TenantRequest) -> HttpResponse:
    mine = Meeting.objects.visible_to(request.membership)
    polls = request.tenant.polls.filter(meeting__in=mine).select_related(
        "meeting__organizer__user", "meeting__scheduled_by__user"
    )
    page = page_of(request, polls.order_by("-created_at"))
    return render(request, "rooms/planning/poll_list.html", {"page_obj": page})


@require_http_methods(["GET", "HEAD", "POST"])
def poll_create(request: TenantRequest) -> HttpResponse:
    rooms = request.tenant.rooms.filter(closed_at=None)
    by, data = request.membership, _completed(request)
    initial = {"time_zone": request.tenant.time_zone}
    form = PollForm(data, rooms=rooms, organizers=[by, *principals_of(by)], initial=initial)
    slots = SlotFormSet(data, prefix="slots")
    if request.method != "POST" or "more" in request.POST:
        return _poll_form(request, form, slots, is_open=True)
    if not (form.is_valid() and slots.is_valid()):
        return _poll_form(request, form, slots)
    walls = check_slots(form, slots)
    if form.errors or any(slot.errors for slot in slots):
        return _poll_form(request, form, slots)
    try:
        poll = open_poll(by=by, plan=plan_of_poll(form, walls), organizer=form.asked_by())
    except (RoomTaken, NotAdmitted) as error:
        form.add_error("room", str(error))
        return _poll_form(request, form, slots)
    messages.success(request, _("The people are asked: each gets a mail with a link to answer."))
    return redirect("rooms:poll_detail", request.tenant.slug, poll.id)


@require_safe
def poll_detail(request: TenantRequest, poll_id: UUID) -> HttpResponse:
    poll = _poll(request, poll_id)
    context = {
        "poll": poll,
        "meeting": poll.meeting,
        "tally": tally_of(poll),
        "is_editor": _is_editor(request, poll.meeting),
    }
    part = request.headers.get("HX-Request") == "true"
    template = "poll_answers" if part else "poll_detail"
    return render(request, f"rooms/planning/{template}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def poll_choose(request: TenantRequest, poll_id: UUID, slot_id: UUID) -> HttpResponse:
    poll = _editable_poll(request, poll_id)
    slot = get_object_or_404(poll.meeting.occurrences.select_related("meeting", "room"), id=slot_id)
    context = {"poll": poll, "meeting": poll.meeting, "slot": slot, "problem": ""}
    if request.method != "POST":
        return render(request, "rooms/planning/poll_choose.html", context)
    try:
        choose_slot(poll=poll, slot=slot, by=request.membership)
    except (RoomTaken, NotAdmitted) as error:
        return render(request, "rooms/planning/poll_choose.html", context | {"problem": str(error)}, status=409)
    messages.success(request, _("The date is chosen, and everybody is invited."))
    return redirect("rooms:meeting_detail", request.tenant.slug, poll.meeting_id)


@require_http_methods(["GET", "HEAD", "POST"])
def poll_cancel(request: TenantRequest, poll_id: UUID) -> HttpResponse:
    poll = _editable_poll(request, poll_id)
    if request.method != "POST":
        return render(request, "rooms/planning/poll_cancel.html", {"poll": poll, "meeting": poll.meeting})
    cancel_poll(poll=poll, by=request.membership)
    messages.success(request, _("The poll is cancelled; those who were asked are told."))
    return redirect("rooms:poll_list", request.tenant.slug)


@require_POST
def poll_remind(request: TenantRequest, poll_id: UUID) -> HttpResponse:
    poll = _editable_poll(request, poll_id)
    count = remind_undecided(poll=poll, by=request.membership)
    text = ngettext("%(count)s person is asked again.", "%(count)s people are asked again.", count)
    messages.success(request, text % {"count": count})
    return redirect("rooms:poll_detail", request.tenant.slug, poll.id)


@login_not_required
@csrf_exempt  # the link's signature is the proof; no cookie is looked at
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def poll_answer(request: HttpRequest, tenant_slug: str, token: str) -> HttpResponse:
    """Show the slots to somebody who was asked, and take their answer; opening the link changes nothing."""
    tenant = get_object_or_404(Tenant.objects.ministries(), slug=tenant_slug)
    try:
        link = read_answer_token(token, tenant_slug)
    except BadLink as error:
        raise Http404 from error
    with tenant_scope(tenant.id):
        people = Attendee.objects.select_related("meeting__tenant", "meeting__organizer__user")
        attendee = get_object_or_404(people, id=link.attendee_id, link_version=link.version)
        poll = get_object_or_404(Poll.objects.select_related("meeting"), meeting=attendee.meeting_id)
        has_chosen_language = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        with override(request.LANGUAGE_CODE if has_chosen_language else attendee.language):
            return _answer_page(request, poll, attendee)


def _answer_page(request: HttpRequest, poll: Poll, attendee: Attendee) -> HttpResponse:
    held = attendee.meeting.occurrences.filter(status=Occurrence.Status.HELD)
    slots = list(held.select_related("meeting", "room")) if poll.is_open else []
    form = PollAnswerForm(posted(request), attendee=attendee, slots=slots)
    if slots and form.is_valid():
        answer_poll(poll=poll, attendee=attendee, choices=form.choices())
        return redirect(f"{request.path}?answered=1")
    was_answered = request.method == "GET" and "answered" in request.GET
    chosen = attendee.meeting.occurrences.first() if poll.status == Poll.Status.CHOSEN else None
    context: dict[str, Any] = {"poll": poll, "meeting": attendee.meeting, "slots": slots, "chosen": chosen}
    return form_page(request, "rooms/planning/poll_answer.html", form, was_answered=was_answered, **context)


def _poll(request: TenantRequest, poll_id: UUID) -> Poll:
    mine = Meeting.objects.visible_to(request.membership)
    polls = request.tenant.polls.filter(meeting__in=mine)
    related = ("meeting__organizer__user", "meeting__scheduled_by__user", "meeting__tenant")
    return get_object_or_404(polls.select_related(*related), id=poll_id)


def _editable_poll(request: TenantRequest, poll_id: UUID) -> Poll:
    poll = _poll(request, poll_id)
    if not _is_editor(request, poll.meeting):
        raise PermissionDenied(_("Only the organiser and the co-organisers may decide about this poll."))
    return poll


def _is_editor(request: TenantRequest, meeting: Meeting) -> bool:
    return Meeting.objects.schedulable_by(request.membership).filter(id=meeting.id).exists()


def _completed(request: TenantRequest) -> QueryDict | None:
    """Return what was sent: with more rows for dates where that was asked, and a last day that fits the dates."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    if "more" in data:
        total = data.get("slots-TOTAL_FORMS", "")
        is_number = total.isascii() and total.isdigit()
        data["slots-TOTAL_FORMS"] = str(min(int(total), 100) + SLOTS_MORE) if is_number else "4"
    today = request.tenant.today
    if data.get("closes_on", "") in ("", proposed_closing(today).isoformat()):  # left as it was proposed
        data["closes_on"] = proposed_closing(today, _days_in(data)).isoformat()
    return data


def _days_in(data: QueryDict) -> list[date]:
    """Return the proposed days that can be read."""
    days = []
    for number in range(SLOTS_MAX):
        try:
            days.append(date.fromisoformat(data.get(f"slots-{number}-starts_on", "")))
        except ValueError:
            continue
    return days


def _poll_form(request: TenantRequest, form: PollForm, slots: Any, *, is_open: bool = False) -> HttpResponse:
    """Show the form; while it is still being filled in, without looking for errors."""
    if is_open:
        return render(request, "rooms/planning/poll_form.html", {"form": form, "slots": slots, "problems": None})
    for problem in slots.non_form_errors():
        form.add_error(None, problem)
    return form_page(request, "rooms/planning/poll_form.html", form, *slots, slots=slots)
