"""Charts from tables: the attributes that @gouvfr/dsfr-chart reads. A value that is not known is a gap, never 0."""

import json
from collections.abc import Sequence
from decimal import Decimal

from django.utils.formats import date_format

from apps.licensing.dashboards.tables import Cell, Chart, Kind

MOST_BARS = 12
LONGEST_LABEL = 40


def line_chart(rows: Sequence[Sequence[Cell]], *, names: Sequence[str], series: Sequence[int], unit: str) -> Chart:
    """Draw columns over the first one; a row in which one of them is not known is left out."""
    return _chart("line-chart", rows, names, series, unit, {})


def bar_chart(
    rows: Sequence[Sequence[Cell]],
    *,
    names: Sequence[str],
    series: Sequence[int],
    unit: str,
    is_stacked: bool = False,
    is_horizontal: bool = False,
) -> Chart:
    """Draw columns as bars beside the first one, at most twelve rows; the table holds them all."""
    further = {"stacked": "true"} if is_stacked else {}
    further |= {"horizontal": "true"} if is_horizontal else {}
    return _chart("bar-chart", rows[:MOST_BARS], names, series, unit, further)


def _chart(
    tag: str,
    rows: Sequence[Sequence[Cell]],
    names: Sequence[str],
    series: Sequence[int],
    unit: str,
    further: dict[str, str],
) -> Chart:
    known = [row for row in rows if all(row[index].value is not None for index in series)]
    labels = [label(row[0]) for row in known]
    values = [[number(row[index]) for row in known] for index in series]
    palette = "categorical" if len(series) > 1 else "default"
    return Chart(
        tag,
        {
            "x": json.dumps([labels] * len(series), ensure_ascii=False),
            "y": json.dumps(values),
            "name": json.dumps(list(names), ensure_ascii=False),
            "unit-tooltip": unit,
            "selected-palette": palette,
        }
        | further,
    )


def label(cell: Cell) -> str:
    """Return a row's name as an axis shows it."""
    if cell.kind is Kind.MONTH:
        return date_format(cell.value, "m/Y")  # type: ignore[arg-type]  # a column of months holds days
    if cell.kind is Kind.DAY:
        return date_format(cell.value, "SHORT_DATE_FORMAT")  # type: ignore[arg-type]  # or days
    text = str(cell.value)
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def number(cell: Cell) -> float:
    """Return a value as a chart draws it; a share as a percentage. For drawing alone: nothing is computed from it."""
    value = cell.value if isinstance(cell.value, int | Decimal) else Decimal(0)
    return round(float(value * 100 if cell.kind is Kind.PERCENT else value), 2)
