"""People counted by day and unit: what adoption and dormant seats are read from, never the people themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Max, QuerySet, Sum

from apps.licensing.models import UnitDay, UnitHeadcount, Vendor
from apps.tenants.models import Headcount, Tenant

LEGACY = (Vendor.MICROSOFT, Vendor.ZOOM)
NEWEST_DAYS = """
    SELECT newest.day
    FROM generate_series(date_trunc('month', %(first)s::date), %(last)s::date, interval '1 month') AS month
    CROSS JOIN LATERAL (
        SELECT day FROM licensing_unitday
        WHERE tenant_id = %(tenant)s AND vendor = %(vendor)s AND people IS NOT NULL
          AND day >= greatest(month::date, %(first)s::date)
          AND day <= least((month + interval '1 month')::date - 1, %(last)s::date)
          AND (%(unit)s::uuid IS NULL OR unit_id = %(unit)s::uuid)
        ORDER BY day DESC LIMIT 1
    ) AS newest
"""


@dataclass(frozen=True)
class Adoption:
    """Distinct people in the 28 days up to a day, and the agents who are to use Visio (None: not known)."""

    day: date
    people: int
    eligible: int | None
    source: str = ""  # of UnitDay.Source
    as_of: date | None = None  # the last of the 28 days


@dataclass(frozen=True)
class UnitSeats:
    """Paid seats of a unit on the newest day, and those of them that nobody used in 90 days."""

    unit_id: UUID | None
    name: str
    assigned: int
    dormant: int


def adoption_by_month(tenant: Tenant, unit_id: UUID | None, first: date, last: date) -> list[Adoption]:
    """Return the newest counts of each month of a period; three queries for any number of agents."""
    rows = _days(tenant, unit_id).filter(vendor=Vendor.VISIO, people__isnull=False)
    days = _newest_days(tenant, unit_id, first, last)
    counted = rows.filter(day__in=days).order_by("day").values("day")
    found = counted.annotate(number=Sum("people"), source=Max("people_source"), as_of=Max("people_as_of"))
    eligible = Eligible.of(tenant, unit_id)
    return [
        Adoption(item["day"], item["number"], eligible.on(item["day"]), item["source"], item["as_of"]) for item in found
    ]


def _newest_days(tenant: Tenant, unit_id: UUID | None, first: date, last: date) -> list[date]:
    """Return the newest day of each month on which Visio's users were counted.

    One look into the index per month: to group the days of two years would read them all.
    """
    with connection.cursor() as cursor:
        values = {"tenant": tenant.id, "unit": unit_id, "vendor": Vendor.VISIO.value, "first": first, "last": last}
        cursor.execute(NEWEST_DAYS, values)
        return [day for (day,) in cursor.fetchall()]


def seats_by_unit(
    tenant: Tenant, unit_id: UUID | None, last: date | None = None
) -> tuple[date | None, list[UnitSeats]]:
    """Return the newest day (up to the last) of the paid tools' counts, and each unit's seats, most dormant first."""
    rows = _days(tenant, unit_id).filter(vendor__in=LEGACY, assigned__isnull=False, dormant_90d__isnull=False)
    if last is not None:
        rows = rows.filter(day__lte=last)
    day = rows.order_by("-day").values_list("day", flat=True).first()
    if day is None:
        return None, []
    counted = rows.filter(day=day).order_by().values("unit_id", "unit__name")
    found = counted.annotate(seats=Sum("assigned"), idle=Sum("dormant_90d"))
    units = [UnitSeats(item["unit_id"], item["unit__name"] or "", item["seats"], item["idle"]) for item in found]
    return day, sorted(units, key=lambda item: (-item.dormant, item.name))


@dataclass(frozen=True)
class Eligible:
    """The dated headcounts of a ministry and of its units."""

    whole: list[tuple[date, int]]
    units: dict[UUID, list[tuple[date, int]]]
    unit_id: UUID | None

    @classmethod
    def of(cls, tenant: Tenant, unit_id: UUID | None = None) -> "Eligible":
        """Read every headcount: one query for the ministry's, one for its units'."""
        units: dict[UUID, list[tuple[date, int]]] = {}
        counted = UnitHeadcount.objects.filter(tenant=tenant).order_by("starts_on")
        for found, starts_on, agents in counted.values_list("unit_id", "starts_on", "agents"):
            units.setdefault(found, []).append((starts_on, agents))
        whole = Headcount.objects.filter(tenant=tenant).order_by("starts_on").values_list("starts_on", "agents")
        return cls(list(whole), units, unit_id)

    def on(self, day: date) -> int | None:
        """Return the agents of the unit asked for, else of the ministry, else of all units that are counted."""
        if self.unit_id is not None:
            return in_force(self.units.get(self.unit_id, []), day)
        return in_force(self.whole, day) or self.of_units(self.units, day)

    def of_units(self, unit_ids: Iterable[UUID], day: date) -> int | None:
        """Return the agents of some units together; None where one of them is not known."""
        counts = [in_force(self.units.get(unit_id, []), day) for unit_id in unit_ids]
        known = [count for count in counts if count is not None]
        return sum(known) if counts and len(known) == len(counts) else None


def in_force(dated: Iterable[tuple[date, int]], day: date) -> int | None:
    """Return the number that holds on a day; None before the first."""
    begun = [number for starts_on, number in dated if starts_on <= day]
    return begun[-1] if begun else None


def _days(tenant: Tenant, unit_id: UUID | None) -> QuerySet[UnitDay]:
    rows = UnitDay.objects.filter(tenant=tenant)
    return rows if unit_id is None else rows.filter(unit_id=unit_id)
