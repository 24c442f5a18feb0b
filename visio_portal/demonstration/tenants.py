"""The demonstration's ministries, their units, and the people who work there."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from apps.tenants import journal
from apps.tenants.models import Headcount, IdentityRoute, Membership, Tenant, Unit, User
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import Person, load_people, load_tenants


def seed_tenants() -> None:
    """Create tenants, units, routes and people; what exists already stays as it is."""
    people = load_people()
    for row in load_tenants():
        tenant, is_new = Tenant.objects.get_or_create(
            slug=row["slug"],
            defaults={key: row[key] for key in ("kind", "name", "siren", "time_zone", "contact_email")},
        )
        if is_new:
            _add_routes(tenant, row)
            with tenant_scope(tenant.id):
                journal.record("tenant.created", tenant_id=tenant.id, actor_id=None, subject=tenant)
                _add_headcount(tenant, row["headcount"])
                _add_units(tenant, row["units"], None)
                _add_members(tenant, people)


def _add_routes(tenant: Tenant, row: dict[str, Any]) -> None:
    for route in row["sirets"]:
        _add_route(tenant, IdentityRoute.Kind.SIRET, route["siret"], route)
    for route in row["email_domains"]:
        _add_route(tenant, IdentityRoute.Kind.EMAIL_DOMAIN, route["domain"], route)


def _add_route(tenant: Tenant, kind: IdentityRoute.Kind, value: str, route: dict[str, Any]) -> None:
    IdentityRoute.objects.create(
        tenant=tenant,
        kind=kind,
        value=value,
        idp_id=route.get("idp_id", ""),
        starts_on=date.fromisoformat(route["valid_from"]),
        ends_on=date.fromisoformat(route["valid_to"]) if route["valid_to"] else None,
    )


def _add_headcount(tenant: Tenant, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        starts_on = date.fromisoformat(row["valid_from"])
        Headcount.objects.create(tenant=tenant, starts_on=starts_on, agents=row["agents"], source=row["source"])


def _add_units(tenant: Tenant, rows: list[dict[str, Any]], parent: Unit | None) -> None:
    for row in rows:
        unit = Unit.objects.create(tenant=tenant, parent=parent, name=row["name"], departement=row["departement"])
        _add_units(tenant, row.get("children", []), unit)


def _add_members(tenant: Tenant, people: Sequence[Person]) -> None:
    for person in people:
        for place in person.memberships:
            if place.tenant == tenant.slug and person.account != "absent":
                unit, roles = unit_at(tenant, place.unit), list(place.roles)
                member = Membership.objects.create(tenant=tenant, user=_user(person), unit=unit, roles=roles)
                journal.record(
                    "member.joined", tenant_id=tenant.id, actor_id=None, subject=member, data={"roles": roles}
                )


def unit_at(tenant: Tenant, path: Sequence[str]) -> Unit:
    """Return the unit at a path of names from the tenant's top; raises Unit.DoesNotExist."""
    unit: Unit | None = None
    for name in path:
        unit = Unit.objects.get(tenant=tenant, parent=unit, name=name)
    if unit is None:
        raise Unit.DoesNotExist("An empty path leads to no unit.")
    return unit


def member_of(tenant: Tenant, key: str) -> Membership:
    """Return the member whom the demonstration's data call by a key such as ``claire-vasseur``."""
    email = next(person.email for person in load_people() if person.key == key)
    return Membership.objects.select_related("tenant", "user", "unit").get(tenant=tenant, user__email=email)


def _user(person: Person) -> User:
    """Return the person's account; somebody merely invited is not bound to an identity yet."""
    is_bound = person.account == "bound"
    identity = {"idp_id": person.idp_id, "sub": person.sub} if is_bound else {}
    names = {"given_name": person.given_name, "usual_name": person.usual_name}
    user, _is_new = User.objects.get_or_create(email=person.email, defaults=identity | names)
    return user
