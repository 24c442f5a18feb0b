"""A contract's figures, opened down to their inputs, as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.licensing import savings
from apps.licensing.models import Contract, ContractLine, ListPrice
from apps.licensing.savings import Distance, ReductionDate
from apps.tenants.models import Tenant


@dataclass(frozen=True)
class LineFigures:
    """One term of the sum a·u·12, with what it is made of; None is not computable."""

    line: ContractLine
    freed_price_eur: Decimal | None
    freeable_seats: int | None
    potential_eur: Decimal | None
    list_price: ListPrice | None

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
    seats: int
    lines: list[LineFigures]
    potential_eur: Decimal | None
    distance: Distance | None
    reduction: ReductionDate | None
    missed_notice_eur: Decimal | None

    @property
    def potential_with_vat_eur(self) -> Decimal | None:
        return savings.with_vat(self.potential_eur)

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
    potential_eur: Decimal | None
    distance: Distance | None

    @property
    def potential_with_vat_eur(self) -> Decimal | None:
        return savings.with_vat(self.potential_eur)

    @property
    def is_computable(self) -> bool:
        return self.potential_eur is not None

    @property
    def has_contract_in_force(self) -> bool:
        return any(item.is_in_force for item in self.contracts)


def contract_figures(
    contract: Contract, today: date, list_prices: dict[object, ListPrice] | None = None
) -> ContractFigures:
    """Compute a contract's figures; ``list_prices`` (by product id) only stand beside them."""
    lines = list(contract.lines.all())
    seats = sum(line.seats for line in lines)
    potential = savings.potential_eur_per_year(line.figures for line in lines)
    reduction = savings.next_reduction(contract.terms, today)
    missed = reduction is not None and reduction.is_notice_missed
    return ContractFigures(
        contract=contract,
        is_in_force=contract.terms.is_in_force(today),
        seats=seats,
        lines=[line_figures(line, (list_prices or {}).get(line.product_id)) for line in lines],
        potential_eur=potential,
        distance=savings.distance_to_announced(potential, seats),
        reduction=reduction,
        missed_notice_eur=savings.missed_notice_loss_eur((line.figures for line in lines), reduction)
        if reduction is not None and missed
        else None,
    )


def line_figures(line: ContractLine, list_price: ListPrice | None = None) -> LineFigures:
    return LineFigures(
        line=line,
        freed_price_eur=savings.freed_price_eur(line.figures),
        freeable_seats=savings.freeable_seats(line.figures),
        potential_eur=savings.potential_eur_per_year([line.figures]),
        list_price=list_price,
    )


def tenant_figures(tenant: Tenant, contracts: Iterable[Contract], today: date) -> TenantFigures:
    """Add up the contracts in force; contracts to come or ended are listed but not counted."""
    figures = [contract_figures(contract, today) for contract in contracts]
    headcount = tenant.headcounts.filter(starts_on__lte=today).order_by("-starts_on").first()
    agents = headcount.agents if headcount else None
    potential = savings.total_eur(item.potential_eur for item in figures if item.is_in_force)
    return TenantFigures(figures, agents, potential, savings.distance_to_announced(potential, agents))


def list_prices_on(day: date, contract: Contract) -> dict[object, ListPrice]:
    """Return the public euro price, else another currency's, of each product of a contract."""
    products = [line.product_id for line in contract.lines.all()]
    found = ListPrice.objects.valid_on(day).filter(product__in=products)
    ordered = sorted(found, key=lambda price: price.currency == ListPrice.Currency.EUR)
    return {price.product_id: price for price in ordered}
