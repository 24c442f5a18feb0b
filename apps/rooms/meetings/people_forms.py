"""Who is invited: addresses typed, pasted, found by name, or read from a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.rooms.addresses import INVITEES_MAX, TEXT_MAX, Address, parse_addresses
from apps.rooms.models import Attendee
from apps.rooms.operations import Invitee
from visio_portal.forms import PortalForm

WRONG_NAMED = 5  # words that a message repeats


class AddressesField(forms.CharField):
    """E-mail addresses in one text; cleans to a list of Address."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=TEXT_MAX, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # without maxlength: a browser would cut what is pasted, and say nothing

    def clean(self, value: Any) -> Any:
        addresses, wrong = parse_addresses(super().clean(value))
        if wrong:
            message = ngettext(
                "This is not an e-mail address: %(words)s", "These are not e-mail addresses: %(words)s", len(wrong)
            )
            raise ValidationError(message, params={"words": ", ".join(wrong[:WRONG_NAMED])})
        return addresses


class InviteesForm(PortalForm):
    """Who is invited, by address."""

    attendees = AddressesField(
        label=_("Attendees"),
        help_text=_("E-mail addresses, one a line or separated by commas; people from elsewhere are guests."),
    )
    co_organizers = AddressesField(
        label=_("Co-organisers"),
        help_text=_(
            "Colleagues of your ministry, one address a line or separated by commas. They may change the meeting, "
            "add its recording and correct its transcript."
        ),
    )

    def invitees(self) -> tuple[Invitee, ...]:
        """Return the people of the fields that are valid, each once; a co-organiser need not be typed twice."""
        people: dict[str, Invitee] = {}
        for field, role in (
            ("co_organizers", Attendee.Role.CO_ORGANIZER),
            ("attendees", Attendee.Role.ATTENDEE),
        ):
            for address in self.cleaned_data.get(field) or ():
                people.setdefault(address.email, Invitee(address.email, address.name, role))
        return tuple(people.values())

    def check_number(self) -> None:
        """Refuse more people than a meeting may have."""
        number = len(self.invitees())
        if number > INVITEES_MAX:
            message = _("At most %(most)s people can be invited; these are %(number)s.")
            self.add_error("attendees", ValidationError(message, params={"most": INVITEES_MAX, "number": number}))


def written_people(people: list[Address]) -> str:
    """Return addresses as people type them, one a line."""
    return "\n".join(f'"{person.name}" <{person.email}>' if person.name else person.email for person in people)
