"""Forms of contracts."""

from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.licensing.amounts import written_rate
from apps.licensing.fields import CountField, PriceField
from apps.licensing.models import Contract, ContractLine, Currency, ExchangeRate, Product
from apps.tenants.forms import DayField, SiretField
from visio_portal.forms import PortalForm

FIRST_FIELDS = [
    "name",
    "supplier_name",
    "supplier_siret",
    "framework",
    "framework_number",
    "starts_on",
    "term_months",
    "renewal",
    "reduction",
    "notice_days",
]
STATE_FIELDS = ["lot", "legal_commitment", "executing_service", "committed_on", "payable_from"]
RENEWAL_FIELDS = ["renewal_months", "renewals_max", "notice_rule", "preparation_days"]
RATE_FIELDS = {"eur_per_unit", "rate_on", "rate_source"}
PRICE_FIELDS = [
    "vat_place",
    "price_clause",
    "price_clause_text",
    "currency",
    "eur_per_unit",
    "rate_on",
    "rate_source",
]
FOLDED: list[tuple[Promise, list[str]]] = [
    (_("Lot, Chorus and budget"), STATE_FIELDS),
    (_("Details of renewal and notice"), RENEWAL_FIELDS),
    (_("Price clause, currency and VAT"), PRICE_FIELDS),
]
CONTRACT_FIELDS = [*FIRST_FIELDS, *STATE_FIELDS, *RENEWAL_FIELDS, *PRICE_FIELDS]


class FieldGroup(NamedTuple):
    """Fields that stand together under a title; ``is_open`` where one of them is at fault."""

    title: Promise
    fields: list[forms.BoundField]
    is_open: bool


class ContractForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    """A contract's own terms; a foreign currency without a rate takes the newest one that the catalogue has."""

    supplier_siret = SiretField(label=_("Supplier's SIRET"))
    starts_on = DayField(label=_("Start"), help_text=_("First day that is paid for"))
    committed_on = DayField(label=_("Autorisation d’engagement (AE) on"), required=False)
    payable_from = DayField(label=_("Crédits de paiement (CP) from"), required=False)
    rate_on = DayField(label=_("Day of the rate"), required=False)

    class Meta:
        model = Contract
        fields = CONTRACT_FIELDS
        widgets = {
            "legal_commitment": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        field_classes = {"eur_per_unit": PriceField}
        help_texts = {
            "name": _("Example: Office suites, subsequent contract 2"),
            "legal_commitment": _("Number in Chorus, usually 10 digits"),
            "term_months": _("Usually 12, 24, 36 or 48"),
            "notice_days": _("How many days before the date the supplier must have been told"),
            "renewal_months": _("Empty: as long as the term"),
            "renewals_max": _("Empty: without limit"),
            "notice_rule": _("As the contract says; where it says nothing, count on “received”"),
            "preparation_days": _("The internal deadline is so many days before the last day of notice"),
            "price_clause_text": _("Such as: Syntec, each 1 January, at most 3 %"),
            "vat_place": _("Where the seats are used"),
        }

    def __init__(self, data: Any = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._before = {name: getattr(self.instance, name) for name in CONTRACT_FIELDS}
        self._rates = {rate.currency: rate for rate in ExchangeRate.objects.valid_on(today)}
        self["eur_per_unit"].help_text = self._proposal()  # the bound field was made above, with its text

    @property
    def groups(self) -> list[FieldGroup]:
        """What is folded away until somebody wants it, or it is at fault."""
        return [
            FieldGroup(title, [self[name] for name in names], any(name in self.errors for name in names))
            for title, names in FOLDED
        ]

    @property
    def changed_fields(self) -> list[str]:
        """The fields of a valid form that are not what they were, those that it filled in among them."""
        return [name for name in CONTRACT_FIELDS if getattr(self.instance, name) != self._before[name]]

    @property
    def has_unusual_commitment(self) -> bool:
        """Whether the engagement juridique is not Chorus's usual ten digits; worth a warning, no more."""
        number = self.cleaned_data["legal_commitment"]
        return bool(number) and not (len(number) == 10 and number.isascii() and number.isdigit())

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        currency = values.get("currency")
        if currency == Currency.EUR:
            values |= {"eur_per_unit": None, "rate_on": None, "rate_source": ""}
        elif currency and not self.errors.keys() & RATE_FIELDS:
            self._complete_rate(values)
        return values

    def _complete_rate(self, values: dict[str, Any]) -> None:
        known = self._rates.get(values["currency"])
        if values.get("eur_per_unit") is None and known:
            values |= {"eur_per_unit": known.eur_per_unit, "rate_on": known.day, "rate_source": known.source}
        elif values.get("eur_per_unit") is None:
            self.add_error("eur_per_unit", ValidationError(_("The catalogue has no rate: give one."), code="no_rate"))
        elif values.get("rate_on") is None:
            self.add_error("rate_on", ValidationError(_("Say of which day this rate is."), code="undated"))

    def _proposal(self) -> str:
        proposals = [
            gettext("%(currency)s: empty, the rate of %(day)s is taken, %(rate)s € (%(source)s).")
            % {
                "currency": rate.currency,
                "day": date_format(rate.day, "SHORT_DATE_FORMAT"),
                "rate": written_rate(rate.eur_per_unit),
                "source": rate.source,
            }
            for rate in self._rates.values()
        ]
        return " ".join(proposals) or gettext("Only for a contract that is not in euros")


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
            "unit_price": _("Price per seat and month, in the contract’s currency before tax"),
            "price_without_meetings": _(
                "Price of the same suite without meetings, in the contract’s currency before tax"
            ),
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
