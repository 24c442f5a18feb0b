"""What the journal may name of recordings and transcripts: each by its meeting's title."""

from django.db.models import QuerySet

from apps.tenants.journal_objects import Kind, show_in_journal
from apps.tenants.journal_words import name_values
from apps.tenants.models import Membership
from apps.transcripts.failures import JOB_FAILURES, MEDIA_REFUSALS, UNKNOWN_FAILURE
from apps.transcripts.models import Recording, Transcript, TranscriptionJob
from apps.transcripts.operations import ExportFormat

RECORDING_PAGE = ("transcripts:recording_detail", "recording_id")
TRANSCRIPT_PAGE = ("transcripts:transcript_detail", "transcript_id")


def _jobs(reader: Membership) -> QuerySet[TranscriptionJob]:
    return TranscriptionJob.objects.filter(recording__in=Recording.objects.visible_to(reader))


show_in_journal("recording", Kind(Recording.objects.visible_to, "meeting__title", *RECORDING_PAGE))
show_in_journal("transcriptionjob", Kind(_jobs, "recording__meeting__title", *RECORDING_PAGE, target="recording_id"))
show_in_journal("transcript", Kind(Transcript.objects.visible_to, "recording__meeting__title", *TRANSCRIPT_PAGE))

name_values("code", {"unknown_error": UNKNOWN_FAILURE} | JOB_FAILURES | MEDIA_REFUSALS)
name_values("format", dict(ExportFormat.choices))
