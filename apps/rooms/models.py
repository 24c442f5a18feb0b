"""Rooms, the meetings that organisers edit, and the occurrences that really happen."""

from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import Membership, TenantOwned, Unit
from apps.tenants.rls import TenantForeignKey


class Room(TenantOwned):
    """A lasting place to meet: virtual, or a physical room with equipment."""

    class Kind(models.TextChoices):
        VIRTUAL = "virtual", _("Virtual room")
        EQUIPPED = "equipped", _("Equipped room")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    site = models.CharField(_("site"), max_length=120, blank=True)
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    unit = TenantForeignKey(
        Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="rooms", verbose_name=_("unit")
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="room_name_once")]

    def __str__(self) -> str:
        return self.name


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, membership: Membership) -> Self:
        """Keep what the member organises, co-organises or attends."""
        attended = Attendee.objects.filter(membership=membership).values("meeting_id")
        return self.filter(Q(organizer=membership) | Q(id__in=attended))

    def editable_by(self, membership: Membership) -> Self:
        """Keep what the member organises or co-organises."""
        shared = Attendee.objects.filter(membership=membership, role=Attendee.Role.CO_ORGANIZER)
        return self.filter(Q(organizer=membership) | Q(id__in=shared.values("meeting_id")))


class Meeting(TenantOwned):
    """What the organiser edits: a title, a wall time in a zone, a duration, and people."""

    class Audience(models.TextChoices):
        NAMED = "named", _("organisers and named readers")
        ATTENDEES = "attendees", _("all attendees, once approved")
        UNIT = "unit", _("the organiser's unit, once approved")

    title = models.CharField(_("title"), max_length=200)
    agenda = models.TextField(_("agenda"), blank=True)
    organizer = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="organized_meetings")
    room = TenantForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("room")
    )
    # Wall time and zone are kept, so that a meeting survives a change of the zone's rules.
    starts_on = models.DateField(_("date"))
    start_time = models.TimeField(_("start"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    duration_minutes = models.PositiveIntegerField(
        _("duration (minutes)"), validators=[MinValueValidator(5), MaxValueValidator(24 * 60)]
    )
    transcript_audience = models.CharField(
        _("who may read the transcript"), max_length=16, choices=Audience, default=Audience.NAMED
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-start_time"]
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=5, duration_minutes__lte=24 * 60), name="meeting_duration"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def bounds(self) -> tuple[datetime, datetime]:
        """Return start and end as instants; a wall time in a DST gap moves forward by the gap."""
        wall = datetime.combine(self.starts_on, self.start_time, tzinfo=self.zone)
        start = wall.astimezone(ZoneInfo("UTC"))
        return start, start + timedelta(minutes=self.duration_minutes)


class Attendee(TenantOwned):
    """A person of a meeting: a member, or a guest known by address."""

    class Role(models.TextChoices):
        CO_ORGANIZER = "co_organizer", _("co-organiser")
        ATTENDEE = "attendee", _("attendee")

    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    membership = TenantForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="attendances"
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(max_length=16, choices=Role, default=Role.ATTENDEE)

    class Meta:
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "meeting", "email"], name="attendee_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="attendee_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def visible_to(self, membership: Membership) -> Self:
        return self.filter(meeting__in=Meeting.objects.visible_to(membership))

    def overlapping(self, start_at: datetime, end_at: datetime) -> Self:
        """Keep those that overlap [start_at, end_at); btree columns, because && is not leakproof."""
        return self.filter(start_at__lt=end_at, end_at__gt=start_at)


class Occurrence(TenantOwned):
    """One time that a meeting happens; a confirmed one holds its room alone."""

    class Status(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        TENTATIVE = "tentative", _("awaiting confirmation")
        CANCELLED = "cancelled", _("cancelled")

    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, related_name="occurrences")
    room = TenantForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="occurrences")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status, default=Status.CONFIRMED)
    # For the exclusion constraint alone; calendars filter by start_at and end_at.
    during = models.GeneratedField(
        expression=Func(F("start_at"), F("end_at"), Value("[)"), function="tstzrange"),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["start_at"]
        indexes = [models.Index(fields=["tenant", "start_at", "end_at"], name="occurrence_calendar")]
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="occurrence_ends_after_start"),
            models.UniqueConstraint(fields=["tenant", "meeting", "start_at"], name="occurrence_once"),
            ExclusionConstraint(
                name="occurrence_no_double_booking",
                index_type="gist",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("room", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(status="confirmed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d %H:%M}"
