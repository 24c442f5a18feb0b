"""Who is let in, into which tenants, and what the journal keeps of it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.tenants import journal
from apps.tenants.identity.claims import Identity
from apps.tenants.identity.refusals import Reason, SignInRefused
from apps.tenants.models import IdentityRoute, Membership, QuarantinedSignIn, Role, Tenant, User
from apps.tenants.scoping import tenant_scope, user_scope
from visio_portal.figure_requests import request_figures


def admit_person(identity: Identity, *, today: date) -> User:
    """Return the account of a verified identity, joined to the tenant that its SIRET leads to today.

    Raises SignInRefused; a person without any tenant is kept in quarantine for the operator.
    """
    user = _bound_person(identity) or _invited_person(identity, today) or _new_person(identity, today)
    if not user.is_active:
        _refuse_member(user, Reason.ACCESS_ENDED)
    _update_person(user, identity, today)
    tenant = routed_tenant(identity, today)
    if tenant is not None:
        _join(user, tenant)
    if not tenant_ids_of(user):
        if tenant_ids_of(user, is_former=True):
            _refuse_member(user, Reason.ACCESS_ENDED)
        _quarantine(user, identity)
        raise SignInRefused(Reason.UNKNOWN_ORGANISATION, siret=identity.siret)
    QuarantinedSignIn.objects.filter(user=user).delete()
    return user


def routed_tenant(identity: Identity, today: date) -> Tenant | None:
    """Return the tenant of a SIRET, by a route that is valid and open to this identity provider."""
    routes = (
        IdentityRoute.objects.valid_on(today)
        .filter(Q(idp_id="") | Q(idp_id=identity.idp_id), kind=IdentityRoute.Kind.SIRET, value=identity.siret)
        .select_related("tenant")
        .order_by("-starts_on")
    )
    route = routes.first() if identity.siret else None
    return route.tenant if route else None


def tenant_ids_of(user: User, *, is_former: bool = False) -> list[UUID]:
    """Return the tenants in which a person is a member (or used to be)."""
    with user_scope(user.pk):
        memberships = Membership.objects.filter(user=user, ended_at__isnull=not is_former)
        return list(memberships.order_by("tenant_id").values_list("tenant_id", flat=True))


def record_in_tenants(user: User, action: str, **data: Any) -> None:
    """Write one event of a person's own into the journal of each of their tenants."""
    _record(user, tenant_ids_of(user), action, actor_id=user.pk, **data)


def _record(user: User, tenant_ids: list[UUID], action: str, *, actor_id: UUID | None, **data: Any) -> None:
    for tenant_id in tenant_ids:
        with tenant_scope(tenant_id, user_id=user.pk):
            journal.record(action, tenant_id=tenant_id, actor_id=actor_id, subject=user, data=data)


def _refuse_member(user: User, reason: Reason) -> None:
    """Tell the journals of the account's tenants; the actor stays unnamed, for nobody was let in."""
    tenant_ids = tenant_ids_of(user) or tenant_ids_of(user, is_former=True)
    _record(user, tenant_ids, "sign_in.refused", actor_id=None, reason=reason.value)
    raise SignInRefused(reason)


def _bound_person(identity: Identity) -> User | None:
    return User.objects.filter(idp_id=identity.idp_id, sub=identity.sub).first()


def _invited_person(identity: Identity, today: date) -> User | None:
    """Bind the account that waits for this address, where the provider may vouch for its domain."""
    user = User.objects.filter(email=identity.email).first()
    if user is None:
        return None
    if user.sub:
        _refuse_member(user, Reason.EMAIL_TAKEN)
    if identity.idp_id not in _providers_of(identity.email_domain, today):
        _refuse_member(user, Reason.EMAIL_NOT_VOUCHED_FOR)
    is_bound = User.objects.filter(pk=user.pk, sub="").update(idp_id=identity.idp_id, sub=identity.sub)
    if not is_bound:
        _refuse_member(user, Reason.EMAIL_TAKEN)
    user.refresh_from_db()
    record_in_tenants(user, "identity.bound", idp_id=identity.idp_id)
    return user


def _new_person(identity: Identity, today: date) -> User:
    if not _may_carry(identity, today):
        raise SignInRefused(Reason.EMAIL_NOT_VOUCHED_FOR)
    try:
        user, _is_new = User.objects.get_or_create(
            idp_id=identity.idp_id,
            sub=identity.sub,
            defaults={
                "email": identity.email,
                "given_name": identity.given_name,
                "usual_name": identity.usual_name,
            },
        )
    except IntegrityError as error:  # another sign-in took the address a moment ago
        raise SignInRefused(Reason.EMAIL_TAKEN) from error
    return user


def _providers_of(domain: str, today: date) -> set[str]:
    """Return the identity providers that may vouch for the addresses of a domain."""
    routes = IdentityRoute.objects.valid_on(today).filter(kind=IdentityRoute.Kind.EMAIL_DOMAIN, value=domain)
    return set(routes.exclude(idp_id="").values_list("idp_id", flat=True))


def _may_carry(identity: Identity, today: date) -> bool:
    """Return whether an account may carry the address: nobody else's domain, or one vouched for."""
    providers = _providers_of(identity.email_domain, today)
    return not providers or identity.idp_id in providers


def _update_person(user: User, identity: Identity, today: date) -> None:
    """Take over names, and the address where nothing speaks against it (otherwise the former one stays)."""
    names = {"given_name": identity.given_name, "usual_name": identity.usual_name}
    changed = {name: value for name, value in names.items() if value and value != getattr(user, name)}
    if changed:
        User.objects.filter(pk=user.pk).update(**changed)
    if identity.email != user.email and _may_carry(identity, today):
        is_taken = User.objects.filter(email=identity.email).exists()
        if not is_taken:
            User.objects.filter(pk=user.pk).update(email=identity.email)
    user.refresh_from_db()


def _join(user: User, tenant: Tenant) -> None:
    """Make the person a member at the first sign-in; a membership that was ended stays ended."""
    roles = [Role.ORGANIZER.value]
    with tenant_scope(tenant.pk, user_id=user.pk):
        membership, is_new = Membership.objects.get_or_create(tenant=tenant, user=user, defaults={"roles": roles})
        if is_new:
            journal.record(
                "member.joined",
                tenant_id=tenant.pk,
                actor_id=user.pk,
                subject=membership,
                data={"roles": roles, "by": "siret"},
            )
            request_figures(tenant.pk, tenant.today)


def _quarantine(user: User, identity: Identity) -> None:
    with transaction.atomic():
        QuarantinedSignIn.objects.update_or_create(
            user=user, defaults={"siret": identity.siret, "last_seen_at": timezone.now()}
        )
