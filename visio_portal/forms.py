"""The forms of the portal: Django's, drawn with the DSFR's components."""

from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm


class PortalForm(DsfrBaseForm):
    """A form whose fields carry the DSFR's classes; optional fields are marked, required ones are the rule."""

    def get_context(self) -> dict[str, Any]:
        # The parent's own version warns at every use about the change of default that is chosen here already.
        return forms.Form.get_context(self) | {"DSFR_MARK_OPTIONAL_FIELDS": True}
