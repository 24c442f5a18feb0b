"""The newest figures of each ministry, as the operator may read them: two queries for any number of ministries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery

from apps.licensing.savings import ANNOUNCED_EUR_PER_USER_AND_YEAR, FEWEST_PEOPLE, MONTHS_PER_YEAR
from apps.licensing.state.measures import DEPARTEMENT, NOT_OF_PEOPLE, StateMeasure, month_dimension
from apps.tenants.models import Tenant, TenantFigure


class Gap(Enum):
    """Why a figure has no value."""

    NOT_COMPUTED = "not_computed"
    TOO_FEW = "too_few"
    NOT_COMPUTABLE = "not_computable"


class Figure(NamedTuple):
    """A figure, or why there is none."""

    value: Decimal | None
    gap: Gap | None = None


# What the State is told of by month.
ADDED_UP = (
    StateMeasure.DUE_EUR,
    StateMeasure.COMMITTED_EUR,
    StateMeasure.REALISED_EUR,
    StateMeasure.AGENTS,
    StateMeasure.VISIO_USERS,
)
NOT_COMPUTED = Figure(None, Gap.NOT_COMPUTED)


@dataclass(frozen=True)
class MinistryFigures:
    """What is kept of a ministry's newest day; None: nothing was computed yet."""

    tenant: Tenant
    day: date | None
    figures: dict[tuple[str, str], Figure] = field(default_factory=dict)

    def of(self, measure: StateMeasure, dimension: str = "") -> Figure:
        return self.figures.get((measure, dimension), NOT_COMPUTED)

    def value(self, measure: StateMeasure, dimension: str = "") -> Decimal | None:
        return self.of(measure, dimension).value

    def over(self, measure: StateMeasure, months: Iterable[date]) -> Figure:
        """Return the sum of some months; one of them that is not known leaves it unknown."""
        found = [self.of(measure, month_dimension(month)) for month in months]
        missing = next((figure for figure in found if figure.value is None), None)
        if missing is not None or not found:
            return missing or NOT_COMPUTED
        return Figure(sum((figure.value for figure in found if figure.value is not None), Decimal(0)))

    def share(self, part: StateMeasure, whole: StateMeasure, dimension: str = "") -> Figure:
        """Return one measure as a share of another; the first of them that is not known says why there is none."""
        parts, wholes = self.of(part, dimension), self.of(whole, dimension)
        missing = next((figure for figure in (parts, wholes) if figure.value is None), None)
        if missing is not None or parts.value is None or not wholes.value:
            return missing or Figure(None, Gap.NOT_COMPUTABLE)
        return Figure(parts.value / wholes.value)

    def realised_per_agent(self, months: list[date]) -> Figure:
        """Return what is realised per agent and year, as some months say."""
        realised, agents = self.over(StateMeasure.REALISED_EUR, months), self.of(StateMeasure.AGENTS)
        missing = next((figure for figure in (realised, agents) if figure.value is None), None)
        if missing is not None or realised.value is None or not agents.value:
            return missing or Figure(None, Gap.NOT_COMPUTABLE)
        return Figure(realised.value / agents.value * MONTHS_PER_YEAR / len(months))

    def announced_eur(self, months: int) -> Decimal | None:
        """Return the saving announced for so many months of this ministry's agents."""
        agents = self.value(StateMeasure.AGENTS)
        return None if agents is None else agents * ANNOUNCED_EUR_PER_USER_AND_YEAR * months / MONTHS_PER_YEAR

    @property
    def departements(self) -> list[str]:
        """The codes of the départements of its units."""
        names = {dimension for _measure, dimension in self.figures if dimension.startswith(DEPARTEMENT)}
        return sorted(name.removeprefix(DEPARTEMENT) for name in names)


class Sum(NamedTuple):
    """A sum over the ministries of which it is known; None where it is of none."""

    value: Decimal | None
    known: int
    total: int


def summed(values: Iterable[Decimal | None]) -> Sum:
    listed = list(values)
    known = [value for value in listed if value is not None]
    return Sum(sum(known, Decimal(0)) if known else None, len(known), len(listed))


def ministry_figures(
    months: Iterable[date], slug: str | None = None, *, is_whole: bool = False
) -> list[MinistryFigures]:
    """Return each ministry with the figures of its newest day, by name, or the one at an address.

    Of each month given there is what the pages of the State add up; of one ministry, or of a
    whole month, every measure.
    """
    newest = TenantFigure.objects.filter(tenant=OuterRef("pk")).order_by("-day").values("day")[:1]
    tenants = Tenant.objects.ministries().annotate(figures_on=Subquery(newest))
    listed = list(tenants if slug is None else tenants.filter(slug=slug))
    days = {tenant.pk: vars(tenant)["figures_on"] for tenant in listed}
    by_tenant: dict[object, dict[tuple[str, str], Figure]] = {}
    of_month = Q(dimension__in=[month_dimension(month) for month in months])
    if slug is None and not is_whole:
        of_month &= Q(measure__in=ADDED_UP)
    wanted = Q(dimension="") | Q(dimension__startswith=DEPARTEMENT) | of_month
    rows = TenantFigure.objects.filter(wanted, tenant__in=listed, day__in={day for day in days.values() if day})
    kept = rows.values_list("tenant_id", "day", "measure", "dimension", "value", "population")
    for tenant_id, day, measure, dimension, value, population in kept:
        if day == days[tenant_id]:
            by_tenant.setdefault(tenant_id, {})[measure, dimension] = _figure(measure, dimension, value, population)
    return [MinistryFigures(tenant, days[tenant.pk], by_tenant.get(tenant.pk, {})) for tenant in listed]


def _figure(measure: str, dimension: str, value: Decimal | None, population: int) -> Figure:
    if value is not None:
        return Figure(value)
    is_few = 0 < population < FEWEST_PEOPLE and measure not in NOT_OF_PEOPLE
    is_hidden = dimension.startswith(DEPARTEMENT)  # a place is counted or not among them: without a value, on purpose
    return Figure(None, Gap.TOO_FEW if is_few or is_hidden else Gap.NOT_COMPUTABLE)
