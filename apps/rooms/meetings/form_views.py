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
from apps.rooms.meetings.confirmation import is_silent, rehearse
from apps.rooms.meetings.conflicts import Conflict, conflict_of, taken
from apps.rooms.meetings.editing import Editing, creating, editing_all, editing_following
from apps.rooms.meetings.forms import MeetingForm
from apps.rooms.meetings.people_steps import Found, Imported
from apps.rooms.meetings.preview import Preview, preview_of, zones_of
from apps.rooms.meetings.room_choices import choices_for, offered_rooms
from apps.rooms.models import Notify, Room
from apps.rooms.operations import MeetingChanged, RoomTaken
from apps.rooms.places.admission import NotAdmitted
from apps.tenants.models import TenantRequest
from visio_portal.forms import form_page

FORM = "rooms/meetings/meeting_form.html"
LOOKING = ("back", "preview", "rooms", "search", "add", "remove", "import")  # steps that save nothing


@dataclass(frozen=True)
class Aside:
    """What a step adds to the page beside the form."""

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
        return _page(request, editing, rooms, _form(editing, rooms, initial=editing.values), editing.values)
    step, _colon, detail = request.POST.get("step", "").partition(":")
    if step in LOOKING:
        values = editing.values | drafts.posted_values(request.POST)
        aside = _look(request, editing, values, step, detail)
        return _page(request, editing, rooms, _form(editing, rooms, initial=values), values, aside)
    data = taken(request.POST, detail) if step == "take" else request.POST
    form = _form(editing, rooms, data=data)
    if not form.is_valid():
        return _page(request, editing, rooms, form, drafts.posted_values(data))
    try:
        return _save(request, editing, form, data, is_confirmed=step == "send")
    except NotAdmitted as error:
        for broken in error.broken:
            form.add_error(broken.field if broken.field in form.fields else None, broken.message)
    except RoomTaken as error:
        aside = Aside(conflict=conflict_of(form.plan(), editing.organizer, request.membership, editing.meeting))
        form.add_error("room", str(error))
        return _page(request, editing, rooms, form, drafts.posted_values(data), aside, status=409)
    except MeetingChanged as error:  # what was typed stays on the page
        form.add_error(None, str(error))
        return _page(request, editing, rooms, form, drafts.posted_values(data), status=409)
    return _page(request, editing, rooms, form, drafts.posted_values(data))


def _form(editing: Editing, rooms: list[Room], **kwargs: Any) -> MeetingForm:
    return MeetingForm(
        organizer=editing.organizer, organizers=editing.organizers, policy=editing.policy, rooms=rooms, **kwargs
    )


def _look(request: TenantRequest, editing: Editing, values: dict[str, Any], step: str, detail: str) -> Aside:
    """Do what a step asks for to the values, and return what it adds to the page."""
    if step == "add":
        people_steps.add_people(values, detail, editing.organizer, editing.by)
    elif step == "remove":
        people_steps.remove_person(values, detail)
    elif step == "import":
        return Aside(imported=people_steps.import_people(values, request.FILES.get("people_file")))
    sought = request.POST.get("who", "")
    return Aside(found=people_steps.find_people(sought, editing.organizer, editing.by))


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
    zones = zones_of([editing.organizer, *(person.member for person in people if person.member)])
    preview: Preview | None = preview_of(plan, editing.organizer, zones) if plan else None
    context = {
        "editing": editing,
        "meeting": editing.meeting,
        "preview": preview,
        "preview_problems": [] if preview else _time_problems(probe),
        "rooms": choices_for(
            rooms, request.POST.get("room_sought", ""), str(values.get("room") or ""), plan, editing.meeting
        ),
        "people": people,
        "found": aside.found,
        "sought": request.POST.get("who", ""),
        "imported": aside.imported,
        "conflict": aside.conflict,
    }
    return form_page(request, FORM, form, status=status, **context)


def _time_problems(probe: MeetingForm) -> list[str]:
    names = ("starts_on", "start_time", "end_time", "frequency", "count", "until", "interval")
    return [str(error) for name in names for error in probe.errors.get(name, ())]
