"""Forms of notices: the decision, and what became of the letter."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.licensing.contracts.evidence_forms import PdfField
from apps.licensing.models import NoticeDecision
from apps.tenants.forms import DayField
from visio_portal.forms import PortalForm


class DecisionForm(PortalForm):
    choice = forms.ChoiceField(label=_("Decision"), choices=NoticeDecision.Choice.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why, and who agreed: it is kept with the contract"),
    )


class LetterForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    sent_on = DayField(label=_("Letter sent on"), required=False)
    received_on = DayField(label=_("Letter received on"), required=False)
    file = PdfField(label=_("Receipt (avis de réception)"), required=False)

    class Meta:
        model = NoticeDecision
        fields = ["sent_on", "tracking_number", "received_on"]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        sent, received = values.get("sent_on"), values.get("received_on")
        if received and not sent and "sent_on" not in self.errors:
            self.add_error("sent_on", ValidationError(_("Say when it was sent, too."), code="required"))
        elif received and sent and received < sent:
            self.add_error("received_on", ValidationError(_("It cannot arrive before it is sent."), code="order"))
        return values
