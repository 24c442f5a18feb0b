"""Tables with a row per ministry: compared, their notices, and the pace of their migration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.licensing.dashboards.charts import bar_chart
from apps.licensing.dashboards.tables import Cell, Column, Kind, Table
from apps.licensing.savings import ANNOUNCED_EUR_PER_USER_AND_YEAR
from apps.licensing.state.cells import cell, day_after, plain
from apps.licensing.state.measures import StateMeasure
from apps.licensing.state.reading import MinistryFigures

SORT_KEYS = ("name", "agents", "adoption", "paid", "realised", "late", "needed", "actual", "age")
OLD_DATA_DAYS = 45


@dataclass(frozen=True)
class Sorting:
    """By which column ministries are sorted; ``url_of`` gives the address that sorts by another."""

    key: str
    is_descending: bool
    url_of: Callable[[str], str]

    def column(self, key: str, heading: str, kind: Kind = Kind.TEXT) -> Column:
        told = "descending" if self.is_descending else "ascending"
        return Column(heading, kind, self.url_of(key), told if key == self.key else "")

    def of(self, rows: Sequence[list[Cell]]) -> list[list[Cell]]:
        """Sort rows by the column; those whose value is not known stand last either way."""
        index = SORT_KEYS.index(self.key)
        known = [row for row in rows if row[index].value is not None]
        unknown = [row for row in rows if row[index].value is None]
        by_value: Callable[[list[Cell]], Any] = lambda row: row[index].value  # noqa: E731
        return sorted(known, key=by_value, reverse=self.is_descending) + unknown


def ministry_url(ministry: MinistryFigures) -> str:
    return reverse("state:ministry", kwargs={"ministry": ministry.tenant.slug})


def compared(ministries: Sequence[MinistryFigures], months: list[date], sorting: Sorting) -> Table:
    """How each ministry stands, against the saving that was announced."""
    columns = [
        sorting.column("name", _("Ministry or agency")),
        sorting.column("agents", _("Agents"), Kind.COUNT),
        sorting.column("adoption", _("Adoption"), Kind.PERCENT),
        sorting.column("paid", _("Paid, before tax"), Kind.EUROS),
        sorting.column("realised", _("Realised per agent and year"), Kind.PRICE),
        sorting.column("late", _("Late notices"), Kind.COUNT),
        sorting.column("needed", _("Pace needed per month"), Kind.COUNT),
        sorting.column("actual", _("Actual pace per month"), Kind.COUNT),
        sorting.column("age", _("Age of the data (days)"), Kind.COUNT),
    ]
    rows = sorting.of([_row(ministry, months) for ministry in ministries])
    drawn = [row for row in rows if row[4].value is not None]
    return Table(
        key="ministries",
        title=_("Ministries compared"),
        columns=columns,
        rows=rows,
        source=_("what each ministry entered and imported"),
        as_of=oldest_day(ministries),
        note=_(
            "Announced: %(euros)s € per agent and year; what is realised in part of a year is taken for all of it. "
            "Where a figure is not computable, its cell says what is missing."
        )
        % {"euros": ANNOUNCED_EUR_PER_USER_AND_YEAR},
        chart=bar_chart(drawn, names=[_("Realised per agent and year")], series=[4], unit="€", is_horizontal=True)
        if any(row[4].value for row in drawn)
        else None,
        is_open=True,
    )


def _row(ministry: MinistryFigures, months: list[date]) -> list[Cell]:
    measures = StateMeasure
    users = ministry.of(measures.VISIO_USERS)
    paid = ministry.over(measures.DUE_EUR, months)
    realised = ministry.realised_per_agent(months)
    has_agents = ministry.value(measures.AGENTS) is not None
    return [
        Cell(Kind.TEXT, ministry.tenant.name, ministry_url(ministry)),
        cell(Kind.COUNT, ministry.of(measures.AGENTS), measures.AGENTS),
        cell(
            Kind.PERCENT,
            ministry.share(measures.VISIO_USERS, measures.AGENTS),
            measures.VISIO_USERS if users.value is None else measures.AGENTS,
        ),
        cell(Kind.EUROS, paid, measures.DUE_EUR),
        cell(Kind.PRICE, realised, measures.REALISED_EUR if has_agents else measures.AGENTS),
        cell(Kind.COUNT, ministry.of(measures.NOTICES_LATE), measures.NOTICES_LATE),
        cell(Kind.COUNT, ministry.of(measures.PACE_NEEDED), measures.PACE_NEEDED),
        cell(Kind.COUNT, ministry.of(measures.PACE_ACTUAL), measures.PACE_ACTUAL),
        cell(Kind.COUNT, ministry.of(measures.DATA_AGE_DAYS), measures.DATA_AGE_DAYS),
    ]


def notices(ministries: Sequence[MinistryFigures]) -> Table:
    """Notices that are late or were missed, and what the missed ones cost."""
    columns = [
        Column(_("Ministry or agency")),
        Column(_("Late: preparation should have begun"), Kind.COUNT),
        Column(_("Missed within a year"), Kind.COUNT),
        Column(_("Lost by missed notices, before tax"), Kind.EUROS),
        Column(_("Next notice to give by"), Kind.DAY),
    ]
    measures = StateMeasure
    rows = [
        [
            Cell(Kind.TEXT, ministry.tenant.name, ministry_url(ministry)),
            cell(Kind.COUNT, ministry.of(measures.NOTICES_LATE), measures.NOTICES_LATE),
            cell(Kind.COUNT, ministry.of(measures.NOTICES_MISSED), measures.NOTICES_MISSED),
            cell(Kind.EUROS, ministry.of(measures.MISSED_NOTICE_EUR), measures.MISSED_NOTICE_EUR),
            plain(Kind.DAY, day_after(ministry.day, ministry.value(measures.NEXT_NOTICE_DAYS))),
        ]
        for ministry in ministries
    ]
    rows.sort(key=lambda row: -sum(number(found) for found in row[1:3]))
    drawn = [row for row in rows if any(number(found) for found in row[1:3])]
    return Table(
        key="notices",
        title=_("Late notices by ministry"),
        columns=columns,
        rows=rows,
        source=_("the terms of the contracts, and the decisions entered"),
        as_of=oldest_day(ministries),
        chart=bar_chart(
            drawn, names=[_("Late"), _("Missed")], series=[1, 2], unit="", is_stacked=True, is_horizontal=True
        )
        if drawn
        else None,
    )


def pace(ministries: Sequence[MinistryFigures]) -> Table:
    """Who has to move to Visio each month to reach the next target, and who does."""
    columns = [
        Column(_("Ministry or agency")),
        Column(_("People who use Visio"), Kind.COUNT),
        Column(_("Next target (agents)"), Kind.COUNT),
        Column(_("To be reached by"), Kind.DAY),
        Column(_("Pace needed per month"), Kind.COUNT),
        Column(_("Actual pace per month"), Kind.COUNT),
        Column(_("Agents of units that have switched"), Kind.COUNT),
    ]
    measures = StateMeasure
    rows = [
        [
            Cell(Kind.TEXT, ministry.tenant.name, ministry_url(ministry)),
            cell(Kind.COUNT, ministry.of(measures.VISIO_USERS), measures.VISIO_USERS),
            cell(Kind.COUNT, ministry.of(measures.TARGET_AGENTS), measures.TARGET_AGENTS),
            plain(Kind.DAY, day_after(ministry.day, ministry.value(measures.TARGET_DAYS))),
            cell(Kind.COUNT, ministry.of(measures.PACE_NEEDED), measures.PACE_NEEDED),
            cell(Kind.COUNT, ministry.of(measures.PACE_ACTUAL), measures.PACE_ACTUAL),
            cell(Kind.COUNT, ministry.of(measures.MIGRATED_AGENTS), measures.MIGRATED_AGENTS),
        ]
        for ministry in ministries
    ]
    drawn = [row for row in rows if row[4].value is not None and row[5].value is not None]
    return Table(
        key="pace",
        title=_("Pace of the migration: needed and actual"),
        columns=columns,
        rows=rows,
        source=_("the targets entered, and the people who used Visio"),
        as_of=oldest_day(ministries),
        chart=bar_chart(drawn, names=[_("Needed"), _("Actual")], series=[4, 5], unit=_("people")) if drawn else None,
    )


def number(found: Cell) -> Decimal:
    return found.value if isinstance(found.value, Decimal) else Decimal(0)


def oldest_day(ministries: Sequence[MinistryFigures]) -> date | None:
    """Return the day up to which all the figures were computed."""
    return min((ministry.day for ministry in ministries if ministry.day), default=None)
