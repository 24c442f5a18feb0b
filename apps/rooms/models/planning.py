"""What makes planning quick: saved groups, templates, date polls, and meetings moved over."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.rooms.models.meetings import Attendee, Meeting, Occurrence
from apps.tenants.models import Membership, TenantOwned, Unit
from apps.tenants.rls import TenantForeignKey


class AttendeeGroup(TenantOwned):
    """Addresses saved under a name: a member's own, or a unit's for all of its members."""

    owner = TenantForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="attendee_groups"
    )
    unit = TenantForeignKey(Unit, on_delete=models.CASCADE, null=True, blank=True, related_name="attendee_groups")
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "owner", "unit", "name"], nulls_distinct=False, name="attendee_group_once"
            ),
            models.CheckConstraint(
                condition=Q(owner=None, unit__isnull=False) | Q(owner__isnull=False, unit=None),
                name="attendee_group_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMember(TenantOwned):
    """One address of a saved group."""

    group = TenantForeignKey(AttendeeGroup, on_delete=models.CASCADE, related_name="people")
    email = models.EmailField(_("e-mail address"))  # lower case
    name = models.CharField(_("name"), max_length=200, blank=True)

    class Meta:
        ordering = ["name", "email"]
        constraints = [models.UniqueConstraint(fields=["tenant", "group", "email"], name="group_member_once")]

    def __str__(self) -> str:
        return self.name or self.email


class MeetingTemplate(TenantOwned):
    """A meeting form filled in advance; ``values`` are the form's own, checked again when it is used."""

    owner = TenantForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="meeting_templates"
    )
    unit = TenantForeignKey(Unit, on_delete=models.CASCADE, null=True, blank=True, related_name="meeting_templates")
    name = models.CharField(_("name"), max_length=120)
    values = models.JSONField(default=dict)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "owner", "unit", "name"], nulls_distinct=False, name="meeting_template_once"
            ),
            models.CheckConstraint(
                condition=Q(owner=None, unit__isnull=False) | Q(owner__isnull=False, unit=None),
                name="meeting_template_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Poll(TenantOwned):
    """A meeting whose date is being chosen: its held occurrences are the slots, its attendees answer."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CHOSEN = "chosen", _("date chosen")
        CANCELLED = "cancelled", _("cancelled")

    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, related_name="polls")
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    closes_at = models.DateTimeField(_("answers until"))  # the rooms are held until then
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "meeting"], name="poll_once_per_meeting")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.status}"

    @property
    def is_open(self) -> bool:
        """Return whether it still takes answers."""
        return self.status == Poll.Status.OPEN and self.closes_at > timezone.now()

    @property
    def last_day(self) -> date:
        """The last day for answers, by the clocks of the meeting."""
        return (self.closes_at - timedelta(microseconds=1)).astimezone(self.meeting.zone).date()


class PollAnswer(TenantOwned):
    """What an attendee says about a slot."""

    class Choice(models.TextChoices):
        YES = "yes", _("yes")
        IF_NEEDED = "if_needed", _("if need be")
        NO = "no", _("no")

    slot = TenantForeignKey(Occurrence, on_delete=models.CASCADE, related_name="poll_answers")
    attendee = TenantForeignKey(Attendee, on_delete=models.CASCADE, related_name="poll_answers")
    choice = models.CharField(max_length=16, choices=Choice)
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "slot", "attendee"], name="poll_answer_once")]

    def __str__(self) -> str:
        return self.choice


class CalendarImport(TenantOwned):
    """A calendar file with Teams or Zoom meetings to move over: previewed first, then scheduled."""

    class Status(models.TextChoices):
        PREVIEWED = "previewed", _("to check")
        DONE = "done", _("moved over")

    by = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="calendar_imports")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=Status, default=Status.PREVIEWED)
    entries = models.JSONField(default=list)  # what was read of each meeting, and what stands in its way
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name


class ImportedOriginal(TenantOwned):
    """A meeting of the old tool that still has to be cancelled there."""

    imported_by = TenantForeignKey(CalendarImport, on_delete=models.CASCADE, related_name="originals")
    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, related_name="originals")
    uid = models.CharField(max_length=1000)
    title = models.CharField(max_length=200)
    tool = models.CharField(max_length=16)  # teams, zoom, other
    cancelled_at = models.DateTimeField(null=True, blank=True)  # as the organiser says

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["tenant", "meeting"], name="imported_original_once")]

    def __str__(self) -> str:
        return self.title
