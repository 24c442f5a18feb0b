"""The forms of the portal: Django's, drawn with the DSFR's components, and the pages that show them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from dsfr.forms import DsfrBaseForm

NOTHING_CHOSEN = _("Select an option")
gettext_noop("(Optional)")  # said by django-dsfr behind a field's name, in French with a capital


class PortalForm(DsfrBaseForm):
    """A form whose fields carry the DSFR's classes; optional fields are marked, required ones are the rule."""

    template_name = "includes/form_fields.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _name_empty_choice(field)

    def get_context(self) -> dict[str, Any]:
        # The parent's own version warns at every use about the change of default that is chosen here already.
        return forms.Form.get_context(self) | {"DSFR_MARK_OPTIONAL_FIELDS": True}

    def set_autofocus_on_first_error(self) -> None:
        """Give the first faulty field the focus, unless the whole form is at fault.

        A group of boxes has no single element to give it to.
        """
        faulty = [field for field in self.visible_fields() if field.errors]
        if faulty and not self.non_field_errors() and not _is_group(faulty[0]):
            faulty[0].field.widget.attrs["autofocus"] = True


class FaultyField(NamedTuple):
    """A field that came back with an error, and the element to lead to."""

    label: str
    anchor: str
    message: str


class Problems(NamedTuple):
    """What is wrong with the forms of a page: as a whole, and field by field in their order."""

    whole: list[str]
    fields: list[FaultyField]


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form was sent with, be it nothing at all; None for a page that only opens."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest, template: str, *page_forms: PortalForm, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page with its forms, the first of them as ``form``.

    Where they come back with errors the page answers 422, its title says so, ``includes/form_errors.html`` sums
    them up, and the first faulty field has the focus.
    """
    faulty = [form for form in page_forms if form.is_bound and form.errors]
    if faulty:
        faulty[0].set_autofocus_on_first_error()
        status = 422 if status == 200 else status
        context["problems"] = _problems_of(faulty)
    return render(request, template, {"form": page_forms[0], **context}, status=status)


def _problems_of(faulty: Iterable[PortalForm]) -> Problems:
    problems = Problems([], [])
    for form in faulty:
        problems.whole.extend(form.non_field_errors())
        problems.whole.extend(error for field in form.hidden_fields() for error in field.errors)
        for field in form.visible_fields():
            if field.errors:
                anchor = f"{field.auto_id}_0" if _is_group(field) else field.id_for_label
                problems.fields.append(FaultyField(str(field.label), anchor, str(field.errors[0])))
    return problems


def _is_group(field: forms.BoundField) -> bool:
    return isinstance(field.field.widget, forms.RadioSelect)  # of which CheckboxSelectMultiple is one


def _name_empty_choice(field: forms.Field) -> None:
    """Write what an empty choice asks for, where Django would draw a line of dashes."""
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == BLANK_CHOICE_DASH[0][1]:
            field.empty_label = NOTHING_CHOSEN
            field.widget.choices = field.choices
    elif isinstance(field, forms.ChoiceField):
        choices: list[Any] = list(field.choices)  # type: ignore[arg-type]  # iterable, whatever it was given as
        if choices and choices[0] == BLANK_CHOICE_DASH[0]:
            field.choices = [("", NOTHING_CHOSEN), *choices[1:]]
