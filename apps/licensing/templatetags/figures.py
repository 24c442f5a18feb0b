"""The cells of tables of figures in templates."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.licensing.amounts import written_count
from apps.licensing.dashboards.ministry import Tile
from apps.licensing.dashboards.tables import Cell, Chart, Kind, Table
from apps.licensing.templatetags.licensing import euros, whole_euros
from visio_portal.dates import written

register = template.Library()
_NO_BREAK = mark_safe(' class="portal-figure"')  # no input


@register.filter
def in_words(cell: Cell | Tile) -> str:
    """Write a value as people read it; one that is missing says why."""
    value = cell.value
    if value is None:
        if cell.is_suppressed:
            return _("fewer than 10")
        return cell.reason or (_("none") if cell.kind is Kind.DAY else _("not computable"))
    if cell.kind is Kind.EUROS:
        return whole_euros(value)  # type: ignore[arg-type]  # a column of euros holds Decimals
    if cell.kind is Kind.PRICE:
        return euros(value)  # type: ignore[arg-type]  # and one of prices
    if cell.kind is Kind.PERCENT:
        return percent(value)  # type: ignore[arg-type]  # a column of shares holds Decimals
    if cell.kind is Kind.COUNT:
        return written_count(value)  # type: ignore[arg-type]  # and counts
    if cell.kind is Kind.MONTH:
        return date_format(value, "F Y")  # type: ignore[arg-type]  # a column of months holds days
    return written(value) if cell.kind is Kind.DAY else str(value)  # type: ignore[arg-type]  # or days


def to_the_cent(cell: Cell) -> str:
    """Write a value as people read it, an amount with its cents."""
    if cell.kind is Kind.EUROS:
        return euros(cell.value)  # type: ignore[arg-type]  # a column of euros holds Decimals
    return in_words(cell)


@register.simple_tag
def figure_grid(table: Table, total: Sequence[Cell] = (), has_cents: bool = False) -> SafeString:
    """Write the columns, rows and sums of a table.

    Rows are put together here: the State's tables have a thousand cells, each of which would be
    a dozen nodes of a template.
    """
    context = {
        "table": table,
        "rows": _rows(table.rows, has_cents=has_cents),
        "total": _rows([total], has_cents=has_cents, is_strong=True) if total else "",
    }
    return render_to_string("licensing/tables/grid.html", context)


def _rows(rows: Iterable[Sequence[Cell]], *, has_cents: bool, is_strong: bool = False) -> SafeString:
    written_rows = [
        "".join(_cell(cell, number == 0, has_cents, is_strong) for number, cell in enumerate(cells)) for cells in rows
    ]
    return mark_safe("".join(f"<tr>{cells}</tr>" for cells in written_rows))  # noqa: S308  # each cell is escaped


def _cell(cell: Cell, is_first: bool, has_cents: bool, is_strong: bool) -> str:
    content = escape(to_the_cent(cell) if has_cents else in_words(cell))
    if is_strong:
        content = format_html("<strong>{}</strong>", content)
    elif cell.reason and cell.value is None:
        content = format_html('<span class="fr-text--xs">{}</span>', content)
    if cell.url:
        content = format_html('<a{} href="{}">{}</a>', "" if is_first else _NO_BREAK, cell.url, content)
    if is_first:
        return f'<th scope="row">{content}</th>'
    return f'<td class="fr-cell--right">{content}</td>' if cell.is_number else f"<td>{content}</td>"


@register.filter
def percent(share: Decimal | None) -> str:
    """Write a share between 0 and 1 with one decimal."""
    if share is None:
        return _("not computable")
    rounded = (share * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{number_format(rounded, 1, use_l10n=True)}\u00a0%"


@register.simple_tag
def chart_element(chart: Chart) -> SafeString:
    """Write the element that @gouvfr/dsfr-chart draws; its table says the same, so readers are not led into it."""
    attributes = format_html_join("", ' {}="{}"', chart.attributes.items())
    return format_html("<{}{}></{}>", chart.tag, attributes, chart.tag)


@register.filter
def with_vat_in_words(tile: Tile) -> str:
    """Write the amount including tax that stands below the one before tax."""
    return _("%(amount)s with VAT") % {"amount": whole_euros(tile.with_vat)}


@register.simple_tag(takes_context=True)
def table_url(context: Context, table: Table, table_format: str) -> str:
    """Return where a table is a file: below the ministry's dashboard, or a page of the State's, which says where."""
    known = {"table": table.key, "table_format": table_format}
    below = context.get("tables_below")
    if below:
        name, further = below
        return reverse(name, kwargs=known | further)
    tenant = context["request"].tenant
    return reverse("licensing:dashboard_table", kwargs=known | {"tenant_slug": tenant.slug})
