"""What part of the savings is shown; it stands in the URL."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.licensing.models import ContractLine
from apps.licensing.savings import HORIZON
from apps.licensing.savings_pages.months import FIRST_YEAR
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
