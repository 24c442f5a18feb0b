"""Rooms, who manages them, and the rules under which they are booked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import Membership, TenantOwned, Unit
from apps.tenants.rls import TenantForeignKey


class Room(TenantOwned):
    """A lasting place to meet: virtual, or a physical room with equipment."""

    class Kind(models.TextChoices):
        VIRTUAL = "virtual", _("Virtual room")
        EQUIPPED = "equipped", _("Equipped room")

    class Equipment(models.TextChoices):
        SCREEN = "screen", _("screen")
        CAMERA = "camera", _("camera")
        CONFERENCE_UNIT = "conference_unit", _("video-conference unit")
        WHITEBOARD = "whiteboard", _("whiteboard")
        HEARING_LOOP = "hearing_loop", _("hearing loop")
        STEP_FREE = "step_free", _("step-free access")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    site = models.CharField(_("site"), max_length=120, blank=True)
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    equipment = ArrayField(
        models.CharField(max_length=32, choices=Equipment), default=list, blank=True, verbose_name=_("equipment")
    )
    sip_address = models.CharField(_("SIP address"), max_length=255, blank=True)
    unit = TenantForeignKey(
        Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="rooms", verbose_name=_("unit")
    )
    closed_at = models.DateTimeField(null=True, blank=True)  # out of use: kept for the past, offered no more

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="room_name_once")]

    def __str__(self) -> str:
        return self.name


class RoomManager(TenantOwned):
    """A member who confirms the bookings of a room and looks after it."""

    room = TenantForeignKey(Room, on_delete=models.CASCADE, related_name="managers")
    membership = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="managed_rooms")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "room", "membership"], name="room_manager_once")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.room_id}"


class StatePolicyRule(models.Model):
    """What the interministerial operator lays down for every ministry (global table)."""

    name = models.CharField(max_length=32, primary_key=True)
    value = models.JSONField()
    is_enforced = models.BooleanField(_("enforced"), default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)  # told to those whom the rule stops
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PolicyRule(TenantOwned):
    """What a ministry (no unit) or one of its units lays down; a default below may differ, an enforced one not."""

    unit = TenantForeignKey(Unit, on_delete=models.CASCADE, null=True, blank=True, related_name="policy_rules")
    name = models.CharField(max_length=32)
    value = models.JSONField()
    is_enforced = models.BooleanField(_("enforced"), default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)  # told to those whom the rule stops
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "unit", "name"], nulls_distinct=False, name="policy_rule_once")
        ]

    def __str__(self) -> str:
        return self.name
