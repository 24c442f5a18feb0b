"""The meeting form: filling in with a look ahead, what stands in the way, who would be written to, and saving."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.rooms.meetings import drafts, people_steps
from apps.rooms.meetings.access import schedulable_meeting
from apps.rooms.meetings.colleagues import colleagues_at
from apps.rooms.meetings.confirmation import is_silent, rehearse
from apps.rooms.meetings.conflicts import REFUSALS, Conflict, conflict_of, explain, taken
from apps.rooms.meetings.editing import Editing, creating, editing_all, editing_following
from apps.rooms.meetings.forms import MeetingForm
from apps.rooms.meetings.people_steps import Found, Imported
from apps.rooms.meetings.preview import Preview, preview_of, zones_of
from apps.rooms.meetings.room_choices import choices_for, offered_rooms
from apps.rooms.models import Notify, Room
from apps.rooms.operations import RoomTaken
from apps.tenants.models import TenantRequest
from visio_portal.forms import form_page

FORM = "rooms/meetings/meeting_form.html"
LOOKING = ("back", "preview", "rooms", "search", "add", "remove", "import", "move")  # steps that save nothing


@dataclass(frozen=True)
class Aside:
    """What a step adds to the page beside the form; ``sought`` stands in the search of people."""

    sought: str = ""
    is_sought_by_enter: bool = False
    found: Found | None = None
    imported: Imported | None = None
    conflict: Conflict | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_create(request: TenantRequest) -> HttpResponse:
    return _answer(request, creating(request))


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Change a meeting; ``?since=<occurrence>`` changes a series from that date on."""
    meeting = schedulable_meeting(request, meeting_id)
    if meeting.cancelled_at is not None:
        messages.info(request, _("The meeting is cancelled: take the cancellation back before you change it."))
        return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)
    since = request.GET.get("since")
    if since is None:
        return _answer(request, editing_all(meeting, request.membership))
    try:
        occurrence = get_object_or_404(meeting.occurrences.all(), id=UUID(since))
    except ValueError as error:
        raise Http404("No such date.") from error
    occurrence.meeting = meeting
    return _answer(request, editing_following(occurrence, request.membership))


def _answer(request: TenantRequest, editing: Editing) -> HttpResponse:
    rooms = offered_rooms(request.tenant, editing.room)
    if request.method != "POST":
        values = editing.values | drafts.times_from_link(request.GET)
        form = _form(editing, rooms, initial=values)
        if editing.meeting is None:
            form.fields["title"].widget.attrs["autofocus"] = True
        return _page(request, editing, rooms, form, values)
    step, _colon, detail = _step(request.POST).partition(":")
    if step not in LOOKING:
        data = taken(request.POST, detail) if step == "take" else request.POST
        return _sent(request, editing, rooms, data, is_confirmed=step == "send")
    values = editing.values | drafts.posted_values(request.POST)
    aside = _look(request, editing, values, step, detail)
    return _page(request, editing, rooms, _form(editing, rooms, initial=values), values, aside)


def _sent(
    request: TenantRequest, editing: Editing, rooms: list[Room], data: QueryDict, *, is_confirmed: bool
) -> HttpResponse:
    """Save what a form says, or show it with all that was typed and what stands in the way."""
    form, aside, status = _form(editing, rooms, data=data), Aside(), 200
    if form.is_valid():
        try:
            return _save(request, editing, form, data, is_confirmed=is_confirmed)
        except REFUSALS as error:
            if isinstance(error, RoomTaken):  # before the room is at fault, and no longer part of the plan
                in_the_way = conflict_of(form.plan(), editing.organizer, request.membership, editing.meeting)
                aside = Aside(conflict=in_the_way)
            status = explain(form, error)
    return _page(request, editing, rooms, form, drafts.posted_values(data), aside, status=status)


def _step(data: QueryDict) -> str:
    """Return what a form is sent for; the Enter key, which sends no step, first searches who is still sought."""
    return data.get("step", "search:enter" if data.get("who", "").strip() else "")


