"""What the totals of reports with concealed names tell, where no report with names tells it: counts without a unit."""

from collections.abc import Callable, Iterable
from typing import Any

from apps.licensing.models import Format, UsageImport, Vendor
from apps.licensing.people.sources import DELETIONS, DORMANT_DAYS, SEATS, TOTALS, VENDOR_OF, Sources, VendorSources
from apps.tenants.models import Tenant

MONTH_DAYS = range(27, 32)  # how long a file's period may be for what it tells to be of a month
COLUMNS = ("assigned", "active_30d", "dormant_90d", "deleted")


def concealed_counts(tenant: Tenant, sources: Sources) -> dict[Vendor, dict[str, int]]:
    """Return the measures of each vendor that concealed reports alone tell on a day; one query."""
    imports = list(
        UsageImport.objects.in_use()
        .filter(tenant=tenant, refreshed_on__lte=sources.day, is_concealed=True)
        .order_by("-refreshed_on", "-committed_at", "id")
        .only("id", "format", "period_days", "counts")
    )
    found = {item.vendor: _of_vendor(item, imports) for item in sources}
    return {vendor: counts for vendor, counts in found.items() if counts}


def concealed_parameters(counts: dict[Vendor, dict[str, int]]) -> dict[str, Any]:
    """Return the counts as columns for a query: who tells each measure, and the rows to add."""
    vendors = list(counts)
    rows = {f"concealed_{name}": [counts[vendor].get(name, 0) for vendor in vendors] for name in COLUMNS}
    told = {f"only_{name}": [vendor.value for vendor in vendors if name in counts[vendor]] for name in COLUMNS}
    return {"concealed": [vendor.value for vendor in vendors], **rows, **told}


def _of_vendor(known: VendorSources, imports: Iterable[UsageImport]) -> dict[str, int]:
    own = [item for item in imports if VENDOR_OF[Format(item.format)] is known.vendor]
    seats = _newest(own, lambda item: item.format in SEATS)
    deletions = _newest(own, lambda item: item.format in DELETIONS)
    month = _newest(own, lambda item: item.format in TOTALS and item.period_days in MONTH_DAYS)
    quarter = _newest(own, lambda item: item.format in TOTALS and (item.period_days or 0) >= DORMANT_DAYS)
    counts: dict[str, int] = {}
    if seats and not known.seats:
        counts["assigned"] = seats.get("paid", 0)
    if deletions and not known.deletions:
        counts["deleted"] = deletions.get("paid_deleted", 0)
    if month and not known.active:
        counts["active_30d"] = month.get("paid_active", 0)
    if quarter and not known.dormant:
        counts["dormant_90d"] = max(0, quarter.get("paid", 0) - quarter.get("paid_active", 0))
    return counts


def _newest(imports: Iterable[UsageImport], has: Callable[[UsageImport], bool]) -> dict[str, int] | None:
    return next((item.counts for item in imports if has(item)), None)
