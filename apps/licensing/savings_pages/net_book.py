"""What is left of the savings so far: N = G - R - M by month, and when it has paid for itself."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.licensing import savings
from apps.licensing.dashboards.charts import line_chart
from apps.licensing.dashboards.tables import Cell, Column, Kind, Table, row
from apps.licensing.figures import ledger_of
from apps.licensing.models import Amendment, Contract, OneOffCost, UnitDay, Vendor
from apps.licensing.savings import NetMonth, Payback
from apps.licensing.savings_pages.advice import Advice, advice_of_tenant
from apps.licensing.savings_pages.book import Sheet
from apps.licensing.savings_pages.months import FIRST_YEAR, code_of
from apps.licensing.situation import net_of
from apps.tenants.models import Tenant

MOST_MONTHS_NAMED = 3


@dataclass(frozen=True)
class NetBook:
    """A ministry's net from a month on (its first day) to this one; ``first`` None: nothing has begun yet."""

    tenant: Tenant
    first: date | None

    @cached_property
    def today(self) -> date:
        return self.tenant.today

    @cached_property
    def months(self) -> list[NetMonth]:
        if self.first is None:
            return []
        contracts = Contract.objects.filter(tenant=self.tenant).with_lines()
        return net_of(self.tenant, ledger_of(contracts, self.today, self.first, self.today))

    @property
    def payback(self) -> Payback:
        return savings.payback(self.months)

    @property
    def newest(self) -> NetMonth | None:
        return self.months[-1] if self.months else None

    @cached_property
    def sheet(self) -> Sheet:
        columns = [
            Column(_("Month"), Kind.MONTH),
            Column(_("Gains (G): realised"), Kind.EUROS),
            Column(_("Visio users"), Kind.COUNT),
            Column(_("Visio’s cost per user"), Kind.EUROS),
            Column(_("Run cost (R)"), Kind.EUROS),
            Column(_("One-off costs (M)"), Kind.EUROS),
            Column(_("Net (N = G − R − M)"), Kind.EUROS),  # a minus sign
            Column(_("Net since the beginning"), Kind.EUROS),
        ]
        rows = [self._row(columns, item) for item in self.months]
        chart = line_chart(rows, names=[_("Net"), _("Net since the beginning")], series=[6, 7], unit="€")
        table = Table(
            key="net",
            title=_("Net by month"),
            columns=columns,
            rows=rows,
            source=_("invoices, counts of Visio users, the operator’s run cost, one-off costs; before tax"),
            as_of=self.today,
            chart=chart if any(item.net_eur is not None for item in self.months) else None,
        )
        return Sheet(table, [])

    @cached_property
    def advice(self) -> list[Advice]:
        """What the net misses, and in which months."""
        months: dict[savings.Missing, list[date]] = {}
        for item in self.months:
            for what in item.missing:
                months.setdefault(what, []).append(item.month)
        found = [advice_of_tenant(what, self.tenant) for what in months]
        named = [", ".join(map(code_of, missing[:MOST_MONTHS_NAMED])) for missing in months.values()]
        more = ["…" if len(missing) > MOST_MONTHS_NAMED else "" for missing in months.values()]
        return [
            Advice(f"{item.why} ({text}{dots})", item.link) for item, text, dots in zip(found, named, more, strict=True)
        ] + self._unknown_gains()

    def _unknown_gains(self) -> list[Advice]:
        if all(item.gain_eur is not None for item in self.months):
            return []
        return [advice_of_tenant(savings.Missing.PRICE_WITHOUT_MEETINGS, self.tenant)]

    def _row(self, columns: list[Column], item: NetMonth) -> list[Cell]:
        known = {"tenant_slug": self.tenant.slug}
        month_url = reverse("licensing:savings_month", kwargs=known | {"month": code_of(item.month)})
        cells = row(
            columns,
            item.month,
            item.gain_eur,
            item.visio_users,
            item.run_cost.eur_per_user if item.run_cost else None,
            item.run_eur,
            item.one_off_eur,
            item.net_eur,
            item.cumulative_eur,
            url=month_url,
        )
        cells[1] = Cell(Kind.EUROS, item.gain_eur, f"{month_url}#realised")
        cells[5] = Cell(Kind.EUROS, item.one_off_eur, reverse("licensing:one_off_cost_list", kwargs=known))
        return cells


def begun_in(tenant: Tenant) -> date | None:
    """Return the month of the first cost, the first Visio users counted, or the first seats that went."""
    went = Amendment.objects.filter(tenant=tenant, kind=Amendment.Kind.SEATS, seats__lt=0)
    days = [
        OneOffCost.objects.filter(tenant=tenant).aggregate(day=Min("month"))["day"],
        UnitDay.objects.filter(tenant=tenant, vendor=Vendor.VISIO).aggregate(day=Min("day"))["day"],
        went.aggregate(day=Min("effective_on"))["day"],
    ]
    first = min((day for day in days if day is not None and day <= tenant.today), default=None)
    return max(first.replace(day=1), date(FIRST_YEAR, 1, 1)) if first else None
