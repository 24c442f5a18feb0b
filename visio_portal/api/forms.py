"""REST bodies that a page's form checks: its fields make the schema, and the form itself says what is wrong."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django import forms
from rest_framework import exceptions, serializers

from visio_portal.forms import PortalForm

FormT = TypeVar("FormT", bound=PortalForm)


def body_of_form(
    name: str, description: str, form: type[PortalForm], fields: Iterable[str]
) -> type[serializers.Serializer[Any]]:
    """Return a serializer that reads the types of a form's fields and no rule: the form has those.

    No field is required here, for the form says which are missing; null empties one.
    """
    known: dict[str, forms.Field] = form.base_fields
    attributes = {field: _typed(known[field]) for field in fields} | {"__doc__": description}
    made: type[serializers.Serializer[Any]] = type(name, (serializers.Serializer,), attributes)
    return made


def checked(form: FormT) -> FormT:
    """Return a valid form; raises ValidationError (400) with the errors of each field, and their codes."""
    if not form.is_valid():
        raise exceptions.ValidationError(errors_of(form))
    return form


def errors_of(form: forms.BaseForm) -> dict[str, list[exceptions.ErrorDetail]]:
    """Return what is wrong with a form, as REST says it."""
    return {
        "non_field_errors" if name == "__all__" else name: [
            exceptions.ErrorDetail(error["message"], error["code"] or "invalid") for error in errors
        ]
        for name, errors in form.errors.get_json_data().items()
    }


def with_changes(instance: Any, fields: Iterable[str], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form is sent to change some fields of a row: the others stay as they are."""
    return forms.models.model_to_dict(instance, fields=list(fields)) | dict(changes)


def _typed(field: forms.Field) -> serializers.Field[Any, Any, Any, Any]:
    known: dict[str, Any] = {"required": False, "allow_null": True, "label": field.label, "help_text": field.help_text}
    if isinstance(field, forms.ModelChoiceField):
        return serializers.UUIDField(**known)
    if isinstance(field, forms.ChoiceField):
        every: Iterable[Any] = field.choices  # type: ignore[assignment]  # pairs, whatever they were given as
        choices = [choice for choice in every if choice[0]]
        return serializers.ChoiceField(choices, **known)
    if isinstance(field, forms.DateField):
        return serializers.DateField(**known)
    if isinstance(field, forms.DecimalField):
        return serializers.DecimalField(field.max_digits, field.decimal_places, **known)
    if isinstance(field, forms.IntegerField):
        return serializers.IntegerField(min_value=-(2**31), max_value=2**31 - 1, **known)
    return serializers.CharField(allow_blank=True, max_length=getattr(field, "max_length", None), **known)
