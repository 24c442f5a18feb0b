"""Tables of what contracts cost and free, and of the dates that bound them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.licensing.contracts.notices import notice_date
from apps.licensing.dashboards.charts import bar_chart, line_chart
from apps.licensing.dashboards.spending import Spending
from apps.licensing.dashboards.tables import Column, Kind, Table, row
from apps.licensing.dated_lines import left_by_notice_on
from apps.licensing.models import Contract
from apps.licensing.savings import Amount, Measure, Reduction, grouped, next_reduction
from apps.tenants.models import Tenant


def spending_by_month(spending: Spending) -> Table:
    """What is paid each month, and what would be once every seat that can go is gone."""
    columns = [
        Column(_("Month"), Kind.MONTH),
        Column(_("Paid, before tax"), Kind.EUROS),
        Column(_("Paid, with VAT"), Kind.EUROS),
        Column(_("After: once all seats that can go are gone"), Kind.EUROS),
    ]
    due = grouped(spending.amounts(Measure.DUE), lambda amount: amount.month)
    still_open = open_by_month(spending)
    rows = [
        row(columns, month, sums.eur, sums.eur_with_vat, less(sums.eur, still_open[month]))
        for month, sums in due.items()
    ]
    return Table(
        key="spending",
        title=_("Spending by month, now and after"),
        columns=columns,
        rows=rows,
        source=_("the contracts entered here"),
        as_of=spending.today,
        chart=line_chart(rows, names=[_("Paid"), _("After")], series=[1, 3], unit="€") if rows else None,
    )


def open_by_month(spending: Spending) -> dict[date, Decimal | None]:
    """Return (a - k - c)·u of each month: what could go and for which nothing has been done."""
    sums = {
        measure: grouped(spending.amounts(measure), lambda amount: amount.month)
        for measure in (Measure.POTENTIAL, Measure.COMMITTED, Measure.REALISED)
    }
    return {
        month: less(potential.eur, sums[Measure.COMMITTED][month].eur, sums[Measure.REALISED][month].eur)
        for month, potential in sums[Measure.POTENTIAL].items()
    }


def steps(spending: Spending) -> Table:
    """The way down from what would be paid if nothing had been done to what is left once all seats have gone."""
    columns = [
        Column(_("Step")),
        Column(_("Stays to be paid"), Kind.EUROS),
        Column(_("Goes at this step"), Kind.EUROS),
    ]
    sums = {measure: spending.total(measure).eur for measure in Measure}
    due, realised, committed = sums[Measure.DUE], sums[Measure.REALISED], sums[Measure.COMMITTED]
    sunk = sums[Measure.SUNK]
    still_open = less(sums[Measure.POTENTIAL], realised, committed)
    after_realised = plus(due, committed)
    nothing = Decimal(0)
    rows = [
        row(columns, _("Without any reduction"), plus(due, realised, committed), nothing),
        row(columns, _("Realised: shown by an invoice"), after_realised, realised),
        row(columns, _("Committed: notice given or amendment signed"), due, committed),
        row(columns, _("Can still go"), less(due, still_open, negative(sunk)), less(still_open, sunk)),
        row(columns, _("Sunk in this year: notice comes too late"), less(due, still_open), sunk),
        row(columns, _("After: once all seats that can go are gone"), less(due, still_open), nothing),
    ]
    return Table(
        key="steps",
        title=_("From what is paid to what remains, in %(year)s") % {"year": spending.year},
        columns=columns,
        rows=rows if spending.lines else [],
        source=_("the contracts and their amendments, before tax"),
        as_of=spending.today,
        chart=bar_chart(
            rows,
            names=[_("Stays"), _("Goes")],
            series=[1, 2],
            unit="€",
            is_stacked=True,
            is_horizontal=True,
        )
        if spending.lines and due is not None and still_open is not None
        else None,
    )


def by_product(spending: Spending) -> Table:
    """Each product's year: what is paid, what could go, what has."""
    measures = (Measure.DUE, Measure.POTENTIAL, Measure.COMMITTED, Measure.REALISED, Measure.SUNK)
    columns = [
        Column(_("Product")),
        Column(_("Paid"), Kind.EUROS),
        Column(_("Potential"), Kind.EUROS),
        Column(_("Committed"), Kind.EUROS),
        Column(_("Realised"), Kind.EUROS),
        Column(_("Sunk"), Kind.EUROS),
    ]
    sums = [grouped(spending.amounts(measure), product_of) for measure in measures]
    rows = [row(columns, product, *(by_name[product].eur for by_name in sums)) for product in sums[0]]
    return Table(
        key="products",
        title=_("By product, in %(year)s") % {"year": spending.year},
        columns=columns,
        rows=rows,
        source=_("the contracts and their amendments, before tax"),
        as_of=spending.today,
        chart=bar_chart(rows, names=[_("Paid")], series=[1], unit="€", is_horizontal=True) if rows else None,
    )


def product_of(amount: Amount) -> str:
    return amount.line.product


@dataclass(frozen=True)
class Notice:
    """By when a contract has to be given notice, and what was decided for the date that it reaches."""

    notice_by: date | None
    effective_on: date
    is_missed: bool
    is_any_day: bool
    decision: str


def notice_of(contract: Contract, today: date) -> Notice | None:
    """Return the next notice of a contract whose decisions are fetched; None once it has ended or is left.

    A date that passed without notice was missed only where nobody had decided to keep the seats.
    """
    found = next_reduction(contract.terms, today)
    if found is None or left_by_notice_on(contract) is not None:
        return None
    before = notice_date(contract, found.next_on, today) if found.is_notice_missed else None
    is_missed = before is not None and before.is_missed
    decided = {item.effective_on: str(item.get_choice_display()) for item in contract.decisions.all()}
    is_any_day = contract.terms.reduction is Reduction.ANY_TIME
    return Notice(found.notice_by, found.effective_on, is_missed, is_any_day, decided.get(found.effective_on, ""))


def notices(contracts: Sequence[Contract], tenant: Tenant) -> Table:
    """The contracts by the day on which notice has to be given."""
    columns = [
        Column(_("Contract")),
        Column(_("Notice to give by"), Kind.DAY),
        Column(_("Days left"), Kind.COUNT),
        Column(_("Seats can go on"), Kind.DAY),
        Column(_("Decision")),
    ]
    today = tenant.today
    found = [(contract, notice_of(contract, today)) for contract in contracts]
    dated = [(contract, notice) for contract, notice in found if notice and notice.notice_by]
    rows = []
    for contract, notice in sorted(dated, key=lambda pair: pair[1].notice_by or date.max):
        url = reverse("licensing:contract_detail", kwargs={"tenant_slug": tenant.slug, "contract_id": contract.id})
        missed = _("the notice before was missed") if notice.is_missed else _("none yet")
        left = (notice.notice_by - today).days if notice.notice_by else None
        rows.append(
            row(columns, contract.name, notice.notice_by, left, notice.effective_on, notice.decision or missed, url=url)
        )
    return Table(
        key="notices",
        title=_("Notice dates to come"),
        columns=columns,
        rows=rows,
        source=_("the terms of the contracts"),
        as_of=today,
        chart=bar_chart(rows, names=[_("Days left to give notice")], series=[2], unit=_("days"), is_horizontal=True)
        if rows
        else None,
    )


def less(amount: Decimal | None, *others: Decimal | None) -> Decimal | None:
    """Return a difference; None where one of its terms is not known."""
    return plus(amount, *(negative(other) for other in others))


def plus(*amounts: Decimal | None) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def negative(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount
