"""The demonstration's programmes: who is to move, in which waves, by when, and who may stay behind."""

from datetime import date, timedelta
from typing import Any

from apps.licensing.models import Exemption, Milestone, Target, Wave
from apps.licensing.programme import operations
from apps.licensing.savings import add_months
from apps.tenants.models import Membership, Tenant, Unit
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_rows
from visio_portal.demonstration.tenants import member_of


def seed_programmes(today: date) -> None:
    """Create the ministries' programmes around a day, once."""
    for row in load_rows("programme"):
        tenant = Tenant.objects.get(slug=row["tenant"])
        with tenant_scope(tenant.id):
            if not Wave.objects.exists():
                _add_programme(tenant, row, today)


def _add_programme(tenant: Tenant, row: dict[str, Any], today: date) -> None:
    author = member_of(tenant, row["author"])
    units = {unit.name: unit for unit in Unit.objects.filter(tenant=tenant)}
    for counted in row["headcounts"]:
        operations.set_headcounts(
            membership=author,
            agents={units[name].id: agents for name, agents in counted["agents"].items()},
            starts_on=date.fromisoformat(counted["starts_on"]),
            source=counted["source"],
        )
    for wave in row["waves"]:
        _add_wave(author, wave, units, today)
    for target in row["targets"]:
        due_on = _last_day(today, target["due_in"])
        operations.add_target(
            membership=author, target=Target(due_on=due_on, agents=target["agents"], source=target["source"])
        )
    for exempted in row["exemptions"]:
        exemption = Exemption(
            unit=units[exempted["unit"]],
            seats=exempted["seats"],
            owner=member_of(tenant, exempted["owner"]),
            reason=exempted["reason"],
            starts_on=today + timedelta(days=exempted["starts_in_days"]),
            expires_on=today + timedelta(days=exempted["expires_in_days"]),
        )
        operations.grant_exemption(membership=author, exemption=exemption)


def _add_wave(author: Membership, row: dict[str, Any], units: dict[str, Unit], today: date) -> None:
    wave = operations.create_wave(
        membership=author,
        wave=Wave(
            name=row["name"],
            starts_on=_first_day(today, row["starts_in"]),
            ends_on=_last_day(today, row["ends_in"]),
            owner=member_of(author.tenant, row["owner"]) if row["owner"] else None,
            note=row["note"],
        ),
    )
    for name, switch_in in row["units"]:
        switch_on = None if switch_in is None else _first_day(today, switch_in)
        operations.place_unit(membership=author, wave=wave, unit=units[name], switch_on=switch_on)
    for item in wave.checklist.filter(position__in=row["done"]).select_related("wave"):
        operations.tick_item(membership=author, item=item, is_done=True)
    for name, due_in, is_reached in row["milestones"]:
        due_on = _last_day(today, due_in)
        reached_on = due_on - timedelta(days=4) if is_reached else None
        milestone = Milestone(name=name, due_on=due_on, reached_on=reached_on)
        operations.add_milestone(membership=author, milestone=milestone, wave=wave)


def _first_day(today: date, months: int) -> date:
    return add_months(today.replace(day=1), months)


def _last_day(today: date, months: int) -> date:
    return _first_day(today, months + 1) - timedelta(days=1)
