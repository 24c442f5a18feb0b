"""The demonstration's rooms, who manages them, and the rules of the State, the ministries and their units."""

from typing import Any

from apps.rooms.models import PolicyRule, Room, StatePolicyRule
from apps.rooms.places.operations import create_room
from apps.tenants.models import Tenant, Unit
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_people, load_rows
from visio_portal.demonstration.tenants import member_of, unit_at

ADMINISTRATOR = "admin"


def seed_rooms() -> None:
    """Create each ministry's rooms and rules, and the State's rules, once."""
    for row in load_rows("rules"):
        if row["tenant"] is None:
            StatePolicyRule.objects.get_or_create(name=row["name"], defaults=_values(row))
    for tenant in Tenant.objects.ministries():
        with tenant_scope(tenant.id):
            if not Room.objects.exists():
                _add_rooms(tenant)
                _add_rules(tenant)


def room_of(tenant: Tenant, name: str) -> Room:
    """Return a room by its name."""
    return Room.objects.get(tenant=tenant, name=name)


def _add_rooms(tenant: Tenant) -> None:
    by = member_of(tenant, _administrator_of(tenant))
    names = ("name", "kind", "site", "capacity", "equipment", "sip_address", "description")
    for row in load_rows("rooms"):
        if row["tenant"] == tenant.slug:
            room = Room(**{name: row[name] for name in names}, unit=_unit(tenant, row))
            create_room(by=by, room=room, managers=[member_of(tenant, key) for key in row["managers"]])


def _add_rules(tenant: Tenant) -> None:
    for row in load_rows("rules"):
        if row["tenant"] == tenant.slug:
            PolicyRule.objects.create(tenant=tenant, unit=_unit(tenant, row), name=row["name"], **_values(row))


def _administrator_of(tenant: Tenant) -> str:
    """Return the key of the ministry's first administrator."""
    return next(
        person.key
        for person in load_people()
        for place in person.memberships
        if place.tenant == tenant.slug and ADMINISTRATOR in place.roles
    )


def _unit(tenant: Tenant, row: dict[str, Any]) -> Unit | None:
    return unit_at(tenant, row["unit"]) if row["unit"] else None


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("value", "is_enforced", "reason")}
