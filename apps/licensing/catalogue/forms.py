"""Forms of the catalogue."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from apps.licensing.fields import PriceField
from apps.licensing.models import Currency, ExchangeRate, ListPrice, Product
from apps.tenants.forms import DayField
from visio_portal.forms import PortalForm


class ProductForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Product
        fields = ["publisher", "name", "kind"]
        help_texts = {"name": _("As the publisher writes it, such as: Zoom Workplace Pro")}


class ListPriceForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    starts_on = DayField(label=_("Valid from"))

    class Meta:
        model = ListPrice
        fields = ["starts_on", "currency", "unit_price", "price_without_meetings", "source"]
        field_classes = {"unit_price": PriceField, "price_without_meetings": PriceField}
        labels = {
            "unit_price": _("Price per seat and month, before tax"),
            "price_without_meetings": _("Price of the same suite without meetings, before tax"),
        }
        help_texts = {
            "price_without_meetings": _("Leave empty if none is published"),
            "source": _("Where the price was published, and when"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.product.kind != Product.Kind.BUNDLE:
            del self.fields["price_without_meetings"]


class ExchangeRateForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    day = DayField(label=_("Day"), help_text=_("On which the rate was published"))
    eur_per_unit = PriceField(
        label=_("Euros for one unit"),
        max_digits=12,
        decimal_places=6,
        validators=[MinValueValidator(Decimal("0.000001"))],
        help_text=_("What one dollar is worth in euros: 1 divided by the euro’s reference rate"),
    )

    class Meta:
        model = ExchangeRate
        fields = ["currency", "day", "eur_per_unit", "source"]
        help_texts = {"source": _("Who published the rate, such as: Banque de France")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        foreign = [choice for choice in Currency.choices if choice[0] != Currency.EUR]
        self.fields["currency"].choices = foreign  # type: ignore[attr-defined]
