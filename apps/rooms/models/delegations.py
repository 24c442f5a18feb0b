"""Who may schedule in whose name."""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import Membership, TenantOwned
from apps.tenants.rls import TenantForeignKey


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def valid_on(self, day: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day, revoked_at=None)


class Delegation(TenantOwned):
    """A member lets another one schedule in their name, between two dates (the end is exclusive)."""

    principal = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="delegations_given")
    delegate = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="delegations_held")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="delegation_dates"),
            models.CheckConstraint(condition=~Q(principal=F("delegate")), name="delegation_to_somebody_else"),
        ]
        indexes = [models.Index(fields=["tenant", "delegate"], name="delegation_delegate")]

    def __str__(self) -> str:
        return f"{self.principal_id} → {self.delegate_id}"

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, if that is settled."""
        return self.ends_on - timedelta(days=1) if self.ends_on else None
