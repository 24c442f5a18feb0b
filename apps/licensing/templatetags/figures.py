"""The cells of tables of figures in templates."""

from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.licensing.amounts import written_count
from apps.licensing.dashboards.ministry import Tile
from apps.licensing.dashboards.tables import Cell, Chart, Kind, Table
from apps.licensing.templatetags.licensing import euros, whole_euros
from visio_portal.dates import written

register = template.Library()


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
