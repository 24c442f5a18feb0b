"""Months as addresses and forms write them: 2026-05."""

import re
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from apps.licensing.savings import HORIZON

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
FIRST_YEAR = 2024


def code_of(month: date) -> str:
    return f"{month:%Y-%m}"


def month_of_code(code: str) -> date:
    """Return the first day of a month in an address; raise Http404 for none, or for one after the horizon."""
    found = MONTH.fullmatch(code)
    month = date(int(found[1]), int(found[2]), 1) if found else None
    if month is None or month > HORIZON:
        raise Http404
    return month


class MonthField(forms.Field):
    """A month, with the browser's own calendar where it has one; its value is the first day."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Write year and month, such as 2026-05.")}  # Django's own form

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**{"help_text": _("Year and month, such as 2026-05")} | kwargs)  # type: ignore[arg-type]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        return {"type": "month", "autocomplete": "off", "pattern": "20[0-9]{2}-[01][0-9]"}

    def to_python(self, value: object) -> date | None:
        if value in self.empty_values:
            return None
        found = MONTH.fullmatch(str(value).strip())
        if not found:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return date(int(found[1]), int(found[2]), 1)

    def prepare_value(self, value: object) -> object:
        return code_of(value) if isinstance(value, date) else value
