"""Paid seats from three sides: what contracts say, what Microsoft says was bought, and what accounts hold.

It stands before any saving: where the sides contradict each other, a figure of savings is of seats that nobody has
settled yet. Seats bought and not assigned are no contradiction but shelfware.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from apps.licensing.models import UsageImport, Vendor
from apps.licensing.people.reconciliation import VENDORS, assigned_by_vendor, contracted_on, subscribed_on
from apps.licensing.people.sources import sources_on
from apps.tenants.models import Tenant


class Problem(StrEnum):
    """Why the totals of a vendor's seats cannot all be right."""

    NO_CONTRACT = "no_contract"  # paid seats are assigned, and no contract in force pays for them
    NO_FILE = "no_file"  # a contract in force pays for seats, and no file says who holds them
    OVER_ASSIGNED = "over_assigned"  # more than contracts say
    BOUGHT_DIFFERS = "bought_differs"  # Microsoft's count is not the contracts'


@dataclass(frozen=True)
class SeatTotals:
    """The seats of one vendor on a day; None where nothing tells. Rooms and telephony are not seats of people."""

    vendor: Vendor
    contracted: int | None
    subscribed: int | None
    subscribed_on: date | None
    assigned: int | None
    seats_import: UsageImport | None

    @property
    def problems(self) -> list[Problem]:
        contracted, assigned = self.contracted, self.assigned
        if contracted is None:
            return [Problem.NO_CONTRACT] if assigned else []
        checks = {
            Problem.NO_FILE: self.seats_import is None and contracted > 0,
            Problem.OVER_ASSIGNED: assigned is not None and assigned > contracted,
            Problem.BOUGHT_DIFFERS: self.subscribed is not None and self.subscribed != contracted,
        }
        return [problem for problem, is_there in checks.items() if is_there]


def seat_totals(tenant: Tenant, day: date) -> list[SeatTotals]:
    """Return each vendor's totals, where anything is known of it; the number of queries does not grow."""
    sources = sources_on(tenant, day)
    assigned = assigned_by_vendor(tenant, day)
    subscribed = subscribed_on(sources)
    contracted = contracted_on(tenant, day)
    found = []
    for vendor in VENDORS:
        bought = subscribed if vendor is Vendor.MICROSOFT else None
        totals = SeatTotals(
            vendor=vendor,
            contracted=contracted[vendor].seats if vendor in contracted else None,
            subscribed=bought.seats if bought else None,
            subscribed_on=bought.as_of if bought else None,
            assigned=assigned.get(vendor),
            seats_import=sources.vendors[vendor].seats,
        )
        if (totals.contracted, totals.subscribed, totals.assigned) != (None, None, None):
            found.append(totals)
    return found


def disagreements(tenant: Tenant, day: date) -> list[SeatTotals]:
    """Return the vendors whose totals contradict each other."""
    return [totals for totals in seat_totals(tenant, day) if totals.problems]
