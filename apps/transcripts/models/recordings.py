"""Recordings, the jobs that transcribe them, and the transcripts that people correct."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.files.models import StoredFile, Upload
from apps.rooms.models import Attendee, Meeting, Occurrence
from apps.tenants.models import Membership, TenantOwned
from apps.tenants.rls import TenantForeignKey
from apps.transcripts.failures import job_failure


class RecordingQuerySet(models.QuerySet["Recording"]):
    def visible_to(self, membership: Membership) -> Self:
        """Keep the sound of meetings whose transcript the member may read."""
        edited = Meeting.objects.editable_by(membership).values("id")
        read = Transcript.objects.visible_to(membership).values("recording_id")
        return self.filter(Q(meeting_id__in=edited) | Q(id__in=read))

    def editable_by(self, membership: Membership) -> Self:
        return self.filter(meeting__in=Meeting.objects.editable_by(membership))


class Recording(TenantOwned):
    """The sound of one occurrence of a meeting: one or more tracks."""

    meeting = TenantForeignKey(Meeting, on_delete=models.PROTECT, related_name="recordings")
    occurrence = TenantForeignKey(Occurrence, on_delete=models.PROTECT, null=True, related_name="recordings")
    uploaded_by = TenantForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="recordings")
    language = models.CharField(_("language"), max_length=8, blank=True)  # empty: found by the recogniser
    speaker_count = models.PositiveSmallIntegerField(_("number of speakers"), null=True, blank=True)
    duration_s = models.FloatField()
    upload_id = models.UUIDField(null=True, editable=False)  # the upload it came from, whose row is gone by now
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(duration_s__gt=0), name="recording_has_sound"),
            models.UniqueConstraint(fields=["tenant", "upload_id"], name="recording_once_per_upload"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RecordingTrack(TenantOwned):
    """One audio file of a recording, with the participant who speaks on it where known."""

    recording = TenantForeignKey(Recording, on_delete=models.CASCADE, related_name="tracks")
    number = models.PositiveSmallIntegerField(default=1)
    file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="recording_tracks")
    attendee = TenantForeignKey(Attendee, on_delete=models.SET_NULL, null=True, related_name="recording_tracks")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["tenant", "recording", "number"], name="track_once")]

    def __str__(self) -> str:
        return str(self.number)


class TranscriptionJobQuerySet(models.QuerySet["TranscriptionJob"]):
    def active(self) -> Self:
        return self.filter(status__in=[TranscriptionJob.Status.QUEUED, TranscriptionJob.Status.RUNNING])


class TranscriptionJob(TenantOwned):
    """A recording's way through a worker; attempt and run_id are the fence against a late one.

    Waiting means queued; a message for the worker is out when ``claim_digest`` is set. A run is current while
    the job is running and ``run_id`` is its own; nothing that any other run says changes the row.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being transcribed")
        SUCCEEDED = "succeeded", _("transcribed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    recording = TenantForeignKey(Recording, on_delete=models.CASCADE, related_name="jobs")
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=1)
    claim_digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the one-time claim secret
    run_id = models.UUIDField(null=True)  # chosen by the worker that holds the claim
    sequence = models.PositiveIntegerField(default=0)  # of the last progress message
    stage = models.CharField(max_length=16, blank=True)
    fraction = models.FloatField(default=0)  # 0 to 1, of the whole job
    worker = models.CharField(max_length=200, blank=True)
    failure_code = models.CharField(max_length=40, blank=True)
    partial_key = models.CharField(max_length=200, blank=True)  # finished stages, kept by the worker
    result_upload = TenantForeignKey(Upload, on_delete=models.SET_NULL, null=True, related_name="jobs")
    result_file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="jobs")
    created_at = models.DateTimeField(auto_now_add=True)
    dispatched_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TranscriptionJobQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        indexes = [
            models.Index(
                fields=["tenant", "created_at"],
                condition=Q(status__in=["queued", "running"]),
                name="job_active",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "recording"],
                condition=Q(status__in=["queued", "running"]),
                name="job_one_active_per_recording",
            ),
            models.CheckConstraint(condition=Q(fraction__gte=0, fraction__lte=1), name="job_fraction"),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(run_id__isnull=False, heartbeat_at__isnull=False),
                name="job_running_has_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} ({self.status})"

    @property
    def is_active(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def percent(self) -> int:
        return round(self.fraction * 100)

    @property
    def failure_reason(self) -> str:
        """What a person reads about a failed job; empty for any other."""
        return str(job_failure(self.failure_code)) if self.status == self.Status.FAILED else ""


class TranscriptQuerySet(models.QuerySet["Transcript"]):
    def visible_to(self, membership: Membership) -> Self:
        """Keep what the member may read: organisers, named readers, the reviewer, and the audience
        that the meeting chose once the text is approved. No role alone opens a transcript."""
        edited = Meeting.objects.editable_by(membership).values("id")
        named = TranscriptReader.objects.filter(membership=membership).values("transcript_id")
        attended = Attendee.objects.filter(membership=membership).values("meeting_id")
        is_approved = Q(status__in=[Transcript.Status.APPROVED, Transcript.Status.SEALED])
        meeting = "recording__meeting__"
        for_attendees = Q(**{f"{meeting}transcript_audience": Meeting.Audience.ATTENDEES, f"{meeting}id__in": attended})
        audience = for_attendees
        if membership.unit_id:
            audience |= Q(
                **{
                    f"{meeting}transcript_audience": Meeting.Audience.UNIT,
                    f"{meeting}organizer__unit_id": membership.unit_id,
                }
            )
        return self.filter(
            Q(recording__meeting_id__in=edited) | Q(id__in=named) | Q(reviewer=membership) | (is_approved & audience)
        )

    def editable_by(self, membership: Membership) -> Self:
        """Keep what the member may correct: organisers and the reviewer, until it is approved."""
        edited = Meeting.objects.editable_by(membership).values("id")
        return self.filter(
            Q(recording__meeting_id__in=edited) | Q(reviewer=membership),
            status__in=[Transcript.Status.DRAFT, Transcript.Status.IN_REVIEW],
        )


class Transcript(TenantOwned):
    """Who said what in a recording, from the recogniser's draft to the sealed text."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        APPROVED = "approved", _("approved")
        SEALED = "sealed", _("sealed")

    recording = TenantForeignKey(Recording, on_delete=models.PROTECT, related_name="transcripts")
    job = TenantForeignKey(TranscriptionJob, on_delete=models.PROTECT, related_name="transcripts")
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    language = models.CharField(max_length=8)
    version = models.PositiveIntegerField(default=0)  # number of the newest revision; 0 is the recogniser's
    reviewer = TenantForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="reviewed_transcripts"
    )
    speech_models = models.JSONField(default=dict)  # role → name and digest of each speech model
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["tenant", "recording"], name="transcript_once")]

    def __str__(self) -> str:
        return str(self.id)


class TranscriptReader(TenantOwned):
    """A member named as a reader of one transcript."""

    transcript = TenantForeignKey(Transcript, on_delete=models.CASCADE, related_name="readers")
    membership = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="readable_transcripts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "transcript", "membership"], name="transcript_reader_once")
        ]

    def __str__(self) -> str:
        return str(self.membership_id)


class Speaker(TenantOwned):
    """A voice of a transcript; its name says where it came from."""

    class Origin(models.TextChoices):
        NONE = "none", _("not named")
        TRACK = "track", _("own microphone track")
        METADATA = "metadata", _("conference's record of who spoke")
        PERSON = "person", _("named by a person")

    transcript = TenantForeignKey(Transcript, on_delete=models.CASCADE, related_name="speakers")
    label = models.CharField(max_length=32)  # the recogniser's: SPK01 …
    position = models.PositiveSmallIntegerField()  # order of first words, from 1; chooses the colour
    name = models.CharField(_("name"), max_length=200, blank=True)
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.NONE)
    confidence = models.FloatField(null=True)  # 0 to 1, of the name

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["tenant", "transcript", "label"], name="speaker_label_once")]

    def __str__(self) -> str:
        return self.name or self.label


class Segment(TenantOwned):
    """A run of one speaker's words, or of words that no voice could be found for.

    ``words`` is [{word, start, end, score}], seconds from the recording's start, null where unknown.
    """

    transcript = TenantForeignKey(Transcript, on_delete=models.CASCADE, related_name="segments")
    position = models.PositiveIntegerField()
    speaker = TenantForeignKey(Speaker, on_delete=models.PROTECT, null=True, related_name="segments")
    start_s = models.FloatField()
    end_s = models.FloatField()
    text = models.TextField()
    words = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "transcript", "position"], name="segment_position_once"),
            models.CheckConstraint(condition=Q(start_s__gte=0, end_s__gte=F("start_s")), name="segment_times_in_order"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Revision(TenantOwned):
    """One immutable change of a transcript: who, when, what. Number 0 is the recogniser's output."""

    transcript = TenantForeignKey(Transcript, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    author = TenantForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="revisions")
    kind = models.CharField(max_length=32)  # recognised, speaker_renamed …
    changes = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["tenant", "transcript", "number"], name="revision_once")]

    def __str__(self) -> str:
        return str(self.number)
