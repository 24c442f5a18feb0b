"""The programme at a glance: waves on their months, targets with the pace that they ask for, exemptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from apps.licensing.dashboards.rollups import Eligible, adoption_by_month
from apps.licensing.migration import DAYS_PER_MONTH, Expected, Forecast, Pace, Point, Readiness, forecast, pace
from apps.licensing.models import Exemption, Target, UnitHeadcount, Wave
from apps.licensing.savings import add_months, months_of
from apps.tenants.models import Tenant

MOST_MONTHS = 18
FEWEST_PEOPLE = 10  # a pace from fewer would give their number away
SOON = timedelta(days=30)
MOST_FORECAST_MONTHS = 120


@dataclass(frozen=True)
class WaveState:
    """A wave with its readiness, its agents (None: one of its units is not counted), and its months of the timeline."""

    wave: Wave
    readiness: Readiness | None
    agents: int | None
    months: list[bool]
    per_month: int | None  # agents who have to move each month of the wave


@dataclass(frozen=True)
class TargetState:
    """A target with its pace, what the curve expects on its day, and when the curve reaches it (None: not known)."""

    target: Target
    pace: Pace | None
    expected: Expected | None
    reached_on: date | None

    @property
    def expects_enough(self) -> bool:
        return self.expected is not None and self.expected.people >= self.target.agents


@dataclass(frozen=True)
class ExemptionState:
    exemption: Exemption
    is_expired: bool
    is_soon: bool


def points_of(tenant: Tenant) -> list[Point]:
    """Return the people who used Visio in 28 days, at the end of each of the last twelve months."""
    today = tenant.today
    found = adoption_by_month(tenant, None, add_months(today.replace(day=1), -12), today)
    return [Point(item.day, item.people) for item in found if item.people >= FEWEST_PEOPLE]


def wave_states(tenant: Tenant, eligible: Eligible) -> tuple[list[date], list[WaveState]]:
    """Return the months from the first wave's to the last one's, and each wave on them."""
    waves = list(
        Wave.objects.filter(tenant=tenant).select_related("owner__user").prefetch_related("checklist", "units")
    )
    if not waves:
        return [], []
    first, last = min(wave.starts_on for wave in waves), max(wave.ends_on for wave in waves)
    months = list(months_of(first, last))[:MOST_MONTHS]
    return months, [wave_state(wave, months, eligible) for wave in waves]


def wave_state(wave: Wave, months: Sequence[date], eligible: Eligible) -> WaveState:
    agents = eligible.of_units([place.unit_id for place in wave.units.all()], wave.ends_on)
    length = len(list(months_of(wave.starts_on, wave.ends_on)))
    first = wave.starts_on.replace(day=1)
    return WaveState(
        wave=wave,
        readiness=wave.readiness,
        agents=agents,
        months=[first <= month <= wave.ends_on for month in months],
        per_month=None if agents is None else -(-agents // length),
    )


def target_states(tenant: Tenant, eligible: Eligible) -> list[TargetState]:
    """Return the targets with the pace needed from today's users on, and with the forecast."""
    points, today = points_of(tenant), tenant.today
    curve = forecast(points, eligible.on(today))
    return [
        TargetState(
            target,
            pace(points, target.agents, target.due_on, today),
            curve.on(target.due_on) if curve and target.due_on > today else None,
            _reached_on(curve, target.agents),
        )
        for target in Target.objects.filter(tenant=tenant)
    ]


def _reached_on(curve: Forecast | None, people: int) -> date | None:
    """Return the day on which the curve reaches so many people, within some years."""
    months = curve.months_until(people) if curve else None
    if curve is None or months is None or months > MOST_FORECAST_MONTHS:
        return None
    return curve.origin + timedelta(days=months * DAYS_PER_MONTH)


def exemption_states(tenant: Tenant) -> list[ExemptionState]:
    """Return the exemptions that have not ended, those that expire first before the others."""
    today = tenant.today
    found = Exemption.objects.filter(tenant=tenant, ended_at=None).select_related("unit", "owner__user")
    return [ExemptionState(item, item.expires_on <= today, item.expires_on <= today + SOON) for item in found]


def headcounts(tenant: Tenant) -> list[UnitHeadcount]:
    """Return each unit's newest number of agents, by the unit's name."""
    found = UnitHeadcount.objects.filter(tenant=tenant).order_by("unit_id", "-starts_on").distinct("unit_id")
    return sorted(found.select_related("unit"), key=lambda item: item.unit.name)
