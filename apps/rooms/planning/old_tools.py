"""Teams and Zoom meetings in a calendar file: what each one is, without the old tool's way to join. Pure.

Read are VEVENTs of RFC 5545: a series with the dates taken out of it (EXDATE) and those changed alone
(RECURRENCE-ID). What the portal cannot take over is said for each meeting, in words for its organiser.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import icalendar
from django.utils.translation import gettext as _

from apps.rooms.addresses import INVITEES_MAX, NAME_MAX, is_address
from apps.rooms.recurrence import RuleError, StartOutsideRule, expand, instant, parse_rule, rest_of

SIZE_MAX = 5 * 1024 * 1024  # bytes
MEETINGS_MAX, EARLIEST = 300, 1990  # the year in which the longest series began
COMPONENTS_MAX = 5_000  # meetings, their exceptions, time zones and reminders: what is read within a second or two
LINES_MAX = 200_000  # each costs memory; 75 bytes of a file make one (RFC 5545, 3.1)
TITLE_MAX, AGENDA_MAX = 200, 10_000
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OverflowError)
MINUTES_MIN, MINUTES_MAX = 5, 24 * 60
UID_MAX = 1000

_TEAMS = re.compile(r"teams\.(microsoft|live)\.com|microsoft teams", re.IGNORECASE)
_ZOOM = re.compile(r"zoom\.us|zoomgov\.com|\bzoom\b", re.IGNORECASE)
_RULED_BLOCK = re.compile(r"^_{20,}\s*$.*?(?:^_{20,}\s*$|\Z)", re.MULTILINE | re.DOTALL)
_ZOOM_OPENING = re.compile(
    r"^.*(?:inviting you to a (?:scheduled )?zoom meeting|vous invite à une réunion zoom|"
    r"(?:join|rejoindre|participer à) .{0,20}zoom|zoom meeting).*$",
    re.MULTILINE | re.IGNORECASE,
)
_TEAMS_OPENING = re.compile(
    r"^.*(?:microsoft teams(?: meeting| need help)|réunion microsoft teams|join on your computer|"
    r"rejoindre (?:sur votre ordinateur|la réunion maintenant)).*$",
    re.MULTILINE | re.IGNORECASE,
)


class UnreadableFile(ValueError):
    """The file is no calendar; the message says why, for people."""


@dataclass(frozen=True)
class ChangedDate:
    """A date of a series that was moved alone; wall times are naive, in ISO form, of the meeting's zone."""

    was: str
    start: str
    minutes: int


@dataclass(frozen=True)
class OldMeeting:
    """A meeting as the file has it, from its next date on; ``problem`` says why it cannot be moved over."""

    uid: str
    title: str
    tool: str
    organizer: str = ""
    start: str = ""  # naive wall time in ISO form
    minutes: int = 60
    time_zone: str = "Europe/Paris"
    rrule: str = ""
    excluded: list[str] = field(default_factory=list)
    changed: list[ChangedDate] = field(default_factory=list)
    agenda: str = ""
    people: list[tuple[str, str]] = field(default_factory=list)  # address, name
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "OldMeeting":
        changed = [ChangedDate(**one) for one in data["changed"]]
        people = [(address, name) for address, name in data["people"]]
        return cls(**(data | {"changed": changed, "people": people}))

    @property
    def wall_start(self) -> datetime:
        return datetime.fromisoformat(self.start)


def read_calendar(content: bytes, *, now: datetime, zone: ZoneInfo) -> list[OldMeeting]:
    """Return the meetings of a calendar file that are still to come, in the order of their next dates.

    Times without a zone, or in UTC, are taken as those of ``zone``. Raises UnreadableFile.
    """
    if len(content) > SIZE_MAX:
        raise UnreadableFile(_("The file is larger than 5 MB: export fewer weeks."))
    if content.upper().count(b"BEGIN:") > COMPONENTS_MAX or content.count(b"\n") > LINES_MAX:
        raise UnreadableFile(_("The file holds too many entries: export fewer weeks."))
    try:
        events = icalendar.Calendar.from_ical(content.replace(b"\0", b"")).walk("VEVENT")
    except MALFORMED as error:
        raise UnreadableFile(_("This is not a calendar file (.ics).")) from error
    series: dict[str, list[Any]] = defaultdict(list)
    for event in events:
        series[str(event.get("UID", ""))].append(event)
    if len(series) > MEETINGS_MAX:
        message = _("The file holds more than %(most)s meetings: export fewer weeks.")
        raise UnreadableFile(message % {"most": MEETINGS_MAX})
    found = [meeting for uid, parts in series.items() if (meeting := _meeting_of(uid, parts, now, zone))]
    return sorted(found, key=lambda meeting: (meeting.start or "9999", meeting.title))


def without_join_block(text: str) -> str:
    """Return a description without the old tool's instructions to join."""
    text = text.replace("\r\n", "\n")
    text = _RULED_BLOCK.sub(lambda block: "" if _TEAMS.search(block[0]) or _ZOOM.search(block[0]) else block[0], text)
    for opening, tool in ((_ZOOM_OPENING, _ZOOM), (_TEAMS_OPENING, _TEAMS)):
        match = opening.search(text)
        if match and tool.search(text[match.start() :]):
            text = text[: match.start()]
    kept = [line for line in text.split("\n") if not re.search(r"https?://\S*(zoom\.us|teams\.microsoft)", line)]
    return "\n".join(kept).strip()[:AGENDA_MAX]


