"""The connection to Visio, as an administrator enters it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from apps.rooms.adapters.visio import clean_base_url
from apps.rooms.conferences.connections import ConnectionPlan
from apps.rooms.models import VisioConnection
from visio_portal.forms import PortalForm

KEPT = _("A secret is kept already and is never shown. Leave empty to keep it.")
NAMES = ("base_url", "client_id", "livekit_api_key", "attendance_days")


class ConnectionForm(PortalForm):
    """Address and keys; a secret that is kept is never sent to the page."""

    base_url = forms.CharField(
        label=_("Address of Visio"),
        max_length=255,
        help_text=_("For example https://visio.numerique.gouv.fr"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    client_id = forms.CharField(
        label=_("Client id"),
        max_length=255,
        help_text=_("The team of Visio gives one to each ministry, with the e-mail domains it may act for"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    client_secret = forms.CharField(
        label=_("Client secret"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    livekit_api_key = forms.CharField(
        label=_("LiveKit key"),
        max_length=255,
        required=False,
        help_text=_("Signs what Visio tells the portal about who is present; without it attendance stays empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    livekit_api_secret = forms.CharField(
        label=_("LiveKit secret"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    attendance_days = forms.IntegerField(
        label=_("Days that attendance is kept"),
        initial=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Counted from the meeting; then the portal deletes who was present, and when"),
    )

    def __init__(
        self,
        *args: Any,
        present: VisioConnection | None,
        is_http_allowed: bool,
        hosts: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        if present is not None:
            kwargs["initial"] = {name: getattr(present, name) for name in NAMES}
        super().__init__(*args, **kwargs)
        self.present, self.is_http_allowed, self.hosts = present, is_http_allowed, hosts
        self.fields["client_secret"].required = present is None
        for name in ("client_secret", "livekit_api_secret"):
            if present is not None and getattr(present, name):
                self[name].help_text = str(KEPT)

    def clean_base_url(self) -> str:
        try:
            address = clean_base_url(self.cleaned_data["base_url"])
        except ValueError as error:
            raise ValidationError(_("Enter an address that begins with https://, without a password in it.")) from error
        if address.startswith("http://") and not self.is_http_allowed:
            raise ValidationError(_("Only https:// addresses are accepted: secrets are sent there."))
        if self.hosts and urlsplit(address).hostname not in self.hosts:
            raise ValidationError(_("The operator of the portal does not allow this host."))
        return address

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        has_secret = data.get("livekit_api_secret") or (self.present and self.present.livekit_api_secret)
        if data.get("livekit_api_key") and not has_secret:
            self.add_error("livekit_api_secret", ValidationError(_("The key is of no use without its secret.")))
        moved = self.present and data.get("base_url") and data["base_url"] != self.present.base_url
        if moved and not data.get("client_secret"):
            self.add_error(
                "client_secret", ValidationError(_("Enter the secret again: it would be sent to another address."))
            )
        return data

    def plan(self) -> ConnectionPlan:
        """Return what a valid form says."""
        return ConnectionPlan(**{name: self.cleaned_data[name] for name in ConnectionPlan.__dataclass_fields__})
