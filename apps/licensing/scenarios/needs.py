"""The seats that the waves' switch dates leave needed, month by month, against those bought."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from apps.licensing import savings
from apps.licensing.dashboards.charts import line_chart
from apps.licensing.dashboards.tables import Cell, Chart, Column, Kind, Table, row
from apps.licensing.dated_lines import dated_lines
from apps.licensing.models import Contract, ContractLine
from apps.licensing.savings import DatedLine, LineKind, Need, NeedPlan
from apps.licensing.savings_pages.book import Sheet, line_month_url, name_of
from apps.licensing.situation import need_plan_of
from apps.tenants.models import Tenant

LINES_DRAWN = (LineKind.STANDALONE, LineKind.BUNDLE)  # what cannot be separated is needed until it is replaced


@dataclass(frozen=True)
class PlannedLine:
    """A line in force with its need by month, and what can go at the next date that notice still reaches."""

    line: ContractLine
    dated: DatedLine
    needs: tuple[Need, ...]
    reduction: savings.ReductionDate | None

    def bought_in(self, month: date) -> int:
        return savings.seats_in(self.dated, month).paid

    def needed_in(self, month: date) -> int:
        need = next(item for item in self.needs if item.month == month)
        return min(need.seats, self.bought_in(month))

    @property
    def effective_month(self) -> date | None:
        """The first month in whose first day seats are gone, within what is computed."""
        if self.reduction is None:
            return None
        day = self.reduction.effective_on
        month = day if day.day == 1 else savings.add_months(day.replace(day=1), 1)
        return month if month <= savings.HORIZON else None

    @property
    def can_go(self) -> int | None:
        month = self.effective_month
        return None if month is None else self.bought_in(month) - self.needed_in(month)


@dataclass(frozen=True)
class PlannedNeeds:
    """What a ministry's waves say of the seats that it still needs; ``plan`` None: no unit's headcount is known."""

    tenant: Tenant
    plan: NeedPlan | None

    @cached_property
    def today(self) -> date:
        return self.tenant.today

    @cached_property
    def months(self) -> list[date]:
        return list(savings.months_of(self.today))

    @cached_property
    def lines(self) -> list[PlannedLine]:
        if self.plan is None:
            return []
        contracts = Contract.objects.filter(tenant=self.tenant).with_lines()
        in_force = (contract for contract in contracts if contract.terms.is_in_force(self.today))
        return [
            PlannedLine(
                line,
                dated,
                savings.planned_needs(dated, self.plan, self.months),
                savings.next_reduction(dated.terms, self.today),
            )
            for contract in in_force
            for line, dated in dated_lines(contract, self.today)
            if dated.kind in LINES_DRAWN
        ]

    @property
    def has_switch_dates(self) -> bool:
        return self.plan is not None and any(unit.switch_on for unit in self.plan.units)

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [Sheet(self.by_line, []), Sheet(self.by_month, [])]

    @property
    def by_line(self) -> Table:
        columns = [
            Column(_("Product and contract")),
            Column(_("Bought"), Kind.COUNT),
            Column(_("Needed today, by the waves"), Kind.COUNT),
            Column(_("Needed today, entered by hand"), Kind.COUNT),
            Column(_("Next date that notice reaches"), Kind.DAY),
            Column(_("Notice to give by"), Kind.DAY),
            Column(_("Can go then"), Kind.COUNT),
            Column(_("Frees per month from then"), Kind.EUROS),
        ]
        rows = [self._row(columns, item) for item in self.lines]
        return self._table("lines", _("What can go at the next renewal"), columns, rows)

    def _row(self, columns: list[Column], item: PlannedLine) -> list[Cell]:
        first = self.months[0]
        reduction = item.reduction
        return row(
            columns,
            name_of(item.line),
            item.bought_in(first),
            item.needed_in(first),
            item.line.needed_seats,
            reduction.effective_on if reduction else None,
            reduction.notice_by if reduction else None,
            item.can_go,
            freed_eur(item, self.today),
            url=line_month_url(self.tenant, item.line, item.effective_month or first),
        )

    @property
    def by_month(self) -> Table:
        columns = [
            Column(_("Month"), Kind.MONTH),
            Column(_("Bought"), Kind.COUNT),
            Column(_("Needed"), Kind.COUNT),
            Column(_("Bought beyond the need"), Kind.COUNT),
        ]
        rows = []
        for month in self.months if self.lines else []:
            bought = sum(item.bought_in(month) for item in self.lines)
            needed = sum(item.needed_in(month) for item in self.lines)
            rows.append(row(columns, month, bought, needed, bought - needed))
        chart = line_chart(rows, names=[_("Bought"), _("Needed")], series=[1, 2], unit=_("seats")) if rows else None
        return self._table("months", _("Seats needed and bought, month by month"), columns, rows, chart)

    def _table(
        self, key: str, title: str, columns: list[Column], rows: list[list[Cell]], chart: Chart | None = None
    ) -> Table:
        return Table(
            key=key,
            title=title,
            columns=columns,
            rows=rows,
            source=_("headcounts, switch dates and exemptions of the migration; contracts in force; 5 % buffer"),
            as_of=self.today,
            chart=chart,
            empty=_("No contract that can be reduced is in force."),
        )


def freed_eur(item: PlannedLine, today: date) -> Decimal | None:
    """Return what the seats that can go then free each month."""
    month, seats = item.effective_month, item.can_go
    if month is None or seats is None:
        return None
    price = savings.month_of(item.dated, month, today).freed_price_eur
    return None if price is None else seats * price


def planned_needs_of(tenant: Tenant) -> PlannedNeeds:
    return PlannedNeeds(tenant, need_plan_of(tenant, tenant.today))
