"""The forms of delegations and date polls."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.rooms.operations import Invitee, recognise
from apps.tenants.models import Membership
from visio_portal.forms import PortalForm

ONE_DAY = timedelta(days=1)


class DelegationForm(PortalForm):
    """To whom a member hands their calendar, and until when (the last day included)."""

    delegate = forms.EmailField(
        label=_("Colleague"),
        help_text=_("E-mail address of a member of your ministry, your secretary for example."),
        max_length=254,
    )
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Leave empty if you will end it yourself."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, principal: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.principal = principal

    def clean_delegate(self) -> Membership:
        email = self.cleaned_data["delegate"].lower()
        member = recognise([Invitee(email)], tenant_id=self.principal.tenant_id).get(email)
        if member is None:
            raise ValidationError(_("The portal knows no member of your ministry under this address."))
        if member.id == self.principal.id:
            raise ValidationError(_("You need no delegation to act for yourself."))
        if self.principal.delegations_given.filter(delegate=member, revoked_at=None).valid_on(_today()).exists():
            raise ValidationError(_("This colleague may act for you already: end that delegation first."))
        return member

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        starts_on, last_day = data.get("starts_on"), data.get("ends_on")
        if last_day and last_day < _today():
            self.add_error("ends_on", _("This day is past."))
        elif starts_on and last_day and last_day < starts_on:
            self.add_error("ends_on", _("The last day comes before the first one."))
        elif last_day:
            data["ends_on"] = last_day + ONE_DAY  # stored as the first day without
        return data


def _today() -> Any:
    return timezone.localdate()
