"""The counts of each unit on a day, computed from rows by SQL; doing it again gives the same rows."""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.licensing.models import UnitDay, UsageImport, Vendor
from apps.licensing.people.attendance import ATTENDED, NOTHING, Attendance, attendance_on
from apps.licensing.people.concealed import MONTH_DAYS, concealed_counts, concealed_parameters
from apps.licensing.people.holdings import HOLDING, USED, hashed, parameters, told
from apps.licensing.people.sources import Sources, VendorSources, sources_on
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.broker import send

RECOMPUTE_TASK = "licensing.recompute_unit_days"
EXPIRES_AFTER = timedelta(hours=1)  # the beat asks again
DEBOUNCE = timedelta(seconds=2)  # a dozen files brought in one after the other are counted a few times, not a dozen

MEASURES = (
    "assigned",
    "active_30d",
    "dormant_90d",
    "blocked",
    "deleted",
    "double",
    "people",
    "people_also_visio",
    "meetings",
    "people_legacy",
    "people_both",
)

# A count whose source is missing is NULL, not 0.
COUNTS = f"""
    WITH {HOLDING},
    {ATTENDED},
    {USED.format(name="recent_import")},
    recent AS MATERIALIZED (
        SELECT vendor, person FROM recent_import UNION ALL SELECT 'visio', person FROM attended
    ),
    met AS (
        SELECT 'visio' AS vendor, person, meetings FROM attended
        UNION ALL
        SELECT account.vendor, coalesce(alias.person, account.identifier) AS person, sum(account.meetings) AS meetings
        FROM licensing_account AS account
        LEFT JOIN licensing_alias AS alias
          ON alias.tenant_id = account.tenant_id AND alias.identifier = account.identifier
        WHERE account.tenant_id = %(tenant)s AND account.usage_import_id = ANY(%(months)s::uuid[])
        GROUP BY account.vendor, 2
    ),
    counted AS (
        SELECT vendor, unit_id,
               count(*) FILTER (WHERE NOT is_deleted) AS assigned,
               count(*) FILTER (WHERE is_active) AS active_30d,
               count(*) FILTER (WHERE is_dormant) AS dormant_90d,
               count(*) FILTER (WHERE is_blocked) AS blocked,
               count(*) FILTER (WHERE is_deleted) AS deleted,
               count(DISTINCT person) FILTER (WHERE is_double) AS double,
               0 AS people, 0 AS people_also_visio, 0 AS meetings, 0 AS people_legacy, 0 AS people_both
        FROM holding GROUP BY vendor, unit_id
        UNION ALL
        SELECT recent.vendor, person_unit.unit_id, 0, 0, 0, 0, 0, 0, count(*), count(visio.person), 0, 0, 0
        FROM recent
        LEFT JOIN person_unit ON person_unit.person = recent.person
        LEFT JOIN recent AS visio ON visio.vendor = 'visio' AND visio.person = recent.person
        GROUP BY recent.vendor, person_unit.unit_id
        UNION ALL
        SELECT met.vendor, person_unit.unit_id, 0, 0, 0, 0, 0, 0, 0, 0, sum(met.meetings), 0, 0
        FROM met LEFT JOIN person_unit ON person_unit.person = met.person
        GROUP BY met.vendor, person_unit.unit_id
        UNION ALL
        SELECT 'visio', person_unit.unit_id, 0, 0, 0, 0, 0, 0, 0, 0, 0,
               count(*) FILTER (WHERE is_legacy), count(*) FILTER (WHERE is_legacy AND is_visio)
        FROM (
            SELECT person, bool_or(vendor = 'visio') AS is_visio, bool_or(vendor <> 'visio') AS is_legacy
            FROM recent GROUP BY person
        ) AS either
        LEFT JOIN person_unit ON person_unit.person = either.person
        WHERE %(is_both_known)s
        GROUP BY person_unit.unit_id
        UNION ALL
        SELECT vendor, NULL, assigned, active_30d, dormant_90d, 0, deleted, 0, 0, 0, 0, 0, 0
        FROM unnest(%(concealed)s::text[], %(concealed_assigned)s::int[], %(concealed_active_30d)s::int[],
                    %(concealed_dormant_90d)s::int[], %(concealed_deleted)s::int[])
          AS told(vendor, assigned, active_30d, dormant_90d, deleted)
    )
    SELECT vendor, unit_id,
           CASE WHEN vendor = ANY(%(seat_vendors)s) OR unit_id IS NULL AND vendor = ANY(%(only_assigned)s)
                THEN sum(assigned) END AS assigned,
           CASE WHEN vendor = ANY(%(active_vendors)s) AND vendor = ANY(%(seat_vendors)s)
                  OR unit_id IS NULL AND vendor = ANY(%(only_active_30d)s)
                THEN sum(active_30d) END AS active_30d,
           CASE WHEN vendor = ANY(%(dormant_vendors)s) AND vendor = ANY(%(seat_vendors)s)
                  OR unit_id IS NULL AND vendor = ANY(%(only_dormant_90d)s)
                THEN sum(dormant_90d) END AS dormant_90d,
           CASE WHEN vendor = ANY(%(blocked_vendors)s) THEN sum(blocked) END AS blocked,
           CASE WHEN vendor = ANY(%(deletion_vendors)s) OR unit_id IS NULL AND vendor = ANY(%(only_deleted)s)
                THEN sum(deleted) END AS deleted,
           CASE WHEN %(is_double_known)s AND vendor = ANY(%(seat_vendors)s) THEN sum(double) END AS double,
           CASE WHEN vendor = ANY(%(people_vendors)s) THEN sum(people) END AS people,
           CASE WHEN 'visio' = ANY(%(people_vendors)s) AND vendor = ANY(%(people_vendors)s)
                THEN sum(people_also_visio) END AS people_also_visio,
           CASE WHEN vendor = ANY(%(month_vendors)s) THEN sum(meetings) END AS meetings,
           CASE WHEN vendor = 'visio' AND %(is_both_known)s THEN sum(people_legacy) END AS people_legacy,
           CASE WHEN vendor = 'visio' AND %(is_both_known)s THEN sum(people_both) END AS people_both
    FROM counted GROUP BY vendor, unit_id
"""
WRITE = f"""
    INSERT INTO licensing_unitday (id, tenant_id, day, vendor, unit_id, {", ".join(f'"{name}"' for name in MEASURES)},
                                   people_source, people_as_of, computed_at)
    SELECT gen_random_uuid(), %(tenant)s, %(day)s, vendor, unit_id, {", ".join(f'"{name}"' for name in MEASURES)},
           coalesce(told.source, ''), told.ends_on, %(now)s
    FROM ({COUNTS}) AS computed
    LEFT JOIN unnest(%(people_vendors)s::text[], %(people_sources)s::text[], %(people_days)s::date[])
      AS told(of_vendor, source, ends_on) ON told.of_vendor = computed.vendor
"""


