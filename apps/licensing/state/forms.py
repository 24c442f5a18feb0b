"""What part of the State's figures the dashboard shows; it stands in the URL."""

from collections.abc import Sequence
from datetime import date

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.licensing.savings import add_months
from apps.licensing.state.comparison import SORT_KEYS
from apps.licensing.state.measures import MONTHS_BACK
from apps.tenants.models import Tenant
from visio_portal.forms import PortalForm


class YearForm(PortalForm):
    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False)

    def __init__(self, query: QueryDict, *, today: date) -> None:
        super().__init__({"year": str(today.year)} | query.dict())
        first = add_months(today.replace(day=1), -MONTHS_BACK).year
        self.fields["year"].choices = [(str(year), str(year)) for year in range(first, today.year + 1)]


class StateForm(YearForm):
    ministry = forms.ChoiceField(label=_("Ministry or agency"), required=False)

    def __init__(self, query: QueryDict, *, today: date, tenants: Sequence[Tenant]) -> None:
        super().__init__(query, today=today)
        names = [(tenant.slug, tenant.name) for tenant in tenants]
        self.fields["ministry"].choices = [("", _("All ministries and agencies")), *names]


def sort_asked_for(query: QueryDict) -> tuple[str, bool]:
    """Return the column to sort by, and whether downwards; one that makes no sense counts as the name."""
    asked = query.get("sort", "")
    key = asked.removeprefix("-")
    return (key, asked.startswith("-")) if key in SORT_KEYS else ("name", False)
