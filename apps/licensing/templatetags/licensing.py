"""How amounts are written."""

from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()

LEAST_PLACES, MOST_PLACES = 2, 4


@register.filter
def euros(amount: Decimal | None) -> str:
    """Write a computed amount in euros and cents."""
    return money(None if amount is None else amount.quantize(Decimal(10) ** -LEAST_PLACES, ROUND_HALF_UP), "€")


@register.filter
def signed_euros(amount: Decimal) -> str:
    """Write a difference with its sign."""
    return ("+" if amount > 0 else "") + euros(amount).replace("-", "\u2212")


@register.filter
def price(amount: Decimal | None) -> str:
    """Write a price in euros as it was agreed: two decimals, up to four where it has them."""
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
    rounded = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return f"{number_format(rounded, 0, use_l10n=True, force_grouping=True)}\u00a0€"
