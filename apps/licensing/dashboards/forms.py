"""What part of the figures a dashboard shows; it stands in the URL."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.licensing.models import Product
from apps.licensing.savings import HORIZON
from apps.tenants.models import Tenant, Unit
from visio_portal.forms import PortalForm

FIRST_YEAR = 2024


class DashboardForm(PortalForm):
    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False)
    product = forms.ModelChoiceField(
        label=_("Product"), required=False, queryset=Product.objects.none(), empty_label=_("All products")
    )
    unit = forms.ModelChoiceField(
        label=_("Unit"), required=False, queryset=Unit.objects.none(), empty_label=_("All units")
    )

    def __init__(self, query: QueryDict, *, tenant: Tenant) -> None:
        this_year = str(tenant.today.year)
        super().__init__({"year": this_year} | query.dict())
        years = [(str(year), str(year)) for year in range(FIRST_YEAR, HORIZON.year + 1)]
        self.fields["year"].choices = years
        self.fields["product"].queryset = Product.objects.filter(contract_lines__tenant=tenant).distinct()
        self.fields["unit"].queryset = Unit.objects.filter(tenant=tenant)
