"""The settings of the transcription service."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.transcripts.models import TranscriptionService
from apps.transcripts.models.service import FETCH_MAX_MINUTES, SIZE_MAX_MB
from visio_portal.fetching import AddressRefused, check_address, reach_to
from visio_portal.forms import PortalForm

HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
HOSTS_MAX = 20


class ServiceForm(PortalForm):
    """Where recordings come from, their limits, and who is told of the result."""

    hosts = forms.CharField(
        label=_("Servers that hold the recordings"),
        max_length=HOSTS_MAX * 255,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One name a line, such as s3.example.gouv.fr, or *.s3.example.gouv.fr for all below it."),
    )
    size_limit_mb = forms.IntegerField(
        label=_("Largest recording (MB)"), min_value=1, max_value=SIZE_MAX_MB, initial=SIZE_MAX_MB
    )
    fetch_minutes = forms.IntegerField(
        label=_("Longest download (minutes)"), min_value=1, max_value=FETCH_MAX_MINUTES, initial=30
    )
    callback_url = forms.CharField(
        label=_("Address of Visio that is told of the result"),
        max_length=500,
        required=False,
        widget=forms.URLInput(attrs={"spellcheck": "false"}),
        help_text=_("Such as https://visio.example.gouv.fr/api/v1.0/recordings/external-process-hook/"),
    )
    callback_key = forms.CharField(
        label=_("Key that Visio asks for at that address"),
        max_length=500,
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, service: TranscriptionService | None, networks: tuple[Any, ...], **kwargs: Any):
        self.networks = networks
        super().__init__(*args, initial=_values_of(service), **kwargs)
        if service and service.callback_key:
            self.fields["callback_key"].help_text = _("A key is kept; leave this empty to keep it.")

    def clean_hosts(self) -> list[str]:
        """Return the names, each once, in lower case."""
        names = list(dict.fromkeys(self.cleaned_data["hosts"].lower().split()))
        for name in names:
            if not HOST.fullmatch(name):
                raise ValidationError(_("“%(name)s” is not the name of a server."), params={"name": name})
        if len(names) > HOSTS_MAX:
            raise ValidationError(_("At most %(number)s names are kept."), params={"number": HOSTS_MAX})
        return names

    def clean_callback_url(self) -> str:
        url: str = self.cleaned_data["callback_url"]
        if url:
            try:
                check_address(url, reach_to(url, self.networks))
            except AddressRefused as error:
                raise ValidationError(str(error)) from error
        return url

    def clean_callback_key(self) -> str:
        key: str = self.cleaned_data["callback_key"]
        if not (key.isascii() and key.isprintable()):
            raise ValidationError(_("A key has letters, digits and signs of the keyboard only."))
        return key


def _values_of(service: TranscriptionService | None) -> dict[str, Any]:
    if service is None:
        return {}
    return {
        "hosts": "\n".join(service.hosts),
        "size_limit_mb": service.size_limit_mb,
        "fetch_minutes": service.fetch_minutes,
        "callback_url": service.callback_url,
    }
