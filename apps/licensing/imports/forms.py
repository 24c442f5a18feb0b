"""Forms of imports: the file, what its columns are, and what else a file does not say itself."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from apps.files.models import Purpose
from apps.files.operations import MAX_BYTES
from apps.licensing.imports.formats import TABLES, Table
from apps.licensing.models import UsageImport
from apps.tenants.forms import DayField
from visio_portal.forms import NOTHING_CHOSEN, PortalForm

PLAIN_MAX_BYTES = 8 * 1024 * 1024  # of a file that comes in one request, without JavaScript
CELL_SHOWN = 60


class UsageFileForm(PortalForm):
    """A file that was uploaded in parts, or one that came with the form itself."""

    max_bytes = MAX_BYTES[Purpose.IMPORT]
    plain_max_bytes = PLAIN_MAX_BYTES

    upload = forms.UUIDField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": _("Choose the file, and wait until the portal has received it.")},
    )
    file = forms.FileField(required=False, widget=forms.FileInput)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        file = data.get("file")
        if not data.get("upload") and file is None and not self.errors:
            self.add_error("upload", _("Choose a file first."))
        if file is not None and (file.size or 0) > PLAIN_MAX_BYTES:
            most = filesizeformat(PLAIN_MAX_BYTES)
            self.add_error("upload", _("Without JavaScript, a file of at most %(size)s can be sent.") % {"size": most})
        return data


class FormatForm(PortalForm):
    """Which report a file is, whose columns nobody knows."""

    format = forms.ChoiceField(
        label=_("This file is"), choices=[(table.format.value, table.format.label) for table in TABLES]
    )


class ColumnsForm(PortalForm):
    """Where the columns of a report stand in a file; ``positions`` are those that seem right."""

    def __init__(self, *args: Any, table: Table, header: list[str], positions: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        columns = [(str(number), f"{number + 1} – {name[:CELL_SHOWN]}") for number, name in enumerate(header)]
        for field in table.fields:
            self.fields[field.name] = forms.ChoiceField(
                label=str(field.label),
                choices=[("", NOTHING_CHOSEN if field.is_required else _("Not in this file")), *columns],
                required=field.is_required,
                initial=str(positions.get(field.name, "")),
                error_messages={"required": _("The report cannot be read without this column.")},
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        chosen = [value for value in data.values() if value]
        if len(chosen) != len(set(chosen)):
            raise ValidationError(_("One column can stand for one thing only."))
        return data

    @property
    def mapping(self) -> dict[str, int]:
        return {name: int(value) for name, value in self.cleaned_data.items() if value}


class DateOrderForm(PortalForm):
    date_order = forms.ChoiceField(
        label=_("In this file, dates are written"), choices=UsageImport.DateOrder.choices, widget=forms.RadioSelect
    )


class FileDayForm(PortalForm):
    day = DayField(label=_("Exported on"), help_text=_("The file does not say of which day it tells."))
