"""What is bought, assigned and active, by vendor and unit, with what stands between them.

Bought comes from contracts, or from subscribedSkus where that is newer; the rest from the counts of the newest
day, which are those of the rows. A figure that misses an input is None (not computable).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from apps.licensing.models import Amendment, Contract, Product, Sku, SkuCount, UnitDay, UsageImport, Vendor
from apps.licensing.people.sources import Sources, VendorSources, sources_on
from apps.licensing.savings.suppression import published_list, published_table
from apps.tenants.models import Tenant, Unit

VENDORS = (Vendor.MICROSOFT, Vendor.ZOOM)
MEASURES = ("assigned", "active_30d", "dormant_90d", "blocked", "deleted", "double")
REASONS = ("blocked", "deleted", "double")  # counted beside activity, each by itself
ACTIVE, IDLE, DORMANT = "active", "idle", "dormant"


@dataclass(frozen=True)
class Bought:
    """Seats that are paid for, and where that is known from; ``unknown_licences`` are not in the dictionary."""

    seats: int
    as_of: date
    usage_import: UsageImport | None = None
    contracts: tuple[Contract, ...] = ()
    unknown_licences: int = 0


@dataclass(frozen=True)
class VendorFigures:
    """The whole ministry's figures of one vendor."""

    vendor: Vendor
    bought: Bought | None
    sources: VendorSources
    assigned: int | None
    active: int | None
    dormant: int | None
    blocked: int | None
    deleted: int | None
    double: int | None

    @property
    def shelfware(self) -> int | None:
        """Bought - assigned: negative where more is assigned than a contract says."""
        return None if self.bought is None or self.assigned is None else self.bought.seats - self.assigned

    @property
    def is_overassigned(self) -> bool:
        return self.shelfware is not None and self.shelfware < 0

    @property
    def utilisation(self) -> Decimal | None:
        """Active in 30 days / assigned, in percent."""
        return utilisation(self.active, self.assigned)


@dataclass(frozen=True)
class UnitFigures:
    """One unit's figures as they may be shown; None is suppressed, or not computable for the whole vendor."""

    unit: Unit | None
    shown: dict[str, int | None]

    @property
    def utilisation(self) -> Decimal | None:
        active, assigned = self.shown.get("active_30d"), self.shown.get("assigned")
        if self.unit is None and active is not None and assigned is not None and active > assigned:
            return None  # those who are active are told of the whole ministry (see concealed), the seats by unit
        return utilisation(active, assigned)


@dataclass(frozen=True)
class UnitTable:
    """The units of one vendor; ``known`` names the measures that some import tells."""

    vendor: Vendor
    known: frozenset[str]
    rows: list[UnitFigures]


@dataclass(frozen=True)
class Reconciliation:
    """The figures of a day; ``computed_at`` is None where no import was counted yet."""

    day: date | None
    computed_at: datetime | None
    vendors: list[VendorFigures]
    units: list[UnitTable]
    double: int | None
    is_behind: bool  # an import was committed after the counts

    @property
    def has_figures(self) -> bool:
        return any(item.assigned is not None or item.bought for item in self.vendors)


def utilisation(active: int | None, assigned: int | None) -> Decimal | None:
    """Return active / assigned in percent; None where one is unknown or nothing is assigned."""
    return None if active is None or not assigned else Decimal(100) * active / assigned


def reconcile(tenant: Tenant, today: date) -> Reconciliation:
    """Compute a tenant's reconciliation; the number of queries does not grow with accounts or units."""
    sources = sources_on(tenant, today)
    newest = UnitDay.objects.filter(tenant=tenant, day__lte=today).order_by("-day").first()
    days = UnitDay.objects.filter(tenant=tenant, day=newest.day) if newest else UnitDay.objects.none()
    sums = {f"all_{name}": Sum(name) for name in MEASURES}
    totals: dict[str, dict[str, Any]] = {
        row["vendor"]: dict(row) for row in days.order_by().values("vendor").annotate(**sums)
    }
    contracted, subscribed = contracted_on(tenant, today), subscribed_on(sources)
    vendors = [
        _vendor_figures(
            vendor,
            bought_on(vendor, contracted.get(vendor), subscribed),
            sources,
            totals.get(vendor.value, {}),
        )
        for vendor in VENDORS
    ]
    units = {unit.id: unit for unit in Unit.objects.filter(tenant=tenant)}
    rows = list(days.filter(vendor__in=VENDORS))
    return Reconciliation(
        day=newest.day if newest else None,
        computed_at=newest.computed_at if newest else None,
        vendors=[item for item in vendors if item.bought or item.sources.seats or item.assigned is not None],
        units=[table for vendor in VENDORS if (table := _unit_table(vendor, rows, units))],
        double=max((item.double for item in vendors if item.double is not None), default=None),
        is_behind=_is_behind(sources, newest),
    )


def bought_on(vendor: Vendor, contracted: Bought | None, subscribed: Bought | None) -> Bought | None:
    """Return the seats that are paid for: contracts in force, or Microsoft's own count where it is newer."""
    counted = subscribed if vendor is Vendor.MICROSOFT else None
    if contracted and counted:
        return counted if counted.as_of > contracted.as_of else contracted
    return contracted or counted


