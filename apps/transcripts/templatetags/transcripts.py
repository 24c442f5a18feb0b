"""Times and voices in the pages of transcripts."""

from django import template
from django.utils.translation import gettext

from apps.transcripts.exports.document import speaker_name
from apps.transcripts.forms import LANGUAGES
from apps.transcripts.models import Speaker, Transcript

VOICE_COLOURS = 10  # transcript.css has as many

register = template.Library()


@register.filter
def clock(seconds: float) -> str:
    """Return a place in a recording: "0:07", "12:30", "1:02:03"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@register.filter
def seconds_in_words(seconds: float) -> str:
    """Return a length of time that people wait or speak: "45 s", "12 min", "1 h 05"."""
    if seconds < 60:
        return gettext("%(seconds)s s") % {"seconds": round(seconds)}
    minutes = round(seconds / 60)
    if minutes < 60:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    return f"{minutes // 60} h {minutes % 60:02d}"


@register.filter
def plain(seconds: float) -> str:
    """Return seconds as scripts read them, whatever the page's language."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


@register.filter
def language(transcript: Transcript) -> str:
    """Return the name of a transcript's language; its code where it is none of those offered."""
    return str(dict(LANGUAGES).get(transcript.language) or transcript.language)


@register.filter
def voice(speaker: Speaker | None) -> int:
    """Return the number of a voice's colour, from 1; 0 where there is no voice."""
    return (speaker.position - 1) % VOICE_COLOURS + 1 if speaker else 0


@register.filter
def name_of(speaker: Speaker | None) -> str:
    """Return how a voice is shown."""
    return speaker_name(speaker) if speaker else gettext("Unknown voice")
