"""The operator's dashboard: the State, or one ministry, in aggregate."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.licensing.dashboards.ministry import Tile
from apps.licensing.dashboards.tables import Kind, Table
from apps.licensing.savings import ANNOUNCED_EUR_PER_USER_AND_YEAR, MONTHS_PER_YEAR, add_months, months_of
from apps.licensing.state import comparison, sums
from apps.licensing.state.cells import reason
from apps.licensing.state.comparison import Sorting
from apps.licensing.state.measures import MONTHS_BACK, StateMeasure
from apps.licensing.state.reading import Figure, MinistryFigures, Sum, summed


def months_told(year: int, today: date) -> list[date]:
    """Return the months of a year that are told of, up to the current one."""
    first = max(date(year, 1, 1), add_months(today.replace(day=1), -MONTHS_BACK))
    return list(months_of(first, min(date(year, 12, 1), today)))


@dataclass(frozen=True)
class StateDashboard:
    """The figures of some ministries for the months of a year that have come."""

    ministries: list[MinistryFigures]
    year: int
    today: date
    sorting: Sorting
    is_of_one: bool = False  # the page of one ministry

    @cached_property
    def months(self) -> list[date]:
        return months_told(self.year, self.today)

    @cached_property
    def tiles(self) -> list[Tile]:
        return [*self._money(), *self._progress()]

    def _money(self) -> Iterator[Tile]:
        anchor = "money" if self.is_of_one else "savings"
        for measure, label in (
            (StateMeasure.DUE_EUR, _("Paid")),
            (StateMeasure.REALISED_EUR, _("Realised")),
            (StateMeasure.COMMITTED_EUR, _("Committed")),
        ):
            figures = [ministry.over(measure, self.months) for ministry in self.ministries]
            yield self._tile(measure, label, Kind.EUROS, figures, anchor)
        yield self._per_agent()
        announced = summed(ministry.announced_eur(len(self.months)) for ministry in self.ministries)
        label = _("Announced for these months")
        yield self._summed("announced", label, Kind.EUROS, announced, "savings", StateMeasure.AGENTS)

    def _progress(self) -> Iterator[Tile]:
        yield self._adoption()
        late = [ministry.of(StateMeasure.NOTICES_LATE) for ministry in self.ministries]
        yield self._tile(StateMeasure.NOTICES_LATE, _("Late notices"), Kind.COUNT, late, "notices")
        lost = [ministry.of(StateMeasure.MISSED_NOTICE_EUR) for ministry in self.ministries]
        label = _("Lost by notices missed within a year")
        yield self._tile(StateMeasure.MISSED_NOTICE_EUR, label, Kind.EUROS, lost, "notices")

    def _per_agent(self) -> Tile:
        """Return what is realised per agent and year, where both are known, beside what was announced."""
        realised = [ministry.over(StateMeasure.REALISED_EUR, self.months) for ministry in self.ministries]
        agents = [ministry.of(StateMeasure.AGENTS) for ministry in self.ministries]
        pairs = zip(realised, agents, strict=True)
        known = [(gain.value, people.value) for gain, people in pairs if gain.value is not None and people.value]
        people = summed(number for _gain, number in known).value
        gain = summed(amount for amount, _people in known).value
        year = None if gain is None or not people else gain / people * MONTHS_PER_YEAR / len(self.months)
        announced = _("announced: %(euros)s €") % {"euros": ANNOUNCED_EUR_PER_USER_AND_YEAR}
        missing = next((item for item in (*realised, *agents) if item.value is None), None)
        anchor = "money" if self.is_of_one else "ministries"
        found = Sum(year, len(known), len(self.ministries))
        label = _("Realised per agent and year")
        tile = self._summed("per_agent", label, Kind.PRICE, found, anchor, StateMeasure.REALISED_EUR, missing)
        return replace(tile, note=" – ".join(part for part in (announced, tile.note) if part))

    def _adoption(self) -> Tile:
        shares = [item.share(StateMeasure.VISIO_USERS, StateMeasure.AGENTS) for item in self.ministries]
        known = [item for item, share in zip(self.ministries, shares, strict=True) if share.value is not None]
        users = summed(item.value(StateMeasure.VISIO_USERS) for item in known)
        agents = summed(item.value(StateMeasure.AGENTS) for item in known)
        share = users.value / agents.value if users.value is not None and agents.value else None
        found = Sum(share, len(known), len(self.ministries))
        label = _("Adoption of Visio in 28 days")
        missing = next((item for item in shares if item.value is None), None)
        return self._summed("adoption", label, Kind.PERCENT, found, "adoption", StateMeasure.VISIO_USERS, missing)

    def _tile(self, measure: StateMeasure, label: str, kind: Kind, figures: list[Figure], anchor: str) -> Tile:
        missing = next((figure for figure in figures if figure.value is None), None)
        found = summed(figure.value for figure in figures)
        return self._summed(measure.value, label, kind, found, anchor, measure, missing)

    def _summed(
        self,
        key: str,
        label: str,
        kind: Kind,
        found: Sum,
        anchor: str,
        measure: StateMeasure,
        missing: Figure | None = None,
    ) -> Tile:
        """Return a sum's tile, which says of how many ministries it is."""
        note = ""
        if not self.is_of_one and found.value is not None and found.known < found.total:
            note = ngettext(
                "known of %(known)s ministry of %(total)s", "known of %(known)s ministries of %(total)s", found.known
            ) % {"known": found.known, "total": found.total}
        said = reason(missing, measure) if missing is not None and self.is_of_one else ""
        is_suppressed = self.is_of_one and found.value is None and missing is not None and not said
        value = found.value if isinstance(found.value, Decimal) else None
        return Tile(key, label, kind, value, None, anchor, is_suppressed, note, said)

    @cached_property
    def tables(self) -> list[Table]:
        if self.is_of_one:
            return [
                *(sums.money_by_month(ministry, self.months) for ministry in self.ministries),
                sums.cumulative(self.ministries, self.months),
                sums.adoption_by_month(self.ministries, self.months),
                sums.by_departement(self.ministries),
                comparison.notices(self.ministries),
                comparison.pace(self.ministries),
            ]
        return [
            comparison.compared(self.ministries, self.months, self.sorting),
            sums.cumulative(self.ministries, self.months),
            sums.by_departement(self.ministries),
            sums.adoption_by_month(self.ministries, self.months),
            comparison.notices(self.ministries),
            comparison.pace(self.ministries),
        ]

    @property
    def has_figures(self) -> bool:
        return any(ministry.day for ministry in self.ministries)

    @property
    def computed_on(self) -> date | None:
        return comparison.oldest_day(self.ministries)

    @property
    def digest(self) -> str:
        """What the figures are known by: pages that show the same need not be drawn again."""
        return hashlib.sha256(repr((self.tiles, self.tables)).encode()).hexdigest()[:16]
