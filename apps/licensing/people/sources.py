"""Which imports tell what on a day: seats, deletions, blocked sign-ins, departments, and activity over some days."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from apps.licensing.models import Format, UsageImport, Vendor
from apps.tenants.models import Tenant

ACTIVE_DAYS, DORMANT_DAYS = 30, 90
PEOPLE_DAYS = 28  # of adoption; four whole weeks, so that each has as many Mondays as the next
GAP_DAYS = 3  # a list of meetings begins with its first one, which may come after a weekend

VENDOR_OF = {
    Format.TEAMS_ACTIVITY: Vendor.MICROSOFT,
    Format.M365_ACTIVE_USERS: Vendor.MICROSOFT,
    Format.M365_USERS: Vendor.MICROSOFT,
    Format.SUBSCRIBED_SKUS: Vendor.MICROSOFT,
    Format.ZOOM_USERS: Vendor.ZOOM,
    Format.ZOOM_HOSTS: Vendor.ZOOM,
    Format.VISIO_USAGE: Vendor.VISIO,
}
# In the order of preference where two are of one day: the first tells departments and blocked sign-ins too.
SEATS = (Format.M365_USERS, Format.M365_ACTIVE_USERS, Format.TEAMS_ACTIVITY, Format.ZOOM_USERS)
DELETIONS = (Format.M365_ACTIVE_USERS, Format.TEAMS_ACTIVITY)
BLOCKED = (Format.M365_USERS, Format.ZOOM_USERS)
DEPARTMENTS = (Format.M365_USERS, Format.ZOOM_USERS, Format.ZOOM_HOSTS, Format.VISIO_USAGE)
TOTALS = (Format.TEAMS_ACTIVITY,)  # activity as a sum over the whole period
DATED = (Format.ZOOM_HOSTS, Format.VISIO_USAGE)  # activity with the day of the last meeting
ACTIVITY = (*TOTALS, *DATED)


@dataclass(frozen=True)
class Window:
    """Days of which imports tell together, without a gap, who met or called."""

    starts_on: date
    ends_on: date
    imports: tuple[UsageImport, ...]


@dataclass(frozen=True)
class VendorSources:
    """What is known of one vendor's accounts on a day; None where no import tells it."""

    vendor: Vendor
    seats: UsageImport | None = None
    deletions: UsageImport | None = None
    blocked: UsageImport | None = None
    departments: UsageImport | None = None
    active: Window | None = None
    dormant: Window | None = None
    people: Window | None = None  # only while it ends within PEOPLE_DAYS of the day


@dataclass(frozen=True)
class Sources:
    """The sources of every vendor on a day, and the newest import of each format."""

    day: date
    vendors: dict[Vendor, VendorSources]
    newest: dict[Format, UsageImport] = field(default_factory=dict)
    skus: UsageImport | None = None

    def __iter__(self) -> Iterator[VendorSources]:
        return iter(self.vendors.values())

    @property
    def has_seats(self) -> bool:
        return any(item.seats for item in self)


def sources_on(tenant: Tenant, day: date) -> Sources:
    """Return what the committed imports tell that are of the day or before; one query. Concealed names tell nothing."""
    imports = list(
        UsageImport.objects.in_use()
        .filter(tenant=tenant, refreshed_on__lte=day, is_concealed=False)
        .order_by("-refreshed_on", "-committed_at", "id")
        .only("id", "format", "refreshed_on", "period_days", "committed_at", "counts")
    )
    newest: dict[Format, UsageImport] = {}
    for item in imports:
        newest.setdefault(Format(item.format), item)
    vendors = {vendor: _vendor_sources(vendor, imports, newest, day) for vendor in Vendor}
    return Sources(day, vendors, newest, newest.get(Format.SUBSCRIBED_SKUS))


def window_of(imports: Iterable[UsageImport], days: int) -> Window | None:
    """Return the latest window of so many days that the imports cover; None where they cover none.

    A sum over a period counts where the period lies within the window, a dated meeting wherever its file overlaps.
    """
    told = [item for item in imports if item.refreshed_on and item.period_days]
    for end in sorted({_end(item) for item in told}, reverse=True):
        start = end - timedelta(days=days - 1)
        within = [item for item in told if _is_within(item, start, end)]
        if _covers(within, start, end):
            return Window(start, end, tuple(within))
    return None


def is_dated(usage_import: UsageImport) -> bool:
    """Return whether an import tells the day of each person's last meeting."""
    return usage_import.format in DATED


def people_window(imports: Sequence[UsageImport], day: date) -> Window | None:
    """Return the latest 28 days that imports tell of, else the 30 of a report; None where they end long before a day.

    Microsoft sums up 7 days or 30; Zoom and Visio say the day of each person's last meeting.
    """
    found = [window for days in (PEOPLE_DAYS, ACTIVE_DAYS) if (window := window_of(imports, days))]
    latest = max(found, key=lambda window: window.ends_on, default=None)
    is_fresh = latest is not None and latest.ends_on > day - timedelta(days=PEOPLE_DAYS)
    return latest if is_fresh else None


def _vendor_sources(
    vendor: Vendor, imports: Sequence[UsageImport], newest: dict[Format, UsageImport], day: date
) -> VendorSources:
    def latest(formats: Sequence[Format]) -> UsageImport | None:
        found = [newest[item] for item in formats if item in newest and VENDOR_OF[item] is vendor]
        return max(found, key=_end, default=None)  # the first of those of one day

    activity = [item for item in imports if item.format in ACTIVITY and VENDOR_OF[Format(item.format)] is vendor]
    return VendorSources(
        vendor=vendor,
        seats=latest(SEATS),
        deletions=latest(DELETIONS),
        blocked=latest(BLOCKED),
        departments=latest(DEPARTMENTS),
        active=window_of(activity, ACTIVE_DAYS),
        dormant=window_of(activity, DORMANT_DAYS),
        people=people_window(activity, day),
    )


def _end(usage_import: UsageImport) -> date:
    return usage_import.refreshed_on or date.min


def _start(usage_import: UsageImport) -> date:
    return _end(usage_import) - timedelta(days=(usage_import.period_days or 1) - 1)


def _is_within(item: UsageImport, start: date, end: date) -> bool:
    if _end(item) > end:
        return False
    return _end(item) >= start if is_dated(item) else _start(item) >= start


def _covers(imports: Iterable[UsageImport], start: date, end: date) -> bool:
    reached = start - timedelta(days=1)
    for item in sorted(imports, key=_start):
        gap = timedelta(days=GAP_DAYS if is_dated(item) else 0)
        if _start(item) > reached + timedelta(days=1) + gap:
            return False
        reached = max(reached, _end(item))
    return reached >= end
