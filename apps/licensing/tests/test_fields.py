"""Amounts as people write them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from apps.licensing.fields import CountField, PriceField
from apps.licensing.models import Product
from apps.licensing.templatetags.licensing import euros, money, signed_euros


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("fr", "27,40", "27.40"),
        ("fr", "27.40", "27.40"),
        ("fr", " 1\u00a0027,4 € ", "1027.4"),
        ("fr", "1\u202f027,4567", "1027.4567"),
        ("en", "27.40", "27.40"),
    ],
    ids=["comma", "point", "currency and space", "narrow space", "English"],
)
def test_price_is_read_as_it_is_written(language: str, text: str, amount: str) -> None:
    with translation.override(language):
        assert PriceField(max_digits=10, decimal_places=4).clean(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "27,400"), ("fr", "27,40 $ US"), ("fr", "1e5000000"), ("fr", "nan"), ("fr", "27,45678")],
    ids=["ambiguous", "other currency", "huge", "no number", "too exact"],
)
def test_price_that_could_mean_something_else_is_refused(language: str, text: str) -> None:
    with translation.override(language), pytest.raises(ValidationError):
        PriceField(max_digits=10, decimal_places=4).clean(text)


@pytest.mark.parametrize(
    ("language", "amount", "text"),
    [("fr", "27.4000", "27,40"), ("fr", "5.1250", "5,125"), ("en", "27.4000", "27.40")],
    ids=["French", "exact", "English"],
)
def test_price_comes_back_as_it_was_agreed(language: str, amount: str, text: str) -> None:
    with translation.override(language):
        assert PriceField(max_digits=10, decimal_places=4).prepare_value(Decimal(amount)) == text


def test_unchanged_price_is_no_change() -> None:
    with translation.override("fr"):
        assert not PriceField(max_digits=10, decimal_places=4).has_changed(Decimal("27.4000"), "27,40")


def test_count_may_have_its_groups_apart() -> None:
    assert CountField(min_value=1).clean("52\u00a0000") == 52000


def test_amounts_carry_their_sign_and_symbol() -> None:
    with translation.override("fr"):
        assert signed_euros(Decimal("-2.5")) == "\u22122,50\u00a0€"
        assert signed_euros(Decimal("14.567")) == "+14,57\u00a0€"
        assert money(Decimal("39"), "USD") == "39,00\u00a0USD"
        assert euros(None) == "non calculable"


@pytest.mark.parametrize(
    ("publisher", "name", "shown"),
    [
        ("Microsoft", "Microsoft 365 E3", "Microsoft 365 E3"),
        ("Microsoft", "Teams Enterprise", "Microsoft Teams Enterprise"),
        ("Zoom", "Zoomtopia", "Zoom Zoomtopia"),
        ("Wire", "wire", "wire"),
    ],
)
def test_product_names_its_publisher_once(publisher: str, name: str, shown: str) -> None:
    assert str(Product(publisher=publisher, name=name)) == shown
