"""The figures of closed months, as a ministry confirms them and an edition freezes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.licensing.dashboards.tables import Cell, Kind
from apps.licensing.savings import add_months
from apps.licensing.state.cells import cell
from apps.licensing.state.computing import OfDay, months
from apps.licensing.state.measures import MONTHLY, Measured, StateMeasure, month_dimension
from apps.licensing.state.reading import NOT_COMPUTED, Figure, Gap
from apps.tenants.models import Tenant

MONTHS_SHOWN = 12
MEASURES = (*MONTHLY, StateMeasure.AGENTS, StateMeasure.VISIO_USERS)
NET = "net_eur"
LABELS: dict[str, str | Promise] = {
    StateMeasure.DUE_EUR: _("Paid"),
    StateMeasure.POTENTIAL_EUR: _("Potential"),
    StateMeasure.COMMITTED_EUR: _("Committed"),
    StateMeasure.REALISED_EUR: _("Realised"),
    StateMeasure.SUNK_EUR: _("Sunk"),
    StateMeasure.AVOIDED_EUR: _("Avoided increases"),
    StateMeasure.RUN_COST_EUR: _("Cost of Visio"),
    StateMeasure.ONE_OFF_EUR: _("One-off costs"),
    NET: _("Net: realised less costs"),
    StateMeasure.AGENTS: _("Eligible agents"),
    StateMeasure.VISIO_USERS: _("Visio users in 28 days"),
}
ORDER = tuple(LABELS)
Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class Change:
    """What a figure was stated or frozen as, and what it is today."""

    measure: str
    before: Figure
    now: Figure

    @property
    def label(self) -> str | Promise:
        return LABELS[self.measure]

    @property
    def cells(self) -> tuple[Cell, Cell]:
        return cell_of(self.measure, self.before), cell_of(self.measure, self.now)

    @property
    def difference(self) -> Cell | None:
        """Return what came or went; None where one of both is not known."""
        if self.before.value is None or self.now.value is None:
            return None
        return Cell(kind_of(self.measure), self.now.value - self.before.value)


def closed_months(today: date) -> list[date]:
    """Return the months that have ended, the newest first."""
    return [add_months(today.replace(day=1), -number) for number in range(1, MONTHS_SHOWN + 1)]


def figures_by_month(tenant: Tenant, today: date) -> dict[date, dict[str, Figure]]:
    """Compute the figures of a ministry's closed months from its rows, as they are known today."""
    computed: dict[str, dict[str, Figure]] = {}
    for item in months(OfDay(tenant, today)):
        computed.setdefault(item.dimension, {})[item.measure] = shown(item)
    unknown: dict[str, Figure] = dict.fromkeys(MEASURES, Figure(None, Gap.NOT_COMPUTABLE))
    return {month: with_net(unknown | computed.get(month_dimension(month), {})) for month in closed_months(today)}


def shown(item: Measured) -> Figure:
    """Return a measure as it may be told: none for fewer than ten people."""
    if item.value is None:
        return Figure(None, Gap.NOT_COMPUTABLE)
    return Figure(item.shown_value, Gap.TOO_FEW if item.shown_value is None else None)


def with_net(figures: Figures) -> dict[str, Figure]:
    """Return the figures of a month in their order, with N = G - R - M."""
    known = {measure: figures.get(measure, NOT_COMPUTED) for measure in ORDER if measure != NET}
    terms = [known[item] for item in (StateMeasure.REALISED_EUR, StateMeasure.RUN_COST_EUR, StateMeasure.ONE_OFF_EUR)]
    missing = next((figure for figure in terms if figure.value is None), None)
    gain, *costs = (figure.value or Decimal(0) for figure in terms)
    known[NET] = missing or Figure(gain - sum(costs, Decimal(0)))
    return {measure: known[measure] for measure in ORDER}


def changes(before: Figures, now: Figures) -> list[Change]:
    """Return the figures that are another value today, or known now, or no more."""
    pairs = (Change(item, before.get(item, NOT_COMPUTED), now.get(item, NOT_COMPUTED)) for item in ORDER)
    return [change for change in pairs if change.before.value != change.now.value]


def cell_of(measure: str, figure: Figure) -> Cell:
    """Return a figure as pages and documents write it."""
    if measure == NET:
        return Cell(Kind.EUROS, figure.value, is_suppressed=figure.gap is Gap.TOO_FEW)
    return cell(kind_of(measure), figure, StateMeasure(measure))


def kind_of(measure: str) -> Kind:
    return Kind.EUROS if measure.endswith("_eur") else Kind.COUNT


def to_json(figures: Figures) -> dict[str, str | None]:
    """Return figures as they are kept: amounts as text, null for what has no value."""
    return {measure: None if figure.value is None else str(figure.value) for measure, figure in figures.items()}


def from_json(kept: Mapping[str, str | None]) -> dict[str, Figure]:
    return {
        measure: Figure(None, Gap.NOT_COMPUTABLE) if text is None else Figure(Decimal(text))
        for measure, text in kept.items()
    }


def month_of(text: str, known: Iterable[date]) -> date | None:
    """Return the month of an address ("2026-10") if it is among those known."""
    return next((month for month in known if month_dimension(month) == text), None)
