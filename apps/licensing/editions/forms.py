"""A ministry's word on a month."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.licensing.models import MonthStatement
from visio_portal.forms import PortalForm


class StatementForm(PortalForm):
    answer = forms.ChoiceField(
        label=_("These figures"),
        choices=[
            (MonthStatement.Answer.CONFIRMED, _("are right: I confirm them")),
            (MonthStatement.Answer.COMMENTED, _("need a comment")),
        ],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stays in the ministry: the operator sees that there is one."),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("answer") == MonthStatement.Answer.COMMENTED and not said.get("comment"):
            self.add_error("comment", _("Say what is to be known of these figures."))
        return said
