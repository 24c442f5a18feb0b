"""Amounts in templates; one that misses an input is "not computable", never 0."""

from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.licensing.amounts import LEAST_PLACES, with_currency, written_count, written_price, written_rate

register = template.Library()


@register.filter
def euros(amount: Decimal | None) -> str:
    """Write a computed amount in euros and cents."""
    return price(None if amount is None else amount.quantize(Decimal(10) ** -LEAST_PLACES, ROUND_HALF_UP))


@register.filter
def signed_euros(amount: Decimal) -> str:
    """Write a difference with its sign."""
    return ("+" if amount > 0 else "") + euros(amount).replace("-", "\u2212")


@register.filter
def price(amount: Decimal | None) -> str:
    """Write a price in euros as it was agreed."""
    return money(amount, "EUR")


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """Write a price with its currency, an ISO 4217 code."""
    return _("not computable") if amount is None else with_currency(written_price(amount, grouped=True), currency)


@register.filter
def whole_euros(amount: Decimal | None) -> str:
    """Write an amount of a whole year, to the nearest euro."""
    if amount is None:
        return _("not computable")
    rounded = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return with_currency(number_format(rounded, 0, use_l10n=True, force_grouping=True), "EUR")


@register.filter
def rate(amount: Decimal) -> str:
    """Write an exchange rate."""
    return with_currency(written_rate(amount), "EUR")


@register.filter
def signed_count(number: int) -> str:
    """Write a number of things that came or went, with its sign."""
    written = written_count(abs(number))
    return f"{'+' if number > 0 else chr(0x2212)}{written}"
