"""Sums of a measure by product, unit, ministry and State, each with the amounts that it adds up."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TypeVar

from apps.licensing.savings.lines import total_eur
from apps.licensing.savings.months import Amount, Missing

CENT = Decimal("0.01")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Total:
    """A sum before tax and with the tax of each contract's place; None where one of its amounts is not computable."""

    amounts: tuple[Amount, ...]

    @property
    def eur(self) -> Decimal | None:
        return total_eur(item.eur for item in self.amounts)

    @property
    def eur_with_vat(self) -> Decimal | None:
        return total_eur(item.eur_with_vat for item in self.amounts)

    @property
    def missing(self) -> list[tuple[str, Missing]]:
        """Each line's key with an input that it misses, once."""
        return list(dict.fromkeys((item.line.key, what) for item in self.amounts for what in item.missing))


def total(amounts: Iterable[Amount]) -> Total:
    """Add amounts of one measure; without any, the sum is not computable."""
    return Total(tuple(amounts))


def grouped(amounts: Iterable[Amount], key: Callable[[Amount], Key]) -> dict[Key, Total]:
    """Add amounts by product, contract, month …, in the order in which the keys come."""
    groups: dict[Key, list[Amount]] = {}
    for item in amounts:
        groups.setdefault(key(item), []).append(item)
    return {name: total(group) for name, group in groups.items()}


def shared(eur: Decimal, weights: Mapping[Key, int]) -> dict[Key, Decimal]:
    """Share an amount among units by their seats, to the cent, so that the shares add up to it exactly.

    Shares are rounded down; the cents left over go to the largest remainders (Hamilton's method), those of equal
    remainder in the order given; what is less than a cent stays with the largest share. Raises ValueError without
    a positive weight: such an amount belongs to no unit.
    """
    weighed = {key: weight for key, weight in weights.items() if weight > 0}
    if not weighed:
        raise ValueError("an amount cannot be shared among units without seats")
    whole = eur.quantize(CENT, rounding=ROUND_FLOOR)
    parts = dict.fromkeys(weights, 0) | _cents(int(whole / CENT), weighed)
    shares = {key: part * CENT for key, part in parts.items()}
    largest = max(weighed, key=lambda key: shares[key])
    shares[largest] += eur - whole
    return shares


def _cents(cents: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    everything = sum(weights.values())
    parts = {key: divmod(cents * weight, everything) for key, weight in weights.items()}
    left = cents - sum(part for part, _rest in parts.values())
    by_remainder = sorted(parts, key=lambda key: -parts[key][1])
    return {key: parts[key][0] + (key in by_remainder[:left]) for key in parts}
