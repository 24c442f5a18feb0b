"""Meetings as iCalendar (RFC 5545) and iTIP messages (RFC 5546).

A message about one occurrence holds its VEVENT alone. Times are wall times with TZID, and their VTIMEZONE comes along.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override
from icalendar import Calendar, Component, Event, Timezone, vCalAddress, vRecur, vUri

from apps.rooms.conferences.joining import DialIn
from apps.rooms.invitations.zones import time_zone
from apps.rooms.models import Answer, Attendee, Meeting, Occurrence, Room

PRODUCT = "-//Visio Portal//Visio Portal//FR"
LISTED_MAX = 200  # people in one event; beyond it each receiver finds their own line only
ZONE_YEARS = 10  # how far a VTIMEZONE reaches beyond the first start
# The last two ranges turn the order of reading round: with them a name can look like another one (UTS #55).
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BREAK = re.compile("\r\n|[\r\x85\u2028\u2029]")


@dataclass(frozen=True)
class Source:
    """What a calendar text is made from. ``sender`` is the address of ORGANIZER, ``stamped_at`` the DTSTAMP.

    ``occurrences`` are those that differ from the rule: changed, cancelled, or awaiting confirmation. ``answers``
    holds what people said to single ones, by occurrence and attendee.
    """

    meeting: Meeting
    sender: str
    join_url: str
    stamped_at: datetime
    attendees: Sequence[Attendee] = ()
    occurrences: Sequence[Occurrence] = ()
    answers: dict[tuple[object, object], str] = field(default_factory=dict)
    dial_in: DialIn | None = None


@dataclass(frozen=True)
class RoomTime:
    """When a room is taken, and for what; empty where the reader may not know."""

    uid: str
    start_at: datetime
    end_at: datetime
    stamped_at: datetime
    title: str = ""


def request(source: Source, *, only: Occurrence | None = None) -> str:
    """Return a METHOD:REQUEST for the whole meeting, or for one occurrence of it."""
    events = [_changed(source, only)] if only is not None else list(_events(source))
    return _calendar(events, source.meeting.zone, source.meeting.starts_on, method="REQUEST")


def cancellation(source: Source, *, only: Occurrence | None = None) -> str:
    """Return a METHOD:CANCEL for the whole meeting, or for one occurrence; ``attendees`` are those it goes to."""
    event = _changed(source, only) if only is not None else _master(source)
    for name in ("STATUS", "RRULE", "EXDATE"):
        event.pop(name, None)
    event.add("status", "CANCELLED")
    return _calendar([event], source.meeting.zone, source.meeting.starts_on, method="CANCEL")


def publication(sources: Iterable[Source], *, name: str) -> str:
    """Return a METHOD:PUBLISH of several meetings, as calendar programs subscribe to it."""
    sources = list(sources)
    events = [event for source in sources for event in _events(source)]
    calendar = _frame("PUBLISH")
    calendar.add("name", one_line(name))
    calendar.add("x-wr-calname", one_line(name))
    first = min((source.meeting.starts_on for source in sources), default=date.today())
    for key in sorted({source.meeting.time_zone for source in sources}):
        _add_zone(calendar, ZoneInfo(key), first)
    for event in events:
        event.pop("ATTENDEE", None)  # RFC 5546 section 3.2.1: none in what is published
        calendar.add_component(event)
    return _text(calendar)


def room_publication(times: Iterable[RoomTime], *, name: str, title: str) -> str:
    """Return a METHOD:PUBLISH of when a room is taken; ``title`` stands for those that have none."""
    calendar = _frame("PUBLISH")
    calendar.add("name", one_line(name))
    calendar.add("x-wr-calname", one_line(name))
    for time in times:
        event = Event()
        event.add("uid", time.uid)
        event.add("dtstamp", time.stamped_at.astimezone(UTC).replace(microsecond=0))
        event.add("dtstart", time.start_at.astimezone(UTC))
        event.add("dtend", time.end_at.astimezone(UTC))
        event.add("summary", one_line(time.title or title))
        calendar.add_component(event)
    return _text(calendar)


def for_receiver(calendar: str, attendee: Attendee) -> str:
    """Return a message with the receiver's own ATTENDEE line, where the people were too many to be listed."""
    parsed = Calendar.from_ical(calendar)
    for event in parsed.walk("VEVENT"):
        _add_attendee(event, attendee, attendee.answer)
    return _text(parsed)


def is_listed(attendees: Sequence[Attendee]) -> bool:
    return len(attendees) <= LISTED_MAX


def one_line(text: str) -> str:
    """Return a text without line breaks and control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def room_label(room: Room | None) -> str:
    """Return a room's name with its site."""
    if room is None:
        return ""
    return one_line(f"{room.name}, {room.site}" if room.site else room.name)


def _calendar(events: Iterable[Event], zone: ZoneInfo, first: date, *, method: str) -> str:
    calendar = _frame(method)
    _add_zone(calendar, zone, first)
    for event in events:
        calendar.add_component(event)
    return _text(calendar)


