"""A look ahead at the dates of a meeting: which they are, what is special about each, and what they are elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.rooms.departements import departement_of, public_holiday, zone_of
from apps.rooms.operations import MeetingPlan
from apps.rooms.recurrence import instant
from apps.rooms.rule_words import rule_in_words
from apps.rooms.wall_time import is_doubled, zone_name
from apps.tenants.models import Membership
from visio_portal.dates import written

SHOWN = 8  # dates in a row; those with something to say follow
SPECIAL_SHOWN = 40


@dataclass(frozen=True)
class Elsewhere:
    """A time at another place: "13:00", and the day where it is another one."""

    place: str
    time: str
    day: str = ""


@dataclass(frozen=True)
class PreviewDate:
    """One date of a meeting with what people should know about it."""

    day: date
    words: str  # "Tuesday 24 November 2026"
    holiday: str = ""
    clock_note: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()
    is_excluded: bool = False

    @property
    def is_special(self) -> bool:
        return bool(self.holiday or self.clock_note or self.is_excluded)


@dataclass(frozen=True)
class Preview:
    """The first dates in a row, later ones with something to say, and how many there are."""

    repetition: str  # in words; empty for a single meeting
    start: str  # "10:00"
    end: str
    dates: tuple[PreviewDate, ...]
    special: tuple[PreviewDate, ...]
    count: int
    last: str
    is_cut: bool
    hidden: tuple[str, ...]  # dates left out that have no line here, in ISO form

    @property
    def is_series(self) -> bool:
        return bool(self.repetition)


def preview_of(plan: MeetingPlan, organizer: Membership, zones: Sequence[str] = ()) -> Preview:
    """Return a look at the dates of a plan; ``zones`` are those of the people who come.

    Raises what MeetingPlan.expansion() raises.
    """
    expansion = plan.expansion()
    departement = departement_of(organizer, plan.time_zone)
    others = [zone for zone in zones if zone != plan.time_zone]
    excluded = plan.excluded or frozenset()
    dates = [_date(wall, plan.zone, departement, others, wall in excluded) for wall in expansion.times]
    special = [found for found in dates[SHOWN:] if found.is_special][:SPECIAL_SHOWN]
    shown = {found.day for found in (*dates[:SHOWN], *special)}
    rule = plan.rule
    end_at = instant(plan.wall_start, plan.zone).timestamp() + plan.duration_minutes * 60
    return Preview(
        repetition=capfirst(rule_in_words(rule, plan.wall_start)) if rule else "",
        start=_clock(plan.wall_start),
        end=_clock(datetime.fromtimestamp(end_at, plan.zone)),
        dates=tuple(dates[:SHOWN]),
        special=tuple(special),
        count=len(dates) - sum(found.is_excluded for found in dates),
        last=written(dates[-1].day, "l j F Y"),
        is_cut=expansion.is_cut,
        hidden=tuple(sorted(wall.date().isoformat() for wall in excluded if wall.date() not in shown)),
    )


def zones_of(members: Iterable[Membership]) -> list[str]:
    """Return the zones where members work, each once, in order; of select_related("unit", "tenant")."""
    return list(dict.fromkeys(zone_of(member) for member in members))


def _date(wall: datetime, zone: ZoneInfo, departement: str, others: Sequence[str], is_excluded: bool) -> PreviewDate:
    start_at = instant(wall, zone)
    return PreviewDate(
        day=wall.date(),
        words=capfirst(written(wall, "l j F Y")),
        holiday=public_holiday(wall.date(), departement),
        clock_note=_clock_note(wall, start_at, zone),
        elsewhere=tuple(_elsewhere(start_at, wall.date(), other) for other in others),
        is_excluded=is_excluded,
    )


def _clock_note(wall: datetime, start_at: datetime, zone: ZoneInfo) -> str:
    """Say where the clocks skip a start or have it twice."""
    actual = start_at.astimezone(zone).replace(tzinfo=None)
    if actual != wall:
        told = _("The clocks go forward over this time: the meeting starts at %(time)s that day.")
        return told % {"time": _clock(actual)}
    if is_doubled(wall.date(), wall.time(), zone):
        return _("The clocks are set back over this time: the first of the two is meant.")
    return ""


def _elsewhere(start_at: datetime, day: date, zone: str) -> Elsewhere:
    there = start_at.astimezone(UTC).astimezone(ZoneInfo(zone))
    other_day = written(there, "l j F") if there.date() != day else ""
    return Elsewhere(zone_name(zone), _clock(there), other_day)


def _clock(moment: datetime) -> str:
    return date_format(moment, "H:i")
