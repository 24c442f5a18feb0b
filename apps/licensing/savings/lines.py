"""What a contract's lines free today, per month and year, in Decimal EUR before tax.

A figure that misses one of its inputs is None (not computable), never 0. Nothing is rounded here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from apps.licensing.savings.terms import MONTHS_PER_YEAR, ReductionDate, whole_months

# Announced by the State: 1 million EUR a year for each 100,000 users who leave a paid licence.
ANNOUNCED_EUR_PER_USER_AND_YEAR = Decimal(10)


class LineKind(Enum):
    STANDALONE = "standalone"
    BUNDLE = "bundle"
    NOT_SEPARABLE = "not_separable"


class VatPlace(Enum):
    """Where the seats are used: overseas, the rates are others."""

    METROPOLE = "metropole"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    REUNION = "reunion"
    GUYANE = "guyane"
    MAYOTTE = "mayotte"


# CGI art. 278 (standard rate), 294 and 296: State bodies budget with tax included.
VAT_RATES = {
    VatPlace.METROPOLE: Decimal("0.20"),
    VatPlace.GUADELOUPE: Decimal("0.085"),
    VatPlace.MARTINIQUE: Decimal("0.085"),
    VatPlace.REUNION: Decimal("0.085"),
    VatPlace.GUYANE: Decimal(0),
    VatPlace.MAYOTTE: Decimal(0),
}


@dataclass(frozen=True)
class Line:
    """``seats`` bought and ``needed_seats`` that must stay (not yet migrated, exempted, buffer)."""

    kind: LineKind
    seats: int
    needed_seats: int | None
    unit_price_eur: Decimal
    price_without_meetings_eur: Decimal | None


@dataclass(frozen=True)
class Distance:
    """A saving per user and year against the one announced."""

    per_user_eur: Decimal
    announced_eur: Decimal
    difference_eur: Decimal  # negative: less than announced


def freed_price_eur(line: Line) -> Decimal | None:
    """Return u: what leaving really frees per seat and month; None where a bundle's second price is unknown."""
    if line.kind is LineKind.NOT_SEPARABLE:
        return Decimal(0)
    if line.kind is LineKind.STANDALONE:
        return line.unit_price_eur
    if line.price_without_meetings_eur is None:
        return None
    return max(Decimal(0), line.unit_price_eur - line.price_without_meetings_eur)


def freeable_seats(line: Line) -> int | None:
    """Return a = max(0, seats - need); None where the need is unknown."""
    return None if line.needed_seats is None else max(0, line.seats - line.needed_seats)


def potential_eur_per_month(line: Line) -> Decimal | None:
    """Return a·u; a price that frees nothing makes 0 whatever the need."""
    price, seats = freed_price_eur(line), freeable_seats(line)
    if price is not None and price == 0:
        return Decimal(0)
    return None if price is None or seats is None else seats * price


def potential_eur_per_year(lines: Iterable[Line]) -> Decimal | None:
    """Return SUM a·u·12; None where one line is not computable, or where there is no line."""
    amounts = [potential_eur_per_month(line) for line in lines]
    known = [amount for amount in amounts if amount is not None]
    if not amounts or len(known) < len(amounts):
        return None
    return MONTHS_PER_YEAR * sum(known, Decimal(0))


def total_eur(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of figures; None where one of them is not computable, or where there is none."""
    listed = list(amounts)
    known = [amount for amount in listed if amount is not None]
    return sum(known, Decimal(0)) if listed and len(known) == len(listed) else None


def with_vat(amount_eur: Decimal | None, place: VatPlace = VatPlace.METROPOLE) -> Decimal | None:
    """Return an amount with the tax (TTC) of the place where the seats are used."""
    return None if amount_eur is None else amount_eur * (1 + VAT_RATES[place])


def distance_to_announced(amount_eur_per_year: Decimal | None, users: int | None) -> Distance | None:
    """Compare a yearly saving with the announced 10 EUR per user and year; None without amount or users."""
    if amount_eur_per_year is None or not users:
        return None
    per_user = amount_eur_per_year / users
    announced = ANNOUNCED_EUR_PER_USER_AND_YEAR
    return Distance(per_user, announced, per_user - announced)


def missed_notice_loss_eur(lines: Iterable[Line], reduction: ReductionDate) -> Decimal | None:
    """Return what the seats that could go still cost from d to x because notice was missed."""
    per_month = total_eur(potential_eur_per_month(line) for line in lines)
    months = whole_months(reduction.next_on, reduction.effective_on) if reduction.is_notice_missed else 0
    return None if per_month is None else per_month * months
