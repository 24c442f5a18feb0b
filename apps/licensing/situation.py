"""What scenarios, net and planned needs start from, as a ministry's rows say, in few queries however many they are."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from apps.licensing import savings
from apps.licensing.dated_lines import dated_lines
from apps.licensing.models import (
    Contract,
    Exemption,
    OneOffCost,
    RunCost,
    Scenario,
    UnitDay,
    UnitHeadcount,
    Vendor,
    WaveUnit,
)
from apps.licensing.savings import (
    Assumptions,
    Exempted,
    Ledger,
    Measure,
    NeedPlan,
    NetMonth,
    OneOff,
    PlannedUnit,
    Situation,
    net_timeline,
)
from apps.tenants.models import Headcount, Tenant

BUFFER_PERCENT = Decimal(5)


def situation_of(tenant: Tenant, contracts: Iterable[Contract], today: date) -> Situation:
    """Return what a ministry's scenarios start from; contracts are fetched ``with_lines``, and count while in force."""
    in_force = (contract for contract in contracts if contract.terms.is_in_force(today))
    users = visio_users(tenant, today.replace(day=1), today)
    return Situation(
        today=today,
        lines=tuple(item for contract in in_force for _line, item in dated_lines(contract, today)),
        eligible=eligible_agents(tenant, today),
        migrated=users.get(today.replace(day=1)),
        exemptions=exemptions_of(tenant),
        run_costs=run_costs(),
        one_offs=one_offs_of(tenant),
    )


def assumptions_of(scenario: Scenario) -> Assumptions:
    """Return a kept scenario's assumptions; one that was just made still has its defaults, whole numbers."""
    return Assumptions(
        name=scenario.name,
        migrated_per_month=scenario.migrated_per_month,
        buffer_percent=Decimal(scenario.buffer_percent),
        price_rise_percent=Decimal(scenario.price_rise_percent),
        run_cost_eur_per_user=scenario.run_cost_eur_per_user,
    )


def net_of(tenant: Tenant, ledger: Ledger) -> list[NetMonth]:
    """Return N = G - R - M for the months of a ministry's ledger, G being what is realised."""
    gains = {month: total.eur for month, total in ledger.by_month(Measure.REALISED).items()}
    known = visio_users(tenant, ledger.first, ledger.today)
    users = {month: known.get(month) for month in gains}
    return net_timeline(gains, users, run_costs(), one_offs_of(tenant))


def need_plan_of(tenant: Tenant, today: date, buffer_percent: Decimal = BUFFER_PERCENT) -> NeedPlan | None:
    """Return what the units' switch dates say of the seats still needed; None without any unit's headcount."""
    switches = dict(WaveUnit.objects.filter(tenant=tenant).values_list("unit_id", "switch_on"))
    units = tuple(PlannedUnit(agents, switches.get(unit)) for unit, agents in unit_agents(tenant, today).items())
    return NeedPlan(units, exemptions_of(tenant), buffer_percent) if units else None


def eligible_agents(tenant: Tenant, day: date) -> int | None:
    """Return the ministry's headcount of a day, else the sum of its units'; None where neither is known."""
    headcount = Headcount.objects.filter(tenant=tenant, starts_on__lte=day).order_by("-starts_on").first()
    if headcount is not None:
        return headcount.agents
    agents = unit_agents(tenant, day)
    return sum(agents.values()) if agents else None


def unit_agents(tenant: Tenant, day: date) -> dict[UUID, int]:
    """Return the eligible agents of each unit on a day."""
    begun = UnitHeadcount.objects.filter(tenant=tenant, starts_on__lte=day)
    newest = begun.order_by("unit_id", "-starts_on").distinct("unit_id")
    return dict(newest.values_list("unit_id", "agents"))


def visio_users(tenant: Tenant, first: date, last: date) -> dict[date, int]:
    """Return how many people used Visio in the 28 days up to the last day counted in each month (its first day)."""
    days = UnitDay.objects.filter(tenant=tenant, vendor=Vendor.VISIO, day__gte=first, day__lte=last)
    counted = days.order_by("day").values_list("day").annotate(people=Sum("people"))
    return {day.replace(day=1): people for day, people in counted}


def exemptions_of(tenant: Tenant) -> tuple[Exempted, ...]:
    """Return the exemptions, each until it expires, or until the day on which it was ended."""
    return tuple(
        Exempted(row.seats, row.starts_on, min(row.expires_on, row.ended_at.date()) if row.ended_at else row.expires_on)
        for row in Exemption.objects.filter(tenant=tenant)
    )


def run_costs() -> tuple[savings.RunCost, ...]:
    """Return what Visio costs per user and month, as the operator entered it."""
    return tuple(savings.RunCost(row.starts_on, row.amount_eur, row.source) for row in RunCost.objects.all())


def one_offs_of(tenant: Tenant) -> tuple[OneOff, ...]:
    return tuple(
        OneOff(row.month, row.amount_eur, row.label, row.source) for row in OneOffCost.objects.filter(tenant=tenant)
    )
