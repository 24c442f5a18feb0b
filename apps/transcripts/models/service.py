"""The portal as the transcription service of a ministry's Visio: its settings, and the jobs that Visio gave."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import Membership, TenantOwned
from apps.tenants.rls import TenantForeignKey
from apps.transcripts.models.recordings import Recording
from visio_portal.encryption import EncryptedTextField

SIZE_MAX_MB, FETCH_MAX_MINUTES = 2048, 120


class TranscriptionService(TenantOwned):
    """What a ministry allows its Visio: servers to fetch recordings from, limits, and where it is called back."""

    hosts = ArrayField(models.CharField(max_length=253), default=list)  # names, or *.example.org
    size_limit_mb = models.PositiveIntegerField(
        _("largest recording (MB)"),
        default=SIZE_MAX_MB,
        validators=[MinValueValidator(1), MaxValueValidator(SIZE_MAX_MB)],
    )
    fetch_minutes = models.PositiveIntegerField(
        _("longest download (minutes)"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(FETCH_MAX_MINUTES)],
    )
    callback_url = models.URLField(_("address that is told"), max_length=500, blank=True)
    callback_key = EncryptedTextField(_("key for that address"), blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="transcription_service_once")]

    def __str__(self) -> str:
        return self.callback_url


class ServiceJobQuerySet(models.QuerySet["ServiceJob"]):
    def due_for_fetching(self) -> Self:
        """Keep what waits to be fetched, and what somebody began to fetch and never ended."""
        return self.filter(status__in=ServiceJob.UNFETCHED, fetch_at__lte=timezone.now())

    def being_fetched(self) -> Self:
        return self.filter(status=ServiceJob.Status.FETCHING, fetch_at__gt=timezone.now())

    def due_for_callback(self) -> Self:
        return self.filter(callback_at__lte=timezone.now())


class ServiceJob(TenantOwned):
    """A recording that Visio asked to have transcribed (contract v2), from its request to the last callback.

    ``fetch_at`` and ``callback_at`` say when somebody may try (next); whoever does moves them first, so that two tasks
    never do the same. The addresses are secrets: they open the recording for a day, and are emptied once it is here.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("to be fetched")
        FETCHING = "fetching", _("being fetched")
        TRANSCRIBING = "transcribing", _("being transcribed")
        SUCCEEDED = "succeeded", _("transcribed")
        FAILED = "failed", _("failed")

    UNFETCHED = (Status.ACCEPTED, Status.FETCHING)

    status = models.CharField(max_length=16, choices=Status, default=Status.ACCEPTED)
    source_digest = models.CharField(max_length=64)  # SHA-256 of the recording's address without its signature
    source_url = EncryptedTextField(blank=True)
    metadata_url = EncryptedTextField(blank=True)
    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="service_jobs")
    language = models.CharField(max_length=8, blank=True)
    title = models.CharField(max_length=200, blank=True)
    conference_slug = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField(null=True)  # of the recording, as Visio says
    ended_at = models.DateTimeField(null=True)
    recording = TenantForeignKey(Recording, on_delete=models.SET_NULL, null=True, related_name="service_jobs")
    speech_events = models.JSONField(default=list)  # [{participant_id, name, type, timestamp}], seconds
    error_code = models.CharField(max_length=40, blank=True)  # the contract's
    reason = models.CharField(max_length=500, blank=True)  # for the administrator
    fetch_attempts = models.PositiveSmallIntegerField(default=0)
    fetch_at = models.DateTimeField(null=True, default=timezone.now)
    callback_attempts = models.PositiveSmallIntegerField(default=0)
    callback_at = models.DateTimeField(null=True)
    callback_error = models.CharField(max_length=500, blank=True)
    called_back_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = ServiceJobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source_digest"], condition=~Q(status="failed"), name="service_job_once_per_source"
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "created_at"],
                condition=Q(status__in=["accepted", "fetching", "transcribing"]),
                name="service_job_active",
            ),
            models.Index(
                fields=["tenant", "callback_at"], condition=Q(callback_at__isnull=False), name="service_job_callback"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"

    @property
    def is_over(self) -> bool:
        return self.status in (self.Status.SUCCEEDED, self.Status.FAILED)
