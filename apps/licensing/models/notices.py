"""Notice: what was decided before each date at which a contract can be reduced, and what was sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.files.models import StoredFile
from apps.licensing.models.contracts import Contract
from apps.tenants.models import Membership, TenantOwned
from apps.tenants.rls import TenantForeignKey


class NoticeDecision(TenantOwned):
    """What a ministry decided for one date of a contract; the letter and its receipt follow."""

    class Choice(models.TextChoices):
        LEAVE = "leave", _("leave the contract")
        REDUCE = "reduce", _("reduce the seats")
        KEEP = "keep", _("keep everything")

    contract = TenantForeignKey(Contract, on_delete=models.CASCADE, related_name="decisions")
    effective_on = models.DateField()  # the date that it is about
    choice = models.CharField(_("decision"), max_length=16, choices=Choice)
    reason = models.TextField(_("reason"), max_length=2000)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now=True)
    sent_on = models.DateField(_("letter sent on"), null=True, blank=True)
    received_on = models.DateField(_("letter received on"), null=True, blank=True)
    tracking_number = models.CharField(_("number of the registered letter"), max_length=40, blank=True)
    receipt = TenantForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["effective_on"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "contract", "effective_on"], name="notice_decided_once"),
            models.CheckConstraint(
                condition=Q(received_on=None) | Q(sent_on__isnull=False, received_on__gte=models.F("sent_on")),
                name="notice_received_after_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_choice_display()} ({self.effective_on})"


class NoticeReminder(TenantOwned):
    """A reminder that was sent, once for each distance to the last day of notice."""

    contract = TenantForeignKey(Contract, on_delete=models.CASCADE, related_name="reminders")
    notice_by = models.DateField()
    days_before = models.PositiveSmallIntegerField()  # 180, 90, 30
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "contract", "notice_by", "days_before"], name="notice_reminded_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.days_before} days before {self.notice_by}"


class NoticeFeed(TenantOwned):
    """A secret address under which a calendar program reads a ministry's notice dates."""

    membership = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="notice_feeds")  # whose rights
    digest = models.CharField(max_length=64)  # SHA-256 of the secret in hexadecimal
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="notice_feed_digest")]

    def __str__(self) -> str:
        return str(self.membership_id)
