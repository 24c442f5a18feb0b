"""Paid seats as a file states them, against what the contracts list and what Microsoft says was bought.

It stands before any saving: a difference says that a contract, a file or a licence is missing.
"""

from dataclasses import dataclass

from apps.licensing.imports.formats import TABLE_OF
from apps.licensing.models import Format, Sku, SkuCount, UsageImport, Vendor
from apps.licensing.people.reconciliation import contracted_on

SEAT_FORMATS = (Format.TEAMS_ACTIVITY, Format.M365_ACTIVE_USERS, Format.M365_USERS, Format.ZOOM_USERS)


@dataclass(frozen=True)
class SeatCheck:
    """Seats of one publisher on one day; None where nothing tells."""

    paid: int
    contracted: int | None
    bought: int | None  # of licences with meetings, by the newest subscribedSkus
    unknown_licences: list[str]  # of subscribedSkus, which the dictionary does not name: they count nowhere

    @property
    def contract_difference(self) -> int | None:
        """Seats of the contracts beyond those that the file calls paid."""
        return None if self.contracted is None else self.contracted - self.paid

    @property
    def bought_difference(self) -> int | None:
        return None if self.bought is None else self.bought - self.paid

    @property
    def has_difference(self) -> bool:
        return bool(self.contract_difference or self.bought_difference)


def check_seats(usage_import: UsageImport) -> SeatCheck | None:
    """Compare an import's paid seats; None for a file that does not tell which seats are paid."""
    if usage_import.format not in SEAT_FORMATS or usage_import.refreshed_on is None or not usage_import.counts:
        return None
    vendor = TABLE_OF[Format(usage_import.format)].vendor
    bought, unknown = _bought(usage_import) if vendor == Vendor.MICROSOFT else (None, [])
    return SeatCheck(usage_import.counts.get("paid", 0), _contracted(usage_import, vendor), bought, unknown)


def _contracted(usage_import: UsageImport, vendor: Vendor) -> int | None:
    """Return the seats of people that the contracts in force on the file's day pay for."""
    day = usage_import.refreshed_on
    bought = contracted_on(usage_import.tenant, day).get(vendor) if day else None
    return bought.seats if bought else None


def _bought(usage_import: UsageImport) -> tuple[int | None, list[str]]:
    newest = (
        UsageImport.objects.in_use()
        .filter(
            tenant_id=usage_import.tenant_id,
            format=Format.SUBSCRIBED_SKUS,
            refreshed_on__lte=usage_import.refreshed_on,
        )
        .order_by("-refreshed_on", "-committed_at")
        .first()
    )
    if newest is None:
        return None, []
    counts = list(SkuCount.objects.filter(usage_import=newest))
    has_meetings = dict(
        Sku.objects.filter(guid__in=[count.sku_guid for count in counts]).values_list("guid", "has_meetings")
    )
    unknown = [count.part_number for count in counts if count.sku_guid not in has_meetings]
    known = [count for count in counts if count.sku_guid in has_meetings]
    if not known:
        return None, unknown
    return sum(count.enabled for count in known if has_meetings[count.sku_guid]), unknown
