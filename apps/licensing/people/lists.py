"""Seats to take back, one list for each reason, worked off: asked for, done, or kept on purpose."""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.licensing.models import Reclaim, Vendor
from apps.licensing.people.holdings import HOLDING, hashed, parameters
from apps.licensing.people.listed_pages import is_listed
from apps.licensing.people.matching import escaped
from apps.licensing.people.seat_pages import seat_page
from apps.licensing.people.sources import Sources, sources_on
from apps.tenants.journal import record_by
from apps.tenants.models import Membership, Tenant

TO_DO, BACK = "to_do", "back"
FLAGS = {
    Reclaim.Reason.DORMANT: "is_dormant",
    Reclaim.Reason.BLOCKED: "is_blocked",
    Reclaim.Reason.DELETED: "is_deleted",
    Reclaim.Reason.DOUBLE: "is_double",
}
# A seat that was said to be given back, and that a later file shows as held and used, comes back into the list.
LISTED = """
    WITH {holding},
    listed AS (
        SELECT holding.*, coalesce(unit.name, '') AS unit, reclaim.status, reclaim.updated_at, reclaim.note,
               coalesce(reclaim.status = 'done' AND holding.is_active
                        AND (reclaim.updated_at AT TIME ZONE %(zone)s)::date < told.refreshed_on, false) AS is_back
        FROM holding
        JOIN unnest(%(vendors)s::text[], %(refreshed)s::date[]) AS told(vendor, refreshed_on)
          ON told.vendor = holding.vendor
        LEFT JOIN tenants_unit AS unit ON unit.id = holding.unit_id AND unit.tenant_id = %(tenant)s
        LEFT JOIN licensing_reclaim AS reclaim
          ON reclaim.tenant_id = %(tenant)s AND reclaim.vendor = holding.vendor
         AND reclaim.identifier = holding.identifier AND reclaim.reason = %(reason)s
    )
"""
# What a worker has listed: those that have the reason, and those given back that may be in use again.
KEPT = """
    holding AS (
        SELECT account.* FROM licensing_listedaccount AS account
        WHERE account.tenant_id = %(tenant)s AND account.{flag}
        UNION ALL
        SELECT account.*
        FROM licensing_reclaim AS done
        JOIN licensing_listedaccount AS account
          ON account.usage_import_id = ANY(%(seats)s::uuid[]) AND account.identifier = done.identifier
         AND account.vendor = done.vendor AND account.tenant_id = %(tenant)s
        WHERE done.tenant_id = %(tenant)s AND done.reason = %(reason)s AND done.status = 'done'
          AND account.is_active AND NOT account.{flag}
    )
"""
WANTED = """
    FROM listed
    WHERE ({flag} OR is_back)
      AND (%(vendor)s = '' OR vendor = %(vendor)s)
      AND (%(unit)s::uuid IS NULL OR unit_id = %(unit)s::uuid)
      AND (NOT %(no_unit)s OR unit_id IS NULL)
      AND (%(pattern)s = '' OR identifier LIKE %(pattern)s OR lower(name) LIKE %(pattern)s)
      AND (%(status)s = '' OR %(status)s = 'to_do' AND status IS NULL OR %(status)s = 'back' AND is_back
           OR status = %(status)s)
"""
COLUMNS = "vendor, identifier, person, name, department, unit, status, updated_at, coalesce(note, ''), is_back"


class Seat(NamedTuple):
    """One line of a list; ``is_back``: said to be done, and active again in a later file."""

    vendor: Vendor
    identifier: str
    person: str
    name: str
    department: str
    unit: str
    status: Reclaim.Status | None
    updated_at: Any
    note: str
    is_back: bool

    @property
    def key(self) -> str:
        return f"{self.vendor.value} {self.identifier}"


@dataclass(frozen=True)
class Wanted:
    """Which lines of a list are asked for."""

    reason: Reclaim.Reason
    vendor: str = ""
    unit_id: UUID | None = None
    is_without_unit: bool = False
    status: str = ""
    text: str = ""


class Listed(NamedTuple):
    """Some lines of a list, of so many."""

    rows: list[Seat]
    total: int


def is_computable(sources: Sources, reason: Reclaim.Reason) -> bool:
    """Return whether some import tells who has this reason."""
    told = {
        Reclaim.Reason.DORMANT: any(item.dormant and item.seats for item in sources),
        Reclaim.Reason.BLOCKED: any(item.blocked for item in sources),
        Reclaim.Reason.DELETED: any(item.deletions for item in sources),
        Reclaim.Reason.DOUBLE: len([item for item in sources if item.seats]) > 1,
    }
    return told[reason]


