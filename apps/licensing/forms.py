"""Forms of contracts and of the catalogue."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.licensing.fields import CountField, PriceField
from apps.licensing.models import Contract, ContractLine, ListPrice, Product
from apps.tenants.forms import DayField, SiretField
from visio_portal.forms import PortalForm


class ContractForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    supplier_siret = SiretField(label=_("Supplier's SIRET"))
    starts_on = DayField(label=_("Start"), help_text=_("First day that is paid for"))

    class Meta:
        model = Contract
        fields = [
            "name",
            "supplier_name",
            "supplier_siret",
            "framework",
            "framework_number",
            "legal_commitment",
            "starts_on",
            "term_months",
            "renewal",
            "reduction",
            "notice_days",
        ]
        widgets = {
            "legal_commitment": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        help_texts = {
            "name": _("Example: Office suites, subsequent contract 2"),
            "legal_commitment": _("Number in Chorus, usually 10 digits"),
            "term_months": _("Usually 12, 24, 36 or 48"),
            "notice_days": _("How many days before the date the supplier must have been told"),
        }

    @property
    def has_unusual_commitment(self) -> bool:
        """Whether the engagement juridique is not Chorus's usual ten digits; worth a warning, no more."""
        number = self.cleaned_data["legal_commitment"]
        return bool(number) and not (len(number) == 10 and number.isascii() and number.isdigit())


class LineForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ContractLine
        fields = ["product", "seats", "needed_seats", "unit_price", "price_without_meetings"]
        field_classes = {
            "seats": CountField,
            "needed_seats": CountField,
            "unit_price": PriceField,
            "price_without_meetings": PriceField,
        }
        labels = {
            "unit_price": _("Price per seat and month, in euros before tax"),
            "price_without_meetings": _("Price of the same suite without meetings, in euros before tax"),
        }
        help_texts = {
            "needed_seats": _(
                "People not yet migrated or exempted, and a buffer. Leave empty if not known: the potential is "
                "then not computable."
            ),
            "unit_price": _("The price of this contract, not the public one"),
            "price_without_meetings": _(
                "Only for a suite: same term and date. Leave empty if not known: the potential is then not computable."
            ),
        }

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        product = values.get("product")
        without = values.get("price_without_meetings")
        if product and product.kind != Product.Kind.BUNDLE and without is not None:
            self.add_error(
                "price_without_meetings",
                ValidationError(_("This product is not a suite: leave this empty."), code="not_a_suite"),
            )
        return values


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
