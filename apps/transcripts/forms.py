"""The forms of recordings and voices."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.transcripts.media import MAX_BYTES
from visio_portal.forms import PortalForm

AUTOMATIC = "auto"
LANGUAGES = (
    (AUTOMATIC, _("Recognise it automatically")),
    ("fr", _("French")),
    ("en", _("English")),
    ("de", _("German")),
    ("es", _("Spanish")),
    ("it", _("Italian")),
    ("pt", _("Portuguese")),
    ("nl", _("Dutch")),
    ("ar", _("Arabic")),
)
SPEAKERS_MAX = 30


class RecordingForm(PortalForm):
    """A recording that was uploaded, and what is known of it."""

    max_bytes = MAX_BYTES

    upload = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Choose the recording, and wait until the portal has received it."),
            "invalid": _("Choose the recording, and wait until the portal has received it."),
        },
    )
    language = forms.ChoiceField(
        label=_("Language spoken"),
        choices=LANGUAGES,
        initial="fr",
        help_text=_("If you know it, fewer words are misheard."),
    )
    speakers = forms.IntegerField(
        label=_("Number of people who speak"),
        required=False,
        min_value=1,
        max_value=SPEAKERS_MAX,
        help_text=_("If you know it, voices are told apart better."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def clean_language(self) -> str:
        """Return the language's code; empty: the recogniser finds it."""
        language: str = self.cleaned_data["language"]
        return "" if language == AUTOMATIC else language


class SpeakerForm(PortalForm):
    """A voice's name, and the one that the person saw when the form was opened."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    seen_name = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
