"""Repetitions as the form asks for them, and the rules that they stand for."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.rooms.recurrence import Rule

WORKDAYS = (0, 1, 2, 3, 4)


class Frequency(TextChoices):
    NEVER = "never", _("Does not repeat")
    DAILY = "daily", _("Each day")
    WORKDAYS = "workdays", _("Each working day (Monday to Friday)")
    WEEKLY = "weekly", _("Each week")
    MONTHLY_DAY = "monthly_day", _("Each month, on the same day of the month")
    MONTHLY_WEEKDAY = "monthly_weekday", _("Each month, on the same weekday (such as the second Tuesday)")
    MONTHLY_LAST = "monthly_last", _("Each month, on the last such weekday")
    YEARLY = "yearly", _("Each year")
    KEPT = "kept", _("As it is now")  # a rule that came from elsewhere and has no line above


class Ends(TextChoices):
    NEVER = "never", _("Never")
    AFTER = "after", _("After a number of times")
    ON = "on", _("On a date")


@dataclass(frozen=True)
class Repetition:
    """What an organiser chooses. ``weekdays`` (0 for Monday) are those of a weekly repetition."""

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None

    def rule(self, start: datetime, *, kept: Rule | None = None) -> Rule | None:
        """Return the rule of a meeting whose first wall time is ``start``; None where it does not repeat.

        ``kept`` is the one that KEPT keeps, but for its interval and its end.
        """
        if self.frequency is Frequency.NEVER:
            return None
        until = datetime.combine(self.until, time.max.replace(microsecond=0)) if self.until else None
        return replace(kept or self._pattern(start), interval=self.interval, count=self.count, until=until)

    def _pattern(self, start: datetime) -> Rule:
        weekday = start.weekday()
        match self.frequency:
            case Frequency.DAILY:
                return Rule("DAILY")
            case Frequency.WORKDAYS:
                return Rule("WEEKLY", weekdays=_plain(WORKDAYS))
            case Frequency.WEEKLY:
                return Rule("WEEKLY", weekdays=_plain(self.weekdays or (weekday,)))
            case Frequency.MONTHLY_DAY:
                return Rule("MONTHLY", month_days=(start.day,))
            case Frequency.MONTHLY_WEEKDAY:
                return Rule("MONTHLY", weekdays=((_nth(start), weekday),))
            case Frequency.MONTHLY_LAST:
                return Rule("MONTHLY", weekdays=((-1, weekday),))
            case Frequency.YEARLY:
                return Rule("YEARLY")
            case _:
                raise ValueError(f"{self.frequency} has no rule of its own")


def repetition_of(rule: Rule | None, start: datetime) -> Repetition:
    """Return the form's words for a rule; KEPT where it has none."""
    if rule is None:
        return Repetition(Frequency.NEVER)
    days = tuple(day for _ordinal, day in rule.weekdays)
    until = _last_day(rule, start)
    for frequency in (
        Frequency.WORKDAYS,
        Frequency.DAILY,
        Frequency.WEEKLY,
        Frequency.MONTHLY_DAY,
        Frequency.MONTHLY_WEEKDAY,
        Frequency.MONTHLY_LAST,
        Frequency.YEARLY,
    ):
        found = Repetition(frequency, rule.interval, days if frequency is Frequency.WEEKLY else (), rule.count, until)
        if means_the_same(found.rule(start), rule, start):
            return found
    return Repetition(Frequency.KEPT, rule.interval, (), rule.count, until)


def means_the_same(one: Rule | None, other: Rule | None, start: datetime) -> bool:
    """Return whether two rules give the same dates to a meeting, however they are written."""
    if one is None or other is None:
        return one is other
    return _essence(one, start) == _essence(other, start)


def _essence(rule: Rule, start: datetime) -> tuple[object, ...]:
    week_start = rule.week_start if rule.frequency == "WEEKLY" and rule.interval > 1 else 0
    days = frozenset(rule.weekdays)
    if rule.frequency == "WEEKLY" and not days:
        days = frozenset({(0, start.weekday())})
    month_days = rule.month_days
    if rule.frequency == "MONTHLY" and not (days or month_days):
        month_days = (start.day,)
    rest = (rule.months, rule.positions, week_start, rule.count, _last_day(rule, start))
    return rule.frequency, rule.interval, days, month_days, *rest


def _last_day(rule: Rule, start: datetime) -> date | None:
    """Return the last day on which a rule can come true; UNTIL may stop before the day's time."""
    if rule.until is None:
        return None
    return rule.until.date() - timedelta(days=rule.until.time() < start.time())


def _plain(days: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((0, day) for day in sorted(days))


def _nth(start: datetime) -> int:
    """Return which one of its weekday in the month a day is; the fifth is asked for as the last."""
    nth = (start.day - 1) // 7 + 1
    return nth if nth < 5 else -1
