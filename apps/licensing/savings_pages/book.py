"""The months of a ministry's lines as tables: by month or year, by line, and each line and month for itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.licensing.dashboards.charts import bar_chart
from apps.licensing.dashboards.tables import Cell, Column, Kind, Table, Value, row
from apps.licensing.dated_lines import dated_lines
from apps.licensing.models import Contract, ContractLine
from apps.licensing.savings import HORIZON, Amount, DatedLine, Ledger, LineMonth, Measure, Missing, Total, total
from apps.licensing.savings_pages.advice import Advice, advice_of_line
from apps.licensing.savings_pages.forms import ALL_YEARS
from apps.licensing.savings_pages.months import FIRST_YEAR, code_of
from apps.tenants.models import Tenant

MEASURES: dict[Measure, str | Promise] = {
    Measure.DUE: gettext_lazy("Paid"),
    Measure.POTENTIAL: gettext_lazy("Potential"),
    Measure.COMMITTED: gettext_lazy("Committed"),
    Measure.REALISED: gettext_lazy("Realised"),
    Measure.SUNK: gettext_lazy("Sunk"),
    Measure.AVOIDED: gettext_lazy("Avoided"),
}
MOST_ADVICE = 6
Key = TypeVar("Key", date, int, str)


@dataclass(frozen=True)
class Sheet:
    """A table with its sums below; ``total`` empty: they are not shown."""

    table: Table
    total: list[Cell]

    @property
    def as_file(self) -> Table:
        return replace(self.table, rows=[*self.table.rows, self.total]) if self.total else self.table


@dataclass(frozen=True)
class Sum:
    """One measure over everything that is shown, before tax and with it."""

    measure: Measure
    label: str
    total: Total


@dataclass(frozen=True)
class Book:
    """A ministry's lines, or one of them, over the months of a year, or of all years to the horizon."""

    tenant: Tenant
    year: int | None
    line: ContractLine | None = None

    @cached_property
    def today(self) -> date:
        return self.tenant.today

    @cached_property
    def rows(self) -> dict[str, ContractLine]:
        """Return the rows of the lines by the key that the arithmetic knows them by."""
        return {dated.key: line for line, dated in self._pairs}

    @cached_property
    def _pairs(self) -> list[tuple[ContractLine, DatedLine]]:
        contracts = Contract.objects.filter(tenant=self.tenant).with_lines()
        if self.line is not None:
            contracts = contracts.filter(id=self.line.contract_id)
        pairs = [pair for contract in contracts for pair in dated_lines(contract, self.today)]
        return [pair for pair in pairs if self.line is None or pair[0].id == self.line.id]

    @cached_property
    def ledger(self) -> Ledger:
        first = date(self.year or FIRST_YEAR, 1, 1)
        last = date(self.year, 12, 1) if self.year else HORIZON
        return Ledger(tuple(dated for _line, dated in self._pairs), self.today, first, last)

    @cached_property
    def amounts(self) -> dict[Measure, list[Amount]]:
        return {measure: self.ledger.amounts(measure) for measure in MEASURES}

    @cached_property
    def sums(self) -> list[Sum]:
        return [Sum(measure, str(label), total(self.amounts[measure])) for measure, label in MEASURES.items()]

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [self.by_year if self.year is None else self.by_month, self.by_line]

    @property
    def by_month(self) -> Sheet:
        columns = [Column(_("Month"), Kind.MONTH), *_columns()]
        sums = self._grouped(lambda item: item.month)
        rows = [row_of(columns, month, group, self._month_url(month)) for month, group in sums.items()]
        title = _("By month, in %(year)s") % {"year": self.year}
        return Sheet(self._table("months", title, columns, rows, is_drawn=True), self._total(rows))

    @property
    def by_year(self) -> Sheet:
        columns = [Column(_("Year")), *_columns()]
        sums = self._grouped(lambda item: item.month.year)
        rows = [row_of(columns, str(year), group, self.url(year)) for year, group in sums.items()]
        return Sheet(self._table("years", _("By year"), columns, rows, is_drawn=True), self._total(rows))

    @property
    def by_line(self) -> Sheet:
        columns = [Column(_("Product and contract")), *_columns()]
        sums = self._grouped(lambda item: item.line.key)
        rows = [
            row_of(columns, name_of(self.rows[key]), group, self.url(self.year, self.rows[key]))
            for key, group in sums.items()
        ]
        title = _("By line, in %(year)s") % {"year": self.year} if self.year else _("By line, to 2030")
        return Sheet(self._table("lines", title, columns, rows), self._total(rows))

    @property
    def details(self) -> Sheet:
        """Each line and month with everything that its figures are made of."""
        columns = [
            Column(_("Product and contract")),
            Column(_("Month"), Kind.MONTH),
            Column(_("Seats bought"), Kind.COUNT),
            Column(_("Seats gone: invoice"), Kind.COUNT),
            Column(_("Seats gone: notice or amendment"), Kind.COUNT),
            Column(_("Seats still needed"), Kind.COUNT),
            Column(_("Price freed per seat"), Kind.EUROS),
            *_columns(),
        ]
        rows = [self._detail(columns, item) for item in self.ledger.months]
        return Sheet(self._table("details", _("Each line and month"), columns, rows), [])

    def month_sheet(self, month: date) -> Sheet:
        """Return the lines of one month; every number leads to what it is made of."""
        columns = [Column(_("Product and contract")), *_columns()]
        months = [item for item in self.ledger.months if item.month == month]
        rows = []
        for item in months:
            line = self.rows[item.line.key]
            cells = row(columns, name_of(line), *(item.amount(measure).eur for measure in MEASURES))
            rows.append(opened(cells, line_month_url(self.tenant, line, month)))
        return Sheet(self._table("month", _("By line"), columns, rows), self._total(rows))

    @cached_property
    def advice(self) -> list[Advice]:
        """What the sums miss, line by line."""
        missing: dict[tuple[str, Missing], None] = {}
        for item in self.sums:
            missing |= dict.fromkeys(item.total.missing)
        found = [(self.rows[key], what) for key, what in missing]
        named = [(line, advice_of_line(what, line)) for line, what in found[:MOST_ADVICE]]
        return [Advice(f"{name_of(line)}: {item.why}", item.link) for line, item in named]

    def url(self, year: int | None, line: ContractLine | None = None) -> str:
        query = {"year": str(year or ALL_YEARS)}
        line = line or self.line
        if line is not None:
            query["line"] = str(line.id)
        return f"{reverse('licensing:savings', kwargs={'tenant_slug': self.tenant.slug})}?{urlencode(query)}"

    def _month_url(self, month: date) -> str:
        if self.line is not None:
            return line_month_url(self.tenant, self.line, month)
        known = {"tenant_slug": self.tenant.slug, "month": code_of(month)}
        return reverse("licensing:savings_month", kwargs=known)

    def _grouped(self, key: Callable[[Amount], Key]) -> dict[Key, dict[Measure, Decimal | None]]:
        groups: dict[Key, dict[Measure, list[Amount]]] = {}
        for measure, amounts in self.amounts.items():
            for item in amounts:
                groups.setdefault(key(item), {}).setdefault(measure, []).append(item)
        return {name: {measure: total(items).eur for measure, items in group.items()} for name, group in groups.items()}

    def _total(self, rows: list[list[Cell]]) -> list[Cell]:
        if not rows:
            return []
        spent = [summed(cells[number] for cells in rows) for number in range(1, len(MEASURES) + 1)]
        return [Cell(Kind.TEXT, _("Total")), *(Cell(Kind.EUROS, eur) for eur in spent)]

    def _detail(self, columns: list[Column], item: LineMonth) -> list[Cell]:
        seats = item.seats
        return row(
            columns,
            name_of(self.rows[item.line.key]),
            item.month,
            seats.bought,
            seats.removed,
            seats.committed,
            item.needed_seats,
            item.freed_price_eur,
            *(item.amount(measure).eur for measure in MEASURES),
        )

    def _table(
        self, key: str, title: str, columns: list[Column], rows: list[list[Cell]], *, is_drawn: bool = False
    ) -> Table:
        shown = (Measure.REALISED, Measure.COMMITTED, Measure.SUNK)
        series = [1 + list(MEASURES).index(measure) for measure in shown]
        names = [str(MEASURES[measure]) for measure in shown]
        chart = bar_chart(rows, names=names, series=series, unit="€", is_stacked=True) if is_drawn and rows else None
        return Table(
            key=key,
            title=title,
            columns=columns,
            rows=rows,
            source=_("the contracts and their amendments, before tax"),
            as_of=self.today,
            chart=chart,
            empty=_("No contract yet: nothing is paid, and nothing can be saved."),
        )


