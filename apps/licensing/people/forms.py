"""Forms of matching and of the lists that are worked off."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.licensing.models import Format, Reclaim, Vendor
from apps.licensing.people.departments import Department, similar_unit
from apps.licensing.people.lists import BACK, TO_DO, Wanted
from apps.licensing.people.matching import WITH_ACCOUNTS, Search, is_known
from apps.tenants.forms import DayField
from apps.tenants.models import Tenant, Unit
from visio_portal.forms import PortalForm

TEXT_MAX = 200


class AccountSearchForm(PortalForm):
    """What the list of accounts is narrowed to; anything unknown narrows nothing."""

    q = forms.CharField(label=_("Address or name"), max_length=TEXT_MAX, required=False)
    state = forms.ChoiceField(
        label=_("Which accounts"),
        choices=[
            ("", _("All accounts")),
            ("matched", _("Matched")),
            ("unmatched", _("Not matched")),
            ("no_unit", _("Unit unknown")),
        ],
        required=False,
    )
    file = forms.ChoiceField(
        label=_("File"),
        choices=[("", _("All files")), *((item.value, item.label) for item in Format if item in WITH_ACCOUNTS)],
        required=False,
    )

    @property
    def search(self) -> Search:
        self.is_valid()
        known = self.cleaned_data
        return Search(state=known.get("state", ""), format=known.get("file", ""), text=known.get("q", ""))


class AliasForm(PortalForm):
    """Two addresses of one person, by hand."""

    identifier = forms.CharField(label=_("This address"), max_length=254, help_text=_("Such as a Zoom address"))
    person = forms.CharField(
        label=_("is the same person as"), max_length=254, help_text=_("Such as a Microsoft user principal name")
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tenant = tenant

    def clean_identifier(self) -> str:
        return self._known("identifier")

    def clean_person(self) -> str:
        return self._known("person")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("identifier") and values.get("identifier") == values.get("person"):
            self.add_error("person", ValidationError(_("Both addresses are the same."), code="same"))
        return values

    def _known(self, name: str) -> str:
        value = str(self.cleaned_data[name]).strip().lower()
        if not is_known(self._tenant, value):
            raise ValidationError(_("This address stands in no imported file, and no member has it."), code="unknown")
        return value


class DepartmentsForm(PortalForm):
    """One choice of unit for each department of a page, and the day from which it counts."""

    starts_on = DayField(label=_("These departments are these units from"))

    def __init__(
        self, *args: Any, departments: Sequence[Department], units: Sequence[Unit], first_day: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = first_day
        self._units = {str(unit.id): unit for unit in units}
        self._departments = departments
        choices = [("", _("Not known yet")), *((str(unit.id), unit.name) for unit in units)]
        for number, item in enumerate(departments):
            proposed = None if item.unit_id else similar_unit(item.department, units)
            self.fields[f"name_{number}"] = forms.CharField(
                initial=item.department, widget=forms.HiddenInput, max_length=TEXT_MAX
            )
            self.fields[f"unit_{number}"] = forms.ChoiceField(
                label=item.label,
                choices=choices,
                required=False,
                initial=str(item.unit_id or (proposed.id if proposed else "")),
                widget=forms.Select(attrs={"class": "fr-select"}),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The departments with their fields, for the table."""
        return [
            {
                "department": item,
                "name": self[f"name_{number}"],
                "unit": self[f"unit_{number}"],
                "is_proposed": not item.unit_id and bool(self[f"unit_{number}"].initial),
            }
            for number, item in enumerate(self._departments)
        ]

    def chosen(self) -> dict[str, Unit]:
        """Return the unit of each department whose choice is not the one that is known already."""
        values = self.cleaned_data
        known = {item.department: (str(item.unit_id or ""), item.starts_on) for item in self._departments}
        found = {}
        for number in range(len(self._departments)):
            department, unit_id = values[f"name_{number}"], values[f"unit_{number}"]
            if unit_id and department in known and known[department][0] != unit_id:
                found[department] = self._units[unit_id]
        return found


class SeatSearchForm(PortalForm):
    """What a list of seats is narrowed to; anything unknown narrows nothing."""

    q = forms.CharField(label=_("Address or name"), max_length=TEXT_MAX, required=False)
    vendor = forms.ChoiceField(
        label=_("Vendor"),
        choices=[("", _("All vendors")), *((item.value, item.label) for item in (Vendor.MICROSOFT, Vendor.ZOOM))],
        required=False,
    )
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    status = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("All states")),
            (TO_DO, _("Nothing done yet")),
            *((item.value, item.label) for item in Reclaim.Status),
            (BACK, _("Done, but active again")),
        ],
        required=False,
    )

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All units")), ("none", _("Unit unknown")), *((str(unit.id), unit.name) for unit in units)]
        self.fields["unit"].choices = choices

    def wanted(self, reason: Reclaim.Reason) -> Wanted:
        self.is_valid()
        known = self.cleaned_data
        unit = known.get("unit", "")
        return Wanted(
            reason,
            vendor=known.get("vendor", ""),
            unit_id=UUID(unit) if unit and unit != "none" else None,
            is_without_unit=unit == "none",
            status=known.get("status", ""),
            text=known.get("q", ""),
        )


class MarkForm(PortalForm):
    """What becomes of the seats that are ticked."""

    status = forms.ChoiceField(label=_("Mark as"), choices=Reclaim.Status.choices)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
