"""The form of a meeting, and the search in the list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.rooms.addresses import Address
from apps.rooms.meetings.people_forms import InviteesForm
from apps.rooms.meetings.repetition_forms import DayField, RepetitionForm
from apps.rooms.models import Meeting, Room
from apps.rooms.operations import Invitee, MeetingPlan, recognise
from apps.rooms.places.policies import MeetingPolicy
from apps.rooms.recurrence import RuleError, StartOutsideRule, instant
from apps.rooms.wall_time import FRENCH_ZONES, NonexistentTime, is_doubled, zone_name
from apps.tenants.models import Membership
from visio_portal.dates import written
from visio_portal.forms import PortalForm

MINUTES_MIN = 5
OVERNIGHT_MAX_MINUTES = 12 * 60  # an end before the start is a slip beyond that
AGENDA_MAX = 10_000  # characters


class ClockField(forms.TimeField):
    """A time of day, with the browser's own clock."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), **kwargs)


class LineField(forms.CharField):
    """A text of one line, whatever a program sends: titles stand in the headers of mails."""

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())


class MeetingForm(InviteesForm, RepetitionForm):
    """What an organiser decides about a meeting; ``plan()`` gives it to the operations.

    ``organizers`` are those in whose name the person may schedule, the organiser first chosen among them;
    ``rooms`` those that may be chosen. Values that the ``policy`` enforces cannot be changed, and say by whom.
    """

    organizer = forms.ChoiceField(
        label=_("In the name of"),
        help_text=_("The mails say in whose name you schedule; answers reach both of you."),
    )
    title = LineField(label=_("Title"), max_length=200)
    starts_on = DayField(label=_("Date"))
    start_time = ClockField(label=_("Start"))
    end_time = ClockField(label=_("Ends at"))
    time_zone = forms.ChoiceField(
        label=_("Time of"),
        choices=FRENCH_ZONES,
        help_text=_("The date and the times are those of this place; elsewhere people see their own time."),
    )
    room = forms.ModelChoiceField(label=_("Room"), queryset=Room.objects.none(), required=False)
    agenda = forms.CharField(
        label=_("Agenda"), required=False, max_length=AGENDA_MAX, widget=forms.Textarea(attrs={"rows": 4})
    )
    access_level = forms.ChoiceField(
        label=_("Who may enter the conference"),
        choices=Meeting.Access,
        widget=forms.RadioSelect,
        initial=Meeting.Access.TRUSTED,
    )
    has_guests = forms.BooleanField(label=_("People from outside may be invited"), required=False, initial=True)
    has_dial_in = forms.BooleanField(label=_("May be joined by telephone"), required=False, initial=True)
    is_recorded = forms.BooleanField(label=_("The meeting is recorded"), required=False)
    is_transcribed = forms.BooleanField(
        label=_("The meeting is transcribed"),
        required=False,
        help_text=_("The invitation and the joining page say so before anybody speaks."),
    )
    attendance_threshold = forms.IntegerField(
        label=_("Presence that counts (percent of the meeting)"),
        help_text=_("For the sign-in sheet, which is announced before joining; empty: no attendance is kept."),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": 100}),
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

    # As on the page, so that the first faulty one is the first that people meet.
    field_order = (
        *("organizer", "title", "starts_on", "start_time", "end_time", "time_zone"),
        *("frequency", "weekdays", "ends", "count", "until", "interval"),
    )

    def __init__(
        self,
        *args: Any,
        organizer: Membership,
        policy: MeetingPolicy,
        rooms: Sequence[Room],
        organizers: Sequence[Membership] = (),
        initial: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.member, self.rooms = organizer, rooms
        self.rrule = ""
        super().__init__(*args, initial=policy.initial() | (initial or {}), **kwargs)
        self.fields["room"].queryset = Room.objects.filter(id__in=[room.id for room in rooms])
        if len(organizers) > 1:
            people = [(str(member.id), str(member)) for member in organizers]
            self.fields["organizer"].choices = people
        else:
            del self.fields["organizer"]
        for name, decided in policy.locked().items():  # what is enforced stays, and says who locked it
            self.initial[name] = decided.value
            self.fields[name].disabled, self[name].help_text = True, decided.origin

    def clean_co_organizers(self) -> list[Address]:
        addresses: list[Address] = self.cleaned_data["co_organizers"]
        members = recognise([Invitee(address.email) for address in addresses], tenant_id=self.member.tenant_id)
        strangers = [address.email for address in addresses if address.email not in members]
        if strangers:
            raise ValidationError(
                _("Only members of your ministry can be co-organisers; the portal does not know %(who)s."),
                params={"who": ", ".join(strangers[:5])},
            )
        return addresses

    def clean_transcript_audience(self) -> Meeting.Audience:
        audience = Meeting.Audience(self.cleaned_data["transcript_audience"])
        if audience is Meeting.Audience.UNIT and self.member.unit_id is None:
            raise ValidationError(_("The organiser belongs to no unit yet: choose who else may read."))
        return audience

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.check_number()
        self.check_end()
        if {"starts_on", "start_time", "end_time", "time_zone"} <= data.keys():
            self._check_time()
        return data

    def _check_time(self) -> None:
        """Refuse a time that the clocks skip, an end before the start, and a first date outside the repetition."""
        data = self.cleaned_data
        data["duration_minutes"] = minutes_between(self.wall_start, data["end_time"], self.zone)
        is_overnight = data["end_time"] <= data["start_time"]
        if is_overnight and data["duration_minutes"] > OVERNIGHT_MAX_MINUTES:
            self.add_error("end_time", ValidationError(_("The meeting ends before it starts.")))
        elif data["duration_minutes"] < MINUTES_MIN:
            too_short = _("A meeting lasts %(least)s minutes at least.")
            self.add_error("end_time", ValidationError(too_short, params={"least": MINUTES_MIN}))
        try:
            rule = self.rule(self.wall_start, self.zone) if self._has_repetition() else None
            self.rrule = rule.text(self.zone) if rule else ""
            self._bare_plan().expansion()
        except NonexistentTime as error:
            self.add_error("start_time", skipped(error.next_valid, data["time_zone"]))
        except StartOutsideRule as error:
            self.add_error("starts_on", _outside(error))
        except RuleError as error:
            self.add_error("frequency", ValidationError(str(error)))

    def _has_repetition(self) -> bool:
        """Return whether every field of the repetition could be read."""
        names = ("frequency", "interval", "weekdays", "ends", "count", "until", "kept_rule")
        return all(name in self.cleaned_data for name in names)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.cleaned_data["time_zone"])

    @property
    def wall_start(self) -> datetime:
        return datetime.combine(self.cleaned_data["starts_on"], self.cleaned_data["start_time"])

    @property
    def has_time(self) -> bool:
        """Return whether the times and the repetition can be used, be the rest of the form right or not."""
        times = ("starts_on", "start_time", "end_time", "time_zone", "frequency")
        is_complete: bool = "duration_minutes" in self.cleaned_data
        return is_complete and not any(name in self.errors for name in times)

    def _bare_plan(self) -> MeetingPlan:
        """Return the time of a form whose times can be used."""
        data = self.cleaned_data
        return MeetingPlan(
            title=data.get("title", ""),
            starts_on=data["starts_on"],
            start_time=data["start_time"],
            duration_minutes=data["duration_minutes"],
            time_zone=data["time_zone"],
            rrule=self.rrule,
            excluded=frozenset(datetime.combine(day, data["start_time"]) for day in data.get("excluded", ())),
        )

    def plan(self) -> MeetingPlan:
        """Return what a form says; where it is not valid, as much as can be used for a look ahead."""
        data = self.cleaned_data
        names = ("room", "agenda", "access_level", "transcript_audience", "attendance_threshold")
        flags = ("has_guests", "has_dial_in", "is_recorded", "is_transcribed")
        values = {name: data[name] for name in (*names, *flags) if name in data}
        if "access_level" in values:
            values["access_level"] = Meeting.Access(values["access_level"])
        return replace(self._bare_plan(), **values, invitees=self.invitees())

    def has_doubled_start(self) -> bool:
        """Return whether the clocks are set back over the start, so that it happens twice."""
        data = self.cleaned_data
        return is_doubled(data["starts_on"], data["start_time"], self.zone)


class When(TextChoices):
    UPCOMING = "upcoming", _("Upcoming")
    PAST = "past", _("Past")


class MeetingSearchForm(PortalForm):
    """Which of the member's meetings the list shows."""

    q = forms.CharField(label=_("Search by title, person or room"), required=False, max_length=200)
    when = forms.ChoiceField(choices=When, required=False, widget=forms.HiddenInput)

    def clean_when(self) -> When:
        return When(self.cleaned_data["when"] or When.UPCOMING)


def minutes_between(start: datetime, end_time: time, zone: ZoneInfo) -> int:
    """Return how long a meeting lasts that ends at a wall time: of the same day, or else of the next one."""
    end = datetime.combine(start.date(), end_time)
    if end <= start:
        end += timedelta(days=1)
    return int((instant(end, zone) - instant(start, zone)).total_seconds()) // 60


def skipped(next_valid: datetime, time_zone: str) -> ValidationError:
    """Say that the clocks skip a time, and which one comes next."""
    return ValidationError(
        _("The clocks of %(zone)s go forward over this time, so it does not exist. The next one is %(time)s."),
        params={"zone": zone_name(time_zone), "time": date_format(next_valid, "TIME_FORMAT")},
    )


def _outside(error: StartOutsideRule) -> ValidationError:
    if error.next_start is None:
        return ValidationError(_("The repetition never takes place."))
    return ValidationError(
        _("The first date does not follow the repetition: choose %(day)s, or repeat otherwise."),
        params={"day": written(error.next_start, "l j F Y")},
    )
