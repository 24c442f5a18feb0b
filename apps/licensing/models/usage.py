"""Usage and licences as imported: the files, their rows as snapshots, and who and which unit they are about."""

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.files.models import StoredFile
from apps.tenants.models import Membership, Tenant, TenantOwned, Unit
from apps.tenants.rls import TenantForeignKey

UNCONFIRMED_KEPT = timedelta(days=7)  # the rows of people in a file that nobody wanted


class Format(models.TextChoices):
    """Files that a procurement officer has, by the report that they come from."""

    TEAMS_ACTIVITY = "teams_activity", _("Teams: user activity")
    M365_ACTIVE_USERS = "m365_active_users", _("Microsoft 365: active users")
    M365_USERS = "m365_users", _("Microsoft admin centre: exported users")
    SUBSCRIBED_SKUS = "subscribed_skus", _("Microsoft: subscribed licences (subscribedSkus)")
    ZOOM_USERS = "zoom_users", _("Zoom: users")
    ZOOM_HOSTS = "zoom_hosts", _("Zoom: active hosts, with participants")
    VISIO_USAGE = "visio_usage", _("Visio: people by day")


class Vendor(models.TextChoices):
    MICROSOFT = "microsoft", "Microsoft"
    ZOOM = "zoom", "Zoom"
    VISIO = "visio", "Visio"


class UsageImportQuerySet(models.QuerySet["UsageImport"]):
    def in_use(self) -> Self:
        """Keep the imports whose rows count."""
        return self.filter(status=UsageImport.Status.COMMITTED)

    def unconfirmed(self) -> Self:
        """Keep those that wait for a person; they are removed after UNCONFIRMED_KEPT."""
        return self.filter(status__in=UsageImport.UNCONFIRMED)


class UsageImport(TenantOwned):
    """One file on its way in; all of its rows count, or none.

    Of several files of one report, day and period the newest counts; the one before is kept, replaced, and counts
    again when the newer one is undone. ``refreshed_on`` is the day that the file tells of, ``period_days`` how many
    days before it the activity covers.
    """

    class Status(models.TextChoices):
        READING = "reading", _("being read")
        ASKING = "asking", _("needs an answer")
        PREVIEWED = "previewed", _("ready to import")
        COMMITTING = "committing", _("being imported")
        COMMITTED = "committed", _("imported")
        REPLACED = "replaced", _("replaced")
        REFUSED = "refused", _("refused")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")
        REMOVING = "removing", _("being removed")

    class DateOrder(models.TextChoices):
        MONTH_FIRST = "mdy", _("month first (08/12/2026 is 12 August)")
        DAY_FIRST = "dmy", _("day first (08/12/2026 is 8 December)")

    UNCONFIRMED = (Status.ASKING, Status.PREVIEWED, Status.REFUSED)

    stored_file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)  # of the file: the very same one changes nothing
    by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="usage_imports")
    status = models.CharField(max_length=16, choices=Status, default=Status.READING)
    format = models.CharField(_("file"), max_length=32, choices=Format, blank=True)  # empty: not recognised yet
    encoding = models.CharField(max_length=16, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    mapping = models.JSONField(default=dict, blank=True)  # field -> position of its column, from 0
    date_order = models.CharField(max_length=3, choices=DateOrder, blank=True)
    question = models.CharField(max_length=32, blank=True)  # what status ASKING waits for: mapping, date_order, day
    refreshed_on = models.DateField(_("as of"), null=True, blank=True)
    period_days = models.PositiveSmallIntegerField(_("period (days)"), null=True, blank=True)
    is_concealed = models.BooleanField(default=False)  # identifiers are hashes: aggregates alone
    header = models.JSONField(default=list, blank=True)  # the file's own column names
    sample = models.JSONField(default=list, blank=True)  # its first rows, for the preview alone
    attempts = models.PositiveSmallIntegerField(default=0)  # how often what runs was begun
    rows_total = models.PositiveIntegerField(null=True)
    rows_wrong = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)  # progress of what is running
    counts = models.JSONField(default=dict, blank=True)  # what the file states: paid, free, guests, resources …
    failure_code = models.CharField(max_length=32, blank=True)
    failure_detail = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    replaced_by = TenantForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaces")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = TenantForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="undone_imports"
    )

    objects = UsageImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["tenant", "format", "-refreshed_on"], name="usage_import_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="committed") | Q(refreshed_on__isnull=False) & ~Q(format=""),
                name="usage_import_committed_is_dated",
            ),
            models.UniqueConstraint(
                fields=["tenant", "format", "refreshed_on", "period_days"],
                condition=Q(status="committed"),
                nulls_distinct=False,
                name="usage_import_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_format_display()} ({self.refreshed_on})"

    @property
    def kept_until(self) -> datetime | None:
        """Return when an import that nobody confirms is removed; None for one that nothing removes."""
        return self.created_at + UNCONFIRMED_KEPT if self.status in self.UNCONFIRMED else None


class ImportProblem(TenantOwned):
    """A row that cannot be read: its number in the file, the column, a code, and the value as it stood there."""

    usage_import = TenantForeignKey(UsageImport, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField()  # from 1, the header being 1
    column = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=32)
    value = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["row", "column"]
        indexes = [models.Index(fields=["tenant", "usage_import", "row"], name="import_problem_row")]

    def __str__(self) -> str:
        return f"{self.row}: {self.code}"


class ColumnMapping(TenantOwned):
    """What a person said that an unknown header means, kept for the next file with the same header."""

    header_digest = models.CharField(max_length=64)  # SHA-256 of the normalised header
    format = models.CharField(max_length=32, choices=Format)
    mapping = models.JSONField()
    date_order = models.CharField(max_length=3, blank=True)
    by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "header_digest"], name="column_mapping_once")]

    def __str__(self) -> str:
        return self.format


