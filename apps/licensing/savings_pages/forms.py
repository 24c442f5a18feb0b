"""What part of the savings is shown; it stands in the URL."""

from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.licensing.fields import PriceField
from apps.licensing.models import ContractLine, OneOffCost
from apps.licensing.savings import HORIZON
from apps.licensing.savings_pages.months import FIRST_YEAR, MonthField, code_of
from apps.tenants.models import Tenant
from visio_portal.forms import PortalForm

ALL_YEARS = "all"


class LineChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: object) -> str:
        return f"{obj.product} – {obj.contract}" if isinstance(obj, ContractLine) else str(obj)


class SavingsForm(PortalForm):
    """A year, or all of them; a line of a contract, or all of them."""

    year = forms.ChoiceField(label=_("Year"), required=False)
    line = LineChoiceField(
        label=_("Product and contract"),
        required=False,
        queryset=ContractLine.objects.none(),
        empty_label=_("All contracts"),
    )

    def __init__(self, query: QueryDict, *, tenant: Tenant) -> None:
        super().__init__({"year": str(tenant.today.year)} | query.dict())
        years = [(str(year), str(year)) for year in range(FIRST_YEAR, HORIZON.year + 1)]
        self.fields["year"].choices = [(ALL_YEARS, _("All years to 2030")), *years]
        lines = ContractLine.objects.filter(tenant=tenant).select_related("product", "contract")
        self.fields["line"].queryset = lines.order_by("contract__name")

    def wanted(self, this_year: int) -> tuple[int | None, ContractLine | None]:
        """Return the year (None: all) and the line; a filter that makes no sense counts as none."""
        self.is_valid()
        year = self.cleaned_data.get("year") or str(this_year)
        return None if year == ALL_YEARS else int(year), self.cleaned_data.get("line")


class NetForm(PortalForm):
    """From which month on the net is counted."""

    since = MonthField(label=_("From month"), required=False)

    def __init__(self, query: QueryDict, *, begun: date | None, today: date) -> None:
        initial = {"since": code_of(begun)} if begun else {}
        super().__init__(initial | query.dict())
        self.today = today

    @property
    def wanted(self) -> date | None:
        since = self.cleaned_data.get("since") if self.is_valid() else None
        return since if since and date(FIRST_YEAR, 1, 1) <= since <= self.today else None


class OneOffCostForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    month = MonthField(label=_("Month"))
    amount_eur = PriceField(
        label=_("Amount (EUR before tax)"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
    )

    class Meta:
        model = OneOffCost
        fields = ("month", "label", "amount_eur", "source")
        help_texts = {  # Django's own form
            "label": _("Such as: training of referents, rooms fitted out, both tools paid for during the change"),
            "source": _("Such as: purchase order 4500012345, invoice of 12 May"),
        }

    def clean_month(self) -> date:
        month: date = self.cleaned_data["month"]
        if not FIRST_YEAR <= month.year <= HORIZON.year:
            limits = {"first": FIRST_YEAR, "last": HORIZON.year}
            raise ValidationError(_("Between %(first)s and %(last)s."), code="out_of_range", params=limits)
        return month
