"""What administrators and the operator do; each step is journalled."""

from collections.abc import Collection
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import ApiToken, IdentityRoute, Membership, Tenant
from apps.tenants.tokens import create_token
from visio_portal.realtime import close_sockets


class RolesChanged(Conflict):
    """Somebody else changed the member's roles in the meantime."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else changed these roles in the meantime; your change was not kept."))


class RouteExists(Exception):
    """The SIRET has a route from that day on already."""


def change_roles(*, by: Membership, member: Membership, roles: Collection[str], among: Collection[str]) -> None:
    """Give a member ``roles``, of those ``among`` which the form chose; others stay as they are.

    Nobody changes their own roles (PermissionDenied); raises RolesChanged after a lost race. A lost role
    closes the member's sockets.
    """
    if member.user_id == by.user_id:
        raise PermissionDenied(_("Nobody changes their own roles: ask another administrator."))
    before = list(member.roles)
    after = sorted({*(role for role in before if role not in among), *roles})
    added, removed = sorted(set(after) - set(before)), sorted(set(before) - set(after))
    if not added and not removed:
        return
    with transaction.atomic():
        unchanged = Membership.objects.active().filter(id=member.id, roles=before)
        if not unchanged.update(roles=after):
            raise RolesChanged
        record_by(by, "member.roles_changed", member, added=added, removed=removed)
        if removed:
            close_sockets(member.tenant_id, member.user_id)
    member.roles = after


def make_token(*, by: Membership, name: str, scopes: list[str], expires_at: datetime) -> tuple[ApiToken, str]:
    """Make an API token that acts as the member; return it with its secret, which is never shown again."""
    with transaction.atomic():
        token, secret = create_token(by, name=name, scopes=scopes, expires_at=expires_at)
        record_by(by, "token.created", token, scopes=sorted(scopes), expires_at=expires_at.isoformat())
    return token, secret


def revoke_token(*, by: Membership, token: ApiToken) -> None:
    """Make a token useless from now on; one that is revoked already stays as it was."""
    with transaction.atomic():
        if ApiToken.objects.filter(id=token.id, revoked_at=None).update(revoked_at=timezone.now()):
            record_by(by, "token.revoked", token)


def route_establishment(*, by: Membership, siret: str, tenant: Tenant, starts_on: date) -> IdentityRoute:
    """Lead the people of an establishment to a tenant from a day on. For the operator; raises RouteExists."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                route = IdentityRoute.objects.create(
                    kind=IdentityRoute.Kind.SIRET, value=siret, tenant=tenant, starts_on=starts_on
                )
        except IntegrityError as error:
            raise RouteExists from error
        record_by(by, "route.added", route, siret=siret, to=str(tenant.id), starts_on=starts_on.isoformat())
    return route
