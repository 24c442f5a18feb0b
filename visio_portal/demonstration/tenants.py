"""The demonstration's ministries, their units, and the people who work there."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from apps.tenants import journal
from apps.tenants.models import Headcount, IdentityRoute, Membership, Tenant, Unit, User
from apps.tenants.scoping import tenant_scope

FOLDER = Path(__file__).parent


@cache
def load(name: str) -> Any:
    """Return the content of one of the demonstration's JSON files."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def seed_tenants() -> None:
    """Create tenants, units, routes and people; what exists already stays as it is."""
    people = load("people")
    for row in load("tenants"):
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


def _add_members(tenant: Tenant, people: list[dict[str, Any]]) -> None:
    for person in people:
        for place in person["memberships"]:
            if place["tenant"] == tenant.slug and person["account"] != "absent":
                unit = unit_at(tenant, place["unit"])
                member = Membership.objects.create(
                    tenant=tenant, user=_user(person), unit=unit, roles=place["roles"]
                )
                journal.record(
                    "member.joined", tenant_id=tenant.id, actor_id=None, subject=member, data={"roles": place["roles"]}
                )


def unit_at(tenant: Tenant, path: list[str]) -> Unit:
    """Return the unit at a path of names from the tenant's top; raises Unit.DoesNotExist."""
    unit: Unit | None = None
    for name in path:
        unit = Unit.objects.get(tenant=tenant, parent=unit, name=name)
    if unit is None:
        raise Unit.DoesNotExist("An empty path leads to no unit.")
    return unit


def member_of(tenant: Tenant, key: str) -> Membership:
    """Return the member whom the demonstration's data call by a key such as ``claire-vasseur``."""
    email = next(person["email"] for person in load("people") if person["key"] == key)
    return Membership.objects.select_related("user", "unit").get(tenant=tenant, user__email=email)


def _user(person: dict[str, Any]) -> User:
    """Return the person's account; somebody merely invited is not bound to an identity yet."""
    is_bound = person["account"] == "bound"
    identity = {key: person[key] if is_bound else "" for key in ("idp_id", "sub")}
    names = {key: person[key] for key in ("given_name", "usual_name")}
    user, _is_new = User.objects.get_or_create(email=person["email"], defaults=identity | names)
    return user
