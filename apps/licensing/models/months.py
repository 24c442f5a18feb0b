"""What is computed each day, what a scenario assumes, and what is frozen once a month."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.licensing.models.usage import Vendor
from apps.tenants.models import Membership, TenantOwned, Unit
from apps.tenants.rls import TenantForeignKey


class UnitDay(TenantOwned):
    """The counts of one unit (None: unknown) on one day, that the ministry's dashboard reads.

    Each is a number of people or seats, None where nothing tells it; a page that shows one suppresses those
    under ten. ``people`` are those who met or called in 28 days, or in 30 where a report sums those up; the days
    end on ``people_as_of``.
    """

    class Source(models.TextChoices):
        IMPORT = "import", _("imported usage")
        ATTENDANCE = "attendance", _("attendance of the portal’s meetings")

    day = models.DateField()
    unit = TenantForeignKey(Unit, on_delete=models.CASCADE, null=True, related_name="days")
    vendor = models.CharField(max_length=16, choices=Vendor)
    assigned = models.PositiveIntegerField(null=True)  # paid seats
    active_30d = models.PositiveIntegerField(null=True)
    dormant_90d = models.PositiveIntegerField(null=True)
    blocked = models.PositiveIntegerField(null=True)
    deleted = models.PositiveIntegerField(null=True)
    double = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField(null=True)  # distinct, with a seat or without
    people_also_visio = models.PositiveIntegerField(null=True)  # of them, those who used Visio too
    meetings = models.PositiveIntegerField(null=True)
    people_legacy = models.PositiveIntegerField(null=True)  # of Visio's row: distinct people of all other vendors
    people_both = models.PositiveIntegerField(null=True)  # of Visio's row: of them, those who used Visio too
    people_source = models.CharField(max_length=16, choices=Source, blank=True)  # of people and meetings
    people_as_of = models.DateField(null=True)
    computed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "day", "vendor", "unit"], name="unit_day_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class Scenario(TenantOwned):
    """Assumptions under which the coming years are computed, kept to be compared."""

    name = models.CharField(_("name"), max_length=100)
    migrated_per_month = models.PositiveIntegerField(_("agents migrated per month"))
    buffer_percent = models.DecimalField(
        _("buffer (percent)"),
        max_digits=4,
        decimal_places=1,
        default=5,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
    )
    price_rise_percent = models.DecimalField(
        _("price rise per year (percent)"),
        max_digits=4,
        decimal_places=1,
        default=0,
        validators=[MinValueValidator(-50), MaxValueValidator(100)],
    )
    run_cost_eur_per_user = models.DecimalField(
        _("Visio’s cost per user and year (EUR before tax)"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="scenarios")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="scenario_name_once"),
            models.CheckConstraint(
                condition=Q(buffer_percent__gte=0, buffer_percent__lte=10), name="scenario_buffer_to_ten"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OneOffCost(TenantOwned):
    """What the migration itself cost a ministry in a month: training, rooms, running both."""

    month = models.DateField(_("month"))  # its first day
    label = models.CharField(_("what for"), max_length=200)
    amount_eur = models.DecimalField(_("amount (EUR before tax)"), max_digits=12, decimal_places=2)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["month", "label"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_eur__gte=0), name="one_off_cost_not_negative"),
            models.CheckConstraint(condition=Q(month__day=1), name="one_off_cost_month"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.month})"


class RunCost(models.Model):
    """What Visio costs the State per user and month in a period, entered by the operator (global table)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    starts_on = models.DateField(_("from month"), unique=True)  # its first day; holds until the next row
    amount_eur = models.DecimalField(_("cost per user and month (EUR before tax)"), max_digits=8, decimal_places=4)
    source = models.CharField(_("source"), max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_eur__gte=0), name="run_cost_not_negative"),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="run_cost_month"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_eur} ({self.starts_on})"


class MonthStatement(TenantOwned):
    """A ministry's word on a closed month: its figures as it saw them, confirmed or commented."""

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", pgettext_lazy("month", "confirmed")
        COMMENTED = "commented", pgettext_lazy("month", "commented")

    month = models.DateField()  # its first day
    answer = models.CharField(_("answer"), max_length=16, choices=Answer)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    figures = models.JSONField()  # measure -> amount as text, or null: not computable
    by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "month"], name="month_stated_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="month_statement_month"),
            models.CheckConstraint(condition=~Q(answer="commented") | ~Q(comment=""), name="month_comment_says"),
        ]

    def __str__(self) -> str:
        return f"{self.month}"


class MonthReminder(TenantOwned):
    """A reminder that was sent of a month without a word, once on each day of the following month."""

    month = models.DateField()  # its first day
    day = models.PositiveSmallIntegerField()  # 5, 15
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "month", "day"], name="month_reminded_once")]

    def __str__(self) -> str:
        return f"{self.month} on day {self.day}"


class Edition(models.Model):
    """The State's figures of a month as they were frozen, numbered; later corrections are restatements (global)."""

    number = models.PositiveIntegerField(primary_key=True)
    month = models.DateField(unique=True)  # its first day
    content = models.JSONField()  # figures by ministry, coverage, age of the data
    digest = models.CharField(max_length=64)  # SHA-256 of the content as RFC 8785 bytes, in hexadecimal
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="edition_month")]

    def __str__(self) -> str:
        return f"{self.number} ({self.month})"
