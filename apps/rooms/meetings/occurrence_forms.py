"""The form of one date of a series."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.rooms.meetings.forms import (
    AGENDA_MAX,
    MINUTES_MIN,
    OVERNIGHT_MAX_MINUTES,
    ClockField,
    LineField,
    minutes_between,
    skipped,
)
from apps.rooms.meetings.repetition_forms import DayField
from apps.rooms.models import Meeting, Occurrence, Room
from apps.rooms.operations import MeetingPlan, OccurrencePlan
from apps.rooms.wall_time import NonexistentTime, resolve
from visio_portal.forms import PortalForm


class OccurrenceForm(PortalForm):
    """Another time, room or text for one date alone; ``plan()`` gives it to the operation."""

    starts_on = DayField(label=_("Date"))
    start_time = ClockField(label=_("Start"))
    end_time = ClockField(label=_("Ends at"))
    room = forms.ModelChoiceField(
        label=_("Room"),
        queryset=Room.objects.none(),
        required=False,
        empty_label=_("A room for us: a Visio conference"),
    )
    title = LineField(
        label=_("Title of this date"), required=False, max_length=200, help_text=_("Empty: the title of the series")
    )
    agenda = forms.CharField(
        label=_("Agenda of this date"),
        required=False,
        max_length=AGENDA_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Empty: the agenda of the series"),
    )

    def __init__(self, *args: Any, meeting: Meeting, rooms: Sequence[Room], **kwargs: Any) -> None:
        self.meeting = meeting
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = Room.objects.filter(id__in=[room.id for room in rooms])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not {"starts_on", "start_time", "end_time"} <= data.keys():
            return data
        try:
            start = resolve(data["starts_on"], data["start_time"], self.meeting.zone)
        except NonexistentTime as error:
            self.add_error("start_time", skipped(error.next_valid, self.meeting.time_zone))
            return data
        wall = start.astimezone(self.meeting.zone).replace(tzinfo=None)
        minutes = data["duration_minutes"] = minutes_between(wall, data["end_time"], self.meeting.zone)
        if data["end_time"] <= data["start_time"] and minutes > OVERNIGHT_MAX_MINUTES:
            self.add_error("end_time", ValidationError(_("The meeting ends before it starts.")))
        elif minutes < MINUTES_MIN:
            too_short = _("A meeting lasts %(least)s minutes at least.")
            self.add_error("end_time", ValidationError(too_short, params={"least": MINUTES_MIN}))
        return data

    def plan(self) -> OccurrencePlan:
        data = self.cleaned_data
        return OccurrencePlan(
            starts_on=data["starts_on"],
            start_time=data["start_time"],
            duration_minutes=data["duration_minutes"],
            room=data["room"],
            title=data["title"],
            agenda=data["agenda"],
        )

    def as_meeting_plan(self) -> MeetingPlan:
        """Return the date as a meeting of its own, to look for what is in its way."""
        plan = self.plan()
        return MeetingPlan(
            title=self.meeting.title,
            starts_on=plan.starts_on,
            start_time=plan.start_time,
            duration_minutes=plan.duration_minutes,
            time_zone=self.meeting.time_zone,
            room=plan.room,
        )


def values_of_date(occurrence: Occurrence) -> dict[str, Any]:
    """Return the form's values for a date as it is."""
    zone = occurrence.meeting.zone
    return {
        "starts_on": occurrence.starts_on,
        "start_time": occurrence.start_time,
        "end_time": occurrence.end_at.astimezone(zone).time(),
        "room": occurrence.room_id,
        "title": occurrence.title,
        "agenda": occurrence.agenda,
    }
