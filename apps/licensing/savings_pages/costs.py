"""What the migration itself cost a ministry: entered, changed and removed, each journalled."""

from django.db import transaction

from apps.licensing.models import OneOffCost
from apps.tenants.journal import record_by
from apps.tenants.models import Membership


def add_cost(*, membership: Membership, cost: OneOffCost) -> None:
    cost.tenant_id = membership.tenant_id
    with transaction.atomic():
        cost.save(force_insert=True)
        _record(membership, "one_off_cost.added", cost)


def change_cost(*, membership: Membership, cost: OneOffCost, fields: list[str]) -> None:
    """Save what was changed of a cost; the journal names the fields."""
    if not fields:
        return
    with transaction.atomic():
        cost.save(update_fields=fields)
        _record(membership, "one_off_cost.changed", cost, fields=fields)


def remove_cost(*, membership: Membership, cost: OneOffCost) -> None:
    with transaction.atomic():
        _record(membership, "one_off_cost.removed", cost)
        cost.delete()


def _record(membership: Membership, action: str, cost: OneOffCost, **data: object) -> None:
    record_by(membership, action, cost, amount_eur=str(cost.amount_eur), month=cost.month.isoformat(), **data)
