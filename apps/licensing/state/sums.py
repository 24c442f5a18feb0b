"""Tables of the State as a whole, or of one ministry: savings and money by month, adoption by month and by place."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.licensing.dashboards.charts import line_chart
from apps.licensing.dashboards.charts import number as drawn_number
from apps.licensing.dashboards.tables import Cell, Chart, Column, Kind, Table, Value
from apps.licensing.migration import ratio
from apps.licensing.state.cells import cell
from apps.licensing.state.comparison import number as number_of
from apps.licensing.state.comparison import oldest_day
from apps.licensing.state.departements import NAMES, ON_MAP
from apps.licensing.state.measures import MONTHLY, StateMeasure, departement_dimension, month_dimension
from apps.licensing.state.reading import MinistryFigures, summed

MEASURE_LABELS = {
    StateMeasure.DUE_EUR: lambda: _("Paid"),
    StateMeasure.POTENTIAL_EUR: lambda: _("Potential"),
    StateMeasure.COMMITTED_EUR: lambda: _("Committed"),
    StateMeasure.REALISED_EUR: lambda: _("Realised"),
    StateMeasure.SUNK_EUR: lambda: _("Sunk"),
    StateMeasure.AVOIDED_EUR: lambda: _("Avoided increases"),
    StateMeasure.RUN_COST_EUR: lambda: _("Cost of running Visio"),
    StateMeasure.ONE_OFF_EUR: lambda: _("One-off costs"),
}


def cumulative(ministries: Sequence[MinistryFigures], months: list[date]) -> Table:
    """What is realised from the first month on, against what was announced for the ministries that it is known of."""
    columns = [
        Column(_("Month"), Kind.MONTH),
        Column(_("Realised, before tax"), Kind.EUROS),
        Column(_("Realised since the first month"), Kind.EUROS),
        Column(_("Announced since the first month"), Kind.EUROS),
        Column(_("Ministries counted"), Kind.COUNT),
    ]
    counted = [ministry for ministry in ministries if _is_known(ministry, months)]
    rows: list[list[Cell]] = []
    so_far = Decimal(0)
    for number, month in enumerate(months, 1):
        gained = summed(item.value(StateMeasure.REALISED_EUR, month_dimension(month)) for item in counted).value
        so_far += gained or Decimal(0)
        announced = summed(item.announced_eur(number) for item in counted).value
        values: tuple[Value, ...] = (month, gained, so_far, announced, len(counted))
        rows.append([Cell(column.kind, value) for column, value in zip(columns, values, strict=True)])
    names = [_("Realised"), _("Announced")]
    return Table(
        key="savings",
        title=_("Cumulative savings against the announced figure"),
        columns=columns,
        rows=rows if counted else [],
        source=_("the contracts, their amendments and invoices; 10 € per agent and year as announced"),
        as_of=oldest_day(ministries),
        note=_("Only ministries whose agents and realised savings are known in each month are counted, on both sides."),
        chart=line_chart(rows, names=names, series=[2, 3], unit="€") if counted else None,
        empty=_("No ministry’s realised savings and agents are known for these months."),
    )


def _is_known(ministry: MinistryFigures, months: list[date]) -> bool:
    is_realised = ministry.over(StateMeasure.REALISED_EUR, months).value is not None
    return is_realised and ministry.value(StateMeasure.AGENTS) is not None


def by_departement(ministries: Sequence[MinistryFigures]) -> Table:
    """Adoption by the département of the units: of each, the ministries of which both counts may be shown."""
    columns = [
        Column(_("Département")),
        Column(_("Adoption"), Kind.PERCENT),
        Column(_("People who use Visio"), Kind.COUNT),
        Column(_("Agents"), Kind.COUNT),
        Column(_("Ministries counted"), Kind.COUNT),
    ]
    codes = sorted({code for ministry in ministries for code in ministry.departements})
    rows = [_of_place(code, ministries) for code in codes]
    shares = {
        code: row[1] for code, row in zip(codes, rows, strict=True) if code in ON_MAP and row[1].value is not None
    }
    return Table(
        key="departements",
        title=_("Adoption by département"),
        columns=columns,
        rows=rows,
        source=_("the units’ headcounts and the people who used Visio in 28 days"),
        as_of=oldest_day(ministries),
        chart=map_chart(shares, rows, oldest_day(ministries)) if shares else None,
        note=_("A département without a colour is not known, or counts fewer than 10 people."),
        empty=_("No ministry has entered the agents of its units with their département yet."),
    )


def _of_place(code: str, ministries: Sequence[MinistryFigures]) -> list[Cell]:
    place = departement_dimension(code)
    known = [item for item in ministries if item.share(StateMeasure.VISIO_USERS, StateMeasure.AGENTS, place).value]
    agents, users = (
        summed(item.value(measure, place) for item in known).value
        for measure in (StateMeasure.AGENTS, StateMeasure.VISIO_USERS)
    )
    gaps = [item.share(StateMeasure.VISIO_USERS, StateMeasure.AGENTS, place) for item in ministries]
    first = next((gap for gap in gaps if gap.value is None and gap.gap is not None), None)
    hidden = not known and any(cell(Kind.COUNT, gap, StateMeasure.VISIO_USERS).is_suppressed for gap in gaps)
    said = cell(Kind.COUNT, first, StateMeasure.VISIO_USERS).reason if first and not hidden else ""
    share = None if users is None or not agents else users / agents
    values: list[tuple[Kind, Decimal | None]] = [(Kind.PERCENT, share), (Kind.COUNT, users), (Kind.COUNT, agents)]
    name = f"{NAMES.get(code, '')} ({code})".strip()
    cells = [Cell(kind, value, is_suppressed=value is None and hidden, reason=said) for kind, value in values]
    return [Cell(Kind.TEXT, name), *cells, Cell(Kind.COUNT, len(known))]


def map_chart(shares: dict[str, Cell], rows: Sequence[Sequence[Cell]], day: date | None) -> Chart:
    """Draw shares on the map of France; a place that is not known stays grey."""
    users, agents = (sum(number_of(row[index]) for row in rows) for index in (2, 3))
    whole = ratio(int(users), int(agents))
    return Chart(
        "map-chart",
        {
            "data": json.dumps({code: drawn_number(share) for code, share in shares.items()}),
            "value": str(drawn_number(Cell(Kind.PERCENT, whole))),
            "name": _("Adoption (%)"),
            "date": date_format(day, "SHORT_DATE_FORMAT") if day else "",
            "selected-palette": "sequentialAscending",
        },
    )


def adoption_by_month(ministries: Sequence[MinistryFigures], months: list[date]) -> Table:
    """Who used Visio at the end of each month, of the ministries of which both counts are known."""
    columns = [
        Column(_("Month"), Kind.MONTH),
        Column(_("Adoption"), Kind.PERCENT),
        Column(_("People who use Visio"), Kind.COUNT),
        Column(_("Agents"), Kind.COUNT),
        Column(_("Ministries counted"), Kind.COUNT),
    ]
    rows = []
    for month in months:
        at = month_dimension(month)
        known = [item for item in ministries if item.share(StateMeasure.VISIO_USERS, StateMeasure.AGENTS, at).value]
        users = summed(item.value(StateMeasure.VISIO_USERS, at) for item in known).value
        agents = summed(item.value(StateMeasure.AGENTS, at) for item in known).value
        if users is not None and agents:
            values: tuple[Value, ...] = (month, users / agents, users, agents, len(known))
            rows.append([Cell(column.kind, value) for column, value in zip(columns, values, strict=True)])
    return Table(
        key="adoption",
        title=_("Adoption of Visio by month"),
        columns=columns,
        rows=rows,
        source=_("attendance in Visio and imported usage, against the dated headcount"),
        as_of=oldest_day(ministries),
        chart=line_chart(rows, names=[_("Adoption")], series=[1], unit="%") if rows else None,
        empty=_("No people who use Visio are known for these months."),
    )


def money_by_month(ministry: MinistryFigures, months: list[date]) -> Table:
    """Each month's amounts of one ministry, before tax."""
    columns = [Column(_("Month"), Kind.MONTH), *(Column(MEASURE_LABELS[item](), Kind.EUROS) for item in MONTHLY)]
    rows = [
        [
            Cell(Kind.MONTH, month),
            *(cell(Kind.EUROS, ministry.of(item, month_dimension(month)), item) for item in MONTHLY),
        ]
        for month in months
    ]
    names = [MEASURE_LABELS[StateMeasure.DUE_EUR](), MEASURE_LABELS[StateMeasure.REALISED_EUR]()]
    is_drawn = any(row[1].value is not None and row[4].value is not None for row in rows)
    return Table(
        key="money",
        title=_("Amounts by month, before tax"),
        columns=columns,
        rows=rows if ministry.day else [],
        source=_("the contracts, their amendments and invoices, and the costs entered"),
        as_of=ministry.day,
        chart=line_chart(rows, names=names, series=[1, 4], unit="€") if is_drawn else None,
        empty=_("Nothing was computed for this ministry yet."),
    )
