"""Whether those who come are free at a meeting's dates: times alone, each with where it is known from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.rooms.calendars.days import ONE_DAY, common_free_times, midnight
from apps.rooms.calendars.freebusy import Busy, Sheet, free_busy_during
from apps.rooms.models import Meeting
from apps.rooms.operations import MeetingPlan
from apps.rooms.recurrence import instant
from apps.tenants.models import Membership
from visio_portal.dates import written

DATES_LOOKED_AT = 8
TIMES_NAMED = 4  # of one colleague
DAYS_OFFERED = 7
TIMES_OFFERED, TIMES_OFFERED_THE_SAME_DAY = 5, 3
OFFICE_HOURS = (time(8), time(19))  # in which another time is offered
SATURDAY = 5

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Taken:
    """A colleague who is taken at some of the dates, or perhaps: what is known, in words."""

    name: str
    is_sure: bool
    words: str


@dataclass(frozen=True)
class FreeTime:
    """A time at which nobody known is taken, and the step that takes it."""

    words: str
    step: str


@dataclass(frozen=True)
class Colleagues:
    """Who of the ministry is taken, who is free, of whom nothing is known, and other times; guests are unknown."""

    taken: tuple[Taken, ...]
    free: tuple[str, ...]
    unknown: tuple[str, ...]
    guests: int
    dates: int
    free_times: tuple[FreeTime, ...]

    @property
    def count(self) -> int:
        return len(self.taken) + len(self.free) + len(self.unknown)

    @property
    def summary(self) -> str:
        """Say in one sentence how many are busy."""
        sure = sum(one.is_sure for one in self.taken)
        perhaps = len(self.taken) - sure
        if not self.taken:
            told = _("nobody is known to be busy")
        elif not perhaps:
            told = ngettext("%(sure)s of %(total)s is busy", "%(sure)s of %(total)s are busy", sure)
        elif not sure:
            told = ngettext(
                "%(perhaps)s of %(total)s is perhaps busy", "%(perhaps)s of %(total)s are perhaps busy", perhaps
            )
        else:
            told = ngettext(
                "%(sure)s of %(total)s is busy, %(perhaps)s perhaps",
                "%(sure)s of %(total)s are busy, %(perhaps)s perhaps",
                sure,
            )
        numbers = {"sure": sure, "perhaps": perhaps, "total": self.count}
        return f"{self._when()} {told % numbers}"

    def _when(self) -> str:
        if self.dates == 1:
            return _("At this time")
        return _("On the first %(dates)s dates") % {"dates": self.dates}


def colleagues_at(
    plan: MeetingPlan, members: Sequence[Membership], *, guests: int = 0, moved: Meeting | None = None
) -> Colleagues | None:
    """Return how members stand at the first coming dates of a plan, in a constant number of queries.

    ``moved`` is the meeting that is being changed, which is in nobody's way. None where no date is still to come.
    Raises what MeetingPlan.expansion() raises.
    """
    spans = list(islice(_spans(plan), DATES_LOOKED_AT))
    if not spans or not members:
        return None
    days = [] if plan.rrule else _days(plan)
    looked_at = [*spans, (midnight(days[0], plan.zone), midnight(days[-1] + ONE_DAY, plan.zone))] if days else spans
    sheets = free_busy_during(members, looked_at, without=[moved.id] if moved is not None else [])
    taken: list[Taken] = []
    free: list[str] = []
    unknown: list[str] = []
    for member in members:
        sheet = sheets[member.id]
        hits = [busy for start_at, end_at in spans for busy in sheet.during(start_at, end_at)]
        if hits:
            taken.append(_taken(member, hits, spans, plan))
        else:
            (free if sheet.external_read_at else unknown).append(str(member))
    taken.sort(key=lambda one: not one.is_sure)
    offers = _free_times(plan, list(sheets.values()), days) if taken and days else []
    return Colleagues(tuple(taken), tuple(free), tuple(unknown), guests, len(spans), tuple(offers))


def _spans(plan: MeetingPlan) -> Iterator[Span]:
    """Yield the coming dates of a plan as instants."""
    length, now, excluded = timedelta(minutes=plan.duration_minutes), timezone.now(), plan.excluded or frozenset()
    for wall in plan.expansion().times:
        start_at = instant(wall, plan.zone).astimezone(UTC)
        if wall not in excluded and start_at + length > now:
            yield start_at, start_at + length


def _days(plan: MeetingPlan) -> list[date]:
    """Return the days on which another time is offered: the meeting's own, and the working days that follow."""
    days = [plan.starts_on + ONE_DAY * number for number in range(DAYS_OFFERED)]
    return [day for day in days if day.weekday() < SATURDAY or day == plan.starts_on]


