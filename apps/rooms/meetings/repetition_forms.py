"""How often a meeting takes place, in the words of the form."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.rooms.meetings.repetition import Ends, Frequency, Repetition, means_the_same
from apps.rooms.recurrence import INTERVAL_MAX, OCCURRENCES_MAX, TEXT_MAX, Rule, RuleError, parse_rule
from visio_portal.forms import PortalForm

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # a date outside is a slip of the keyboard


class DayField(forms.DateField):
    """A day, with the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": FIRST_DAY, "max": LAST_DAY})
        validators = [
            MinValueValidator(FIRST_DAY, message=_("This date is out of range.")),
            MaxValueValidator(LAST_DAY, message=_("This date is out of range.")),
        ]
        super().__init__(widget=widget, validators=validators, **kwargs)


class DaysField(forms.Field):
    """Days in ISO form, each a value of its own; cleans to a set of dates."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> frozenset[date]:
        if len(value or ()) > OCCURRENCES_MAX:
            raise ValidationError(_("Too many dates are left out."))
        try:
            return frozenset(date.fromisoformat(str(day)) for day in value or ())
        except ValueError as error:
            raise ValidationError(_("A date that is left out cannot be read.")) from error


class RepetitionForm(PortalForm):
    """Whether, how often and until when a meeting is repeated, and which dates are left out."""

    frequency = forms.ChoiceField(label=_("Repetition"), choices=Frequency, initial=Frequency.NEVER)
    interval = forms.IntegerField(
        label=_("Every"),
        help_text=_("1: each time; 2: every second time"),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(INTERVAL_MAX)],
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": INTERVAL_MAX}),
        initial=1,
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days of the week"),
        help_text=_("For “each week”; none: the day of the first date"),
        required=False,
        coerce=int,
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    ends = forms.ChoiceField(
        label=_("Ends"), choices=Ends, widget=forms.RadioSelect, initial=Ends.NEVER, required=False
    )
    count = forms.IntegerField(
        label=_("Number of times"),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(OCCURRENCES_MAX)],
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": OCCURRENCES_MAX}),
    )
    until = DayField(label=_("Last day"), required=False)
    excluded = DaysField(required=False, label=_("Dates left out"))
    kept_rule = forms.CharField(required=False, max_length=TEXT_MAX, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days: list[tuple[int, str | Promise]] = [(number, capfirst(name)) for number, name in WEEKDAYS.items()]
        self.fields["weekdays"].choices = days
        if Frequency.KEPT not in (self.data.get("frequency"), self.initial.get("frequency")):
            kept = [choice for choice in Frequency.choices if choice[0] != Frequency.KEPT]
            self.fields["frequency"].choices = kept

    def clean_interval(self) -> int:
        return self.cleaned_data["interval"] or 1

    def check_end(self) -> None:
        """Ask for the end that was chosen."""
        data = self.cleaned_data
        if data.get("frequency", Frequency.NEVER) == Frequency.NEVER:
            return
        if data.get("ends") == Ends.AFTER and "count" in data and data["count"] is None:
            self.add_error("count", ValidationError(_("Say how many times the meeting takes place.")))
        if data.get("ends") == Ends.ON and "until" in data and data["until"] is None:
            self.add_error("until", ValidationError(_("Say on which day the repetition ends.")))

    def rule(self, start: datetime, zone: ZoneInfo) -> Rule | None:
        """Return the rule that a valid form asks for; raises RuleError."""
        data = self.cleaned_data
        ends = data["ends"]
        wanted = Repetition(
            Frequency(data["frequency"]),
            data["interval"],
            tuple(data["weekdays"]),
            data["count"] if ends == Ends.AFTER else None,
            data["until"] if ends == Ends.ON else None,
        )
        if wanted.until is not None and wanted.until < start.date():
            raise RuleError(_("The repetition ends before it begins."))
        kept = parse_rule(data["kept_rule"], zone) if data["kept_rule"] else None
        if wanted.frequency is Frequency.KEPT and kept is None:
            raise RuleError(_("Choose how the meeting is repeated."))
        rule = wanted.rule(start, kept=kept if wanted.frequency is Frequency.KEPT else None)
        return kept if means_the_same(rule, kept, start) else rule
