"""Fields for amounts and numbers as people write them."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.licensing.amounts import written_price


class PriceField(forms.DecimalField):
    """A price: "27,40" in French, "27.40" in English, with spaces and a currency sign or without."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(localize=True, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        return super().to_python(_close_up(value).strip("€$") if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return written_price(value) if isinstance(value, Decimal) else value


class CountField(forms.IntegerField):
    """A number of things: "52 000" or "52000"."""

    widget = forms.TextInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "numeric", "autocomplete": "off"}

    def to_python(self, value: Any) -> int | None:
        return super().to_python(_close_up(value).replace("\u2212", "-") if isinstance(value, str) else value)


def _close_up(text: str) -> str:
    """Take out the spaces between groups of digits, those that do not break among them."""
    return "".join(text.split())
