"""SIRET numbers: an establishment's 14 digits, whose key is Luhn's."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LA_POSTE = "356000000"  # its many offices outgrew Luhn's key: the sum of their digits is a multiple of five


def has_valid_key(siret: str) -> bool:
    """Return whether 14 digits carry a valid key (INSEE: Luhn over SIREN and SIRET)."""
    digits = [int(character) for character in siret]
    if siret.startswith(LA_POSTE) and sum(digits) % 5 == 0:
        return True
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def validate_siret(value: str) -> None:
    """Raise ValidationError unless the value is a SIRET: 14 ASCII digits with a valid key."""
    if len(value) != 14 or not (value.isascii() and value.isdigit()):
        raise ValidationError(_("A SIRET has 14 digits."), code="siret_digits")
    if not has_valid_key(value):
        raise ValidationError(_("This SIRET does not exist: its key is wrong. Check each digit."), code="siret_key")


def in_groups(siret: str) -> str:
    """Write a SIRET as people read it: SIREN by threes, then the establishment; on one line."""
    return "\u00a0".join(group for group in (siret[:3], siret[3:6], siret[6:9], siret[9:]) if group)
