"""The forms of recordings and voices."""

from django import forms
from django.utils.translation import gettext_lazy as _

from visio_portal.forms import PortalForm

LANGUAGES = (
    ("", _("Recognise it automatically")),
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

    upload = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Choose the recording, and wait until the portal has received it."),
            "invalid": _("Choose the recording, and wait until the portal has received it."),
        },
    )
    language = forms.ChoiceField(label=_("Language spoken"), choices=LANGUAGES, required=False, initial="fr")
    speakers = forms.IntegerField(
        label=_("Number of people who speak"),
        required=False,
        min_value=1,
        max_value=SPEAKERS_MAX,
        help_text=_("If you know it, voices are told apart better."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class SpeakerForm(PortalForm):
    """A voice's name, and the one that the person saw when the form was opened."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    seen_name = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
