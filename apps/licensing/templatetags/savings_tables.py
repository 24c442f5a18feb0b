"""The cells of tables of savings: amounts to the cent."""

from django import template

from apps.licensing.dashboards.tables import Cell, Kind
from apps.licensing.templatetags.figures import in_words
from apps.licensing.templatetags.licensing import euros

register = template.Library()


@register.filter
def to_the_cent(cell: Cell) -> str:
    """Write a value as people read it, an amount with its cents."""
    if cell.kind is Kind.EUROS:
        return euros(cell.value)  # type: ignore[arg-type]  # a column of euros holds Decimals
    return in_words(cell)


@register.filter
def words(text: str) -> list[str]:
    """Return the words of a text, to be gone through."""
    return text.split()
