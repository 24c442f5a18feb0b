"""The accounts of the newest files as matching and reconciliation see them, worked out once for the lists."""

from django.db import models
from django.db.models import Q

from apps.licensing.models.usage import Vendor
from apps.tenants.models import Tenant, TenantOwned


class AccountListing(TenantOwned):
    """What the listed accounts of a tenant were worked out from; lists use them while that is what counts today."""

    digest = models.CharField(max_length=64)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="account_listing_once")]

    def __str__(self) -> str:
        return self.digest


class ListedAccount(TenantOwned):
    """One account of the newest files: its person and unit, whether it is matched, and why its seat may be given back.

    Everything here follows from other rows and is written by a worker, a million at once; nothing refers to it, and
    it refers to nothing by a foreign key, which would ask for each row by itself.
    """

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("usage_import_id", "identifier")
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False, db_constraint=False, db_index=False
    )
    usage_import_id = models.UUIDField()
    vendor = models.CharField(max_length=16, choices=Vendor)
    identifier = models.CharField(max_length=254)
    person = models.CharField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=200, blank=True)
    searched = models.TextField()  # address, person and name, lower case, a line each
    unit_id = models.UUIDField(null=True)
    is_matched = models.BooleanField()
    is_active = models.BooleanField()
    is_dormant = models.BooleanField()
    is_blocked = models.BooleanField()
    is_deleted = models.BooleanField()
    is_double = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["usage_import_id", "is_matched", "identifier"], name="listed_account_matched"),
            models.Index(
                fields=["usage_import_id", "identifier"],
                condition=Q(unit_id__isnull=True),
                name="listed_account_no_unit",
            ),
            *(
                models.Index(
                    fields=["tenant", "vendor", "unit_id", "identifier"],
                    condition=Q(**{flag: True}),
                    name=f"listed_account_{flag.removeprefix('is_')}",
                )
                for flag in ("is_dormant", "is_blocked", "is_deleted", "is_double")
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
