"""The form of one rule at one level: nothing, a default, or an enforced value."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from dsfr.widgets import InlineCheckboxSelectMultiple

from apps.rooms.places import rules
from apps.rooms.places.rules import Closure, Definition, Hours, InvalidValue, Rule
from visio_portal.forms import PortalForm

# "24/12/2026 – 02/01/2027 Annual closure": a first day, perhaps a last one, perhaps a reason.
_DAY = r"\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}"
_CLOSURE = re.compile(rf"\A({_DAY})(?:\s*(?:-|–|—|au|to|/|→)?\s*({_DAY}))?(?:\s+(.{{0,200}}))?\Z")


class Mode(TextChoices):
    UNSET = "unset", _("Say nothing: what is laid down above counts")
    DEFAULT = "default", _("Default: those below may choose another value")
    ENFORCED = "enforced", _("Enforced: nobody below may change it")


class RuleForm(PortalForm):
    """What a level says about a rule; a subclass adds the fields of its value."""

    mode = forms.ChoiceField(label=_("What is laid down here"), choices=Mode, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("Told to those whom the rule stops, such as the text that it follows from"),
    )

    def __init__(self, *args: Any, definition: Definition[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.definition = definition

    def given(self) -> Any:
        """Return the value that was typed, as JSON."""
        return self.cleaned_data["value"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and data["mode"] != Mode.UNSET:
            try:
                data["rule_value"] = self.definition.read(self.given())
            except InvalidValue as error:
                raise ValidationError(_("The rule cannot have this value.")) from error
        return data

    def rule(self) -> Rule | None:
        """Return what a valid form lays down."""
        data = self.cleaned_data
        if data["mode"] == Mode.UNSET:
            return None
        return Rule(data["rule_value"], data["mode"] == Mode.ENFORCED, data["reason"])


class FlagForm(RuleForm):
    value = forms.TypedChoiceField(
        label=_("Value"),
        choices=[("true", _("yes")), ("false", _("no"))],
        coerce=lambda text: text == "true",
        widget=forms.RadioSelect,
    )
    field_order = ("mode", "value", "reason")


class NumberForm(RuleForm):
    value = forms.IntegerField(label=_("Value"), min_value=0, widget=forms.NumberInput(attrs={"inputmode": "numeric"}))
    field_order = ("mode", "value", "reason")

    def clean_value(self) -> int:
        value: int = self.cleaned_data["value"]
        try:
            self.definition.read(value)
        except InvalidValue as error:
            raise ValidationError(_("This number is too large.")) from error
        return value


class BookersForm(RuleForm):
    value = forms.ChoiceField(label=_("Value"), choices=rules.Bookers, widget=forms.RadioSelect)
    field_order = ("mode", "value", "reason")


class AccessForm(RuleForm):
    value = forms.ChoiceField(
        label=_("Value"), choices=rules.ACCESS_LEVEL.default.__class__.choices, widget=forms.RadioSelect
    )
    field_order = ("mode", "value", "reason")


class HoursForm(RuleForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), choices=list(WEEKDAYS.items()), coerce=int, widget=InlineCheckboxSelectMultiple
    )
    opens = forms.TimeField(
        label=_("Opens at"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": 60})
    )
    closes = forms.TimeField(
        label=_("Closes at"),
        help_text=_("00:00 is midnight at the end of the day"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": 60}),
    )
    field_order = ("mode", "weekdays", "opens", "closes", "reason")

    def given(self) -> Any:
        data = self.cleaned_data
        return rules.write_hours(Hours(frozenset(data["weekdays"]), data["opens"], data["closes"]))

    def clean_closes(self) -> time:
        closes: time = self.cleaned_data["closes"]
        opens = self.cleaned_data.get("opens")
        if opens is not None and closes != time() and closes <= opens:
            raise ValidationError(_("This is not later than the hour at which it opens."))
        return closes


class ClosuresForm(RuleForm):
    value = forms.CharField(
        label=_("Closed periods"),
        required=False,
        max_length=15_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line: first day, last day, reason. Example: 24/12/2026 – 02/01/2027 Annual closure"),
    )
    field_order = ("mode", "value", "reason")

    def clean_value(self) -> list[Closure]:
        lines = [line.strip() for line in self.cleaned_data["value"].splitlines() if line.strip()]
        if len(lines) > rules.CLOSURES_MAX:
            raise ValidationError(_("At most %(most)s periods can be kept."), params={"most": rules.CLOSURES_MAX})
        return [_closure(line) for line in lines]

    def given(self) -> Any:
        return rules.write_closures(self.cleaned_data["value"])


FORMS: Mapping[str, type[RuleForm]] = {
    "bookers": BookersForm,
    "days_ahead": NumberForm,
    "max_minutes": NumberForm,
    "hours": HoursForm,
    "closures": ClosuresForm,
    "access_level": AccessForm,
}


def rule_form(definition: Definition[Any], data: Any, said: Rule | None, proposed: Any) -> RuleForm:
    """Return the form of a rule: bound to ``data``, else with what the level says, else with the value in force."""
    value = proposed if said is None else said.value
    initial: dict[str, Any] = {"mode": Mode.UNSET, "reason": ""}
    if said is not None:
        initial = {"mode": Mode.ENFORCED if said.is_enforced else Mode.DEFAULT, "reason": said.reason}
    form_class = FORMS.get(definition.name, FlagForm)
    return form_class(data, definition=definition, initial=initial | _typed(definition, value))


def _typed(definition: Definition[Any], value: Any) -> dict[str, Any]:
    """Return a value as the fields of its form show it."""
    if isinstance(value, Hours):
        return {"weekdays": sorted(value.weekdays), "opens": value.opens, "closes": value.closes}
    if definition is rules.CLOSURES:
        return {"value": "\n".join(_written(closure) for closure in value)}
    if isinstance(value, bool):
        return {"value": "true" if value else "false"}
    return {"value": definition.write(value)}


def _written(closure: Closure) -> str:
    return f"{closure.starts_on:%d/%m/%Y} – {closure.ends_on:%d/%m/%Y} {closure.reason}".strip()


def _closure(line: str) -> Closure:
    found = _CLOSURE.match(line)
    wrong = ValidationError(_("This is not a period: %(line)s"), params={"line": line[:60]})
    if found is None:
        raise wrong
    first, last, reason = found.groups()
    try:
        starts_on = _day(first)
        ends_on = _day(last) if last else starts_on
    except ValueError as error:
        raise wrong from error
    if ends_on < starts_on:
        raise wrong
    return Closure(starts_on, ends_on, (reason or "").strip())


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y" if "/" in text else "%Y-%m-%d").date()
