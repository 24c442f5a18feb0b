"""What calendar pages ask: which days, whose, and the address of a calendar elsewhere."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.rooms.calendars.days import View
from apps.rooms.meetings.people_forms import AddressesField
from apps.rooms.meetings.repetition_forms import DayField
from apps.rooms.models import Room
from apps.tenants.models import Membership, Tenant
from visio_portal.fetching import AddressRefused, check_address
from visio_portal.forms import PortalForm

PEOPLE_MAX = 30


class DayForm(PortalForm):
    """The day that a page shows; today where none is asked for."""

    on = DayField(label=_("Day"), required=False)

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant

    def clean_on(self) -> date:
        today: date = timezone.now().astimezone(self.tenant.zone).date()
        return self.cleaned_data["on"] or today


class CalendarForm(DayForm):
    """Which days of whose calendar are shown; ``people`` are those whose calendar the member may see."""

    view = forms.ChoiceField(choices=[(view, view) for view in View], required=False, widget=forms.HiddenInput)
    who = forms.MultipleChoiceField(
        label=_("Whose calendar"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, people: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        field: Any = self.fields["who"]
        field.choices = [(str(person.id), person.user.full_name or person.user.email) for person in people]

    def clean_view(self) -> View:
        return View(self.cleaned_data["view"] or View.WEEK)

    def shown(self) -> list[Membership]:
        """Return whose meetings are shown: those chosen, or everybody's."""
        chosen = set(self.cleaned_data["who"])
        return [person for person in self.people if str(person.id) in chosen] or self.people


class PlanningForm(DayForm):
    """Which rooms' day is shown."""

    site = forms.ChoiceField(label=_("Site"), required=False)

    def __init__(self, *args: Any, sites: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["site"]
        field.choices = [("", _("All sites")), *((site, site) for site in sites)]


class AvailabilityForm(DayForm):
    """Whose day is looked at, for a meeting of how long."""

    people = AddressesField(
        label=_("Colleagues"), help_text=_("E-mail addresses, one a line or separated by commas; your own is added.")
    )
    minutes = forms.IntegerField(
        label=_("Duration in minutes"),
        min_value=5,
        max_value=13 * 60,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def clean_people(self) -> Any:
        people = self.cleaned_data["people"]
        if len(people) > PEOPLE_MAX:
            raise ValidationError(_("At most %(most)s people at a time."), params={"most": PEOPLE_MAX})
        return people

    def clean_minutes(self) -> int:
        return self.cleaned_data["minutes"] or 60


class ExternalCalendarForm(PortalForm):
    """The secret address under which another tool publishes the member's calendar."""

    address = forms.URLField(
        label=_("ICS address"),
        assume_scheme="https",
        max_length=2000,
        help_text=_(
            "Outlook: Settings, Calendar, Shared calendars, Publish (“Can view when I’m busy” is enough). "
            "It is kept encrypted; of what it says, only the busy times are kept."
        ),
    )

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].replace("webcal://", "https://", 1)
        try:
            check_address(address)
        except AddressRefused as error:
            raise ValidationError(str(error)) from error
        return address


def open_rooms(tenant: Tenant) -> list[Room]:
    """Return the physical rooms in use, by site and name."""
    rooms = Room.objects.filter(tenant=tenant, closed_at=None, kind=Room.Kind.EQUIPPED)
    return list(rooms.order_by("site", "name"))
