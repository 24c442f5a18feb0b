"""Who holds which paid seat on a day, as one SQL query: person, unit, active, dormant, blocked, deleted, twice.

A person is an identifier, or what an alias says that it counts as. A seat is a paid account of the newest import
that tells seats. Everything is set-based: the number of queries does not grow with the number of accounts.
"""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from apps.licensing.models import UsageImport, Vendor
from apps.licensing.people.sources import Sources, VendorSources, Window, is_dated
from apps.tenants.models import Tenant

# A department as it is remembered: spaces collapsed, case folded.
NORMAL_DEPARTMENT = r"lower(btrim(regexp_replace({column}, '[[:space:]]+', ' ', 'g')))"

PERSON = """
    LEFT JOIN licensing_alias AS alias ON alias.tenant_id = account.tenant_id AND alias.identifier = account.identifier
"""

# The unit of a person: by the department of the first file that tells one, else as a member of the portal.
PERSON_UNIT = f"""
    department_name AS MATERIALIZED (
        SELECT DISTINCT department AS name FROM licensing_account
        WHERE tenant_id = %(tenant)s AND usage_import_id = ANY(%(departments)s::uuid[]) AND department <> ''
    ),
    department_unit AS MATERIALIZED (
        SELECT department_name.name, mapped.unit_id
        FROM department_name CROSS JOIN LATERAL (
            SELECT unit_id FROM licensing_departmentunit
            WHERE tenant_id = %(tenant)s AND starts_on <= %(day)s
              AND department = {NORMAL_DEPARTMENT.format(column="department_name.name")}
            ORDER BY starts_on DESC LIMIT 1
        ) AS mapped
    ),
    person_unit AS MATERIALIZED (
        SELECT DISTINCT ON (person) person, unit_id FROM (
            SELECT coalesce(alias.person, account.identifier) AS person, department_unit.unit_id,
                   array_position(%(departments)s::uuid[], account.usage_import_id) AS place
            FROM licensing_account AS account
            JOIN department_unit ON department_unit.name = account.department
            {PERSON}
            WHERE account.tenant_id = %(tenant)s AND account.usage_import_id = ANY(%(departments)s::uuid[])
            UNION ALL
            SELECT coalesce(alias.person, account.identifier), account.unit_id, 100
            FROM (
                SELECT membership.tenant_id, membership.unit_id, person.email AS identifier
                FROM tenants_membership AS membership JOIN tenants_user AS person ON person.id = membership.user_id
                WHERE membership.tenant_id = %(tenant)s AND membership.ended_at IS NULL
                  AND membership.unit_id IS NOT NULL
            ) AS account
            {PERSON}
        ) AS told ORDER BY person, place
    )
"""

USED = f"""
    {{name}} AS MATERIALIZED (
        SELECT account.vendor, coalesce(alias.person, account.identifier) AS person
        FROM unnest(%({{name}}_imports)s::uuid[], %({{name}}_from)s::date[]) AS told(import_id, starts_on)
        JOIN licensing_account AS account
          ON account.usage_import_id = told.import_id AND account.tenant_id = %(tenant)s
        {PERSON}
        WHERE account.meetings > 0 AND (told.starts_on IS NULL OR account.last_active_on >= told.starts_on)
        GROUP BY 1, 2
    )
"""