def seats_of(tenant: Tenant, sources: Sources, wanted: Wanted, *, offset: int = 0, limit: int) -> Listed:
    """Return the seats of a list by unit and name, and how many there are; as many queries however many."""
    given = _parameters(tenant, sources, wanted) | {"offset": offset, "limit": limit}
    if not wanted.text and wanted.status in ("", TO_DO) and is_listed(tenant, sources):
        rows, total = seat_page(given, FLAGS[wanted.reason], is_to_do=wanted.status == TO_DO)
        return Listed([_seat(row) for row in rows], total)
    with _listed(tenant, sources, wanted.reason) as (cursor, listed):
        where = WANTED.format(flag=FLAGS[wanted.reason])
        cursor.execute(f"{listed} SELECT count(*) {where}", given)
        (total,) = cursor.fetchone()
        order = "ORDER BY is_back DESC, unit, identifier, vendor LIMIT %(limit)s OFFSET %(offset)s"
        cursor.execute(f"{listed} SELECT {COLUMNS} {where} {order}", given)
        found = cursor.fetchall() if total else []
    return Listed([_seat(row) for row in found], total)


def mark_seats(
    *, membership: Membership, reason: Reclaim.Reason, keys: Sequence[str], status: Reclaim.Status, note: str = ""
) -> int:
    """Say what becomes of seats of a list; return how many. What is not in the list any more is left out."""
    tenant = membership.tenant
    chosen = [(vendor, identifier) for vendor, _space, identifier in (key.partition(" ") for key in keys)]
    sources = sources_on(tenant, tenant.today)
    given = _parameters(tenant, sources, Wanted(reason)) | {
        "chosen_vendors": [vendor for vendor, _identifier in chosen],
        "chosen": [identifier for _vendor, identifier in chosen],
        "by": membership.id,
        "new_status": status.value,
        "new_note": note,
        "now": timezone.now(),
    }
    write = f"""
        INSERT INTO licensing_reclaim (id, tenant_id, identifier, vendor, reason, status, note, by_id, updated_at)
        SELECT gen_random_uuid(), %(tenant)s, identifier, vendor, %(reason)s, %(new_status)s, %(new_note)s, %(by)s,
               %(now)s
        {WANTED.format(flag=FLAGS[reason])}
          AND (vendor, identifier) IN (SELECT * FROM unnest(%(chosen_vendors)s::text[], %(chosen)s::text[]))
        ON CONFLICT (tenant_id, vendor, identifier, reason) DO UPDATE
        SET status = excluded.status, note = excluded.note, by_id = excluded.by_id, updated_at = excluded.updated_at
    """
    with transaction.atomic():
        with _listed(tenant, sources, reason) as (cursor, listed):
            cursor.execute(f"{listed} {write}", given)
            marked = int(cursor.rowcount)
        if marked:
            record_by(membership, f"reclaim.{status.value}", count=marked, reason=reason.value)
    return marked


@contextmanager
def _listed(tenant: Tenant, sources: Sources, reason: Reclaim.Reason) -> Iterator[tuple[CursorWrapper, str]]:
    """Give a cursor and the beginning of a statement: over what is listed, or else over every account."""
    with connection.cursor() as cursor:
        if is_listed(tenant, sources):
            yield cursor, LISTED.format(holding=KEPT.format(flag=FLAGS[reason]))
        else:
            with hashed(cursor):
                yield cursor, LISTED.format(holding=HOLDING)


def _seat(row: Sequence[Any]) -> Seat:
    vendor, identifier, person, name, department, unit, status, updated_at, note, is_back = row
    known = Reclaim.Status(status) if status else None
    return Seat(Vendor(vendor), identifier, person, name, department, unit, known, updated_at, note, is_back)


def _parameters(tenant: Tenant, sources: Sources, wanted: Wanted) -> dict[str, Any]:
    told: list[tuple[str, date]] = []
    for item in sources:
        days = [found.refreshed_on for found in (item.seats, item.deletions) if found and found.refreshed_on]
        if days:
            told.append((item.vendor.value, max(days)))
    return parameters(tenant, sources) | {
        "vendors": [vendor for vendor, _day in told],
        "refreshed": [day for _vendor, day in told],
        "zone": tenant.time_zone,
        "reason": wanted.reason.value,
        "vendor": wanted.vendor,
        "unit": wanted.unit_id,
        "no_unit": wanted.is_without_unit,
        "status": wanted.status,
        "pattern": f"%{escaped(wanted.text.lower())}%" if wanted.text else "",
    }
