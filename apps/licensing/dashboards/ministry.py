"""A ministry's dashboard: what is paid, what can go and when, how far the migration is."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.licensing.dashboards import money_tables, people_tables
from apps.licensing.dashboards.rollups import Adoption, UnitSeats, adoption_by_month, seats_by_unit
from apps.licensing.dashboards.spending import Spending
from apps.licensing.dashboards.tables import Kind, Link, Table
from apps.licensing.dated_lines import dated_lines
from apps.licensing.migration import adoption
from apps.licensing.models import Contract, Product
from apps.licensing.people.totals import SeatTotals, disagreements
from apps.licensing.savings import Measure, add_months, published_list
from apps.tenants.models import Tenant, Unit

MONTHS_OF_ADOPTION = 24


@dataclass(frozen=True)
class Tile:
    """One figure at the top; money before tax, with the amount including tax beside it."""

    key: str
    label: str
    kind: Kind
    value: Decimal | date | int | None
    with_vat: Decimal | None = None
    anchor: str = ""
    is_suppressed: bool = False
    note: str = ""
    reason: str = ""  # for want of what there is no value
    opened_url: str = ""  # where it is shown how it is computed


@dataclass(frozen=True)
class Dashboard:
    """The figures of a ministry for a year, a product or all, a unit or all."""

    tenant: Tenant
    year: int
    product: Product | None = None
    unit: Unit | None = None

    @cached_property
    def today(self) -> date:
        return self.tenant.today

    @property
    def unit_id(self) -> UUID | None:
        return self.unit.id if self.unit else None

    @cached_property
    def contracts(self) -> list[Contract]:
        return list(Contract.objects.filter(tenant=self.tenant).with_lines().prefetch_related("decisions"))

    @cached_property
    def spending(self) -> Spending:
        lines = [item for contract in self.contracts for _line, item in dated_lines(contract, self.today)]
        if self.product:
            lines = [line for line in lines if line.product == str(self.product)]
        return Spending(lines, self.year, self.today)

    @cached_property
    def adoption(self) -> list[Adoption]:
        last = min(date(self.year, 12, 31), self.today)
        first = add_months(date(self.year, 12, 1), 1 - MONTHS_OF_ADOPTION)
        return adoption_by_month(self.tenant, self.unit_id, first, last)

    @cached_property
    def seats(self) -> tuple[date | None, list[UnitSeats]]:
        return seats_by_unit(self.tenant, self.unit_id)

    @cached_property
    def tiles(self) -> list[Tile]:
        return [*self._money_tiles(), *self._people_tiles()]

    def _money_tiles(self) -> Iterator[Tile]:
        labels = (
            (Measure.DUE, _("Paid"), "spending"),
            (Measure.POTENTIAL, _("Potential"), "steps"),
            (Measure.COMMITTED, _("Committed"), "steps"),
            (Measure.REALISED, _("Realised"), "steps"),
            (Measure.SUNK, _("Sunk: can no longer be avoided"), "steps"),
        )
        for measure, label, anchor in labels:
            total = self.spending.total(measure)
            yield Tile(
                measure.value,
                label,
                Kind.EUROS,
                total.eur,
                total.eur_with_vat,
                anchor,
                opened_url=self.savings_url,
            )

    def _people_tiles(self) -> Iterator[Tile]:
        notice_by = min((day for day in map(self._open_notice, self.contracts) if day), default=None)
        yield Tile("notice", _("Next notice to give by"), Kind.DAY, notice_by, anchor="notices")
        newest = self.adoption[-1] if self.adoption else None
        share = adoption(newest.people, newest.eligible) if newest else None
        is_few = newest is not None and 0 < newest.people < people_tables.FEWEST_PEOPLE
        yield Tile(
            "adoption",
            _("Adoption of Visio in 28 days"),
            Kind.PERCENT,
            None if is_few else share,
            anchor="adoption",
            is_suppressed=is_few,
        )
        units = {item.unit_id: item.dormant for item in self.seats[1]}
        dormant = published_list(units)[1] if units else None
        yield Tile(
            "dormant",
            _("Dormant seats: no meeting or call in 90 days"),
            Kind.COUNT,
            dormant,
            anchor="dormant",
            is_suppressed=bool(units) and dormant is None,
        )

    def _open_notice(self, contract: Contract) -> date | None:
        state = money_tables.notice_of(contract, self.today)
        return state.notice_by if state and not state.is_any_day and not state.decision else None

    @cached_property
    def tables(self) -> list[Table]:
        return [
            self._opened(money_tables.spending_by_month(self.spending)),
            self._opened(money_tables.steps(self.spending)),
            self._opened(money_tables.by_product(self.spending)),
            money_tables.notices(self.contracts, self.tenant),
            people_tables.adoption_by_month(self.adoption),
            people_tables.dormant_by_unit(*self.seats),
            people_tables.waves(self.tenant),
        ]

    @cached_property
    def seat_problems(self) -> list[SeatTotals]:
        """Vendors whose totals of paid seats contradict each other: their savings are of seats not settled yet."""
        return disagreements(self.tenant, self.today)

    @property
    def savings_url(self) -> str:
        """Where the amounts of the year are opened month by month."""
        known = {"tenant_slug": self.tenant.slug}
        return f"{reverse('licensing:savings', kwargs=known)}?year={self.year}"

    def _opened(self, table: Table) -> Table:
        return replace(table, links=[*table.links, Link(_("See how this is computed"), self.savings_url)])

    @property
    def digest(self) -> str:
        """What the figures are known by: pages that show the same need not be drawn again."""
        return hashlib.sha256(repr((self.tiles, self.tables, self.seat_problems)).encode()).hexdigest()[:16]
