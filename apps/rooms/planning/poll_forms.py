"""The forms of date polls: what is asked, and what people answer."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.forms import BaseFormSet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from dsfr.utils import dsfr_input_class_attr
from dsfr.widgets import InlineRadioSelect

from apps.rooms.meetings.forms import ClockField
from apps.rooms.meetings.people_forms import InviteesForm
from apps.rooms.meetings.repetition_forms import DayField
from apps.rooms.models import Attendee, Occurrence, PollAnswer, Room
from apps.rooms.operations import MeetingPlan
from apps.rooms.planning.polls import SLOTS_MAX, PollPlan
from apps.rooms.templatetags.meetings import when
from apps.rooms.wall_time import FRENCH_ZONES, NonexistentTime, resolve
from apps.tenants.models import Membership
from visio_portal.forms import PortalForm

SLOTS_AT_FIRST, SLOTS_MORE = 4, 4
SLOTS_MIN = 2
TITLE_MAX, AGENDA_MAX = 200, 10_000
ONE_DAY = timedelta(days=1)
TIME_TO_ANSWER = timedelta(days=5)  # what is proposed for answers
HALF_A_SLOT = _("A proposed date needs its day and its start.")


class PollForm(InviteesForm):
    """What a poll is about, for whom, and until when answers are taken.

    ``organizers`` are those in whose name the person may ask, they themselves first.
    """

    organizer = forms.ChoiceField(
        label=_("In the name of"),
        help_text=_("The mails say in whose name you ask; answers reach both of you."),
    )
    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX)
    duration_minutes = forms.IntegerField(
        label=_("Duration in minutes"),
        min_value=5,
        max_value=24 * 60,
        initial=60,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    time_zone = forms.ChoiceField(label=_("Time of"), choices=FRENCH_ZONES)
    closes_on = DayField(
        label=_("Answers until"),
        help_text=_(
            "This day included; left as proposed, it comes before the first date. "
            "The room is held for each date until three days later."
        ),
    )
    room = forms.ModelChoiceField(
        label=_("Room"),
        queryset=Room.objects.none(),
        required=False,
        empty_label=_("Only the video conference"),
        help_text=_("It is held for each date, unless its manager has to confirm bookings."),
    )
    agenda = forms.CharField(
        label=_("Agenda"), required=False, max_length=AGENDA_MAX, widget=forms.Textarea(attrs={"rows": 4})
    )

    field_order = (
        "organizer",
        "title",
        "duration_minutes",
        "time_zone",
        "room",
        "closes_on",
        "attendees",
        "co_organizers",
        "agenda",
    )

    def __init__(
        self,
        *args: Any,
        rooms: QuerySet[Room],
        organizers: Sequence[Membership],
        initial: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        by = organizers[0]
        closes_on = proposed_closing(by.tenant.today)
        super().__init__(*args, initial={"closes_on": closes_on, "organizer": str(by.id)} | initial, **kwargs)
        self.organizers = {str(member.id): member for member in organizers}
        offered: Any = self.fields
        offered["room"].queryset = rooms
        if len(organizers) > 1:
            offered["organizer"].choices = [(key, str(member)) for key, member in self.organizers.items()]
        else:
            del offered["organizer"]

    def asked_by(self) -> Membership:
        """Return in whose name a valid form asks."""
        chosen: str = self.cleaned_data.get("organizer") or next(iter(self.organizers))
        return self.organizers[chosen]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.check_number()
        if not self.invitees() and not self.errors:
            self.add_error("attendees", _("Say whom to ask: a poll needs at least one person."))
        if data.get("closes_on") and data.get("time_zone") and self.closes_at() <= timezone.now():
            self.add_error("closes_on", _("This day is past."))
        return data

    def closes_at(self) -> datetime:
        """Return the end of the last day for answers."""
        return end_of_day(self.cleaned_data["closes_on"], ZoneInfo(self.cleaned_data["time_zone"]))


class SlotForm(PortalForm):
    """One date that is proposed; left empty it is none (a set of forms permits that)."""

    starts_on = DayField(label=_("Date"), error_messages={"required": HALF_A_SLOT})
    start_time = ClockField(label=_("Start"), error_messages={"required": HALF_A_SLOT})

    def wall(self) -> datetime | None:
        """Return the proposed start as a naive wall time, if there is one."""
        day, at = self.cleaned_data.get("starts_on"), self.cleaned_data.get("start_time")
        return datetime.combine(day, at) if day and at else None


SlotFormSet: "type[BaseFormSet[SlotForm]]" = forms.formset_factory(
    SlotForm, extra=SLOTS_AT_FIRST, max_num=SLOTS_MAX, absolute_max=SLOTS_MAX, validate_max=True
)


def check_slots(form: PollForm, slots: "BaseFormSet[SlotForm]") -> tuple[datetime, ...]:
    """Return the proposed wall times of valid forms, in order; what is wrong with them is added to their forms."""
    zone, closes_at = ZoneInfo(form.cleaned_data["time_zone"]), form.closes_at()
    proposed: dict[datetime, SlotForm] = {}
    for slot in slots:
        wall = slot.wall()
        if wall is None:
            continue
        problem = problem_of_slot(wall, zone, closes_at)
        if wall in proposed:
            problem = _("This date is proposed twice.")
        if problem:
            slot.add_error("starts_on", problem)
        proposed.setdefault(wall, slot)
    if len(proposed) < SLOTS_MIN:
        form.add_error(None, _("Propose at least two dates to choose among."))
    return tuple(sorted(proposed))


def proposed_closing(today: date, proposed: Iterable[date] = ()) -> date:
    """Return a sensible last day for answers: some days ahead, before the first proposed date, never past."""
    first = min(proposed, default=None)
    day = today + TIME_TO_ANSWER
    return day if first is None else max(today, min(day, first - ONE_DAY))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a day ends by the clocks of a zone."""
    return datetime.combine(day + ONE_DAY, time(), zone).astimezone(UTC)


