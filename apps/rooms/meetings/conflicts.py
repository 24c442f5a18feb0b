"""Why a booking was refused, what is in the way as far as the person may know it, and what could be done instead."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.rooms.meetings.drafts import moved_values
from apps.rooms.models import Meeting, Occurrence
from apps.rooms.operations import MeetingChanged, MeetingPlan, RoomTaken
from apps.rooms.places.admission import NotAdmitted
from apps.rooms.places.suggestions import BlockedDate, RoomOffer, Slot, Suggestions, suggest
from apps.tenants.models import Membership
from visio_portal.dates import written
from visio_portal.forms import PortalForm

REFUSALS = (NotAdmitted, RoomTaken, MeetingChanged)


@dataclass(frozen=True)
class InTheWay:
    """A booking that holds the room; its title stands there only for those who may see the meeting."""

    when: str
    title: str


@dataclass(frozen=True)
class Way:
    """Something to do instead, at one click: what the button says, and the step that it sends."""

    label: str
    step: str
    note: str = ""


@dataclass(frozen=True)
class Conflict:
    room_name: str
    total: int
    blocked_count: int
    in_the_way: tuple[InTheWay, ...]
    ways: tuple[Way, ...]


def conflict_of(plan: MeetingPlan, organizer: Membership, by: Membership, moved: Meeting | None) -> Conflict:
    """Return what is in the way of a plan in its room, and the ways out; the times are those of the plan's zone."""
    found = suggest(plan=plan, organizer=organizer, meeting=moved)
    return Conflict(
        room_name=plan.room.name if plan.room is not None else "",
        total=found.total,
        blocked_count=found.blocked_count,
        in_the_way=tuple(_in_the_way(found, by, plan.zone)),
        ways=tuple(_ways(found, plan)),
    )


def taken(data: QueryDict, way: str) -> QueryDict:
    """Return the form's data with a way out in place of what was chosen; as it was where the way is unknown."""
    kind, _slash, value = way.partition("/")
    changed = data.copy()
    if kind == "room":
        changed["room"] = value
    elif kind == "time":
        for name, moved in moved_values(value).items():
            changed[name] = moved
    elif kind == "leave":
        days = {*data.getlist("excluded"), *value.split(",")}
        changed.setlist("excluded", sorted(days))
    return changed


def explain(form: PortalForm, refusal: NotAdmitted | RoomTaken | MeetingChanged) -> int:
    """Say at the fields of a form why what it asks for was refused, and return the status of the answer."""
    if isinstance(refusal, NotAdmitted):
        for broken in refusal.broken:
            form.add_error(broken.field if broken.field in form.fields else None, broken.message)
    else:
        form.add_error("room" if isinstance(refusal, RoomTaken) else None, str(refusal))
    return refusal.status


def _in_the_way(found: Suggestions, by: Membership, zone: ZoneInfo) -> Iterator[InTheWay]:
    ids = [span.occurrence_id for blocked in found.dates for span in blocked.in_the_way]
    mine = Occurrence.objects.visible_to(by).filter(id__in=ids).select_related("meeting")
    titles = {row.id: row.title or row.meeting.title for row in mine}
    for blocked in found.dates:
        for span in blocked.in_the_way:
            yield InTheWay(_times(span.start_at, span.end_at, zone), titles.get(span.occurrence_id, ""))


def _ways(found: Suggestions, plan: MeetingPlan) -> Iterator[Way]:
    if found.total == 1:
        for blocked in found.dates:
            yield from (_slot_way(slot, plan.zone) for slot in blocked.slots)
    for offer in found.rooms:
        if offer.is_free_always or found.total == 1:
            yield _room_way(offer)
    if found.total > 1 and found.blocked_count == len(found.dates) < found.total:
        yield _leave_way(found.dates, plan.zone)
    yield Way(_("Meet without a room, in a Visio conference"), "take:room/")


def _slot_way(slot: Slot, zone: ZoneInfo) -> Way:
    start, end = slot.start_at.astimezone(zone), slot.end_at.astimezone(zone)
    label = _("%(start)s to %(end)s in the same room") % {"start": _clock(start), "end": _clock(end)}
    notes = []
    if slot.shift_minutes:
        later = ngettext("%(count)s minute later", "%(count)s minutes later", slot.shift_minutes)
        earlier = ngettext("%(count)s minute earlier", "%(count)s minutes earlier", -slot.shift_minutes)
        notes.append((later if slot.shift_minutes > 0 else earlier) % {"count": abs(slot.shift_minutes)})
    if slot.shortened_minutes:
        shorter = ngettext("%(count)s minute shorter", "%(count)s minutes shorter", slot.shortened_minutes)
        notes.append(shorter % {"count": slot.shortened_minutes})
    return Way(label, f"take:time/{start:%Y-%m-%dT%H:%M}/{end:%H:%M}", ", ".join(notes))


def _room_way(offer: RoomOffer) -> Way:
    capacity = offer.room.capacity
    notes = [ngettext("%(count)s place", "%(count)s places", capacity) % {"count": capacity}] if capacity else []
    if offer.needs_confirmation:
        notes.append(_("a room manager confirms it"))
    label = _("%(room)s at the same time") % {"room": offer.room.name}
    return Way(label, f"take:room/{offer.room.id}", ", ".join(notes))


def _leave_way(blocked: tuple[BlockedDate, ...], zone: ZoneInfo) -> Way:
    days = [found.start_at.astimezone(zone).date() for found in blocked]
    label = ngettext("Leave out this date: %(days)s", "Leave out these dates: %(days)s", len(days))
    words = ", ".join(written(day, "j F Y") for day in days)
    return Way(label % {"days": words}, f"take:leave/{','.join(day.isoformat() for day in days)}")


def _times(start_at: datetime, end_at: datetime, zone: ZoneInfo) -> str:
    start, end = start_at.astimezone(zone), end_at.astimezone(zone)
    words = {"day": written(start, "l j F Y"), "start": _clock(start), "end": _clock(end)}
    return _("%(day)s, %(start)s to %(end)s") % words


def _clock(moment: datetime) -> str:
    return date_format(moment, "H:i")
