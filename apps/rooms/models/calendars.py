"""Calendars that leave the portal as feeds, and those that come in for free/busy."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.rooms.models.rooms import Room
from apps.tenants.models import Membership, TenantOwned
from apps.tenants.rls import TenantForeignKey
from visio_portal.encryption import EncryptedTextField


class CalendarFeed(TenantOwned):
    """A secret address under which a calendar program reads a person's or a room's meetings.

    Without ``room`` and ``principal`` it is the member's own; ``principal`` is somebody in whose name they schedule.
    """

    membership = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="calendar_feeds")  # whose rights
    room = TenantForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_feeds")
    principal = TenantForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_feeds_of_delegates"
    )
    digest = models.CharField(max_length=64)  # SHA-256 of the secret in hexadecimal
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="calendar_feed_digest"),
            models.CheckConstraint(condition=Q(room=None) | Q(principal=None), name="calendar_feed_of_one"),
        ]

    def __str__(self) -> str:
        return str(self.room_id or self.principal_id or self.membership_id)


class ExternalCalendar(TenantOwned):
    """A member's own calendar elsewhere, read from an ICS address for its busy times alone."""

    membership = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="external_calendars")
    address = EncryptedTextField(_("ICS address"))
    fetched_at = models.DateTimeField(null=True, blank=True)  # the last success
    checked_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "membership"], name="external_calendar_once")]

    def __str__(self) -> str:
        return str(self.membership_id)


class BusyPeriod(TenantOwned):
    """When a member's external calendar says busy; neither title nor place is kept."""

    calendar = TenantForeignKey(ExternalCalendar, on_delete=models.CASCADE, related_name="busy_periods")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()

    class Meta:
        ordering = ["start_at"]
        indexes = [models.Index(fields=["tenant", "calendar", "start_at", "end_at"], name="busy_period_range")]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d %H:%M}"
