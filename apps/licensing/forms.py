"""Forms of contracts and of the catalogue."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.licensing.models import Contract, ContractLine, ListPrice, Product
from apps.licensing.siret import validate_siret
from apps.tenants.forms import DayField
from visio_portal.forms import PortalForm


class SiretField(forms.CharField):
    """A SIRET as people copy it, with its spaces."""

    def to_python(self, value: Any) -> str:
        return "".join((super().to_python(value) or "").split())


class ContractForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    supplier_siret = SiretField(
        label=_("Supplier's SIRET"),
        help_text=_("14 digits; spaces are ignored"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        validators=[validate_siret],
    )

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
        fields = ["product", "seats", "needed_seats", "unit_price_eur", "price_without_meetings_eur"]
        help_texts = {
            "needed_seats": _(
                "People not yet migrated or exempted, and a buffer. Leave empty if not known: the potential is "
                "then not computable."
            ),
            "unit_price_eur": _("The price of this contract, not the public one"),
            "price_without_meetings_eur": _(
                "Only for a suite: same term and date. Leave empty if not known: the potential is then not computable."
            ),
        }

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        product = values.get("product")
        without = values.get("price_without_meetings_eur")
        if product and product.kind != Product.Kind.BUNDLE and without is not None:
            self.add_error(
                "price_without_meetings_eur",
                ValidationError(_("This product is not a suite: leave this empty."), code="not_a_suite"),
            )
        return values


class ProductForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Product
        fields = ["publisher", "name", "kind"]


class ListPriceForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    starts_on = DayField(label=_("From"))

    class Meta:
        model = ListPrice
        fields = ["starts_on", "currency", "unit_price", "price_without_meetings", "source"]
        help_texts = {
            "price_without_meetings": _("Only for a suite"),
            "source": _("Where the price was published, and when"),
        }