HOLDING = f"""
    {PERSON_UNIT},
    {USED.format(name="used")},
    {USED.format(name="used_long")},
    seat AS MATERIALIZED (
        SELECT account.usage_import_id, account.vendor, account.identifier,
               coalesce(alias.person, account.identifier) AS person, account.name, account.department,
               false AS is_deleted
        FROM licensing_account AS account {PERSON}
        WHERE account.tenant_id = %(tenant)s AND account.usage_import_id = ANY(%(seats)s::uuid[])
          AND account.kind = 'paid' AND NOT account.is_deleted
        UNION ALL
        SELECT account.usage_import_id, account.vendor, account.identifier,
               coalesce(alias.person, account.identifier), account.name, account.department, true
        FROM licensing_account AS account {PERSON}
        WHERE account.tenant_id = %(tenant)s AND account.usage_import_id = ANY(%(deletions)s::uuid[])
          AND account.kind = 'paid' AND account.is_deleted
          AND NOT EXISTS (
              SELECT FROM licensing_account AS held
              WHERE held.tenant_id = %(tenant)s AND held.usage_import_id = ANY(%(seats)s::uuid[])
                AND held.vendor = account.vendor AND held.identifier = account.identifier
                AND held.kind = 'paid' AND NOT held.is_deleted
          )
    ),
    blocked_account AS MATERIALIZED (
        SELECT DISTINCT vendor, identifier FROM licensing_account
        WHERE tenant_id = %(tenant)s AND usage_import_id = ANY(%(blocked)s::uuid[]) AND is_blocked
    ),
    double_person AS MATERIALIZED (
        SELECT person FROM seat WHERE NOT is_deleted GROUP BY person HAVING min(vendor) <> max(vendor)
    ),
    holding AS (
        SELECT seat.*, person_unit.unit_id,
               NOT seat.is_deleted AND used.person IS NOT NULL AS is_active,
               NOT seat.is_deleted AND seat.vendor = ANY(%(dormant_vendors)s) AND used.person IS NULL
                   AND used_long.person IS NULL AS is_dormant,
               NOT seat.is_deleted AND blocked_account.identifier IS NOT NULL AS is_blocked,
               NOT seat.is_deleted AND double_person.person IS NOT NULL AS is_double
        FROM seat
        LEFT JOIN person_unit ON person_unit.person = seat.person
        LEFT JOIN used ON used.person = seat.person AND used.vendor = seat.vendor
        LEFT JOIN used_long ON used_long.person = seat.person AND used_long.vendor = seat.vendor
        LEFT JOIN blocked_account
          ON blocked_account.vendor = seat.vendor AND blocked_account.identifier = seat.identifier
        LEFT JOIN double_person ON double_person.person = seat.person
    )
"""


HASHED = "SELECT set_config('enable_nestloop', %s, true), set_config('enable_mergejoin', %s, true)"


@contextmanager
def hashed(cursor: CursorWrapper) -> Iterator[None]:
    """Have the joins of these queries hashed, and of nothing else in the transaction.

    Rows that were just imported have no statistics yet, and those of a CTE never have any: the planner takes them for
    a handful and compares each with each (2,700 accounts: seconds; hashed, a tenth of one).
    """
    cursor.execute(HASHED, ["off", "off"])
    yield
    cursor.execute(HASHED, ["on", "on"])


def parameters(tenant: Tenant, sources: Sources) -> dict[str, Any]:
    """Return what the queries of this module are given: the tenant, the day, and which imports tell what."""
    found = list(sources)
    return {
        "tenant": tenant.id,
        "day": sources.day,
        "seats": _ids(item.seats for item in found),
        "deletions": _ids(item.deletions for item in found),
        "blocked": _ids(item.blocked for item in found),
        "departments": _ids(item.departments for item in found),
        "seat_vendors": _vendors(item for item in found if item.seats),
        "deletion_vendors": _vendors(item for item in found if item.deletions),
        "blocked_vendors": _vendors(item for item in found if item.blocked),
        "active_vendors": _vendors(item for item in found if item.active),
        "dormant_vendors": _vendors(item for item in found if item.dormant),
        "is_double_known": len([item for item in found if item.seats]) > 1,
        **told("used", (item.active for item in found)),
        **told("used_long", (item.dormant for item in found)),
    }


def _ids(imports: Iterable[UsageImport | None]) -> list[UUID]:
    return [item.id for item in imports if item is not None]


def _vendors(sources: Iterable[VendorSources]) -> list[str]:
    return [Vendor(item.vendor).value for item in sources]


def told(name: str, windows: Iterable[Window | None]) -> dict[str, list[Any]]:
    """Return the imports of windows, and from which day on each one's last meeting counts (None: its sum does)."""
    pairs = [(window, item) for window in windows if window for item in window.imports]
    starts: list[date | None] = [window.starts_on if is_dated(item) else None for window, item in pairs]
    return {f"{name}_imports": [item.id for _window, item in pairs], f"{name}_from": starts}
