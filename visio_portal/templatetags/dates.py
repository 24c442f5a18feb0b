"""Dates in templates. Django's own ``date`` filter stays for figures, such as SHORT_DATE_FORMAT."""

from datetime import date, datetime

from django import template

from visio_portal import dates

register = template.Library()


@register.filter(expects_localtime=True)
def written(day: date | datetime, pattern: str = "DATE_FORMAT") -> str:
    """Write a date in words: "1er décembre 2026", "1 December 2026"; a moment by the clocks of the page."""
    return dates.written(day, pattern)
