"""Assumptions as people enter them: kept under a name, or in the columns of a comparison."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.licensing.fields import CountField, PriceField
from apps.licensing.models import Scenario
from apps.licensing.savings import Assumptions
from visio_portal.forms import PortalForm

AGENTS_MAX = 10_000_000


class ScenarioForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    migrated_per_month = CountField(label=_("Agents migrated per month"), min_value=0, max_value=AGENTS_MAX)
    buffer_percent = PriceField(
        label=_("Buffer (percent)"),
        min_value=0,
        max_value=10,
        max_digits=4,
        decimal_places=1,
        help_text=_("Seats that are kept beyond the need: 0 to 10 %"),
    )
    price_rise_percent = PriceField(
        label=_("Price rise per year (percent)"), min_value=-50, max_value=100, max_digits=4, decimal_places=1
    )
    run_cost_eur_per_user = PriceField(
        label=capfirst(_("Visio’s cost per user and year (EUR before tax)")),
        required=False,
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Leave empty for the run cost that the operator entered"),
    )

    class Meta:
        model = Scenario
        fields = ("name", "migrated_per_month", "buffer_percent", "price_rise_percent", "run_cost_eur_per_user")


class ColumnForm(forms.Form):
    """The assumptions of one column, as a comparison's address holds them."""

    name = forms.CharField(required=False, max_length=100)
    pace = forms.IntegerField(label=_("Agents migrated per month"), min_value=0, max_value=AGENTS_MAX)
    buffer = forms.DecimalField(label=_("Buffer (percent)"), min_value=0, max_value=10, max_digits=4, decimal_places=1)
    rise = forms.DecimalField(
        label=_("Price rise per year (percent)"), min_value=-50, max_value=100, max_digits=4, decimal_places=1
    )
    run = forms.DecimalField(
        label=capfirst(_("Visio’s cost per user and year (EUR before tax)")),
        required=False,
        min_value=0,
        max_digits=8,
        decimal_places=2,
    )
    kept = forms.UUIDField(required=False)

    def __init__(self, query: QueryDict | dict[str, Any], number: int) -> None:
        super().__init__(query, prefix=f"c{number}")

    @property
    def assumptions(self) -> Assumptions:
        """What a valid column assumes."""
        known = self.cleaned_data
        return Assumptions(known["name"], known["pace"], known["buffer"], known["rise"], known["run"])