def assigned_by_vendor(tenant: Tenant, day: date) -> dict[Vendor, int]:
    """Return how many paid seats accounts hold, by the newest counts of a day or before; two queries."""
    days = UnitDay.objects.filter(tenant=tenant, day__lte=day, vendor__in=VENDORS, assigned__isnull=False)
    newest = days.order_by("-day").values_list("day", flat=True).first()
    if newest is None:
        return {}
    sums = days.filter(day=newest).order_by().values_list("vendor").annotate(seats=Sum("assigned"))
    return {Vendor(vendor): seats for vendor, seats in sums}


def vendor_of(product: Product) -> Vendor | None:
    """Return whose accounts hold a product, by its publisher."""
    publisher = product.publisher.casefold()
    return next((vendor for vendor in VENDORS if publisher.startswith(vendor.value)), None)


def contracted_on(tenant: Tenant, day: date) -> dict[Vendor, Bought]:
    """Return the seats of people that contracts in force on a day pay for; rooms and telephony are left out."""
    contracts = [
        contract
        for contract in Contract.objects.filter(tenant=tenant).prefetch_related("lines__product", "amendments")
        if contract.terms.is_in_force(day)
    ]
    found = {vendor: _contracted(contracts, vendor, day) for vendor in VENDORS}
    return {vendor: bought for vendor, bought in found.items() if bought}


def _contracted(contracts: Iterable[Contract], vendor: Vendor, day: date) -> Bought | None:
    seats, as_of, behind = 0, date.min, []
    for contract in contracts:
        lines = [line for line in contract.lines.all() if _is_of_people(line.product, vendor)]
        if lines:
            ids = {line.id for line in lines}
            changes = [item for item in contract.amendments.all() if item.line_id in ids and _is_effective(item, day)]
            seats += sum(line.seats for line in lines) + sum(item.seats or 0 for item in changes)
            as_of = max([as_of, contract.starts_on, *(item.effective_on for item in changes)])
            behind.append(contract)
    return Bought(max(0, seats), as_of, contracts=tuple(behind)) if behind else None


def _is_of_people(product: Product, vendor: Vendor) -> bool:
    return vendor_of(product) is vendor and product.kind != Product.Kind.NOT_SEPARABLE


def _is_effective(amendment: Amendment, day: date) -> bool:
    is_agreed = amendment.evidence != Amendment.Evidence.NOTICE
    return amendment.kind == Amendment.Kind.SEATS and is_agreed and amendment.effective_on <= day


def subscribed_on(sources: Sources) -> Bought | None:
    """Count the seats of licences that include meetings, as the dictionary says; None where it knows none of them."""
    if sources.skus is None or sources.skus.refreshed_on is None:
        return None
    counts = list(SkuCount.objects.filter(tenant_id=sources.skus.tenant_id, usage_import=sources.skus))
    known = dict(Sku.objects.filter(guid__in=[item.sku_guid for item in counts]).values_list("guid", "has_meetings"))
    told = [item for item in counts if known.get(item.sku_guid)]
    if not known:
        return None
    unknown = sum(item.sku_guid not in known for item in counts)
    seats = sum(item.enabled for item in told)
    return Bought(seats, sources.skus.refreshed_on, usage_import=sources.skus, unknown_licences=unknown)


def _vendor_figures(vendor: Vendor, bought: Bought | None, sources: Sources, totals: dict[str, Any]) -> VendorFigures:
    assigned, active, dormant, blocked, deleted, double = (totals.get(f"all_{name}") for name in MEASURES)
    return VendorFigures(
        vendor=vendor,
        bought=bought,
        sources=sources.vendors[vendor],
        assigned=assigned,
        active=active,
        dormant=dormant,
        blocked=blocked,
        deleted=deleted,
        double=double,
    )


def _unit_table(vendor: Vendor, rows: Iterable[UnitDay], units: dict[UUID, Unit]) -> UnitTable | None:
    """Return what may be shown of a vendor's units: seats by activity as one table, each reason as a list."""
    counted = {row.unit_id: row for row in rows if row.vendor == vendor and row.assigned is not None}
    if not counted:
        return None
    known = frozenset(name for name in MEASURES if any(getattr(row, name) is not None for row in counted.values()))
    shown: dict[str, dict[UUID | None, int | None]] = _published_activity(counted, known)
    for name in REASONS:
        if name in known:
            shown[name] = published_list({key: getattr(row, name) or 0 for key, row in counted.items()})[0]
    found = [
        UnitFigures(units.get(key) if key else None, {name: cells.get(key) for name, cells in shown.items()})
        for key in counted
    ]
    found.sort(key=lambda row: (row.unit is None, str(row.unit)))
    return UnitTable(vendor, known, found)


def _published_activity(
    counted: dict[UUID | None, UnitDay], known: frozenset[str]
) -> dict[str, dict[UUID | None, int | None]]:
    cells: dict[tuple[UUID | None, str], int] = {}
    for key, row in counted.items():
        active, dormant = row.active_30d or 0, row.dormant_90d or 0
        if "active_30d" in known:
            cells[key, ACTIVE] = active
        if "dormant_90d" in known:
            cells[key, DORMANT] = dormant
        cells[key, IDLE] = (row.assigned or 0) - active - dormant
    table = published_table(cells)
    found = {"assigned": dict(table.rows)}
    for name, column in (("active_30d", ACTIVE), ("dormant_90d", DORMANT)):
        if name in known:
            found[name] = {key: table.cells[key, column] for key in counted}
    return found


def _is_behind(sources: Sources, newest: UnitDay | None) -> bool:
    committed = [item.committed_at for item in sources.newest.values() if item.committed_at]
    return bool(committed) and (newest is None or max(committed) > newest.computed_at)
