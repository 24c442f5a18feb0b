"""Dates in words: what Django writes, with the French "1er"."""

import re
from datetime import date

from django.utils.formats import date_format, get_format
from django.utils.translation import get_language

DAY_OF_MONTH = re.compile(r"(?<!\\)j")


def written(day: date, pattern: str = "DATE_FORMAT") -> str:
    """Write a date or a moment by one of the language's formats, or by a pattern of Django's own.

    In French the first of a month is "1er", the other days are bare numbers.
    """
    pattern = get_format(pattern, use_l10n=True)
    if day.day == 1 and (get_language() or "").startswith("fr"):
        pattern = DAY_OF_MONTH.sub(r"j\\e\\r", pattern)
    return date_format(day, pattern)
