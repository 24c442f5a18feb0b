"""Which unit a department of the files is, from a day on; remembered for every later import."""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from apps.licensing.models import DepartmentUnit
from apps.licensing.people.holdings import NORMAL_DEPARTMENT, parameters
from apps.licensing.people.keeping import kept
from apps.licensing.people.matching import escaped
from apps.licensing.people.rollups import request_unit_days
from apps.licensing.people.sources import Sources, sources_on
from apps.tenants.journal import record_by
from apps.tenants.models import Membership, Tenant, Unit
from apps.tenants.scoping import tenant_scope

SIMILAR = 0.6  # of SequenceMatcher's ratio, from 0 to 1; a proposal is only preselected, a person saves it

NAMED = f"""
    WITH named AS MATERIALIZED (
        SELECT department, count(*) AS accounts FROM licensing_account
        WHERE tenant_id = %(tenant)s AND usage_import_id = ANY(%(departments)s::uuid[]) AND department <> ''
        GROUP BY department
    )
    SELECT {NORMAL_DEPARTMENT.format(column="department")}, min(btrim(department)), sum(accounts)::int
    FROM named GROUP BY 1
"""
DEPARTMENTS = """
    WITH told AS (
        SELECT normal.*, mapped.unit_id, mapped.starts_on
        FROM unnest(%(names)s::text[], %(labels)s::text[], %(numbers)s::int[]) AS normal(department, label, accounts)
        LEFT JOIN LATERAL (
            SELECT unit_id, starts_on FROM licensing_departmentunit
            WHERE tenant_id = %(tenant)s AND department = normal.department AND starts_on <= %(day)s
            ORDER BY starts_on DESC LIMIT 1
        ) AS mapped ON true
        WHERE normal.department <> '' AND normal.department LIKE %(pattern)s
    )
"""
ASKED = "WHERE NOT %(is_unknown)s OR unit_id IS NULL"


class Department(NamedTuple):
    """A value of the files' departments, how many accounts have it, and the unit that it is today."""

    department: str
    label: str
    accounts: int
    unit_id: UUID | None
    starts_on: date | None


class Departments(NamedTuple):
    """Some departments, of so many; ``unknown`` ones, and how many accounts these have, are counted over all."""

    rows: list[Department]
    total: int
    unknown: int
    accounts_unknown: int


def departments(
    tenant: Tenant, sources: Sources, *, is_unknown: bool, text: str, offset: int, limit: int
) -> Departments:
    """Return the departments of the newest files, those with the most accounts first; two queries."""
    named = named_departments(tenant, sources)
    given: dict[str, Any] = {
        "tenant": tenant.id,
        "day": sources.day,
        "names": [name for name, _label, _accounts in named],
        "labels": [label for _name, label, _accounts in named],
        "numbers": [accounts for _name, _label, accounts in named],
        "is_unknown": is_unknown,
        "pattern": f"%{escaped(text.lower())}%",
        "limit": limit,
        "offset": offset,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"{DEPARTMENTS} SELECT count(*) FILTER ({ASKED}), count(*) FILTER (WHERE unit_id IS NULL), "
            "coalesce(sum(accounts) FILTER (WHERE unit_id IS NULL), 0) FROM told",
            given,
        )
        total, unknown, accounts_unknown = cursor.fetchone()
        cursor.execute(
            f"{DEPARTMENTS} SELECT * FROM told {ASKED} ORDER BY accounts DESC, department "
            "LIMIT %(limit)s OFFSET %(offset)s",
            given,
        )
        rows = [Department(*row) for row in cursor.fetchall()]
    return Departments(rows, total, unknown, int(accounts_unknown))


def named_departments(tenant: Tenant, sources: Sources) -> list[tuple[str, str, int]]:
    """Return each department of the newest files: as it is remembered, as written, and how many accounts have it."""
    given = parameters(tenant, sources)

    def read() -> list[tuple[str, str, int]]:
        with connection.cursor() as cursor:
            cursor.execute(NAMED, given)
            rows: list[tuple[str, str, int]] = cursor.fetchall()
        return rows

    digest = sha256("|".join(map(str, given["departments"])).encode()).hexdigest()
    return kept(tenant.id, "departments", digest, read)


def keep_departments(tenant: Tenant) -> None:
    """Have today's departments ready before a page asks for them."""
    with tenant_scope(tenant.id):
        named_departments(tenant, sources_on(tenant, tenant.today))


def similar_unit(department: str, units: Sequence[Unit]) -> Unit | None:
    """Return the unit whose name, or initials, is most like a department's; None where none is like it."""
    scored = [(max(_ratio(department, unit.name), _as_initials(department, unit.name)), unit) for unit in units]
    score, unit = max(scored, key=lambda item: item[0], default=(0.0, None))
    return unit if score >= SIMILAR else None


def map_departments(*, membership: Membership, units: Mapping[str, Unit], starts_on: date) -> int:
    """Say which unit each department is from a day on; return how many of them that changes."""
    rows = [
        DepartmentUnit(
            tenant_id=membership.tenant_id, department=department, unit=unit, starts_on=starts_on, by=membership
        )
        for department, unit in units.items()
    ]
    if not rows:
        return 0
    with transaction.atomic():
        DepartmentUnit.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["tenant", "department", "starts_on"],
            update_fields=["unit", "by"],
        )
        record_by(membership, "department.mapped", count=len(rows), starts_on=starts_on.isoformat())
        request_unit_days(membership.tenant_id, starts_on)
    return len(rows)


def _ratio(department: str, name: str) -> float:
    return SequenceMatcher(None, department, name.lower()).ratio()


def _as_initials(department: str, name: str) -> float:
    """Return 1 where a department is written as a unit's initials, such as "DNUM" for "Direction du numérique"."""
    words = [word for word in name.lower().replace("'", " ").replace("’", " ").split() if len(word) > 3]
    initials = "".join(word[0] for word in words)
    return 1.0 if len(initials) > 1 and initials == department.replace(".", "") else 0.0
