"""Cells of the State's tables: a figure, or why there is none, said with what a ministry would have to enter."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.licensing.dashboards.tables import Cell, Kind, Value
from apps.licensing.state.measures import StateMeasure
from apps.licensing.state.reading import Figure, Gap

PEOPLE = (StateMeasure.VISIO_USERS, StateMeasure.ASSIGNED_SEATS, StateMeasure.DORMANT_SEATS)
PACE = (StateMeasure.PACE_NEEDED, StateMeasure.PACE_ACTUAL)
TARGET = (StateMeasure.TARGET_AGENTS, StateMeasure.TARGET_DAYS)


def cell(kind: Kind, figure: Figure, measure: StateMeasure) -> Cell:
    """Return a figure's cell; the measure says what misses where there is none."""
    if figure.value is not None:
        return Cell(kind, figure.value)
    return Cell(kind, None, is_suppressed=figure.gap is Gap.TOO_FEW, reason=reason(figure, measure))


def plain(kind: Kind, value: Value) -> Cell:
    return Cell(kind, value)


def reason(figure: Figure, measure: StateMeasure) -> str:
    """Return for want of what a figure has no value; nothing where it has one, or is hidden."""
    if figure.value is not None or figure.gap is Gap.TOO_FEW:
        return ""
    if figure.gap is Gap.NOT_COMPUTED:
        return _("not computed yet")
    if measure is StateMeasure.AGENTS:
        return _("no headcount")
    if measure is StateMeasure.MIGRATED_AGENTS:
        return _("no headcount by unit")
    if measure in PEOPLE:
        return _("no usage imported")
    if measure in TARGET:
        return _("no target")
    if measure in PACE:
        return _("no target or count")
    if measure is StateMeasure.DATA_AGE_DAYS:
        return _("nothing imported")
    if measure is StateMeasure.RUN_COST_EUR:
        return _("users or Visio’s cost not known")
    return _("no contract, or an input is not known")


def day_after(day: date | None, days: Decimal | None) -> date | None:
    """Return the day so many days after another."""
    return None if day is None or days is None else date.fromordinal(day.toordinal() + int(days))
