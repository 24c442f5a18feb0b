"""Each measure of a ministry's contracts and migration on a day, in as many queries for few agents as for many."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.db.models import Max, Sum

from apps.licensing.contracts.notices import NoticeDate, notice_dates
from apps.licensing.dashboards.rollups import Adoption, Eligible, adoption_by_month, seats_by_unit
from apps.licensing.dated_lines import dated_lines
from apps.licensing.figures import TenantFigures, contract_figures
from apps.licensing.migration import Pace, Point, pace
from apps.licensing.models import Contract, MonthStatement, Target, UnitDay, UsageImport, Vendor, WaveUnit
from apps.licensing.savings import (
    FEWEST_PEOPLE,
    Ledger,
    Measure,
    Total,
    add_months,
    months_of,
    net_timeline,
    published_list,
)
from apps.licensing.situation import eligible_agents, one_offs_of, run_costs, unit_agents, visio_users
from apps.licensing.state.measures import (
    MONTHS_BACK,
    SOMEBODY,
    Measured,
    StateMeasure,
    departement_dimension,
    month_dimension,
)
from apps.tenants.models import Tenant, Unit

MONTHS_OF_PACE = 12
BY_MONTH = {
    StateMeasure.DUE_EUR: Measure.DUE,
    StateMeasure.POTENTIAL_EUR: Measure.POTENTIAL,
    StateMeasure.COMMITTED_EUR: Measure.COMMITTED,
    StateMeasure.REALISED_EUR: Measure.REALISED,
    StateMeasure.SUNK_EUR: Measure.SUNK,
    StateMeasure.AVOIDED_EUR: Measure.AVOIDED,
}
ANSWERS: dict[str, int] = {MonthStatement.Answer.CONFIRMED: 1, MonthStatement.Answer.COMMENTED: 2}
NOTHING = Total(())


def licensing_measures(tenant: Tenant, day: date) -> Iterator[Measured]:
    """Yield the measures of a day as its rows give them; the tenant's scope is entered already."""
    of_day = OfDay(tenant, day)
    yield from _people(of_day)
    yield from _notices(of_day)
    yield from _pace(of_day)
    yield from months(of_day)
    yield from _statements(of_day)
    yield from _departements(of_day)


@dataclass(frozen=True)
class OfDay:
    """What the measures of a tenant and day are made of, read once each."""

    tenant: Tenant
    day: date

    @cached_property
    def agents(self) -> int | None:
        return eligible_agents(self.tenant, self.day)

    @cached_property
    def by_unit(self) -> dict[UUID, int]:
        return unit_agents(self.tenant, self.day)

    @cached_property
    def contracts(self) -> list[Contract]:
        return list(Contract.objects.filter(tenant=self.tenant).with_lines().prefetch_related("decisions"))

    @cached_property
    def first(self) -> date:
        return add_months(self.day.replace(day=1), -MONTHS_BACK)

    @cached_property
    def ledger(self) -> Ledger:
        lines = tuple(line for contract in self.contracts for _row, line in dated_lines(contract, self.day))
        return Ledger(lines, self.day, self.first, self.day.replace(day=1))

    @cached_property
    def adoption(self) -> list[Adoption]:
        return adoption_by_month(self.tenant, None, self.first, self.day)

    @cached_property
    def behind_money(self) -> int:
        """How many people stand behind an amount: the agents, or the seats that were bought."""
        return max(self.agents or 0, sum(line.seats for line in self.ledger.lines))


def _people(of_day: OfDay) -> Iterator[Measured]:
    yield counted(StateMeasure.AGENTS, of_day.agents)
    yield counted(StateMeasure.VISIO_USERS, of_day.adoption[-1].people if of_day.adoption else None)
    switched = WaveUnit.objects.filter(tenant=of_day.tenant, switch_on__lte=of_day.day).values_list(
        "unit_id", flat=True
    )
    migrated = sum(of_day.by_unit.get(unit_id, 0) for unit_id in switched)
    yield counted(StateMeasure.MIGRATED_AGENTS, migrated if of_day.by_unit else None)
    _newest, units = seats_by_unit(of_day.tenant, None, of_day.day)
    assigned, dormant = sum(unit.assigned for unit in units), sum(unit.dormant for unit in units)
    yield counted(StateMeasure.ASSIGNED_SEATS, assigned if units else None)
    yield part(StateMeasure.DORMANT_SEATS, dormant if units else None, assigned)
    imports = UsageImport.objects.in_use().filter(tenant=of_day.tenant, refreshed_on__lte=of_day.day)
    newest = imports.aggregate(day=Max("refreshed_on"))["day"]
    yield known(StateMeasure.DATA_AGE_DAYS, (of_day.day - newest).days if newest else None, of_day.agents or 0)


def _notices(of_day: OfDay) -> Iterator[Measured]:
    people = of_day.behind_money
    dates = notice_dates(of_day.contracts, of_day.day) if of_day.contracts else None
    yield known(StateMeasure.NOTICES_LATE, _number(dates, lambda item: item.is_overdue), people)
    yield known(StateMeasure.NOTICES_MISSED, _number(dates, lambda item: item.is_missed), people)
    losses = [item.loss_eur for item in dates or [] if item.is_missed]
    lost = sum((loss for loss in losses if loss is not None), Decimal(0))
    yield Measured(StateMeasure.MISSED_NOTICE_EUR, None if dates is None or None in losses else lost, people)
    following = [item.notice_by for item in dates or [] if item.is_open and item.notice_by >= of_day.day]
    yield known(StateMeasure.NEXT_NOTICE_DAYS, (following[0] - of_day.day).days if following else None, people)
    figures = [contract_figures(contract, of_day.day) for contract in of_day.contracts]
    potential = TenantFigures(figures, of_day.agents).potential_eur
    yield Measured(StateMeasure.POTENTIAL_EUR_YEAR, potential, people)


