"""Forms of the programme of a migration."""

import re
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.licensing.fields import CountField
from apps.licensing.models import ChecklistItem, Exemption, Milestone, Target, Wave
from apps.tenants.forms import DayField
from apps.tenants.models import Membership, Tenant, Unit
from visio_portal.dates import written
from visio_portal.forms import PortalForm

AGENTS_MAX = 10_000_000
LINES_MAX = 2000
LINE = re.compile(r"^\s*(?P<unit>.+?)\s*[;\t]\s*(?P<agents>[\d\s]+?)\s*$")


class HeadcountForm(PortalForm):
    """Eligible agents of several units at once, as they are copied from a spreadsheet."""

    starts_on = DayField(label=_("From"))
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("Such as: staff report 2025, table 3"))
    table = forms.CharField(
        label=_("Units and their agents"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One unit a line: its name, a tab or semicolon, the number of agents who are to use Visio"),
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {unit.name.casefold(): unit.id for unit in Unit.objects.filter(tenant=tenant)}
        self.agents: dict[UUID, int] = {}

    def clean_table(self) -> str:
        text: str = self.cleaned_data["table"]
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > LINES_MAX:
            raise ValidationError(_("At most 2,000 lines at once."), code="too_long")
        problems = [problem for number, line in enumerate(lines, 1) if (problem := self._read(number, line))]
        if problems:
            raise ValidationError(problems[:20])
        return text

    def _read(self, number: int, line: str) -> str:
        found = LINE.match(line)
        if found is None:
            return _("Line %(number)s cannot be read.") % {"number": number}
        unit_id = self.units.get(found["unit"].casefold())
        if unit_id is None:
            return _("Line %(number)s: the ministry has no unit “%(unit)s”.") % {
                "number": number,
                "unit": found["unit"],
            }
        agents = int("".join(found["agents"].split()) or 0)
        if agents > AGENTS_MAX:
            return _("Line %(number)s: too many agents.") % {"number": number}
        self.agents[unit_id] = agents
        return ""


class WaveForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    starts_on = DayField(label=_("Start"))
    ends_on = DayField(label=_("Last day"))

    class Meta:
        model = Wave
        fields = ["name", "starts_on", "ends_on", "owner", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = members_of(tenant)  # type: ignore[attr-defined]  # a choice of rows

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", ValidationError(_("The end is before the start."), code="before"))
        return values


class PlaceForm(PortalForm):
    """A unit of a wave, and its switch date."""

    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.none())
    switch_on = DayField(
        label=_("Switch date"), required=False, help_text=_("The day from which the unit uses Visio alone")
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(tenant=tenant)


class ItemForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ChecklistItem
        fields = ["name", "weight", "is_mandatory"]
        field_classes = {"weight": CountField}
        help_texts = {"weight": _("From 1 to 100, against the other items")}


class MilestoneForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    due_on = DayField(label=_("Due on"))

    class Meta:
        model = Milestone
        fields = ["name", "due_on"]


class TargetForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    due_on = DayField(label=_("By"))

    class Meta:
        model = Target
        fields = ["due_on", "agents", "source"]
        field_classes = {"agents": CountField}


class ExemptionForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    starts_on = DayField(label=_("From"))
    expires_on = DayField(label=_("Expires on"))

    class Meta:
        model = Exemption
        fields = ["unit", "seats", "owner", "reason", "starts_on", "expires_on"]
        field_classes = {"seats": CountField}
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(tenant=tenant)  # type: ignore[attr-defined]  # rows
        self.fields["owner"].queryset = members_of(tenant)  # type: ignore[attr-defined]  # a choice of rows

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.get("expires_on")
        if first and last and last <= first:
            self.add_error("expires_on", ValidationError(_("An exemption expires after its first day."), code="before"))
        return values


class ProlongForm(PortalForm):
    expires_on = DayField(label=_("New expiry"))
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, expires_on: date, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.former, self.today = expires_on, today
        self.fields["expires_on"].help_text = _("So far: %(day)s") % {"day": written(expires_on)}

    def clean_expires_on(self) -> date:
        day: date = self.cleaned_data["expires_on"]
        if day <= self.former:
            raise ValidationError(_("Give a day after the present expiry."), code="before")
        if day <= self.today:
            raise ValidationError(_("Give a day that is to come."), code="past")
        return day


def members_of(tenant: Tenant) -> Any:
    members = Membership.objects.active().filter(tenant=tenant).select_related("user")
    return members.order_by("user__usual_name", "user__given_name")