def _columns() -> list[Column]:
    return [Column(str(label), Kind.EUROS) for label in MEASURES.values()]


def row_of(columns: list[Column], name: Value, sums: dict[Measure, Decimal | None], url: str) -> list[Cell]:
    return opened(row(columns, name, *(sums[measure] for measure in MEASURES)), url)


def opened(cells: list[Cell], url: str) -> list[Cell]:
    """Return a row whose name and whose every number lead to where they are opened."""
    name, *numbers = cells
    led = [
        replace(cell, url=f"{url}#{measure.value}" if "#" not in url else url)
        for cell, measure in zip(numbers, MEASURES, strict=True)
    ]
    return [replace(name, url=url), *led]


def summed(cells: Iterable[Cell]) -> Decimal | None:
    """Return the sum of a column; None where one of its amounts is not computable."""
    values = [cell.value for cell in cells]
    known = [value for value in values if isinstance(value, Decimal)]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def name_of(line: ContractLine) -> str:
    return f"{line.product} – {line.contract}"


def line_month_url(tenant: Tenant, line: ContractLine, month: date) -> str:
    """Return where the figures of a line and month are opened."""
    known = {
        "tenant_slug": tenant.slug,
        "contract_id": line.contract_id,
        "line_id": line.id,
        "month": code_of(month),
    }
    return reverse("licensing:savings_line_month", kwargs=known)