def _number(dates: list[NoticeDate] | None, is_meant: Callable[[NoticeDate], bool]) -> int | None:
    return None if dates is None else sum(is_meant(item) for item in dates)


def _pace(of_day: OfDay) -> Iterator[Measured]:
    targets = list(Target.objects.filter(tenant=of_day.tenant).order_by("due_on"))
    target = next((item for item in targets if item.due_on > of_day.day), targets[-1] if targets else None)
    found: Pace | None = None
    since = add_months(of_day.day.replace(day=1), -MONTHS_OF_PACE)
    points = [Point(item.day, item.people) for item in of_day.adoption if item.day >= since]
    shown = [point for point in points if point.people >= FEWEST_PEOPLE]  # a pace from fewer would tell their number
    if target is not None:
        found = pace(shown, target.agents, target.due_on, of_day.day)
    people = shown[-1].people if shown else 0
    yield counted(StateMeasure.TARGET_AGENTS, target.agents if target else None)
    yield known(StateMeasure.TARGET_DAYS, (target.due_on - of_day.day).days if target else None, people)
    yield known(StateMeasure.PACE_NEEDED, found.per_month if found else None, people)
    yield Measured(StateMeasure.PACE_ACTUAL, found.actual_per_month if found else None, people)


def months(of_day: OfDay) -> Iterator[Measured]:
    """Yield money and people of each month up to the day's own: what a ministry confirms and an edition freezes."""
    people = of_day.behind_money
    for name, measure in BY_MONTH.items():
        totals = of_day.ledger.by_month(measure)
        for month in months_of(of_day.first, of_day.day):
            yield Measured(name, totals.get(month, NOTHING).eur, people, month_dimension(month))
    users = visio_users(of_day.tenant, of_day.first, of_day.day)
    gains = dict.fromkeys(months_of(of_day.first, of_day.day))
    for item in net_timeline(gains, users, run_costs(), one_offs_of(of_day.tenant)):
        yield Measured(StateMeasure.RUN_COST_EUR, item.run_eur, people, month_dimension(item.month))
        yield Measured(StateMeasure.ONE_OFF_EUR, item.one_off_eur, people, month_dimension(item.month))
    for point in of_day.adoption:
        yield counted(StateMeasure.VISIO_USERS, point.people, month_dimension(point.day))
    eligible = Eligible.of(of_day.tenant)
    for month in months_of(of_day.first, of_day.day):
        ends_on = add_months(month, 1) - timedelta(days=1)
        yield counted(StateMeasure.AGENTS, eligible.on(min(ends_on, of_day.day)), month_dimension(month))


def _statements(of_day: OfDay) -> Iterator[Measured]:
    """Yield whether a ministry confirmed or commented its months; what it wrote stays its own."""
    stated = MonthStatement.objects.filter(tenant=of_day.tenant, month__gte=of_day.first)
    for month, answer in stated.values_list("month", "answer"):
        yield known(StateMeasure.MONTH_STATED, ANSWERS[answer], of_day.agents or 0, month_dimension(month))


def _departements(of_day: OfDay) -> Iterator[Measured]:
    """Yield agents and Visio's users by département, none from which a number under ten follows."""
    places = dict(Unit.objects.filter(tenant=of_day.tenant).values_list("id", "departement"))
    agents = Counter[str]()
    for unit_id, number in of_day.by_unit.items():
        agents[places.get(unit_id, "")] += number
    yield from _published(StateMeasure.AGENTS, agents, of_day.agents)
    if of_day.adoption:
        newest = of_day.adoption[-1]
        rows = UnitDay.objects.filter(tenant=of_day.tenant, vendor=Vendor.VISIO, day=newest.day, people__isnull=False)
        users = Counter[str]()
        for place, number in rows.order_by().values_list("unit__departement").annotate(number=Sum("people")):
            users[place or ""] += number
        yield from _published(StateMeasure.VISIO_USERS, users, newest.people)


def _published(measure: StateMeasure, counts: Counter[str], whole: int | None) -> Iterator[Measured]:
    """Yield the counts of a list whose sum is known: people of no département are one more of its rows."""
    counts[""] += max(0, (whole or 0) - counts.total())
    shown, _total = published_list({place: number for place, number in counts.items() if place or number})
    for place, number in counts.items():
        if place:
            dimension = departement_dimension(place)
            hidden = Measured(measure, None, SOMEBODY, dimension)
            yield hidden if shown[place] is None else counted(measure, number, dimension)


def counted(measure: StateMeasure, people: int | None, dimension: str = "") -> Measured:
    """Return a number of people or of their seats, behind which they stand themselves."""
    return Measured(measure, None if people is None else Decimal(people), people or 0, dimension)


def part(measure: StateMeasure, people: int | None, whole: int | None) -> Measured:
    """Return a number of people out of others that are told too; none where it tells of fewer than ten others."""
    others = (whole or 0) - (people or 0)
    return counted(measure, people) if others not in range(1, FEWEST_PEOPLE) else Measured(measure, None, others)


def known(measure: StateMeasure, number: int | None, people: int, dimension: str = "") -> Measured:
    return Measured(measure, None if number is None else Decimal(number), people, dimension)
