"""What the meeting form is filled with before somebody sends it: a new meeting, a copy, a template, half a form."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from apps.rooms.departements import zone_of
from apps.rooms.meetings.forms import MeetingForm
from apps.rooms.meetings.repetition import Ends, Frequency, repetition_of
from apps.rooms.models import Attendee, Meeting, Occurrence
from apps.rooms.models.meetings import wall_of
from apps.rooms.operations.plans import excluded_of
from apps.rooms.recurrence import Rule, instant, parse_rule, rest_of
from apps.tenants.models import Membership

SETTINGS = (
    "access_level",
    "has_guests",
    "has_dial_in",
    "is_recorded",
    "is_transcribed",
    "attendance_threshold",
    "transcript_audience",
)
FIRST_HOUR, LAST_HOUR = 9, 18  # in which a new meeting is proposed
WEEKEND = (5, 6)
LISTS = ("weekdays", "excluded")  # fields with several values
FLAGS = ("has_guests", "has_dial_in", "is_recorded", "is_transcribed")
TIMES = ("starts_on", "start_time", "end_time")
FROM_LINK = ("title", *TIMES, "room", "attendees", "co_organizers", "agenda")


def new_values(organizer: Membership, now: datetime) -> dict[str, Any]:
    """Return a meeting of half an hour at the next full hour of a working day, where the organiser works."""
    zone = ZoneInfo(zone_of(organizer))
    start = (now.astimezone(zone) + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    if start.hour >= LAST_HOUR:
        start = start.replace(hour=0) + timedelta(days=1)
    while start.weekday() in WEEKEND:
        start = start.replace(hour=0) + timedelta(days=1)
    start = start.replace(hour=max(start.hour, FIRST_HOUR))
    return {
        "organizer": str(organizer.id),
        "time_zone": zone.key,
        "starts_on": start.date(),
        "start_time": start.time(),
        "end_time": (start + timedelta(minutes=30)).time(),
        "frequency": Frequency.NEVER,
    }


def values_from_link(query: QueryDict) -> dict[str, Any]:
    """Return what a link to the form fills in, such as a free time of a calendar."""
    return {name: query[name] for name in FROM_LINK if name in query}


def times_from_link(query: QueryDict) -> dict[str, Any]:
    """Return the time that a link to the form of something that exists fills in, such as one that a guest proposes."""
    return {name: query[name] for name in TIMES if name in query}


def values_of(meeting: Meeting, attendees: Sequence[Attendee]) -> dict[str, Any]:
    """Return the form's values for a meeting."""
    rule = parse_rule(meeting.rrule, meeting.zone) if meeting.rrule else None
    return {
        "organizer": str(meeting.organizer_id),
        "title": meeting.title,
        "agenda": meeting.agenda,
        "room": meeting.room_id,
        "time_zone": meeting.time_zone,
        **_times(meeting.wall_start, meeting),
        **_repetition(rule, meeting.wall_start, meeting.rrule),
        "excluded": sorted(wall.date().isoformat() for wall in excluded_of(meeting)),
        "co_organizers": _written(attendees, Attendee.Role.CO_ORGANIZER),
        "attendees": _written(attendees, Attendee.Role.ATTENDEE),
        "seen_at": meeting.updated_at.isoformat(),
    } | {name: getattr(meeting, name) for name in SETTINGS}


def values_from(occurrence: Occurrence, attendees: Sequence[Attendee]) -> dict[str, Any]:
    """Return the form's values for a series from one of its occurrences on."""
    meeting: Meeting = occurrence.meeting
    wall = wall_of(occurrence.recurrence_id)
    rule = rest_of(parse_rule(meeting.rrule, meeting.zone), meeting.wall_start, wall)
    values = values_of(meeting, attendees) | _repetition(rule, wall, rule.text(meeting.zone))
    coming = [day for day in values["excluded"] if day >= wall.date().isoformat()]
    return values | _times(wall, meeting) | {"excluded": coming}


def copied_values(
    meeting: Meeting, attendees: Sequence[Attendee], organizer: Membership, now: datetime
) -> dict[str, Any]:
    """Return the form's values for a meeting like another one, at a time still to be chosen."""
    start = new_values(organizer, now)["starts_on"]
    values = values_of(meeting, attendees) | {"starts_on": start, "organizer": str(organizer.id), "seen_at": ""}
    return values | {"excluded": [], "frequency": Frequency.NEVER, "kept_rule": ""}


def template_values(values: dict[str, Any]) -> dict[str, Any]:
    """Keep of a saved template what the form knows, but for who schedules and when it was seen."""
    return {
        name: value
        for name, value in values.items()
        if name in MeetingForm.base_fields and name not in ("organizer", "seen_at")
    }


def posted_values(data: QueryDict) -> dict[str, Any]:
    """Return what stands in a form that was sent for something else than saving, right or wrong."""
    values: dict[str, Any] = {name: data[name] for name in MeetingForm.base_fields if name in data}
    values |= {name: data.getlist(name) for name in LISTS}
    return values | {name: name in data for name in FLAGS}


def moved_values(time: str) -> dict[str, Any]:
    """Return the values of another time, "2026-11-24T10:00/11:00", as the form has them; right or wrong."""
    start, _slash, end_time = time.partition("/")
    starts_on, _t, start_time = start.partition("T")
    return {"starts_on": starts_on, "start_time": start_time, "end_time": end_time}


def _times(wall: datetime, meeting: Meeting) -> dict[str, Any]:
    end_at = instant(wall, meeting.zone) + timedelta(minutes=meeting.duration_minutes)
    return {"starts_on": wall.date(), "start_time": wall.time(), "end_time": end_at.astimezone(meeting.zone).time()}


def _repetition(rule: Rule | None, start: datetime, text: str) -> dict[str, Any]:
    found = repetition_of(rule, start)
    ends = Ends.AFTER if found.count else Ends.ON if found.until else Ends.NEVER
    return {
        "frequency": found.frequency,
        "interval": found.interval,
        "weekdays": list(found.weekdays),
        "ends": ends,
        "count": found.count,
        "until": found.until,
        "kept_rule": text,
    }


def _written(attendees: Sequence[Attendee], role: Attendee.Role) -> str:
    return "\n".join(_address(attendee) for attendee in attendees if attendee.role == role)


def _address(attendee: Attendee) -> str:
    """Return an address as people type it; a guest's name is known from there alone, so it stays."""
    is_named_guest = attendee.name and attendee.membership_id is None
    return f'"{attendee.name}" <{attendee.email}>' if is_named_guest else attendee.email
