"""The form of a meeting, and the search in the list."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.rooms.addresses import Address, parse_addresses
from apps.rooms.models import Attendee, Meeting
from apps.rooms.operations import Invitee, MeetingPlan, recognise
from apps.rooms.wall_time import FRENCH_ZONES, NonexistentTime, is_doubled, zone_name
from apps.tenants.models import Membership
from visio_portal.forms import PortalForm

INVITEES_MAX = 500
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # a date outside is a slip of the keyboard


class AddressesField(forms.CharField):
    """E-mail addresses in one text; cleans to a list of Address."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"})

    def clean(self, value: Any) -> Any:
        addresses, wrong = parse_addresses(super().clean(value))
        if wrong:
            message = ngettext(
                "This is not an e-mail address: %(words)s", "These are not e-mail addresses: %(words)s", len(wrong)
            )
            raise ValidationError(message, params={"words": ", ".join(wrong[:5])})
        return addresses


class InviteesForm(PortalForm):
    """Who is invited, typed by address; also used alone, to show whom the portal recognises."""

    co_organizers = AddressesField(
        label=_("Co-organisers"),
        required=False,
        help_text=_(
            "E-mail addresses of colleagues of your ministry, one a line or separated by commas. They may change "
            "the meeting, add its recording and correct its transcript."
        ),
    )
    attendees = AddressesField(
        label=_("Attendees"),
        required=False,
        help_text=_("E-mail addresses, one a line or separated by commas; people from elsewhere are guests."),
    )

    def invitees(self) -> tuple[Invitee, ...]:
        """Return the people of a valid form, each once; a co-organiser need not be typed twice."""
        people: dict[str, Invitee] = {}
        for field, role in (
            ("co_organizers", Attendee.Role.CO_ORGANIZER),
            ("attendees", Attendee.Role.ATTENDEE),
        ):
            for address in self.cleaned_data.get(field) or ():
                people.setdefault(address.email, Invitee(address.email, address.name, role))
        return tuple(people.values())


class MeetingForm(InviteesForm):
    """What an organiser decides about a meeting; ``plan()`` gives it to the operations."""

    title = forms.CharField(label=_("Title"), max_length=200)
    agenda = forms.CharField(
        label=_("Agenda"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    starts_on = forms.DateField(
        label=_("Date"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": FIRST_DAY, "max": LAST_DAY}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
    start_time = forms.TimeField(
        label=_("Start"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": 60})
    )
    duration_minutes = forms.IntegerField(
        label=_("Duration in minutes"),
        min_value=5,
        max_value=24 * 60,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": 5}),
        initial=60,
    )
    time_zone = forms.ChoiceField(
        label=_("Time of"),
        choices=FRENCH_ZONES,
        help_text=_("The date and the start are those of this place; elsewhere people see their own time."),
    )
    transcript_audience = forms.ChoiceField(
        label=_("Who may read the transcript"),
        choices=[
            (Meeting.Audience.NAMED, _("You, the co-organisers and the readers that you name")),
            (Meeting.Audience.ATTENDEES, _("Also all attendees, once the transcript is approved")),
            (Meeting.Audience.UNIT, _("Also the organiser’s unit, once the transcript is approved")),
        ],
        widget=forms.RadioSelect,
        initial=Meeting.Audience.NAMED,
    )
    seen_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    field_order = (
        "title",
        "starts_on",
        "start_time",
        "duration_minutes",
        "time_zone",
        "agenda",
        "co_organizers",
        "attendees",
        "transcript_audience",
    )

    def __init__(self, *args: Any, organizer: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organizer = organizer

    def clean_co_organizers(self) -> list[Address]:
        addresses: list[Address] = self.cleaned_data["co_organizers"]
        members = recognise([Invitee(address.email) for address in addresses], tenant_id=self.organizer.tenant_id)
        strangers = [address.email for address in addresses if address.email not in members]
        if strangers:
            raise ValidationError(
                _("Only members of your ministry can be co-organisers; the portal does not know %(who)s."),
                params={"who": ", ".join(strangers[:5])},
            )
        return addresses

    def clean_transcript_audience(self) -> Meeting.Audience:
        audience = Meeting.Audience(self.cleaned_data["transcript_audience"])
        if audience is Meeting.Audience.UNIT and self.organizer.unit_id is None:
            raise ValidationError(_("The organiser belongs to no unit yet: choose who else may read."))
        return audience

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if len(self.invitees()) > INVITEES_MAX:
            self.add_error(
                "attendees",
                ValidationError(_("At most %(most)s people can be invited."), params={"most": INVITEES_MAX}),
            )
        if {"starts_on", "start_time", "time_zone", "duration_minutes"} <= data.keys():
            self._check_time()
        return data

    def _check_time(self) -> None:
        """Refuse a time that the clocks skip."""
        data = self.cleaned_data
        try:
            MeetingPlan("", data["starts_on"], data["start_time"], data["duration_minutes"], data["time_zone"]).bounds()
        except NonexistentTime as error:
            self.add_error("start_time", _skipped(error.next_valid, data["time_zone"]))

    def plan(self) -> MeetingPlan:
        """Return what a valid form says."""
        data = self.cleaned_data
        return MeetingPlan(
            title=data["title"],
            agenda=data["agenda"],
            starts_on=data["starts_on"],
            start_time=data["start_time"],
            duration_minutes=data["duration_minutes"],
            time_zone=data["time_zone"],
            transcript_audience=data["transcript_audience"],
            invitees=self.invitees(),
        )

    def has_doubled_start(self) -> bool:
        """Return whether the clocks are set back over the start, so that it happens twice."""
        data = self.cleaned_data
        return is_doubled(data["starts_on"], data["start_time"], ZoneInfo(data["time_zone"]))


class When(TextChoices):
    UPCOMING = "upcoming", _("Upcoming")
    PAST = "past", _("Past")


class MeetingSearchForm(PortalForm):
    """Which of the member's meetings the list shows."""

    q = forms.CharField(label=_("Search by title"), required=False, max_length=200)
    when = forms.ChoiceField(choices=When, required=False, widget=forms.HiddenInput)

    def clean_when(self) -> When:
        return When(self.cleaned_data["when"] or When.UPCOMING)


def initial_of(meeting: Meeting, attendees: Sequence[Attendee]) -> dict[str, Any]:
    """Return the form's values for a meeting that is being changed."""
    names = ("title", "agenda", "starts_on", "start_time", "duration_minutes", "time_zone", "transcript_audience")
    return {name: getattr(meeting, name) for name in names} | {
        "co_organizers": _written(attendees, Attendee.Role.CO_ORGANIZER),
        "attendees": _written(attendees, Attendee.Role.ATTENDEE),
        "seen_at": meeting.updated_at.isoformat(),
    }


def _written(attendees: Sequence[Attendee], role: Attendee.Role) -> str:
    return "\n".join(_address(attendee) for attendee in attendees if attendee.role == role)


def _address(attendee: Attendee) -> str:
    """Return an address as people type it; a guest's name is known from there alone, so it stays."""
    is_named_guest = attendee.name and attendee.membership_id is None
    return f'"{attendee.name}" <{attendee.email}>' if is_named_guest else attendee.email


def _skipped(next_valid: datetime, time_zone: str) -> ValidationError:
    return ValidationError(
        _("The clocks of %(zone)s go forward over this time, so it does not exist. The next one is %(time)s."),
        params={"zone": zone_name(time_zone), "time": date_format(next_valid, "TIME_FORMAT")},
    )
