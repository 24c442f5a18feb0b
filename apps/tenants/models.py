"""Ministries, their units and people, how people are routed to them, and the journal's tables."""

import uuid
from datetime import date, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.tenants.rls import TenantForeignKey


class Role(models.TextChoices):
    ORGANIZER = "organizer", _("Meeting organiser")
    PROCUREMENT = "procurement", _("Procurement officer")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrator")
    OPERATOR = "operator", _("Interministerial operator")


# Roles that may only be exercised after a sign-in with a second factor.
SECOND_FACTOR_ROLES = frozenset({Role.ADMIN, Role.AUDITOR, Role.OPERATOR})


class TenantQuerySet(models.QuerySet["Tenant"]):
    def ministries(self) -> Self:
        """Leave out the operator's own organisation."""
        return self.exclude(kind=Tenant.Kind.OPERATOR)


class Tenant(models.Model):
    """A ministry, an agency, or the interministerial operator itself (global table)."""

    class Kind(models.TextChoices):
        MINISTRY = "ministry", _("Ministry")
        AGENCY = "agency", _("Agency")
        OPERATOR = "operator", _("Interministerial operator")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    slug = models.SlugField(_("address"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=200)
    siren = models.CharField(_("SIREN"), max_length=9, validators=[RegexValidator(r"^\d{9}$")], unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    contact_email = models.EmailField(_("who to ask"), blank=True)
    approval_needs_second_person = models.BooleanField(_("a second person approves each transcript"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(siren__regex=r"^\d{9}$"), name="tenant_siren_digits"),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="operator"), name="tenant_one_operator"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def today(self) -> date:
        """The day by the tenant's clocks."""
        return timezone.localdate(timezone=self.zone)


class TenantOwned(models.Model):
    """The one abstract base: a row of one tenant, under forced row-level security (see ``rls``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="%(class)ss", editable=False)

    class Meta:
        abstract = True


class Headcount(TenantOwned):
    """How many agents a tenant has from a day on (the eligible population of migration figures)."""

    starts_on = models.DateField(_("from"))
    agents = models.PositiveIntegerField(_("agents"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [models.UniqueConstraint(fields=["tenant", "starts_on"], name="headcount_one_per_day")]

    def __str__(self) -> str:
        return f"{self.agents} ({self.starts_on})"


class Unit(TenantOwned):
    """A directorate, service or office; units form a tree inside their tenant."""

    parent = TenantForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    name = models.CharField(_("name"), max_length=200)
    departement = models.CharField(_("département"), max_length=3, blank=True)  # INSEE code: 01, 2A, 974

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "parent", "name"], nulls_distinct=False, name="unit_name_once_per_parent"
            ),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="unit_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, **fields: Any) -> "User":
        """Create a person; the address is stored in lower case."""
        return self.create(email=email.lower(), **fields)


class User(AbstractBaseUser):
    """A person, bound to an identity provider's account by (idp_id, sub); global table, no password."""

    password = None  # type: ignore[assignment]  # people sign in through ProConnect alone
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    idp_id = models.CharField(max_length=255, blank=True)
    sub = models.CharField(max_length=255, blank=True)  # empty: invited, never signed in
    email = models.EmailField(_("e-mail address"), unique=True)
    given_name = models.CharField(_("given name"), max_length=150, blank=True)
    usual_name = models.CharField(_("usual name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, default="fr")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["idp_id", "sub"], condition=~Q(sub=""), name="user_one_per_identity"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.usual_name}".strip()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(ended_at=None)


class Membership(TenantOwned):
    """A person in a tenant, with roles; every member may organise meetings."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    unit = TenantForeignKey(
        Unit,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("unit"),
    )
    roles = ArrayField(models.CharField(max_length=16, choices=Role), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once_per_tenant"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=[role.value for role in Role]), name="membership_known_roles"
            ),
        ]
        indexes = [models.Index(fields=["user"], name="membership_user")]

    def __str__(self) -> str:
        return str(self.user)

    def has_role(self, *roles: Role) -> bool:
        """Return whether the member holds at least one of the roles."""
        return any(role in self.roles or role is Role.ORGANIZER for role in roles)

    @property
    def further_roles(self) -> list[Role]:
        """The member's roles beyond the one that everybody has, in the order of ``Role``."""
        return [role for role in Role if role in self.roles and role is not Role.ORGANIZER]


class IdentityRouteQuerySet(models.QuerySet["IdentityRoute"]):
    def valid_on(self, day: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class IdentityRoute(models.Model):
    """Which tenant a SIRET or an e-mail domain leads to, and since when (global table)."""

    class Kind(models.TextChoices):
        SIRET = "siret", _("SIRET")
        EMAIL_DOMAIN = "email_domain", _("e-mail domain")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    value = models.CharField(max_length=255)  # lower case
    idp_id = models.CharField(max_length=255, blank=True)  # the provider that may assert the domain
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="identity_routes")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # exclusive

    objects = IdentityRouteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "idp_id", "starts_on"], name="identity_route_once_per_day"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=models.F("starts_on")), name="identity_route_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class QuarantinedSignIn(models.Model):
    """A person whose SIRET leads to no tenant yet (global table; the operator clears it)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="quarantine")
    siret = models.CharField(max_length=14, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.siret


class ApiToken(models.Model):
    """A ministry's key to the REST API (global table: it is looked up before a tenant is entered).

    The token itself is shown once; only its SHA-256 is kept. It acts as the member who made it.
    """

    class Scope(models.TextChoices):
        MEETINGS_READ = "meetings:read", _("read meetings")
        MEETINGS_WRITE = "meetings:write", _("schedule meetings")
        TRANSCRIPTS_READ = "transcripts:read", _("read transcripts")
        TRANSCRIPTS_WRITE = "transcripts:write", _("correct transcripts")
        LICENSING_READ = "licensing:read", _("read contracts, imports and figures")
        LICENSING_WRITE = "licensing:write", _("import usage and change contracts")
        TRANSCRIPTION = "transcription:order", _("have Visio's recordings transcribed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_tokens")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True)  # hexadecimal SHA-256
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def is_usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def last_day(self) -> date:
        """The last day on which it is of use, by the tenant's clocks."""
        return (self.expires_at - timedelta(microseconds=1)).astimezone(self.tenant.zone).date()

    @property
    def scope_labels(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes]


class TenantFigure(TenantOwned):
    """One aggregate that the operator may read; NULL where one to nine people stand behind it, or it is unknown.

    ``population`` is 1 wherever their number may not be told.
    """

    day = models.DateField()
    measure = models.CharField(max_length=64)
    dimension = models.CharField(max_length=64, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    population = models.PositiveIntegerField()
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "day", "measure", "dimension"], name="tenant_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.day}"


class JournalEvent(TenantOwned):
    """What happened, append-only. ``canonical`` holds the RFC 8785 bytes that the chain hashes."""

    created_at = models.DateTimeField(db_index=False)
    actor_id = models.UUIDField(null=True)  # a User's opaque id; empty for the portal itself
    action = models.CharField(max_length=64)  # noun.verb, such as transcript.approved
    object_type = models.CharField(max_length=32, blank=True)
    object_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    canonical = models.BinaryField()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="journal_recent"),
            models.Index(fields=["tenant", "object_id", "-created_at"], name="journal_object"),
        ]

    def __str__(self) -> str:
        return self.action


class JournalLink(TenantOwned):
    """An event's place in its tenant's chain, written by the database at COMMIT.

    ``digest`` = SHA-256(previous digest || canonical bytes of the event).
    """

    event = TenantForeignKey(JournalEvent, on_delete=models.PROTECT, related_name="links")
    position = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "position"], name="journal_link_position"),
            models.UniqueConstraint(fields=["tenant", "event"], name="journal_link_once"),
        ]

    def __str__(self) -> str:
        return str(self.position)


class JournalHead(TenantOwned):
    """The last link of each tenant's chain; the row that COMMIT locks last."""

    position = models.BigIntegerField(default=0)
    digest = models.BinaryField(default=bytes(32))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="journal_head_once")]

    def __str__(self) -> str:
        return str(self.position)


class TenantRequest(HttpRequest):
    """A request below ``/t/<slug>/``, as the middleware hands it to a view."""

    tenant: Tenant
    membership: Membership
    user: User
