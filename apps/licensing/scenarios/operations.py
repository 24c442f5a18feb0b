"""What people do with scenarios; each step is journalled."""

from django.db import transaction

from apps.licensing.models import Scenario
from apps.licensing.once import AlreadyExists, save_once
from apps.tenants.journal import record_by
from apps.tenants.models import Membership

MOST_COPIES = 50
NAME_MAX = 100


def keep_scenario(*, membership: Membership, scenario: Scenario) -> Scenario:
    """Keep assumptions under a name; raise AlreadyExists where a scenario has it."""
    scenario.tenant_id, scenario.by = membership.tenant_id, membership
    with transaction.atomic():
        save_once(scenario)
        record_by(membership, "scenario.created", scenario)
    return scenario


def change_scenario(*, membership: Membership, scenario: Scenario, fields: list[str]) -> None:
    """Save what was changed of a scenario; raise AlreadyExists where another one has its name."""
    if not fields:
        return
    with transaction.atomic():
        save_once(scenario, [*fields, "updated_at"])
        record_by(membership, "scenario.changed", scenario, fields=fields)


def duplicate_scenario(*, membership: Membership, scenario: Scenario) -> Scenario:
    """Keep a copy under a name that is free; raise AlreadyExists where there are too many copies of it."""
    for number in range(2, MOST_COPIES):
        suffix = f" ({number})"
        copy = Scenario(
            name=f"{scenario.name[: NAME_MAX - len(suffix)]}{suffix}",
            migrated_per_month=scenario.migrated_per_month,
            buffer_percent=scenario.buffer_percent,
            price_rise_percent=scenario.price_rise_percent,
            run_cost_eur_per_user=scenario.run_cost_eur_per_user,
        )
        if not Scenario.objects.filter(tenant_id=membership.tenant_id, name=copy.name).exists():
            return keep_scenario(membership=membership, scenario=copy)
    raise AlreadyExists


def remove_scenario(*, membership: Membership, scenario: Scenario) -> None:
    with transaction.atomic():
        record_by(membership, "scenario.removed", scenario)
        scenario.delete()
