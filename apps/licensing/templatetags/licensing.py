"""How amounts are written."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()

LEAST_PLACES, MOST_PLACES = 2, 4


@register.filter
def euros(amount: Decimal | None) -> str:
    """Write an amount in euros with two decimals, up to four for a price that has them."""
    return money(amount, "€")


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """Write an amount with its currency; one that misses an input is "not computable", never 0."""
    if amount is None:
        return _("not computable")
    exact = amount.quantize(Decimal(10) ** -MOST_PLACES).normalize()
    exponent = exact.as_tuple().exponent
    places = max(LEAST_PLACES, -exponent if isinstance(exponent, int) else LEAST_PLACES)
    return f"{number_format(exact, places, use_l10n=True, force_grouping=True)}\u00a0{currency}"


@register.filter
def whole_euros(amount: Decimal | None) -> str:
    """Write an amount of a whole year, to the nearest euro."""
    if amount is None:
        return _("not computable")
    return f"{number_format(amount.quantize(Decimal(1)), 0, use_l10n=True, force_grouping=True)}\u00a0€"