def _frame(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _add_zone(calendar: Calendar, zone: ZoneInfo, first: date) -> None:
    if zone.key == "UTC":
        return
    text = time_zone(zone.key, first.year - 1, first.year + ZONE_YEARS)
    calendar.add_component(Timezone.from_ical(text.decode()))


def _text(calendar: Calendar) -> str:
    text: str = calendar.to_ical().decode()
    return text


def _events(source: Source) -> Iterator[Event]:
    yield _master(source)
    if source.meeting.is_series:
        for occurrence in source.occurrences:
            if occurrence.is_changed and occurrence.status != Occurrence.Status.CANCELLED:
                yield _changed(source, occurrence)


def _master(source: Source) -> Event:
    meeting = source.meeting
    event = _event(source, room=meeting.room, title=meeting.title, agenda=meeting.agenda, sequence=meeting.sequence)
    _add_times(event, meeting.wall_start, meeting.duration_minutes, meeting.zone)
    if meeting.is_series:
        event.add("rrule", vRecur.from_ical(meeting.rrule))
        excluded = [
            _wall(occurrence.recurrence_id, meeting.zone)
            for occurrence in source.occurrences
            if occurrence.is_changed and occurrence.status == Occurrence.Status.CANCELLED
        ]
        if excluded:
            event.add("exdate", excluded)
    if meeting.follows_id is not None and meeting.follows is not None:
        event.add("related-to", meeting.follows.uid)
    waits = any(
        occurrence.status == Occurrence.Status.TENTATIVE and not (meeting.is_series and occurrence.is_changed)
        for occurrence in source.occurrences
    )
    event.add("status", "TENTATIVE" if waits else "CONFIRMED")
    for attendee in _listed(source):
        _add_attendee(event, attendee, attendee.answer)
    return event


def _changed(source: Source, occurrence: Occurrence) -> Event:
    meeting = source.meeting
    event = _event(
        source,
        room=occurrence.room,
        title=occurrence.title or meeting.title,
        agenda=occurrence.agenda or meeting.agenda,
        sequence=max(occurrence.sequence, meeting.sequence),
    )
    if meeting.is_series:
        event.add("recurrence-id", _wall(occurrence.recurrence_id, meeting.zone))
    _add_times(event, occurrence.wall_start, occurrence.duration_minutes, meeting.zone)
    event.add("status", "TENTATIVE" if occurrence.status == Occurrence.Status.TENTATIVE else "CONFIRMED")
    for attendee in _listed(source):
        said = source.answers.get((occurrence.id, attendee.id))
        _add_attendee(event, attendee, said or Answer.NEEDS_ACTION)
    return event


def _event(source: Source, *, room: Room | None, title: str, agenda: str, sequence: int) -> Event:
    meeting = source.meeting
    event = Event()
    event.add("uid", meeting.uid)
    event.add("dtstamp", source.stamped_at.astimezone(UTC).replace(microsecond=0))
    event.add("created", meeting.created_at.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", meeting.updated_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", sequence)
    event.add("summary", one_line(title))
    event.add("location", room_label(room) or source.join_url)
    event.add("description", _description(source, agenda))
    event.add("url", vUri(source.join_url))
    event.add(
        "conference",
        vUri(source.join_url),
        parameters={"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": "Visio"},
    )
    event.add("transp", "OPAQUE")
    _add_organizer(event, source)
    return event


def _add_times(event: Event, start: datetime, duration_minutes: int, zone: ZoneInfo) -> None:
    """Add DTSTART and DTEND with TZID; the duration is elapsed time, whatever the clocks do meanwhile."""
    event.add("dtstart", start.replace(tzinfo=zone))
    event.add("dtend", _end(start, duration_minutes, zone))


def _end(start: datetime, duration_minutes: int, zone: ZoneInfo) -> datetime:
    elapsed = start.replace(tzinfo=zone).astimezone(UTC).timestamp() + 60 * duration_minutes
    return datetime.fromtimestamp(elapsed, zone)


def _wall(recurrence_id: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(recurrence_id, "%Y%m%dT%H%M%S").replace(tzinfo=zone)


def _add_organizer(event: Event, source: Source) -> None:
    """Add ORGANIZER (the portal mailbox, in the organiser's name) and the organiser as the one who chairs."""
    meeting = source.meeting
    organizer = vCalAddress(f"mailto:{source.sender}")
    organizer.params["CN"] = _parameter(meeting.organizer.user.full_name or meeting.organizer.user.email)
    if meeting.scheduled_by_id is not None and meeting.scheduled_by is not None:
        organizer.params["SENT-BY"] = f"mailto:{meeting.scheduled_by.user.email}"
    event.add("organizer", organizer)
    chair = vCalAddress(f"mailto:{meeting.organizer.user.email}")
    chair.params["CN"] = organizer.params["CN"]
    chair.params.update({"CUTYPE": "INDIVIDUAL", "ROLE": "CHAIR", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    event.add("attendee", chair)


def _listed(source: Source) -> Sequence[Attendee]:
    return source.attendees if is_listed(source.attendees) else ()


def _add_attendee(event: Component, attendee: Attendee, answer: str) -> None:
    address = vCalAddress(f"mailto:{attendee.email}")
    if attendee.name:
        address.params["CN"] = _parameter(attendee.name)
    address.params.update(
        {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": answer.upper(), "RSVP": "TRUE"}
    )
    event.add("attendee", address)


def _parameter(text: str) -> str:
    """Return a text as a parameter may hold it: RFC 5545 has no way to write a double quote there."""
    return one_line(text).replace('"', "'").replace("^", "'")


def _description(source: Source, agenda: str) -> str:
    with override(source.meeting.organizer.user.language):
        lines = [gettext("Join the meeting: %(url)s") % {"url": source.join_url}]
        if source.dial_in is not None:
            words = {"number": source.dial_in.number, "code": source.dial_in.code}
            lines.append(gettext("By telephone: %(number)s, code %(code)s") % words)
    text = _CONTROL.sub(" ", _BREAK.sub("\n", agenda)).strip()
    return "\n\n".join(filter(None, [text, "\n".join(lines)]))
