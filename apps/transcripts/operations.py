"""What people do with recordings and transcripts.

``add_recording`` waits on the store and the disk: call it outside a tenant's transaction. All others run inside.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.rooms.models import Meeting
from apps.tenants.conflicts import Conflict
from apps.tenants.models import Membership
from apps.transcripts.models import Recording, Revision, Segment, Speaker, Transcript, TranscriptionJob


class TranscriptChanged(Conflict):
    """The transcript has a newer version than the one that the person saw, or may no longer be corrected."""


class ExportFormat(models.TextChoices):
    VTT = "vtt", _("WebVTT subtitles")
    DOCX = "docx", _("Word document (DOCX)")


@dataclass(frozen=True)
class Export:
    """A file to download."""

    content: bytes
    name: str
    media_type: str


@dataclass(frozen=True)
class TranscriptText:
    """What the page of a transcript shows: voices in the order of their first words, and lines in time.

    Each line's ``speaker`` is one of ``speakers`` (or None) and costs no query; ``words`` are not loaded.
    """

    speakers: list[Speaker]
    lines: list[Segment]


def add_recording(
    *, membership: Membership, meeting: Meeting, upload_id: UUID, language: str = "", speakers: int | None = None
) -> Recording:
    """Check an uploaded file, make it a recording of the meeting, and queue its transcription.

    ``upload_id`` is a complete upload of the member's (purpose RECORDING); ``language`` ISO 639-1, empty to
    let it be found; ``speakers`` their number where known. Enters the tenant by itself: call it in a view that
    ``enters_tenant_itself``; a file of 2 GB takes about a second. The same upload again gives the same
    recording. Raises MediaRefused with the reason (the file is then deleted), UploadNotReady.
    """
    raise NotImplementedError


def retry_transcription(*, membership: Membership, recording: Recording) -> TranscriptionJob:
    """Queue another job for a recording whose job failed or was cancelled. Raises Conflict otherwise."""
    raise NotImplementedError


def cancel_transcription(*, membership: Membership, job: TranscriptionJob) -> None:
    """Cancel a waiting or running job; the worker stops at its next message. Raises Conflict if it has ended."""
    raise NotImplementedError


def sound_links(*, membership: Membership, recording: Recording) -> list[str]:
    """Return signed addresses of the tracks for the browser's player, and journal that the person may listen."""
    raise NotImplementedError


def read_transcript(*, membership: Membership, transcript: Transcript) -> TranscriptText:
    """Return the text for a page, and journal the read (once per person, transcript and hour)."""
    raise NotImplementedError


def rename_speaker(
    *, membership: Membership, transcript: Transcript, speaker: Speaker, name: str, expected_version: int
) -> Revision:
    """Name a voice in all its lines; an empty name takes the name away.

    Raises TranscriptChanged where ``expected_version`` is not the newest any more, or the text is approved.
    """
    raise NotImplementedError


def export_transcript(*, membership: Membership, transcript: Transcript, export_format: ExportFormat) -> Export:
    """Make a file of the transcript's current version, and journal the export."""
    raise NotImplementedError