def problem_of_slot(wall: datetime, zone: ZoneInfo, closes_at: datetime) -> str | Promise:
    """Return why a wall time cannot be proposed while answers are taken until ``closes_at``; empty where it can."""
    try:
        start_at = resolve(wall.date(), wall.time(), zone)
    except (NonexistentTime, OverflowError):
        return _("This time does not exist: the clocks go forward over it.")
    return _("This date comes before the last day for answers.") if start_at < closes_at else ""


def plan_of_poll(form: PollForm, walls: tuple[datetime, ...]) -> PollPlan:
    """Return what valid forms ask."""
    data = form.cleaned_data
    meeting = MeetingPlan(
        title=data["title"],
        starts_on=walls[0].date(),
        start_time=walls[0].time(),
        duration_minutes=data["duration_minutes"],
        time_zone=data["time_zone"],
        room=data["room"],
        agenda=data["agenda"],
        invitees=form.invitees(),
    )
    return PollPlan(meeting=meeting, slots=walls, closes_at=form.closes_at())


class PollAnswerForm(PortalForm):
    """One choice for each slot, of an attendee who may have answered before."""

    def __init__(self, *args: Any, attendee: Attendee, slots: Sequence[Occurrence], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = {answer.slot_id: answer.choice for answer in attendee.poll_answers.all()}
        self.slots = slots
        for slot in slots:
            name = _name(slot.id)
            self.fields[name] = forms.ChoiceField(
                label=when(slot, slot.meeting.zone),
                choices=PollAnswer.Choice,
                widget=InlineRadioSelect,
                initial=said.get(slot.id),
                error_messages={"required": _("Say whether this date suits you.")},
            )
            dsfr_input_class_attr(self[name])

    def choices(self) -> dict[UUID, PollAnswer.Choice]:
        """Return what a valid form says, by the slots' ids."""
        return {slot.id: PollAnswer.Choice(self.cleaned_data[_name(slot.id)]) for slot in self.slots}


def _name(slot_id: UUID) -> str:
    return f"slot_{slot_id.hex}"
