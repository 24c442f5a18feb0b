"""A contract's figures, opened down to their inputs, as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import OuterRef, Subquery

from apps.licensing import savings
from apps.licensing.dated_lines import dated_line, dated_lines, left_by_notice_on
from apps.licensing.models import Contract, ContractLine, ContractQuerySet, ListPrice
from apps.licensing.savings import (
    HORIZON,
    Distance,
    Ledger,
    LineMonth,
    Measure,
    NeedPlan,
    ReductionDate,
    VatPlace,
)
from apps.tenants.models import Headcount, Tenant


@dataclass(frozen=True)
class LineFigures:
    """One term of the sum a·u·12, with what it is made of; None is not computable."""

    line: ContractLine
    month: LineMonth
    list_price: ListPrice | None

    @property
    def freed_price_eur(self) -> Decimal | None:
        return self.month.freed_price_eur

    @property
    def freeable_seats(self) -> int | None:
        return self.month.freeable_seats

    @property
    def potential_eur(self) -> Decimal | None:
        return self.yearly_eur(Measure.POTENTIAL)

    def yearly_eur(self, measure: Measure) -> Decimal | None:
        """Return twelve times what a measure is today."""
        monthly = self.month.amount(measure).eur
        return None if monthly is None else savings.MONTHS_PER_YEAR * monthly

    @property
    def misses_price(self) -> bool:
        """Whether a suite's price without meetings is not known."""
        return self.freed_price_eur is None

    @property
    def misses_need(self) -> bool:
        """Whether the seats still needed are not known, and would change the figure."""
        return self.potential_eur is None and self.freeable_seats is None


@dataclass(frozen=True)
class ContractFigures:
    """Potential per year before tax, the dates that bound it, and the lines behind it."""

    contract: Contract
    is_in_force: bool
    left_on: date | None
    lines: list[LineFigures]
    reduction: ReductionDate | None  # None once it has ended, or notice to leave it was given

    @property
    def seats(self) -> int:
        """Seats that are paid for."""
        return sum(item.month.seats.paid for item in self.lines)

    @property
    def potential_eur(self) -> Decimal | None:
        return self.yearly_eur(Measure.POTENTIAL)

    def yearly_eur(self, measure: Measure) -> Decimal | None:
        """Return twelve times what a measure is today; None where a line is not computable."""
        return savings.total_eur(item.yearly_eur(measure) for item in self.lines)

    @property
    def potential_with_vat_eur(self) -> Decimal | None:
        return savings.with_vat(self.potential_eur, VatPlace(self.contract.vat_place))

    @property
    def committed_eur(self) -> Decimal | None:
        return self.yearly_eur(Measure.COMMITTED)

    @property
    def realised_eur(self) -> Decimal | None:
        return self.yearly_eur(Measure.REALISED)

    @property
    def avoided_eur(self) -> Decimal | None:
        return self.yearly_eur(Measure.AVOIDED)

    @property
    def due_eur(self) -> Decimal | None:
        return self.yearly_eur(Measure.DUE)

    @property
    def due_with_vat_eur(self) -> Decimal | None:
        return savings.with_vat(self.due_eur, VatPlace(self.contract.vat_place))

    @property
    def coming_on(self) -> date | None:
        """The last day, later than the figures', on which seats go by notice, amendment or invoice."""
        days = {change.effective_on for item in self.lines for change in item.month.line.seat_changes}
        return max((day for item in self.lines for day in days if day > item.month.month), default=None)

    @property
    def coming_eur(self) -> Decimal | None:
        """What is committed a year from that day on, as known today; None where a line is not computable."""
        day = self.coming_on
        if day is None:
            return None
        months = [savings.month_of(item.month.line, day, item.month.month) for item in self.lines]
        monthly = savings.total_eur(month.amount(Measure.COMMITTED).eur for month in months)
        return None if monthly is None else savings.MONTHS_PER_YEAR * monthly

    @property
    def distance(self) -> Distance | None:
        return savings.distance_to_announced(self.potential_eur, sum(item.month.seats.bought for item in self.lines))

    @property
    def listed_lines(self) -> list[LineFigures]:
        """One line of each product that has a public price."""
        return list({item.line.product_id: item for item in self.lines if item.list_price}.values())

    @property
    def is_noticed_any_day(self) -> bool:
        """Whether notice may be given whenever one likes, so that no date can be missed."""
        is_any_time = self.contract.terms.reduction is savings.Reduction.ANY_TIME
        return is_any_time and self.reduction is not None and self.reduction.notice_by is not None


