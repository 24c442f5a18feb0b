"""SIRET keys."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apps.tenants.siret import has_valid_key, in_groups, validate_siret


@pytest.mark.parametrize("siret", ["73282932000074", "35600000000048", "35600000049837", "13002526500013"])
def test_siret_accepts_real_ones(siret: str) -> None:
    validate_siret(siret)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("7328293200007", "siret_digits"),
        ("732829320000745", "siret_digits"),
        ("7328293200007A", "siret_digits"),
        ("٧٣٢٨٢٩٣٢٠٠٠٠٧٤", "siret_digits"),
        ("73282932000075", "siret_key"),
    ],
)
def test_siret_says_what_is_wrong(value: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_siret(value)

    assert refused.value.code == code


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_siret_key_finds_one_wrong_digit(start: str, place: int, shift: int) -> None:
    siret = next(start + key for key in "0123456789" if has_valid_key(start + key))
    wrong = siret[:place] + str((int(siret[place]) + shift) % 10) + siret[place + 1 :]

    assert not has_valid_key(wrong) or wrong.startswith("356000000")


def test_siret_is_written_in_groups() -> None:
    assert in_groups("73282932000074") == "732\u00a0829\u00a0320\u00a000074"
    assert in_groups("") == ""