def _taken(member: Membership, hits: Sequence[Busy], spans: Sequence[Span], plan: MeetingPlan) -> Taken:
    kinds: dict[str, list[Busy]] = {}  # of one source and certainty, in order
    for busy in hits:
        kinds.setdefault(_source_in_words(busy), []).append(busy)
    told = ", ".join(f"{_times_in_words(times, plan)} ({source})" for source, times in kinds.items())
    if plan.rrule:
        count = sum(any(busy.overlaps(*span) for busy in hits) for span in spans)
        dates = ngettext("%(count)s of %(total)s dates: %(times)s", "%(count)s of %(total)s dates: %(times)s", count)
        told = dates % {"count": count, "total": len(spans), "times": told}
    return Taken(str(member), any(not busy.is_tentative for busy in hits), told)


def _times_in_words(times: Sequence[Busy], plan: MeetingPlan) -> str:
    """Return "10:00–11:00", with its days where they are not the meeting's only one; the same hours once for all."""
    days: dict[str, dict[date, None]] = {}  # in order, each once
    for busy in times:
        start, end = busy.start_at.astimezone(plan.zone), busy.end_at.astimezone(plan.zone)
        days.setdefault(f"{_clock(start)}–{_clock(end)}", {})[start.date()] = None
    return _named([_clock_on_days(clock, list(on), plan) for clock, on in days.items()])


def _clock_on_days(clock: str, days: Sequence[date], plan: MeetingPlan) -> str:
    """Return "Mon 30 November 09:30–10:30", or "Mon 30 November, 7 December: 09:30–10:30" for several days."""
    if not plan.rrule and list(days) == [plan.starts_on]:
        return clock
    if len(days) == 1:
        return f"{written(days[0], 'D j F')} {clock}"
    before = [None, *days]
    patterns = [
        "j F" if last and last.weekday() == day.weekday() else "D j F" for last, day in zip(before, days, strict=False)
    ]
    words = _named([written(day, pattern) for day, pattern in zip(days, patterns, strict=True)])
    return _("%(days)s: %(clock)s") % {"days": words, "clock": clock}


def _source_in_words(busy: Busy) -> str:
    source = str(busy.source.label)
    return _("%(source)s, not confirmed") % {"source": source} if busy.is_tentative else source


def _named(times: Sequence[str]) -> str:
    more = [] if len(times) <= TIMES_NAMED else ["…"]
    return ", ".join([*times[:TIMES_NAMED], *more])


def _free_times(plan: MeetingPlan, sheets: Sequence[Sheet], days: Sequence[date]) -> list[FreeTime]:
    """Return a few times in office hours at which nobody known is taken, those nearest to the plan's."""
    length, now, busy = timedelta(minutes=plan.duration_minutes), timezone.now(), [sheet.busy for sheet in sheets]
    first, last = OFFICE_HOURS
    found = []
    for start_at in common_free_times(busy, days, length, plan.zone, most=len(days) * 48):
        start, end = (moment.astimezone(plan.zone).replace(tzinfo=None) for moment in (start_at, start_at + length))
        if start_at > now and start.time() >= first and end.time() <= last:
            found.append((start, end))

    def distance(span: Span) -> tuple[int, timedelta]:
        later = (span[0].date() - plan.starts_on).days
        return later, abs(span[0] - plan.wall_start - timedelta(days=later))

    found.sort(key=distance)
    near = [span for span in found if span[0].date() == plan.starts_on][:TIMES_OFFERED_THE_SAME_DAY]
    other_days = {span[0].date(): span for span in reversed(found) if span[0].date() != plan.starts_on}
    near += sorted(other_days.values())[: TIMES_OFFERED - len(near)]
    return [_offer(start, end, plan) for start, end in sorted(near)]


def _offer(start: datetime, end: datetime, plan: MeetingPlan) -> FreeTime:
    day = "" if start.date() == plan.starts_on else f"{capfirst(written(start, 'D j F'))} "
    return FreeTime(f"{day}{_clock(start)}–{_clock(end)}", f"move:{start:%Y-%m-%dT%H:%M}/{end:%H:%M}")


def _clock(moment: datetime) -> str:
    return date_format(moment, "H:i")
