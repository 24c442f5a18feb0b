"""A ministry's figures on two or three pages for its minister's office: words and numbers, before they are laid out."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.licensing.dashboards.charts import label, number
from apps.licensing.dashboards.forms import FIRST_YEAR
from apps.licensing.dashboards.ministry import Dashboard, Tile
from apps.licensing.dashboards.money_tables import less
from apps.licensing.dashboards.seat_words import sentences
from apps.licensing.dashboards.spending import Spending
from apps.licensing.dashboards.tables import Cell, Column, Kind, Table, row
from apps.licensing.savings import HORIZON, Measure
from apps.licensing.templatetags.figures import in_words, with_vat_in_words
from visio_portal.dates import written

MOST_ROWS = 8
MOST_MONTHS = 8
FILE_NAME = "figures.xlsx"


def tables_of(dashboard: Dashboard) -> list[Table]:
    """Return what the report says in tables, and what its workbook holds."""
    by_key = {table.key: table for table in dashboard.tables}
    order = ("steps", "years", "products", "notices", "adoption", "waves", "dormant")
    return [by_key.get(key) or spending_by_year(dashboard) for key in order]


def spending_by_year(dashboard: Dashboard) -> Table:
    """What is paid each year up to the horizon, and what would be once every seat that can go is gone."""
    columns = [
        Column(_("Year")),
        Column(_("Paid, before tax"), Kind.EUROS),
        Column(_("Paid, with VAT"), Kind.EUROS),
        Column(_("After, before tax"), Kind.EUROS),
        Column(_("Realised"), Kind.EUROS),
        Column(_("Sunk"), Kind.EUROS),
    ]
    lines, today = dashboard.spending.lines, dashboard.today
    begun = min((line.terms.starts_on.year for line in lines), default=FIRST_YEAR)
    rows = []
    for year in range(max(begun, FIRST_YEAR), HORIZON.year + 1) if lines else ():
        sums = {measure: Spending(lines, year, today).total(measure) for measure in Measure}
        due, realised = sums[Measure.DUE], sums[Measure.REALISED].eur
        still_open = less(sums[Measure.POTENTIAL].eur, realised, sums[Measure.COMMITTED].eur)
        after, sunk = less(due.eur, still_open), sums[Measure.SUNK].eur
        rows.append(row(columns, str(year), due.eur, due.eur_with_vat, after, realised, sunk))
    source = _("the contracts and their amendments, as they are known today")
    return Table("years", _("Spending by year"), columns, rows, source, today)


def report_of(dashboard: Dashboard, tables: Sequence[Table]) -> dict[str, Any]:
    """Return the report in the person's language, as the template reads it."""
    return {
        "language": (get_language() or "fr")[:2],
        "title": _("Leaving Teams and Zoom: spending and savings in %(year)s") % {"year": dashboard.year},
        "ministry": str(dashboard.tenant),
        "day": [dashboard.today.year, dashboard.today.month, dashboard.today.day],
        "dated": _("Figures of %(day)s") % {"day": written(dashboard.today)},
        "filters": list(_filters(dashboard)),
        "tiles": [_tile(tile) for tile in dashboard.tiles],
        "sections": [_section(table) for table in tables],
        "reading": list(_how_to_read(dashboard)),
        "reading_title": _("How to read these figures"),
        "file": {"name": FILE_NAME, "description": _("The tables of this report, whole")},
        "footer": _("Visio Portal – figures of %(day)s") % {"day": written(dashboard.today)},
        "page": _("page"),
    }


def _filters(dashboard: Dashboard) -> Iterator[str]:
    pairs = (
        (_("Year"), str(dashboard.year)),
        (_("Product"), str(dashboard.product) if dashboard.product else _("All products")),
        (_("Unit"), str(dashboard.unit) if dashboard.unit else _("All units")),
    )
    for name, value in pairs:
        yield _("%(label)s: %(text)s") % {"label": name, "text": value}


def _tile(tile: Tile) -> dict[str, str]:
    below = with_vat_in_words(tile) if tile.with_vat is not None else ""
    return {"label": tile.label, "value": in_words(tile), "below": below}


def _section(table: Table) -> dict[str, Any]:
    """Return a table as the report shows it: the first rows, with a picture where one says more than the numbers."""
    shown = table.rows[-MOST_MONTHS:] if table.key == "adoption" else table.rows[:MOST_ROWS]
    as_of = written(table.as_of) if table.as_of else _("not known")
    source = _("Source: %(source)s; as of %(day)s") % {"source": table.source, "day": as_of}
    left = len(table.rows) - len(shown)
    more = _("%(count)s more rows stand in the attached workbook.") % {"count": left} if left else ""
    return {
        "key": table.key,
        "title": table.title,
        "headings": [column.heading for column in table.columns],
        "is_number": [column.is_number for column in table.columns],
        "rows": [[in_words(cell) for cell in cells] for cells in shown],
        "source": ". ".join(filter(None, (source, more, table.note))),
        "empty": table.empty or _("Nothing is known yet."),
        "alt": _("Picture of the figures in the table below."),
        **_picture(table, shown),
    }


def _picture(table: Table, rows: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    """Return what is drawn: bars within the rows, columns by year, or a line by month; nothing of what is unknown."""
    if table.key == "steps":
        return {"bars": [_values(cells, 1, 2) for cells in rows], "legend": [_("Stays"), _("Goes")]}
    if table.key in ("waves", "products", "dormant"):
        column = 3 if table.key == "waves" else 1
        bars = [_values(cells, column) for cells in rows]
        return {"bars": bars} if any(part is not None for parts in bars for part in parts) else {}
    if table.key == "years":
        return _drawing("columns", rows, (1, 3), [_("Paid"), _("After: once all seats that can go are gone")])
    if table.key == "adoption" and len(rows) > 1:
        return _drawing("line", rows, (1,), [table.columns[1].heading])
    return {}


def _drawing(kind: str, rows: Sequence[Sequence[Cell]], columns: Sequence[int], names: list[str]) -> dict[str, Any]:
    values = [[_value(cells[column]) for cells in rows] for column in columns]
    return {"drawing": kind, "labels": [label(cells[0]) for cells in rows], "values": values, "legend": names}


def _values(cells: Sequence[Cell], *columns: int) -> list[float | None]:
    return [_value(cells[column]) for column in columns]


def _value(cell: Cell) -> float | None:
    return number(cell) if isinstance(cell.value, int | Decimal) else None


def _how_to_read(dashboard: Dashboard) -> Iterator[str]:
    if dashboard.seat_problems:
        yield _("Paid seats do not agree: settle this before you trust a saving")
        yield from sentences(dashboard.seat_problems)
    yield _("Amounts are in euros before tax unless said otherwise; none of them is rounded before it is added.")
    yield _("Potential: seats that nobody needs any more. Committed: notice given or amendment signed.")
    yield _("Realised: shown by an invoice. Sunk: paid for already, because notice comes too late.")
    yield _("“Not computable” says that a number it needs is missing; it is never taken for zero.")
    yield _("Counts under 10 are not shown, nor those from which one could be worked out.")
    if dashboard.unit:
        yield _("Contracts are those of the whole ministry: the unit narrows people and seats alone.")


def file_name(day: date) -> str:
    """Return "report-2026-11-23.pdf" in the person's language."""
    return _("report-%(day)s.pdf") % {"day": day.isoformat()}