class Account(TenantOwned):
    """One account in one imported file, as it stood that day; a file is a snapshot, undoing it removes the rows."""

    class Kind(models.TextChoices):
        PAID = "paid", _("paid seat")
        FREE = "free", _("free account")
        GUEST = "guest", _("guest")
        RESOURCE = "resource", _("room or resource")
        UNTOLD = "untold", _("not told by this file")

    # Millions of rows come at once, so what each of them costs is kept to what a query or a rule needs. An import's
    # rows lie together, and an index of ranges finds them; people are looked up in ListedAccount. The key is one for
    # Django alone: that each person stands in an import once is asked of its rows before they are written. That the
    # import is the tenant's own, and with it that the tenant exists, is a policy of the table (see LinkByPolicy).
    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("usage_import_id", "identifier")
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="accounts", editable=False, db_constraint=False, db_index=False
    )
    usage_import = TenantForeignKey(UsageImport, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    vendor = models.CharField(max_length=16, choices=Vendor)
    identifier = models.CharField(max_length=254)  # UPN or e-mail address, lower case
    name = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    products = ArrayField(models.CharField(max_length=200), default=list)
    is_deleted = models.BooleanField(default=False)
    is_blocked = models.BooleanField(default=False)
    meetings = models.PositiveIntegerField(null=True)  # meetings and calls in the import's period; None: not told
    last_active_on = models.DateField(null=True)

    class Meta:
        indexes = [
            BrinIndex(
                fields=["usage_import"],
                name="account_of_import",
                opclasses=["uuid_minmax_multi_ops"],
                autosummarize=True,
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SkuCount(TenantOwned):
    """What subscribedSkus said of one licence that day: bought, consumed, and what is suspended or in warning."""

    usage_import = TenantForeignKey(UsageImport, on_delete=models.CASCADE, related_name="sku_counts")
    sku_guid = models.UUIDField()
    part_number = models.CharField(max_length=100)
    capability_status = models.CharField(max_length=32)
    enabled = models.PositiveIntegerField()
    suspended = models.PositiveIntegerField()
    warning = models.PositiveIntegerField()
    locked_out = models.PositiveIntegerField(default=0)
    consumed = models.PositiveIntegerField()

    class Meta:
        ordering = ["part_number"]
        constraints = [models.UniqueConstraint(fields=["tenant", "usage_import", "sku_guid"], name="sku_count_once")]

    def __str__(self) -> str:
        return self.part_number


class Alias(TenantOwned):
    """Two identifiers of one person: ``identifier`` counts as ``person``, which is an identifier too."""

    identifier = models.CharField(max_length=254)  # lower case
    person = models.CharField(max_length=254)  # lower case; never an alias itself
    by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["identifier"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "identifier"], name="alias_once"),
            models.CheckConstraint(condition=~Q(identifier=models.F("person")), name="alias_of_another"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DepartmentUnit(TenantOwned):
    """Which unit a department of the files is, from a day on (exclusive end); remembered for every later import."""

    department = models.CharField(max_length=200)  # as in the files, spaces collapsed, case folded
    unit = TenantForeignKey(Unit, on_delete=models.CASCADE, related_name="departments")
    starts_on = models.DateField()
    by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["department", "-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "department", "starts_on"], name="department_unit_once")
        ]

    def __str__(self) -> str:
        return self.department


class Reclaim(TenantOwned):
    """One seat to take back from one person, worked off from a list."""

    class Reason(models.TextChoices):
        DORMANT = "dormant", _("no meeting or call in 90 days")
        BLOCKED = "blocked", _("blocked, but licensed")
        DELETED = "deleted", _("deleted, but licensed")
        DOUBLE = "double", _("equipped twice")

    class Status(models.TextChoices):
        REQUESTED = "requested", _("asked for")
        DONE = "done", _("done")
        KEPT = "kept", _("kept on purpose")

    identifier = models.CharField(max_length=254)
    vendor = models.CharField(max_length=16, choices=Vendor)
    reason = models.CharField(max_length=16, choices=Reason)
    status = models.CharField(max_length=16, choices=Status)
    note = models.CharField(max_length=300, blank=True)
    by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "vendor", "identifier", "reason"], name="reclaim_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)
