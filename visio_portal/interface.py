"""What every page shows around its content: the menu by role, the person, the ministries to switch to."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.tenants.identity.views import start_url
from apps.tenants.models import Membership, Role, Tenant, User
from apps.tenants.permissions import misses_second_factor
from apps.tenants.scoping import user_scope

STATE_SITES = ("info.gouv.fr", "service-public.gouv.fr", "legifrance.gouv.fr", "data.gouv.fr")


ADMINISTRATION = _("Administration")
SAVINGS = _("Contracts and savings")


class MenuItem(NamedTuple):
    """A line of the side menu, the roles that see it, and the group that it stands in, if it stands in one."""

    label: str | Promise
    url_name: str
    roles: tuple[Role, ...]
    group: str | Promise = ""


TENANT_MENU = (
    MenuItem(_("To do"), "tenant_home", (Role.ORGANIZER,)),
    MenuItem(_("Meetings"), "rooms:meeting_list", (Role.ORGANIZER,)),
    MenuItem(_("Calendar"), "rooms:calendar", (Role.ORGANIZER,)),
    MenuItem(_("Rooms"), "rooms:room_list", (Role.ORGANIZER,)),
    MenuItem(_("Date polls"), "rooms:poll_list", (Role.ORGANIZER,)),
    MenuItem(_("Delegations"), "rooms:delegation_list", (Role.ORGANIZER,)),
    MenuItem(_("Transcripts"), "transcripts:transcript_list", (Role.ORGANIZER,)),
    MenuItem(_("Dashboard"), "licensing:dashboard", (Role.PROCUREMENT,), SAVINGS),
    MenuItem(_("Savings"), "licensing:savings", (Role.PROCUREMENT,), SAVINGS),
    MenuItem(_("Closed months"), "licensing:month_list", (Role.PROCUREMENT,), SAVINGS),
    MenuItem(_("Contracts"), "licensing:contract_list", (Role.PROCUREMENT,), SAVINGS),
    MenuItem(_("Imports"), "licensing:usage_list", (Role.PROCUREMENT,), SAVINGS),
    MenuItem(_("Migration"), "licensing:programme", (Role.PROCUREMENT, Role.ADMIN), SAVINGS),
    MenuItem(_("Accounts and units"), "licensing:account_list", (Role.PROCUREMENT,), SAVINGS),
    MenuItem(_("Reconciliation"), "licensing:reconciliation", (Role.PROCUREMENT,), SAVINGS),
    MenuItem(_("Members"), "tenants:member_list", (Role.ADMIN,), ADMINISTRATION),
    MenuItem(_("Units"), "tenants:unit_list", (Role.ADMIN,), ADMINISTRATION),
    MenuItem(_("Rules of rooms and meetings"), "rooms:policy", (Role.ADMIN,), ADMINISTRATION),
    MenuItem(_("Connection to Visio"), "rooms:visio_connection", (Role.ADMIN,), ADMINISTRATION),
    MenuItem(_("Portal mailbox"), "rooms:mailbox", (Role.ADMIN,), ADMINISTRATION),
    MenuItem(_("Transcription for Visio"), "transcripts:service_detail", (Role.ADMIN,), ADMINISTRATION),
    MenuItem(_("Journal"), "tenants:journal", (Role.ADMIN, Role.AUDITOR), ADMINISTRATION),
    MenuItem(_("API tokens"), "tenants:token_list", (Role.ORGANIZER,)),
)
OPERATOR_MENU = (
    MenuItem(_("Ministries and agencies"), "operator_home", (Role.OPERATOR,)),
    MenuItem(_("Dashboard of the State"), "state:dashboard", (Role.OPERATOR,)),
    MenuItem(_("Editions"), "editions:edition_list", (Role.OPERATOR,)),
    MenuItem(_("Catalogue"), "catalogue:product_list", (Role.OPERATOR,)),
    MenuItem(_("Cost of Visio"), "catalogue:run_cost_list", (Role.OPERATOR,)),
    MenuItem(_("Microsoft’s licences"), "catalogue:sku_list", (Role.OPERATOR,)),
    MenuItem(_("Rules of rooms and meetings"), "state_policy:policy", (Role.OPERATOR,)),
)


@dataclass(frozen=True)
class MenuEntry:
    """A menu line for this request; ``current`` is the value of aria-current."""

    label: str
    url: str
    current: str  # "page", "true" for a page below it, or empty
    is_locked: bool  # it opens only after a sign-in with a second factor, which this one was not
    group: str = ""

    @property
    def is_current(self) -> bool:
        return bool(self.current)


@dataclass(frozen=True)
class MenuGroup:
    """Entries that stand together: under a label that opens and closes them, or one entry by itself."""

    label: str
    entries: tuple[MenuEntry, ...]

    @property
    def is_current(self) -> bool:
        return any(entry.is_current for entry in self.entries)

    @property
    def is_locked(self) -> bool:
        """Whether none of its pages opens without a second factor."""
        return all(entry.is_locked for entry in self.entries)


@dataclass(frozen=True)
class Ministry:
    name: str
    url: str


class Shell:
    """The frame of one page; without a request, the frame that needs neither database nor person."""

    def __init__(self, request: HttpRequest | None) -> None:
        self._request = request
        self.tenant: Tenant | None = getattr(request, "tenant", None)
        self.membership: Membership | None = getattr(request, "membership", None)
        self.languages = settings.LANGUAGES
        self.state_sites = STATE_SITES

    @cached_property
    def person(self) -> User | None:
        if self.membership is not None:
            return self.membership.user
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def person_name(self) -> str:
        return str(self.person)

    @property
    def here(self) -> str:
        """Where to come back to after changing the language: only a GET can be asked for again."""
        if self._request is None or self._request.method != "GET":
            return self.home_url
        return self._request.get_full_path()

    @property
    def is_operator_area(self) -> bool:
        return self.tenant is not None and self.tenant.kind == Tenant.Kind.OPERATOR

    @cached_property
    def home_url(self) -> str:
        if self.tenant is None:
            return reverse("home")
        return home_url_of(self.tenant)

    @property
    def sign_out_url(self) -> str:
        return reverse("identity:sign_out")

    @property
    def live_url(self) -> str:
        """The WebSocket endpoint of this ministry, or of the operator; empty where nothing is live."""
        if self.tenant is None:
            return ""
        return f"/ws/t/{self.tenant.slug}/"

    @property
    def role_names(self) -> list[str]:
        if self.membership is None:
            return []
        if self.is_operator_area:
            return [str(Role.OPERATOR.label)]
        return [str(Role(role).label) for role in Role.values if self.membership.has_role(Role(role))]

    @property
    def menu_title(self) -> str:
        return gettext("Operator area") if self.is_operator_area else str(self.tenant)

    @cached_property
    def menu(self) -> list[MenuEntry]:
        if self.tenant is None or self.membership is None:
            return []
        items = OPERATOR_MENU if self.is_operator_area else TENANT_MENU
        return [self._entry(item) for item in items if self.membership.has_role(*item.roles)]

    @property
    def menu_groups(self) -> list[MenuGroup]:
        """The menu in its groups; one that holds a single entry for this person is that entry."""
        grouped = [(label, tuple(entries)) for label, entries in groupby(self.menu, lambda entry: entry.group)]
        found: list[MenuGroup] = []
        for label, entries in grouped:
            if label and len(entries) > 1:
                found.append(MenuGroup(label, entries))
            else:
                found += [MenuGroup("", (entry,)) for entry in entries]
        return found

    def _entry(self, item: MenuItem) -> MenuEntry:
        is_home = item.url_name in ("tenant_home", "operator_home")
        url = self.home_url if is_home else self.tenant_url(item.url_name)
        path = self._request.path if self._request else ""
        is_below = not is_home and path.startswith(url)
        current = "page" if path == url else "true" if is_below else ""
        return MenuEntry(str(item.label), url, current, self._is_locked(item), str(item.group))

    def _is_locked(self, item: MenuItem) -> bool:
        if self._request is None or self.membership is None:
            return False
        return misses_second_factor(self._request, self.membership, *item.roles)

    @property
    def has_locked_entries(self) -> bool:
        return any(entry.is_locked for entry in self.menu)

    @property
    def second_factor_url(self) -> str:
        """Where to sign in again with a second factor, and come back here."""
        return start_url(self.here, second_factor=True)

    def tenant_url(self, name: str) -> str:
        """Return the address of a page of this tenant."""
        if self.tenant is None or self.is_operator_area:
            return reverse(name)
        return reverse(name, kwargs={"tenant_slug": self.tenant.slug})

    @cached_property
    def other_ministries(self) -> list[Ministry]:
        """The person's other ministries: one query, made only when the page shows them."""
        if self.person is None:
            return []
        is_in_scope = self.tenant is not None and connection.in_atomic_block
        tenants = tenants_in_scope(self.person) if is_in_scope else tenants_of(self.person)
        return [ministry_of(tenant) for tenant in tenants if tenant != self.tenant]


def tenants_of(person: User) -> list[Tenant]:
    """Return the tenants that a person belongs to, by name."""
    with user_scope(person.pk):
        return tenants_in_scope(person)


def tenants_in_scope(person: User) -> list[Tenant]:
    """Do the same where the middleware has already named the person in the running transaction."""
    memberships = Membership.objects.active().filter(user_id=person.pk).select_related("tenant")
    return [
        membership.tenant
        for membership in memberships.order_by("tenant__name")
        if membership.tenant.kind != Tenant.Kind.OPERATOR or membership.has_role(Role.OPERATOR)
    ]


def ministry_of(tenant: Tenant) -> Ministry:
    return Ministry(tenant.name, home_url_of(tenant))


def home_url_of(tenant: Tenant) -> str:
    """Return the address of a tenant's first page; the operator's own one is the operator area."""
    if tenant.kind == Tenant.Kind.OPERATOR:
        return reverse("operator_home")
    return reverse("tenant_home", kwargs={"tenant_slug": tenant.slug})


def interface(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``shell`` for base.html."""
    return {"shell": Shell(request)}
