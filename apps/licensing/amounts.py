"""How amounts are written."""

from decimal import Decimal

from django.utils.formats import number_format

LEAST_PLACES, MOST_PLACES = 2, 4
SYMBOLS = {"EUR": "€"}  # other currencies keep their ISO 4217 code


def written_price(amount: Decimal, *, grouped: bool = False) -> str:
    """Write a price as it was agreed: two decimals, up to four where it has them."""
    exact = amount.quantize(Decimal(10) ** -MOST_PLACES).normalize()
    exponent = exact.as_tuple().exponent
    places = max(LEAST_PLACES, -exponent if isinstance(exponent, int) else LEAST_PLACES)
    return number_format(exact, places, use_l10n=True, force_grouping=grouped)


def written_count(number: int | Decimal) -> str:
    """Write a whole number of things, its digits in groups of three."""
    return number_format(number, 0, use_l10n=True, force_grouping=True)


def with_currency(number: str, currency: str) -> str:
    """Put a currency's symbol after a number, on the same line."""
    return f"{number}\u00a0{SYMBOLS.get(currency, currency)}"


def written_rate(rate: Decimal) -> str:
    """Write how many euros one unit of a currency is worth: at least four decimals, up to six."""
    places = 6 if rate != rate.quantize(Decimal("0.0001")) else 4
    return number_format(rate, places, use_l10n=True)