def _meeting_of(uid: str, parts: list[Any], now: datetime, zone: ZoneInfo) -> OldMeeting | None:
    """Return what one UID is about; None for what is over, cancelled, or a whole day."""
    master = next((part for part in parts if "RECURRENCE-ID" not in part), None)
    if master is None or "DTSTART" not in master:
        return None
    if str(master.get("STATUS", "")).upper() == "CANCELLED" or not isinstance(master["DTSTART"].dt, datetime):
        return None
    text, people = str(master.get("DESCRIPTION", "")), list(_people_of(master))
    place = f"{master.get('LOCATION', '')} {master.get('X-MICROSOFT-SKYPETEAMSMEETINGURL', '')}"
    known: dict[str, Any] = {
        "uid": uid[:UID_MAX],
        "title": (" ".join(str(master.get("SUMMARY", "")).split()) or _("Untitled"))[:TITLE_MAX],
        "tool": _tool_of(f"{text} {place}"),
        "organizer": _address(master.get("ORGANIZER")),
        "agenda": without_join_block(text),
        "people": people[:INVITEES_MAX],
    }
    if len(people) > INVITEES_MAX:
        words = {"most": INVITEES_MAX, "number": len(people)}
        return OldMeeting(**known, problem=_("At most %(most)s people can be invited; these are %(number)s.") % words)
    try:
        times = _times_of(master, parts, now, zone)
    except (RuleError, ValueError, OverflowError, TypeError, AttributeError) as error:
        reason = str(error) if isinstance(error, RuleError) else _("Its date cannot be read.")
        return OldMeeting(**known, problem=reason)
    return OldMeeting(**known, **times) if times else None


def _times_of(master: Any, parts: list[Any], now: datetime, zone: ZoneInfo) -> dict[str, Any] | None:
    """Return start, length, repetition and exceptions from the next date on; None where all of it is over."""
    first, its_zone = _wall(master["DTSTART"].dt, zone)
    minutes = _minutes(master.start, master.end)
    today = now.astimezone(its_zone).replace(tzinfo=None)
    values: dict[str, Any] = {"time_zone": its_zone.key, "minutes": minutes}
    if "RRULE" not in master:
        first = _existing(first, its_zone)
        is_over = first + timedelta(minutes=minutes) <= today
        return None if is_over else values | {"start": first.isoformat()}
    if first.year < EARLIEST:
        raise RuleError(_("It has been repeated for too long."))
    rules = master["RRULE"]
    if isinstance(rules, list):
        raise RuleError(_("It repeats by several rules at once."))
    rule = parse_rule(rules.to_ical().decode(), its_zone)
    try:
        times = expand(rule, first, since=today).times
    except StartOutsideRule as error:
        if error.next_start is None:
            raise
        first = error.next_start
        times = expand(rule, first, since=today).times
    if not times:
        return None
    start = times[0]
    if _existing(start, its_zone) != start:
        raise RuleError(_("The clocks go forward over its start."))
    coming = {wall.isoformat() for wall in times}
    return values | {
        "start": start.isoformat(),
        "rrule": rest_of(rule, first, start).text(its_zone),
        "excluded": sorted(set(_excluded(master, parts, its_zone)) & coming),
        "changed": [change for change in _changed(parts, its_zone) if change.was in coming],
    }


def _excluded(master: Any, parts: list[Any], zone: ZoneInfo) -> Iterator[str]:
    dates = master.get("EXDATE", [])
    for one in dates if isinstance(dates, list) else [dates]:
        for moment in one.dts:
            yield _wall(moment.dt, zone, into=zone)[0].isoformat()
    for part in parts:
        if "RECURRENCE-ID" in part and str(part.get("STATUS", "")).upper() == "CANCELLED":
            yield _wall(part["RECURRENCE-ID"].dt, zone, into=zone)[0].isoformat()


def _changed(parts: list[Any], zone: ZoneInfo) -> Iterator[ChangedDate]:
    for part in parts:
        if "RECURRENCE-ID" in part and str(part.get("STATUS", "")).upper() != "CANCELLED":
            was = _wall(part["RECURRENCE-ID"].dt, zone, into=zone)[0]
            start = _existing(_wall(part["DTSTART"].dt, zone, into=zone)[0], zone)
            yield ChangedDate(was.isoformat(), start.isoformat(), _minutes(part.start, part.end))


def _wall(moment: date | datetime, default: ZoneInfo, *, into: ZoneInfo | None = None) -> tuple[datetime, ZoneInfo]:
    """Return a naive wall time and its zone; UTC and times without a zone are read by the default's clocks."""
    if not isinstance(moment, datetime):
        raise ValueError("a whole day")
    if moment.tzinfo is None:
        return moment, into or default
    key = str(getattr(moment.tzinfo, "key", ""))
    its_zone = into or (ZoneInfo(key) if key in available_timezones() and key not in ("UTC", "Etc/UTC") else default)
    return moment.astimezone(its_zone).replace(tzinfo=None), its_zone


def _existing(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return a wall time, moved forward by the gap where the clocks skip it (RFC 5545 section 3.3.5)."""
    return instant(wall, zone).astimezone(zone).replace(tzinfo=None)


def _minutes(start: datetime, end: datetime) -> int:
    minutes = int((end - start).total_seconds() // 60)
    return min(max(minutes, MINUTES_MIN), MINUTES_MAX)


def _tool_of(text: str) -> str:
    if _TEAMS.search(text):
        return "teams"
    return "zoom" if _ZOOM.search(text) else "other"


def _people_of(master: Any) -> Iterator[tuple[str, str]]:
    attendees = master.get("ATTENDEE", [])
    for one in attendees if isinstance(attendees, list) else [attendees]:
        address = _address(one)
        kind = str(one.params.get("CUTYPE", "INDIVIDUAL")).upper()
        if is_address(address) and kind not in ("ROOM", "RESOURCE"):
            yield address, " ".join(str(one.params.get("CN", "")).split())[:NAME_MAX]


def _address(value: Any) -> str:
    return re.sub(r"(?i)^mailto:", "", str(value or "")).strip().lower()