class Difference(NamedTuple):
    """A count of a unit's day that a recomputation does not give."""

    vendor: str
    unit_id: UUID | None
    measure: str
    kept: int | None
    computed: int | None


def request_unit_days(tenant_id: UUID, since: date = date.min) -> None:
    """Have the days from one on computed anew soon after the transaction is committed; requests within it are one.

    Call it after whatever changes what the rows say of those days: an import, its undoing, a match, a unit.
    """
    transaction.on_commit(lambda: _ask_once(tenant_id, since), robust=True)


def _ask_once(tenant_id: UUID, since: date) -> None:
    """Ask, unless it was asked already for that day or an earlier one and nobody has begun."""
    asked = cache.get(_key(tenant_id))
    if asked is None or since.isoformat() < asked:
        cache.set(_key(tenant_id), since.isoformat(), DEBOUNCE.total_seconds())
        ids = {"tenant_id": str(tenant_id), "since": since.isoformat()}
        send(RECOMPUTE_TASK, ids, expires_after=EXPIRES_AFTER, wait=DEBOUNCE)


def _key(tenant_id: UUID) -> str:
    return f"{tenant_id}:unit_days"


def days_since(tenant: Tenant, since: date) -> list[date]:
    """Return the days whose counts are kept, or told of by an import, from one on, and today."""
    with tenant_scope(tenant.id):
        kept = UnitDay.objects.filter(tenant=tenant, day__gte=since).values_list("day", flat=True)
        told = UsageImport.objects.in_use().filter(
            tenant=tenant, refreshed_on__gte=since, refreshed_on__lte=tenant.today
        )
        days = {*kept, *told.values_list("refreshed_on", flat=True), tenant.today}
    return sorted(day for day in days if day is not None)


