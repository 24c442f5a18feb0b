"""An invitation to copy into a chat or a mail of one's own."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.rooms.conferences.joining import DialIn
from apps.rooms.models import Meeting, Occurrence
from apps.rooms.recurrence import parse_rule
from apps.rooms.rule_words import rule_in_words
from apps.rooms.wall_time import zone_name
from visio_portal.dates import written


def invitation_text(meeting: Meeting, occurrence: Occurrence, *, join_url: str, dial_in: DialIn | None) -> str:
    """Return title, time, repetition, place and how to join, a line each."""
    return "\n".join(filter(None, _lines(meeting, occurrence, join_url, dial_in)))


def _lines(meeting: Meeting, occurrence: Occurrence, join_url: str, dial_in: DialIn | None) -> list[str]:
    zone = ZoneInfo(meeting.time_zone)
    start, end = occurrence.start_at.astimezone(zone), occurrence.end_at.astimezone(zone)
    words = {
        "day": written(start, "l j F Y"),
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
        "place": zone_name(meeting.time_zone),
    }
    rule = parse_rule(meeting.rrule, zone) if meeting.rrule else None
    return [
        occurrence.title or meeting.title,
        _("%(day)s, %(start)s to %(end)s (time of %(place)s)") % words,
        rule_in_words(rule, meeting.wall_start) if rule else "",
        _("Room: %(room)s") % {"room": occurrence.room.name} if occurrence.room is not None else "",
        _("Join: %(address)s") % {"address": join_url},
        _("By telephone: %(number)s, code %(code)s") % {"number": dial_in.number, "code": dial_in.code}
        if dial_in
        else "",
        _("The meeting is recorded.") if meeting.is_recorded else "",
        _("The meeting is transcribed.") if meeting.is_transcribed else "",
    ]
