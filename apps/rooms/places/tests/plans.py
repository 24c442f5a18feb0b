"""A plan for tests: one hour in a room, a week from now, by the clocks of Paris."""

from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from apps.rooms.models import PolicyRule, Room
from apps.rooms.operations import MeetingPlan
from apps.rooms.places.rules import RULES
from apps.tenants.models import Tenant, Unit


def coming(weekday: int = 0) -> date:
    """Return a day of the week after the next one (0: Monday)."""
    today = timezone.now().date()
    return today - timedelta(days=today.weekday()) + timedelta(days=14 + weekday)


def plan(room: Room | None = None, **changes: Any) -> MeetingPlan:
    fields: dict[str, Any] = {
        "title": "Comité",
        "starts_on": coming(),
        "start_time": time(10, 0),
        "duration_minutes": 60,
        "room": room,
    }
    return MeetingPlan(**(fields | changes))


def say(tenant: Tenant, name: str, value: Any, *, unit: Unit | None = None, is_enforced: bool = False) -> PolicyRule:
    """Let the ministry or a unit lay down a rule; the tenant is entered."""
    written = RULES[name].write(value)
    return PolicyRule.objects.create(tenant=tenant, unit=unit, name=name, value=written, is_enforced=is_enforced)