@dataclass(frozen=True)
class TenantFigures:
    """The potential of all contracts in force, against the tenant's dated headcount."""

    contracts: list[ContractFigures]
    agents: int | None

    @property
    def in_force(self) -> list[ContractFigures]:
        return [item for item in self.contracts if item.is_in_force]

    @property
    def potential_eur(self) -> Decimal | None:
        return savings.total_eur(item.potential_eur for item in self.in_force)

    @property
    def potential_with_vat_eur(self) -> Decimal | None:
        return savings.total_eur(item.potential_with_vat_eur for item in self.in_force)

    @property
    def distance(self) -> Distance | None:
        return savings.distance_to_announced(self.potential_eur, self.agents)

    @property
    def is_computable(self) -> bool:
        return self.potential_eur is not None

    @property
    def has_contract_in_force(self) -> bool:
        return bool(self.in_force)


def contract_figures(
    contract: Contract,
    today: date,
    list_prices: dict[object, ListPrice] | None = None,
    plan: NeedPlan | None = None,
) -> ContractFigures:
    """Compute a contract's figures; ``list_prices`` (by product id) only stand beside them.

    ``plan`` says what is still needed where no number was given by hand.

    A contract to come is looked at on its first day, one that has ended on its last.
    """
    left_on, terms = left_by_notice_on(contract), contract.terms
    dated = list(dated_lines(contract, today, plan))
    day = day_of_figures(contract, today)
    return ContractFigures(
        contract=contract,
        is_in_force=terms.is_in_force(today) and (left_on is None or today < left_on),
        left_on=left_on,
        lines=[
            LineFigures(line, savings.month_of(item, day, today), (list_prices or {}).get(line.product_id))
            for line, item in dated
        ],
        reduction=None if left_on else savings.next_reduction(terms, today),
    )


def line_figures(line: ContractLine, list_price: ListPrice | None = None) -> LineFigures:
    """Compute one line's figures of today."""
    contract, today = line.contract, line.tenant.today
    dated = dated_line(line, contract, left_by_notice_on(contract), today)
    return LineFigures(line, savings.month_of(dated, day_of_figures(contract, today), today), list_price)


def day_of_figures(contract: Contract, today: date) -> date:
    """Return today, the first day of a contract to come, or the last of one that has ended."""
    day, ends_on = max(today, contract.starts_on), contract.terms.ends_on
    return day if ends_on is None else min(day, ends_on - timedelta(days=1))


def tenant_figures(
    tenant: Tenant, contracts: ContractQuerySet, today: date, plan: NeedPlan | None = None
) -> TenantFigures:
    """Add up the contracts in force, fetched ``with_lines``; those to come or ended are listed but not counted."""
    newest = Headcount.objects.filter(tenant=OuterRef("tenant"), starts_on__lte=today).order_by("-starts_on")
    rows = list(contracts.annotate(agents=Subquery(newest.values("agents")[:1])))
    agents = vars(rows[0])["agents"] if rows else None
    return TenantFigures([contract_figures(contract, today, plan=plan) for contract in rows], agents)


def ledger_of(
    contracts: Iterable[Contract], today: date, first: date, last: date = HORIZON, plan: NeedPlan | None = None
) -> Ledger:
    """Return the months of contracts that were fetched ``with_lines``, whose ministry may be another one each."""
    lines = tuple(item for contract in contracts for _line, item in dated_lines(contract, today, plan))
    return Ledger(lines, today, first.replace(day=1), last)


def list_prices_on(day: date, contract: Contract) -> dict[object, ListPrice]:
    """Return the public euro price, else another currency's, of each product of a contract."""
    products = [line.product_id for line in contract.lines.all()]
    found = ListPrice.objects.valid_on(day).filter(product__in=products)
    ordered = sorted(found, key=lambda price: price.currency == ListPrice.Currency.EUR)
    return {price.product_id: price for price in ordered}
