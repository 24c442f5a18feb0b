"""How far recordings have come, as the pages show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery, prefetch_related_objects
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import Membership
from apps.transcripts.models import Recording, RecordingTrack, Transcript, TranscriptionJob
from media_worker.contract import Stage

STAGE_LABELS: dict[Stage, Promise] = {
    Stage.DECODE: _("Reading the sound"),
    Stage.SPEECH: _("Recognising the words"),
    Stage.DIARIZATION: _("Telling the voices apart"),
    Stage.SPEAKERS: _("Putting names to voices"),
    Stage.RESULT: _("Writing the transcript"),
}
FORESEEABLE = 0.1  # from this fraction on, the time left is worth telling


class Step(NamedTuple):
    """A stage of a transcription, and whether it is behind, under way or ahead."""

    label: Promise
    is_done: bool
    is_current: bool


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

    @property
    def ahead(self) -> int:
        """How many jobs of the tenant a waiting job waits for."""
        return getattr(self.job, "ahead", None) or 0

    @property
    def steps(self) -> list[Step]:
        stages, stage = list(STAGE_LABELS), self.job.stage if self.job else ""
        current = stages.index(Stage(stage)) if stage in stages else 0
        return [Step(label, place < current, place == current) for place, label in enumerate(STAGE_LABELS.values())]

    @property
    def is_written(self) -> bool:
        """Whether the worker is done and the portal still makes its result a transcript."""
        return self.job is not None and self.job.status == TranscriptionJob.Status.SUCCEEDED and not self.transcript

    @property
    def is_moving(self) -> bool:
        """Whether the page has something to wait for."""
        return self.job is not None and (self.job.is_active or self.is_written)

    @property
    def phase(self) -> str:
        """What changes between two announcements: the job's status, and its stage while it runs."""
        if self.job is None:
            return ""
        if self.is_written:
            return "written"
        return self.job.stage if self.job.status == TranscriptionJob.Status.RUNNING else self.job.status

    @property
    def elapsed_s(self) -> float:
        """Seconds since the job started, or since it began to wait."""
        if self.job is None:
            return 0
        since = self.job.started_at or self.job.created_at
        return _seconds_between(since, self.job.finished_at or timezone.now())

    @property
    def remaining_s(self) -> float | None:
        """Seconds that a running job will take at its present pace; None where that is not known yet."""
        if self.job is None or self.job.started_at is None or self.job.fraction < FORESEEABLE:
            return None
        return self.elapsed_s * (1 - self.job.fraction) / self.job.fraction


def states_of(recordings: Iterable[Recording], membership: Membership) -> list[RecordingState]:
    """Return the states of some recordings, in three more queries whatever their number."""
    rows = list(recordings)
    prefetch_related_objects(
        rows,
        Prefetch("tracks", RecordingTrack.objects.select_related("file")),
        Prefetch("jobs", jobs_with_place()),
        Prefetch("transcripts", Transcript.objects.visible_to(membership)),
    )
    return [_state_of(recording) for recording in rows]


def jobs_with_place() -> QuerySet[TranscriptionJob]:
    """Return jobs, the newest first, each with ``ahead``: how many of its tenant have waited for longer."""
    waiting = TranscriptionJob.objects.filter(status=TranscriptionJob.Status.QUEUED).order_by()
    before = waiting.filter(tenant=OuterRef("tenant"), created_at__lt=OuterRef("created_at")).values("tenant")
    place = Subquery(before.annotate(number=Count("id")).values("number"))
    return TranscriptionJob.objects.annotate(ahead=place).order_by("-created_at")


def _state_of(recording: Recording) -> RecordingState:
    jobs, transcripts = recording.jobs.all(), recording.transcripts.all()
    return RecordingState(recording, jobs[0] if jobs else None, transcripts[0] if transcripts else None)


def _seconds_between(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())
