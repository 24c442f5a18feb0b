"""The forms of recordings and voices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.rooms.models import Meeting, Occurrence
from apps.rooms.templatetags.meetings import when
from apps.transcripts.media import MAX_BYTES
from apps.transcripts.operations import begun_dates
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
    """A recording that was uploaded, and what is known of it; of a series, on which of its dates it was made."""

    max_bytes = MAX_BYTES

    occurrence = forms.ModelChoiceField(label=_("Recorded on"), queryset=Occurrence.objects.none(), empty_label=None)
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

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dates = begun_dates(meeting).select_related("tenant") if meeting.is_series else Occurrence.objects.none()
        if dates.exists():
            self.fields["occurrence"].label_from_instance = lambda date: when(date, date.tenant.zone)
            self.fields["occurrence"].queryset = dates
        else:
            del self.fields["occurrence"]

    @property
    def has_date(self) -> bool:
        return "occurrence" in self.fields

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