def _form(editing: Editing, rooms: list[Room], **kwargs: Any) -> MeetingForm:
    return MeetingForm(
        organizer=editing.organizer, organizers=editing.organizers, policy=editing.policy, rooms=rooms, **kwargs
    )


def _look(request: TenantRequest, editing: Editing, values: dict[str, Any], step: str, detail: str) -> Aside:
    """Do what a step asks for to the values, and return what it adds to the page."""
    sought = request.POST.get("who", "")
    if step == "import":
        return Aside(sought, imported=people_steps.import_people(values, request.FILES.get("people_file")))
    if step == "add":
        people_steps.add_people(values, detail, editing.organizer, editing.by)
    elif step == "remove":
        people_steps.remove_person(values, detail)
    elif step == "move":
        values |= drafts.moved_values(detail)
    found = people_steps.find_people(sought, editing.organizer, editing.by, values)
    return Aside("" if step == "add" else sought, detail == "enter", found)


def _save(
    request: TenantRequest, editing: Editing, form: MeetingForm, data: QueryDict, *, is_confirmed: bool
) -> HttpResponse:
    """Save what a valid form says, once it was said who is written to."""

    def change(notify: Notify) -> Any:
        return editing.save(form, notify)

    if not is_confirmed:
        choices = rehearse(change, among=editing.among, of=editing.meeting)
        if not is_silent(choices, editing.by) or editing.single_changes:
            return _confirmation_page(request, editing, form, data, choices)
    meeting = change(_chosen(data, editing))
    told = _("The meeting is changed.") if editing.meeting else _("The meeting is scheduled.")
    messages.success(request, told)
    if form.has_doubled_start():
        text = _("The clocks are set back that night, so this time comes twice: the meeting starts at the first one.")
        messages.warning(request, text)
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


def _chosen(data: QueryDict, editing: Editing) -> Notify:
    """Return whom to write to; nobody where a change turns out to concern people is still those concerned."""
    chosen = data.get("notify", Notify.ALL)
    if chosen not in list(Notify) or editing.meeting is None:
        return Notify.ALL
    return Notify.AFFECTED if chosen == Notify.NOBODY else Notify(chosen)


def _confirmation_page(
    request: TenantRequest, editing: Editing, form: MeetingForm, data: QueryDict, choices: list[Any]
) -> HttpResponse:
    context = {
        "form": form,
        "editing": editing,
        "meeting": editing.meeting,
        "choices": choices,
        "preview": preview_of(form.plan(), editing.organizer),
        "room": form.cleaned_data["room"],
        "organizer": editing.organizer,
        "kept": [(name, value) for name, values in data.lists() if name in MeetingForm.base_fields for value in values],
    }
    return render(request, "rooms/meetings/meeting_confirm.html", context)


def _page(
    request: TenantRequest,
    editing: Editing,
    rooms: list[Room],
    form: MeetingForm,
    values: dict[str, Any],
    aside: Aside | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render the form with a look ahead at what it says so far."""
    aside = aside or Aside()
    probe = _form(editing, rooms, data=values)
    probe.is_valid()
    plan = probe.plan() if probe.has_time else None
    people = people_steps.people_of(values, editing.organizer)
    members = [editing.organizer, *(person.member for person in people if person.member)]
    preview: Preview | None = preview_of(plan, editing.organizer, zones_of(members)) if plan else None
    context = {
        "editing": editing,
        "meeting": editing.meeting,
        "preview": preview,
        "preview_problems": [] if preview else _time_problems(probe),
        "rooms": choices_for(
            rooms, request.POST.get("room_sought", ""), str(values.get("room") or ""), plan, editing.meeting
        ),
        "people": people,
        "colleagues": colleagues_at(plan, members, guests=len(people) - len(members) + 1, moved=editing.meeting)
        if plan
        else None,
        "aside": aside,
        "found": aside.found,
        "imported": aside.imported,
        "conflict": aside.conflict,
    }
    return form_page(request, FORM, form, status=status, **context)


def _time_problems(probe: MeetingForm) -> list[str]:
    names = ("starts_on", "start_time", "end_time", "frequency", "count", "until", "interval")
    return [str(error) for name in names for error in probe.errors.get(name, ())]
