"""How far a recording has come, as the pages show it."""

from dataclasses import dataclass

from django.db.models import Prefetch

from apps.tenants.models import Membership
from apps.transcripts.models import Recording, RecordingQuerySet, Transcript, TranscriptionJob


@dataclass(frozen=True)
class RecordingState:
    """A recording, its newest job, and its transcript where the member may read it."""

    recording: Recording
    job: TranscriptionJob | None
    transcript: Transcript | None

    @property
    def file_name(self) -> str:
        """The name of the (first) file as it was uploaded."""
        tracks = self.recording.tracks.all()
        return tracks[0].file.name if tracks else ""


def with_states(recordings: RecordingQuerySet, membership: Membership) -> RecordingQuerySet:
    """Fetch what ``state_of`` reads, in three queries whatever the number of recordings."""
    return recordings.prefetch_related(
        "tracks__file",
        Prefetch("jobs", TranscriptionJob.objects.order_by("-created_at")),
        Prefetch("transcripts", Transcript.objects.visible_to(membership)),
    )


def state_of(recording: Recording) -> RecordingState:
    """Return the state of a recording that came through ``with_states``."""
    jobs, transcripts = recording.jobs.all(), recording.transcripts.all()
    return RecordingState(recording, jobs[0] if jobs else None, transcripts[0] if transcripts else None)
