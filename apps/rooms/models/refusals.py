"""Rooms that their managers did not give, as the organiser reads it on the meeting's page."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.rooms.models.meetings import Meeting
from apps.rooms.models.rooms import Room
from apps.tenants.models import Membership, TenantOwned
from apps.tenants.rls import TenantForeignKey


class RoomRefusal(TenantOwned):
    """A manager refused a meeting its room; the meeting stays, without it."""

    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, related_name="room_refusals")
    room = TenantForeignKey(Room, on_delete=models.CASCADE, related_name="refusals")
    by = TenantForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="room_refusals")
    reason = models.CharField(_("reason"), max_length=500)
    dates = models.PositiveIntegerField(default=1)  # how many occurrences lost the room
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.reason
