"""The meetings that organisers edit, the people of them, and the occurrences that really happen."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.rooms.models.delegations import Delegation
from apps.rooms.models.rooms import Room
from apps.tenants.models import Membership, TenantOwned
from apps.tenants.rls import TenantForeignKey


def new_uid() -> str:
    """Return a calendar UID (RFC 7986 section 5.3: a random UUID)."""
    return str(uuid.uuid4())


def new_join_code() -> str:
    """Return the secret part of a join address: 96 bits."""
    return secrets.token_urlsafe(12)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, membership: Membership) -> Self:
        """Keep what the member organises, co-organises or attends, and what they schedule for somebody else."""
        attended = Attendee.objects.filter(membership=membership).values("meeting_id")
        return self.filter(Q(organizer=membership) | Q(id__in=attended) | Q(organizer__in=_principals_of(membership)))

    def editable_by(self, membership: Membership) -> Self:
        """Keep what the member organises or co-organises: whose recordings and transcripts they may edit."""
        shared = Attendee.objects.filter(membership=membership, role=Attendee.Role.CO_ORGANIZER)
        return self.filter(Q(organizer=membership) | Q(id__in=shared.values("meeting_id")))

    def schedulable_by(self, membership: Membership) -> Self:
        """Keep what the member may move, invite to or cancel: their own, and that of those they stand in for."""
        shared = Attendee.objects.filter(membership=membership, role=Attendee.Role.CO_ORGANIZER)
        return self.filter(
            Q(organizer=membership)
            | Q(id__in=shared.values("meeting_id"))
            | Q(organizer__in=_principals_of(membership))
        )


class Meeting(TenantOwned):
    """What the organiser edits: a title, a wall time in a zone, a duration, perhaps a rule, and people."""

    class Audience(models.TextChoices):
        NAMED = "named", _("organisers and named readers")
        ATTENDEES = "attendees", _("all attendees, once approved")
        UNIT = "unit", _("the organiser's unit, once approved")

    class Access(models.TextChoices):
        """Visio's own levels of access to a room."""

        PUBLIC = "public", _("anybody with the address")
        TRUSTED = "trusted", _("signed-in agents enter at once, others are let in")
        RESTRICTED = "restricted", _("everybody but those invited is let in by the organiser")

    title = models.CharField(_("title"), max_length=200)
    agenda = models.TextField(_("agenda"), blank=True)
    organizer = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="organized_meetings")
    # The delegate who scheduled it in the organiser's name.
    scheduled_by = TenantForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="scheduled_meetings"
    )
    room = TenantForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("room")
    )
    # Wall time and zone are kept, so that a meeting survives a change of the zone's rules. Those of a series are
    # its first occurrence's.
    starts_on = models.DateField(_("date"))
    start_time = models.TimeField(_("start"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    duration_minutes = models.PositiveIntegerField(
        _("duration (minutes)"), validators=[MinValueValidator(5), MaxValueValidator(24 * 60)]
    )
    rrule = models.CharField(_("repetition"), max_length=500, blank=True)  # RFC 5545, without "RRULE:"
    uid = models.CharField(max_length=255, default=new_uid, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    # "This and following" ends a series and starts another one, RELATED-TO the first.
    follows = TenantForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="followed_by")
    join_code = models.CharField(max_length=32, default=new_join_code, editable=False)
    access_level = models.CharField(
        _("who may enter the conference"), max_length=16, choices=Access, default=Access.TRUSTED
    )
    has_guests = models.BooleanField(_("people from outside may be invited"), default=True)
    is_recorded = models.BooleanField(_("recorded"), default=False)
    is_transcribed = models.BooleanField(_("transcribed"), default=False)
    has_dial_in = models.BooleanField(_("may be joined by telephone"), default=True)
    transcript_audience = models.CharField(
        _("who may read the transcript"), max_length=16, choices=Audience, default=Audience.NAMED
    )
    # Percent of the meeting's time that counts as present; empty: no attendance is kept.
    attendance_threshold = models.PositiveSmallIntegerField(
        _("presence that counts (percent)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-start_time"]
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=5, duration_minutes__lte=24 * 60), name="meeting_duration"
            ),
            models.UniqueConstraint(fields=["tenant", "uid"], name="meeting_uid_once"),
            models.UniqueConstraint(fields=["tenant", "join_code"], name="meeting_join_code_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_series(self) -> bool:
        return bool(self.rrule)

    @property
    def wall_start(self) -> datetime:
        """Return the first start as a naive wall time of the meeting's zone."""
        return datetime.combine(self.starts_on, self.start_time)

    @property
    def next_sequence(self) -> int:
        """Return a SEQUENCE that is newer than all that was sent about the meeting and its single dates."""
        newest: int = self.occurrences.aggregate(newest=models.Max("sequence", default=0))["newest"]
        return max(self.sequence, newest) + 1

    def bounds(self) -> tuple[datetime, datetime]:
        """Return start and end as instants; a wall time in a DST gap moves forward by the gap."""
        wall = datetime.combine(self.starts_on, self.start_time, tzinfo=self.zone)
        start = wall.astimezone(ZoneInfo("UTC"))
        return start, start + timedelta(minutes=self.duration_minutes)


class Answer(models.TextChoices):
    """What an invited person said (RFC 5545 PARTSTAT, in lower case)."""

    NEEDS_ACTION = "needs-action", _("no answer yet")
    ACCEPTED = "accepted", _("accepted")
    TENTATIVE = "tentative", _("accepted tentatively")
    DECLINED = "declined", _("declined")


class Attendee(TenantOwned):
    """A person of a meeting: a member, or a guest known by address; and what they answered to all of it.

    Replies are ordered by (answer_sequence, answer_stamped_at): an older one changes nothing.
    """

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
    language = models.CharField(max_length=2, default="fr")
    time_zone = models.CharField(max_length=64, blank=True)  # where they are, if known
    answer = models.CharField(max_length=16, choices=Answer, default=Answer.NEEDS_ACTION)
    answer_comment = models.CharField(max_length=1000, blank=True)
    answer_sequence = models.PositiveIntegerField(default=0)
    answer_stamped_at = models.DateTimeField(null=True, blank=True)
    # Raised to make the links of former mails useless.
    link_version = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "meeting", "email"], name="attendee_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="attendee_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def has_answered_before_move(self, occurrence: "Occurrence") -> bool:
        """Return whether the answer to the series is older than the move of a date, for which it does not count.

        An answer to the moved date itself, or to the series after the move, counts again.
        """
        return self.answer != Answer.NEEDS_ACTION and is_before_move(self.answer_stamped_at, occurrence.moved_at)


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def visible_to(self, membership: Membership) -> Self:
        return self.filter(meeting__in=Meeting.objects.visible_to(membership))

    def overlapping(self, start_at: datetime, end_at: datetime) -> Self:
        """Keep those that overlap [start_at, end_at); btree columns, because && is not leakproof."""
        return self.filter(start_at__lt=end_at, end_at__gt=start_at)

    def blocking(self) -> Self:
        """Keep those that hold their room."""
        return self.filter(status__in=Occurrence.BLOCKING)

    def taking_place(self) -> Self:
        """Leave out the slots of open polls."""
        return self.exclude(status=Occurrence.Status.HELD)


class Occurrence(TenantOwned):
    """One time that a meeting happens; a confirmed or held one has its room alone.

    ``recurrence_id`` is the wall time that the rule gave it (the meeting's own for a single one); date, time
    and duration are those that count, in the meeting's zone, and ``start_at`` to ``end_at`` the instants.
    """

    class Status(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        TENTATIVE = "tentative", _("awaiting confirmation")
        HELD = "held", _("held while a date is being chosen")
        CANCELLED = "cancelled", _("cancelled")

    BLOCKING = (Status.CONFIRMED, Status.HELD)

    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, related_name="occurrences")
    room = TenantForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="occurrences")
    recurrence_id = models.CharField(max_length=15)  # YYYYMMDDTHHMMSS, RFC 5545 form of a local time
    starts_on = models.DateField(_("date"))
    start_time = models.TimeField(_("start"))
    duration_minutes = models.PositiveIntegerField(
        _("duration (minutes)"), validators=[MinValueValidator(5), MaxValueValidator(24 * 60)]
    )
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status, default=Status.CONFIRMED)
    is_changed = models.BooleanField(default=False)  # it differs from what the series says
    title = models.CharField(_("title"), max_length=200, blank=True)  # empty: the meeting's own
    agenda = models.TextField(_("agenda"), blank=True)
    sequence = models.PositiveIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True, blank=True)  # the meeting's own: cancelled with all of it
    reminded_at = models.DateTimeField(null=True, blank=True)
    # When this date alone was moved: answers to the series from before are about another time.
    moved_at = models.DateTimeField(null=True, blank=True)
    # For the exclusion constraint alone; calendars filter by start_at and end_at.
    during = models.GeneratedField(
        expression=Func(F("start_at"), F("end_at"), Value("[)"), function="tstzrange"),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["start_at"]
        indexes = [
            models.Index(fields=["tenant", "start_at", "end_at"], name="occurrence_calendar"),
            models.Index(fields=["tenant", "room", "start_at"], name="occurrence_room_calendar"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="occurrence_ends_after_start"),
            models.UniqueConstraint(fields=["tenant", "meeting", "recurrence_id"], name="occurrence_once"),
            ExclusionConstraint(
                name="occurrence_no_double_booking",
                index_type="gist",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("room", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["confirmed", "held"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d %H:%M}"

    @property
    def wall_start(self) -> datetime:
        """Return the start as a naive wall time of the meeting's zone."""
        return datetime.combine(self.starts_on, self.start_time)


class OccurrenceAnswer(TenantOwned):
    """What an attendee answered to one occurrence of a series alone."""

    occurrence = TenantForeignKey(Occurrence, on_delete=models.CASCADE, related_name="answers")
    attendee = TenantForeignKey(Attendee, on_delete=models.CASCADE, related_name="occurrence_answers")
    answer = models.CharField(max_length=16, choices=Answer)
    comment = models.CharField(max_length=1000, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    stamped_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "occurrence", "attendee"], name="occurrence_answer_once")
        ]

    def __str__(self) -> str:
        return self.answer


def is_before_move(stamped_at: datetime | None, moved_at: datetime | None) -> bool:
    """Return whether an answer is older than a date's move; one of which nobody knows when it was given, is."""
    return moved_at is not None and (stamped_at is None or stamped_at < moved_at)


def recurrence_id_of(wall: datetime) -> str:
    """Return a naive wall time as RFC 5545 writes a local one."""
    return f"{wall:%Y%m%dT%H%M%S}"


def wall_of(recurrence_id: str) -> datetime:
    """Return the naive wall time that recurrence_id_of() wrote."""
    return datetime.strptime(recurrence_id, "%Y%m%dT%H%M%S")


def _principals_of(membership: Membership) -> models.QuerySet[Delegation, Any]:
    return Delegation.objects.valid_on(membership.tenant.today).filter(delegate=membership).values("principal_id")
