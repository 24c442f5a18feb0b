"""Repetitions in plain words, as people say them."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from apps.rooms.recurrence import Rule
from visio_portal.dates import written

WORKDAYS = ((0, 0), (0, 1), (0, 2), (0, 3), (0, 4))


def rule_in_words(rule: Rule, start: datetime) -> str:
    """Return "every 2 weeks on Monday and Thursday, until 3 March 2027"; ``start`` is the first wall time."""
    words = " ".join(filter(None, [_interval(rule), _days(rule, start)]))
    if rule.count is not None:
        end = ngettext("%(count)s time in all", "%(count)s times in all", rule.count) % {"count": rule.count}
    elif rule.until is not None:
        end = _("until %(day)s") % {"day": written(rule.until)}
    else:
        return words
    return _("%(repetition)s, %(end)s") % {"repetition": words, "end": end}


def joined(words: Iterable[str]) -> str:
    """Return "Monday, Tuesday and Thursday"."""
    *first, last = words
    return _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def ordinal_in_words(ordinal: int) -> str:
    """Return "first" to "fifth", "last", "second to last"; a number where people have no word."""
    words = {
        1: _("first"),
        2: _("second"),
        3: _("third"),
        4: _("fourth"),
        5: _("fifth"),
        -1: _("last"),
        -2: _("second to last"),
    }
    number = _("number %(number)s") if ordinal > 0 else _("number %(number)s from the end")
    return words.get(ordinal) or number % {"number": abs(ordinal)}


def _interval(rule: Rule) -> str:
    if _is_each_working_day(rule):
        return _("every working day (Monday to Friday)")
    number = {"count": rule.interval}
    match rule.frequency:
        case "DAILY":
            return ngettext("every day", "every %(count)s days", rule.interval) % number
        case "WEEKLY":
            return ngettext("every week", "every %(count)s weeks", rule.interval) % number
        case "MONTHLY":
            return ngettext("every month", "every %(count)s months", rule.interval) % number
        case _:
            return ngettext("every year", "every %(count)s years", rule.interval) % number


def _days(rule: Rule, start: datetime) -> str:
    """Return on which days of the week, month or year."""
    if _is_each_working_day(rule):
        return ""
    parts = []
    if rule.positions:
        parts.append(_positioned(rule))
    else:
        if rule.weekdays:
            parts.append(_on(_weekday(ordinal, day) for ordinal, day in rule.weekdays))
        if rule.month_days:
            parts.append(_on(_month_day(day) for day in rule.month_days))
    if not parts:
        parts.append(_own_day(rule, start))
    if rule.months:
        parts.append(_("in %(months)s") % {"months": joined(str(MONTHS[month]) for month in rule.months)})
    return " ".join(filter(None, parts))


def _own_day(rule: Rule, start: datetime) -> str:
    """Return the day that the first date gives to a rule which names none."""
    match rule.frequency:
        case "WEEKLY":
            return _on([_weekday(0, start.weekday())])
        case "MONTHLY":
            return _on([_month_day(start.day)])
        case "YEARLY" if rule.months:
            return _on([_month_day(start.day)])
        case "YEARLY":
            return _on([written(start, "j F")])
        case _:
            return ""


def _positioned(rule: Rule) -> str:
    """Return "on the last of: Monday to Friday" for BYSETPOS, which chooses among the days of a month or a year."""
    named = [_weekday(ordinal, day) for ordinal, day in rule.weekdays]
    named += [_month_day(day) for day in rule.month_days]
    positions = joined(ordinal_in_words(position) for position in rule.positions)
    if rule.weekdays == WORKDAYS and not rule.month_days:
        return _("on the %(which)s working day") % {"which": positions}
    return _("on the %(which)s of these days: %(days)s") % {"which": positions, "days": joined(named or [_("day")])}


def _on(days: Iterable[str]) -> str:
    return _("on %(days)s") % {"days": joined(days)}


def _weekday(ordinal: int, day: int) -> str:
    if not ordinal:
        return str(WEEKDAYS[day])
    return _("the %(which)s %(weekday)s") % {"which": ordinal_in_words(ordinal), "weekday": WEEKDAYS[day]}


def _month_day(day: int) -> str:
    if day > 0:
        return _("the %(number)s") % {"number": "1er" if day == 1 and _is_french() else day}
    if day == -1:
        return _("the last day of the month")
    return _("the day number %(number)s from the end of the month") % {"number": -day}


def _is_each_working_day(rule: Rule) -> bool:
    return rule.frequency in ("WEEKLY", "DAILY") and rule.interval == 1 and set(rule.weekdays) == set(WORKDAYS)


def _is_french() -> bool:
    return (get_language() or "").startswith("fr")
