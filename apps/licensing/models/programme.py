"""The migration of a ministry: who is to move, in which waves, what must be ready, and who may stay behind."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.licensing.migration import Item, Readiness, readiness
from apps.tenants.models import Membership, TenantOwned, Unit
from apps.tenants.rls import TenantForeignKey


class UnitHeadcount(TenantOwned):
    """How many agents of a unit are to use Visio, from a day on, with the source of the number."""

    unit = TenantForeignKey(Unit, on_delete=models.CASCADE, related_name="headcounts")
    starts_on = models.DateField(_("from"))
    agents = models.PositiveIntegerField(_("eligible agents"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["unit", "-starts_on"]
        constraints = [models.UniqueConstraint(fields=["tenant", "unit", "starts_on"], name="unit_headcount_once")]

    def __str__(self) -> str:
        return f"{self.agents} ({self.starts_on})"


class Wave(TenantOwned):
    """Units that move together."""

    name = models.CharField(_("name"), max_length=100)
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"))
    owner = TenantForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="waves", verbose_name=_("in charge")
    )
    note = models.TextField(_("note"), max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["starts_on", "name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="wave_name_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="wave_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def readiness(self) -> Readiness | None:
        """How much of the checklist is done, and what is mandatory and missing; None without a checklist."""
        return readiness(item.figures for item in self.checklist.all())


class WaveUnit(TenantOwned):
    """A unit in its wave, and the day from which it uses Visio alone."""

    wave = TenantForeignKey(Wave, on_delete=models.CASCADE, related_name="units")
    unit = TenantForeignKey(Unit, on_delete=models.CASCADE, related_name="waves")
    switch_on = models.DateField(_("switch date"), null=True, blank=True)

    class Meta:
        ordering = ["switch_on", "unit__name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "unit"], name="unit_in_one_wave")]

    def __str__(self) -> str:
        return str(self.unit)


class Milestone(TenantOwned):
    """A dated step of a wave."""

    wave = TenantForeignKey(Wave, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField(_("name"), max_length=200)
    due_on = models.DateField(_("due on"))
    reached_on = models.DateField(_("reached on"), null=True, blank=True)

    class Meta:
        ordering = ["due_on", "name"]

    def __str__(self) -> str:
        return self.name


class ChecklistItem(TenantOwned):
    """What must be ready before a wave moves; a mandatory one that is missing means: not ready."""

    wave = TenantForeignKey(Wave, on_delete=models.CASCADE, related_name="checklist")
    name = models.CharField(_("name"), max_length=200)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    is_mandatory = models.BooleanField(_("mandatory"), default=False)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = TenantForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="checklist_weight"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="checklist_done_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def figures(self) -> Item:
        return Item(self.name, self.weight, self.done_at is not None, self.is_mandatory)


class Exemption(TenantOwned):
    """People of a unit who keep the old tool for a time: who answers for it, why, and until when."""

    unit = TenantForeignKey(Unit, on_delete=models.CASCADE, related_name="exemptions")
    seats = models.PositiveIntegerField(_("seats"), validators=[MinValueValidator(1)])
    owner = TenantForeignKey(
        Membership, on_delete=models.PROTECT, related_name="exemptions", verbose_name=_("answers for it")
    )
    reason = models.TextField(_("reason"), max_length=2000)
    starts_on = models.DateField(_("from"))
    expires_on = models.DateField(_("expires on"))
    ended_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["expires_on"]
        constraints = [
            models.CheckConstraint(condition=Q(seats__gte=1), name="exemption_has_seats"),
            models.CheckConstraint(condition=Q(expires_on__gt=F("starts_on")), name="exemption_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} ({self.seats})"


class Target(TenantOwned):
    """How many agents are to use Visio by a day."""

    due_on = models.DateField(_("by"))
    agents = models.PositiveIntegerField(_("agents"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["due_on"]
        constraints = [models.UniqueConstraint(fields=["tenant", "due_on"], name="target_once")]

    def __str__(self) -> str:
        return f"{self.agents} ({self.due_on})"