def compute_unit_days(*, tenant_id: UUID, day: date) -> int:
    """Replace a day's counts by those that the rows give; return how many rows there are now."""
    tenant = Tenant.objects.get(id=tenant_id)
    with tenant_scope(tenant_id), transaction.atomic(), connection.cursor() as cursor:
        # One computation of a day at a time: the second one starts from what the first has written.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_of(tenant_id, day)])
        sources, attendance = sources_on(tenant, day), attendance_on(tenant, day)
        _computed(tenant, day, attendance).delete()
        given = _parameters(tenant, sources, attendance) | {"now": timezone.now()}
        with hashed(cursor):
            cursor.execute(WRITE, given)
            written = int(cursor.rowcount)
        return written


def differences(*, tenant_id: UUID, day: date) -> list[Difference]:
    """Return where the kept counts of a day are not those that the rows give; none if all is well."""
    tenant = Tenant.objects.get(id=tenant_id)
    with tenant_scope(tenant_id):
        sources, attendance = sources_on(tenant, day), attendance_on(tenant, day)
        kept = {
            (row["vendor"], row["unit_id"]): [row[name] for name in MEASURES]
            for row in _computed(tenant, day, attendance).values("vendor", "unit_id", *MEASURES)
        }
        with connection.cursor() as cursor, hashed(cursor):
            cursor.execute(COUNTS, _parameters(tenant, sources, attendance))
            computed = {(vendor, unit): [_whole(value) for value in rest] for vendor, unit, *rest in cursor.fetchall()}
    nothing: list[int | None] = [None] * len(MEASURES)
    return [
        Difference(vendor, unit_id, name, was, now)
        for vendor, unit_id in kept | computed
        for name, was, now in zip(
            MEASURES, kept.get((vendor, unit_id), nothing), computed.get((vendor, unit_id), nothing), strict=True
        )
        if was != now
    ]


def _computed(tenant: Tenant, day: date, attendance: Attendance) -> QuerySet[UnitDay]:
    """Return a day's counts that rows still tell: those of attendance stay when its events are deleted."""
    days = UnitDay.objects.filter(tenant=tenant, day=day)
    return days.exclude(people_source=UnitDay.Source.ATTENDANCE) if attendance.is_gone else days


def _parameters(tenant: Tenant, sources: Sources, attendance: Attendance) -> dict[str, Any]:
    """Return what COUNTS is given; attendance counts where no fresh import tells who used Visio."""
    is_attended = attendance.is_known and sources.vendors[Vendor.VISIO].people is None
    people = {item.vendor.value: (UnitDay.Source.IMPORT.value, item.people.ends_on) for item in sources if item.people}
    months = {item.vendor.value: month.id for item in sources if (month := _month_of(item))}
    if is_attended:
        people[Vendor.VISIO.value] = (UnitDay.Source.ATTENDANCE.value, sources.day)
    return (
        parameters(tenant, sources)
        | concealed_parameters(concealed_counts(tenant, sources))
        | told("recent_import", (item.people for item in sources))
        | (attendance.parameters if is_attended else NOTHING)
        | {
            "people_vendors": list(people),
            "people_sources": [source for source, _day in people.values()],
            "people_days": [day for _source, day in people.values()],
            "is_both_known": _is_both_known(sources, people),
            "months": list(months.values()),
            "month_vendors": [*months, *([Vendor.VISIO.value] if is_attended else [])],
        }
    )


def _is_both_known(sources: Sources, people: Collection[str]) -> bool:
    """Return whether the people of Visio, and of every other vendor that is in use, are told."""
    legacy = {item.vendor.value for item in sources if item.seats or item.people} - {Vendor.VISIO.value}
    return bool(legacy) and Vendor.VISIO.value in people and legacy <= set(people)


def _month_of(item: VendorSources) -> UsageImport | None:
    """Return the one file that tells the meetings of a month: sums of files that overlap would count some twice."""
    found = item.people.imports if item.people else ()
    ends_on = item.people.ends_on if item.people else None
    return next((one for one in found if one.refreshed_on == ends_on and one.period_days in MONTH_DAYS), None)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _lock_of(tenant_id: UUID, day: date) -> int:
    return (tenant_id.int ^ day.toordinal()) & (2**63 - 1)
