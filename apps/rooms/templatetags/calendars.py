"""Times of a calendar's pages, by the clocks of a zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format

from apps.rooms.calendars.days import Timed

register = template.Library()


@register.filter
def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return an instant by the clocks of a zone, as a time that Django's filters leave as it is."""
    return moment.astimezone(zone).replace(tzinfo=None)


@register.filter
def clock_range(span: Timed, zone: ZoneInfo) -> str:
    """Return "10:00–11:30"; what lies on other days is cut to the hour of the day."""
    start, end = span.start_at.astimezone(zone), span.end_at.astimezone(zone)
    return f"{date_format(start, 'H:i')}–{date_format(end, 'H:i')}"


@register.filter
def clock(moment: datetime) -> str:
    """Return the time of day of a moment, by the clocks that it is in."""
    return date_format(moment, "H:i")
