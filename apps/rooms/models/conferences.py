"""Conferences in Visio behind the portal's permanent join addresses, and what happened in them."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.rooms.models.meetings import Meeting
from apps.rooms.models.rooms import Room
from apps.tenants.models import TenantOwned
from apps.tenants.rls import TenantForeignKey
from visio_portal.encryption import EncryptedTextField


class VisioConnection(TenantOwned):
    """How a ministry's portal reaches its Visio, and how Visio's calls to the portal are recognised."""

    base_url = models.URLField(_("address of Visio"), max_length=255)  # https://visio.numerique.gouv.fr
    client_id = models.CharField(_("client id"), max_length=255)
    client_secret = EncryptedTextField(_("client secret"))
    livekit_api_key = models.CharField(_("LiveKit API key"), max_length=255, blank=True)
    livekit_api_secret = EncryptedTextField(_("LiveKit API secret"), blank=True)
    attendance_days = models.PositiveSmallIntegerField(
        _("days that attendance is kept"), default=90, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="visio_connection_once")]

    def __str__(self) -> str:
        return self.base_url


class ConferenceQuerySet(models.QuerySet["Conference"]):
    def in_use(self) -> Self:
        """Leave out those that were replaced."""
        return self.exclude(status=Conference.Status.REPLACED)

    def unmade(self) -> Self:
        """Keep those that Visio has yet to make."""
        return self.filter(status__in=Conference.UNMADE)


class Conference(TenantOwned):
    """A room in Visio, made for a meeting or for a lasting virtual room. The one in use answers."""

    class Status(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be prepared")
        REPLACED = "replaced", _("replaced")

    UNMADE = (Status.PREPARING, Status.FAILED)

    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, null=True, related_name="conferences")
    room = TenantForeignKey(Room, on_delete=models.CASCADE, null=True, related_name="conferences")
    status = models.CharField(max_length=16, choices=Status, default=Status.PREPARING)
    owner_email = models.EmailField()  # in whose name Visio made it
    access_level = models.CharField(max_length=16)  # as the organiser wants it
    given_level = models.CharField(max_length=16, blank=True)  # as Visio made it
    visio_id = models.UUIDField(null=True, blank=True)  # the LiveKit room's name too
    slug = models.CharField(max_length=255, blank=True)
    url = models.URLField(max_length=500, blank=True)
    telephony = models.JSONField(default=dict)  # as Visio gave it
    attempts = models.PositiveSmallIntegerField(default=0)
    failure_code = models.CharField(max_length=32, blank=True)  # of the last attempt: conferences.failures
    error = models.CharField(max_length=500, blank=True)  # Visio's own words about it
    due_at = models.DateTimeField(default=timezone.now)  # of the next attempt to make it
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ConferenceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(meeting=None, room__isnull=False) | Q(meeting__isnull=False, room=None),
                name="conference_of_meeting_or_room",
            ),
            models.UniqueConstraint(
                fields=["tenant", "meeting"], condition=~Q(status="replaced"), name="conference_one_per_meeting"
            ),
            models.UniqueConstraint(
                fields=["tenant", "room"], condition=~Q(status="replaced"), name="conference_one_per_room"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "visio_id"], name="conference_visio_id"),
            models.Index(
                fields=["tenant", "due_at"],
                condition=Q(status__in=["preparing", "failed"]),
                name="conference_to_make",
            ),
        ]

    def __str__(self) -> str:
        return self.slug or self.status


class ConferenceEvent(TenantOwned):
    """One LiveKit webhook, once; attendance is computed from all of them, whatever their order."""

    conference = TenantForeignKey(Conference, on_delete=models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=255)
    name = models.CharField(max_length=64)  # participant_joined, …
    session_id = models.CharField(max_length=255, blank=True)  # LiveKit's room sid: one per run of the conference
    participant_id = models.CharField(max_length=255, blank=True)  # LiveKit's participant sid: one per connection
    identity = models.CharField(max_length=255, blank=True)  # who it is, over reconnections
    participant_name = models.CharField(max_length=255, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)  # of the connection, as LiveKit says in each of its events
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["happened_at"]
        constraints = [models.UniqueConstraint(fields=["tenant", "event_id"], name="conference_event_once")]
        indexes = [models.Index(fields=["tenant", "conference", "happened_at"], name="conference_event_time")]

    def __str__(self) -> str:
        return self.name
