"""A transcript as plain data: what every export format is made of."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.transcripts.models import Segment, Speaker, Transcript


@dataclass(frozen=True)
class Line:
    """One run of one speaker's words; times in seconds from the recording's start."""

    start_s: float
    end_s: float
    speaker: str  # as shown; empty where no voice was found for the words
    text: str


@dataclass(frozen=True)
class TranscriptDocument:
    """What a reader needs of one version of a transcript."""

    title: str
    organization: str
    started_at: datetime  # in the meeting's own zone
    duration_s: float
    language: str  # ISO 639-1; empty where unknown
    version: int
    is_approved: bool
    speakers: tuple[str, ...]  # as shown, in the order of their first words
    lines: tuple[Line, ...]


def speaker_name(speaker: Speaker) -> str:
    """Return how a voice is shown: its name, else its number."""
    return speaker.name or _("Speaker %(number)s") % {"number": speaker.position}


def document_of(transcript: Transcript) -> TranscriptDocument:
    """Read a transcript as it is now; the language of "Speaker 1" is the active one."""
    recording = transcript.recording
    meeting = recording.meeting
    started_at = recording.occurrence.start_at if recording.occurrence else meeting.bounds()[0]
    names = {speaker.id: speaker_name(speaker) for speaker in transcript.speakers.all()}
    segments = Segment.objects.filter(transcript=transcript).values_list("start_s", "end_s", "speaker_id", "text")
    return TranscriptDocument(
        title=meeting.title,
        organization=transcript.tenant.name,
        started_at=started_at.astimezone(meeting.zone),
        duration_s=recording.duration_s,
        language=transcript.language,
        version=transcript.version,
        is_approved=transcript.status in (Transcript.Status.APPROVED, Transcript.Status.SEALED),
        speakers=tuple(names.values()),
        lines=tuple(
            Line(start_s, end_s, names[speaker_id] if speaker_id else "", text)
            for start_s, end_s, speaker_id, text in segments
        ),
    )
