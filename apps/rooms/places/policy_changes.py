"""Laying down rules for the State, a ministry or a unit; each change is journalled."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.rooms.models import PolicyRule, StatePolicyRule
from apps.rooms.places.policies import Policies
from apps.rooms.places.rules import RULES, Level, Rule
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership, Unit


class RuleLocked(Conflict):
    """A higher level enforces the rule, so nothing below changes it."""

    status = 422
    code = "rule_locked"

    def __init__(self, level: Level) -> None:
        super().__init__(_("This rule is locked by %(level)s.") % {"level": level.name})
        self.level = level


def lay_down(*, by: Membership, unit: Unit | None, name: str, rule: Rule | None) -> None:
    """Let a unit, or the ministry without one, say something about a rule, or nothing any more (None).

    Raises RuleLocked where a higher level enforces it.
    """
    unit_id = unit.id if unit is not None else None
    above = lock_above(Policies(by.tenant), name, unit_id)
    if above is not None and rule is not None:
        raise RuleLocked(above)
    with transaction.atomic():
        own = PolicyRule.objects.filter(tenant=by.tenant, unit=unit, name=name)
        if rule is None:
            own.delete()
        else:
            values = {"value": RULES[name].write(rule.value), "is_enforced": rule.is_enforced, "reason": rule.reason}
            PolicyRule.objects.update_or_create(tenant=by.tenant, unit=unit, name=name, defaults=values)
        record_by(by, "policy.changed", unit, rule=name, **_journalled(name, rule))


def lay_down_for_state(*, by: Membership, name: str, rule: Rule | None) -> None:
    """Let the State say something about a rule to every ministry, or nothing any more (None). For the operator."""
    with transaction.atomic():
        if rule is None:
            StatePolicyRule.objects.filter(name=name).delete()
        else:
            values = {"value": RULES[name].write(rule.value), "is_enforced": rule.is_enforced, "reason": rule.reason}
            StatePolicyRule.objects.update_or_create(name=name, defaults=values)
        record_by(by, "policy.changed", rule=name, **_journalled(name, rule))


def lock_above(policies: Policies, name: str, unit_id: UUID | None) -> Level | None:
    """Return the level above a unit (None: above the ministry) that enforces a rule, if one does."""
    levels = policies.levels(unit_id)[:-1]
    return next((level for level in levels if name in level.rules and level.rules[name].is_enforced), None)


def _journalled(name: str, rule: Rule | None) -> dict[str, Any]:
    """Return what the journal keeps of a change, in values that it can show one by one."""
    if rule is None:
        return {"mode": "unset"}
    mode = {"mode": "enforced" if rule.is_enforced else "default"}
    value = RULES[name].write(rule.value)
    if isinstance(value, dict):
        return mode | value
    if isinstance(value, list):  # ISO 8601 intervals of days
        return mode | {"closures": [f"{row['from']}/{row['to']}" for row in value]}
    return mode | {"value": value}
