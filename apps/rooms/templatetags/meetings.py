"""When a meeting is, in the words of the person who reads it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from apps.rooms.models import Meeting, Occurrence
from apps.rooms.recurrence import parse_rule
from apps.rooms.rule_words import rule_in_words
from apps.rooms.wall_time import is_doubled, zone_name
from visio_portal.dates import written

register = template.Library()


@register.filter
def when(occurrence: Occurrence, zone: ZoneInfo) -> str:
    """Return "Tomorrow, 10:00 to 11:30" or "Tuesday 24 November 2026, 10:00 to 11:30", by the clocks of ``zone``."""
    start, end = occurrence.start_at.astimezone(zone), occurrence.end_at.astimezone(zone)
    words = {
        "day": day_in_words(start.date(), timezone.now().astimezone(zone).date()),
        "start": _clock(start),
        "end": _clock(end),
    }
    if start.date() == end.date():
        return gettext("%(day)s, %(start)s to %(end)s") % words
    words["end_day"] = written(end, "l j F")
    return gettext("%(day)s, %(start)s to %(end)s on %(end_day)s") % words


@register.filter
def elsewhere(occurrence: Occurrence, meeting: Meeting) -> str:
    """Return the time where the meeting was planned: "Tuesday 24 November 2026, 14:00 (La Réunion)"."""
    start = occurrence.start_at.astimezone(meeting.zone)
    words = {"day": written(start, "l j F Y"), "start": _clock(start), "place": zone_name(meeting.time_zone)}
    return gettext("%(day)s, %(start)s (%(place)s)") % words


@register.filter
def is_doubled_start(meeting: Meeting) -> bool:
    """Return whether the clocks are set back over the meeting's start."""
    return is_doubled(meeting.starts_on, meeting.start_time, meeting.zone)


@register.filter
def repetition(meeting: Meeting) -> str:
    """Return how a series repeats, in words; empty for a single meeting."""
    if not meeting.rrule:
        return ""
    return capfirst(rule_in_words(parse_rule(meeting.rrule, meeting.zone), meeting.wall_start))


@register.filter
def minutes_in_words(minutes: int) -> str:
    """Return a duration such as "45 min", "2 h" or "1 h 30"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": rest}
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


@register.filter
def place(time_zone: str) -> str:
    """Return a zone in plain words."""
    return zone_name(time_zone)


def day_in_words(day: date, today: date) -> str:
    """Return "Today", "Tomorrow", "Yesterday", or the date; within a week with how far away it is."""
    near = {
        today: gettext("Today"),
        today + timedelta(days=1): gettext("Tomorrow"),
        today - timedelta(days=1): gettext("Yesterday"),
    }
    if day in near:
        return near[day]
    in_full = capfirst(written(day, "l j F Y"))
    days = (day - today).days
    if 1 < days < 7:
        words = {"date": in_full, "days": days}
        return ngettext("%(date)s (in %(days)s day)", "%(date)s (in %(days)s days)", days) % words
    return in_full


def _clock(moment: datetime) -> str:
    return date_format(moment, "H:i")
