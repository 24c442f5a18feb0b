"""Mails about meetings, what became of them, and answers that came back."""

from enum import StrEnum

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.rooms.models.meetings import Answer, Attendee, Meeting, Occurrence
from apps.tenants.models import Membership, TenantOwned
from apps.tenants.rls import TenantForeignKey
from visio_portal.encryption import EncryptedTextField


class Notify(StrEnum):
    """Whom a change is mailed to."""

    ALL = "all"
    AFFECTED = "affected"  # those added or removed; everybody where time, place or repetition changed
    NOBODY = "nobody"


class Mailbox(TenantOwned):
    """The ministry's portal mailbox: From and ORGANIZER of its invitations; replies are read there over IMAP."""

    address = models.EmailField(_("address"))
    imap_host = models.CharField(_("IMAP server"), max_length=255, blank=True)  # empty: replies are not read
    imap_port = models.PositiveIntegerField(_("port"), default=993)
    has_tls = models.BooleanField(_("TLS from the start"), default=True)
    username = models.CharField(_("account"), max_length=255, blank=True)
    password = EncryptedTextField(_("password"), blank=True)
    # As the ministry's own mail server writes it into Authentication-Results; empty: senders are not verified.
    authserv_id = models.CharField(_("name of the verifying server"), max_length=255, blank=True)
    reminder_hours = models.PositiveSmallIntegerField(
        _("reminder (hours before)"), null=True, blank=True, default=24, validators=[MaxValueValidator(7 * 24)]
    )
    uid_validity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="mailbox_once")]

    def __str__(self) -> str:
        return self.address


class Announcement(TenantOwned):
    """One thing said about a meeting, the same to all its receivers: an invitation, a change, a cancellation."""

    class Kind(models.TextChoices):
        REQUEST = "request", _("invitation")
        UPDATE = "update", _("change")
        CANCEL = "cancel", _("cancellation")
        REMINDER = "reminder", _("reminder")
        POLL = "poll", _("date poll")
        NOTICE = "notice", _("notice")

    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, related_name="announcements")
    occurrence = TenantForeignKey(Occurrence, on_delete=models.SET_NULL, null=True, related_name="announcements")
    by = TenantForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="announcements")
    kind = models.CharField(max_length=16, choices=Kind)
    method = models.CharField(max_length=16, blank=True)  # iTIP: REQUEST, CANCEL; empty: no calendar part
    sequence = models.PositiveIntegerField(default=0)
    calendar = models.TextField(blank=True)  # the iCalendar text, exactly as sent
    note = models.CharField(max_length=1000, blank=True)  # what the sender adds, or what changed
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.kind


class Mail(TenantOwned):
    """One announcement to one address, and what became of it."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("being sent")
        SENT = "sent", _("sent")
        NOT_DELIVERED = "not_delivered", _("not delivered")

    announcement = TenantForeignKey(Announcement, on_delete=models.CASCADE, related_name="mails")
    attendee = TenantForeignKey(Attendee, on_delete=models.SET_NULL, null=True, related_name="mails")
    address = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, default="fr")
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    message_id = models.CharField(max_length=255)  # without <>, so that a bounce is recognised
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it may be tried (again); whoever sends it puts it off first, so that nobody else does meanwhile.
    next_attempt_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=500, blank=True)  # why it was not delivered, as the server said it
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["address"]
        indexes = [
            models.Index(fields=["tenant", "status", "created_at"], name="mail_queue"),
            models.Index(fields=["tenant", "message_id"], name="mail_message_id"),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.status}"


class PendingAnswer(TenantOwned):
    """A reply that the portal does not take on trust: it waits until the organiser confirms or dismisses it."""

    class Reason(models.TextChoices):
        OTHER_ADDRESS = "other_address", _("sent from another address than the invited one")
        NOT_INVITED = "not_invited", _("nobody of this address is invited")
        COUNTER = "counter", _("proposes another time")
        NO_ORGANIZER = "no_organizer", _("does not say to which organiser it answers")
        UNVERIFIED = "unverified", _("its sender could not be verified")

    class Status(models.TextChoices):
        WAITING = "waiting", _("to confirm")
        CONFIRMED = "confirmed", _("confirmed")
        DISMISSED = "dismissed", _("dismissed")

    meeting = TenantForeignKey(Meeting, on_delete=models.CASCADE, related_name="pending_answers")
    occurrence = TenantForeignKey(Occurrence, on_delete=models.CASCADE, null=True, related_name="pending_answers")
    attendee = TenantForeignKey(Attendee, on_delete=models.CASCADE, null=True, related_name="pending_answers")
    from_address = models.EmailField()
    from_name = models.CharField(max_length=200, blank=True)
    answer = models.CharField(max_length=16, choices=Answer)
    comment = models.CharField(max_length=1000, blank=True)
    reason = models.CharField(max_length=16, choices=Reason)
    status = models.CharField(max_length=16, choices=Status, default=Status.WAITING)
    proposed_start_at = models.DateTimeField(null=True, blank=True)
    proposed_end_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    stamped_at = models.DateTimeField()  # DTSTAMP
    message_id = models.CharField(max_length=255)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-received_at"]
        constraints = [models.UniqueConstraint(fields=["tenant", "message_id"], name="pending_answer_once")]

    def __str__(self) -> str:
        return f"{self.from_address} {self.answer}"
