"""One page of the accounts, read by looking up what stands on it: what a page costs does not grow with the accounts.

The other statements of matching read every account; here only those are looked up that come before the page's end.
"""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.licensing.people.holdings import NORMAL_DEPARTMENT, PERSON

MEMBERS = """
    FROM (
        SELECT membership.tenant_id, membership.unit_id, person.email AS identifier
        FROM tenants_membership AS membership JOIN tenants_user AS person ON person.id = membership.user_id
        WHERE membership.tenant_id = %(tenant)s AND membership.ended_at IS NULL
    ) AS account
"""
KNOWN = """
    (SELECT one.person AS identifier
     UNION ALL
     SELECT alias.identifier FROM licensing_alias AS alias
     WHERE alias.tenant_id = %(tenant)s AND alias.person = one.person) AS known
"""
IS_MATCHED = f"""
    (one.person IN (SELECT person FROM portal_person) OR EXISTS (
        SELECT FROM {KNOWN} JOIN licensing_account AS other
          ON other.usage_import_id = ANY(%(newest)s::uuid[]) AND other.identifier = known.identifier
         AND other.tenant_id = %(tenant)s AND other.usage_import_id <> told.import_id
    ))
"""
# The unit by the first file that tells a department whose unit is known.
FILE_UNIT = f"""
    SELECT mapped.unit_id
    FROM {KNOWN}
    JOIN licensing_account AS other
      ON other.usage_import_id = ANY(%(departments)s::uuid[]) AND other.identifier = known.identifier
     AND other.tenant_id = %(tenant)s AND other.department <> ''
    CROSS JOIN LATERAL (
        SELECT unit_id FROM licensing_departmentunit
        WHERE tenant_id = %(tenant)s AND starts_on <= %(day)s
          AND department = {NORMAL_DEPARTMENT.format(column="other.department")}
        ORDER BY starts_on DESC LIMIT 1
    ) AS mapped
    ORDER BY array_position(%(departments)s::uuid[], other.usage_import_id) LIMIT 1
"""
HAS_UNIT = f"(one.person IN (SELECT person FROM member_unit) OR EXISTS ({FILE_UNIT}))"
CONDITIONS = {
    "": "true",
    "matched": IS_MATCHED,
    "unmatched": f"NOT {IS_MATCHED}",
    "no_unit": f"NOT {HAS_UNIT}",
}
PAGE = f"""
    WITH portal_person AS MATERIALIZED (
        SELECT DISTINCT coalesce(alias.person, account.identifier) AS person {MEMBERS} {PERSON}
    ),
    member_unit AS MATERIALIZED (
        SELECT DISTINCT ON (1) coalesce(alias.person, account.identifier) AS person, account.unit_id
        {MEMBERS} {PERSON} WHERE account.unit_id IS NOT NULL ORDER BY 1
    ),
    cut AS MATERIALIZED (
        SELECT told.import_id, told.place, found.*
        FROM unnest(%(asked)s::uuid[]) WITH ORDINALITY AS told(import_id, place)
        CROSS JOIN LATERAL (
            SELECT account.identifier, one.person, account.name, account.department
            FROM licensing_account AS account {PERSON}
            CROSS JOIN LATERAL (SELECT coalesce(alias.person, account.identifier) AS person) AS one
            WHERE account.usage_import_id = told.import_id AND account.tenant_id = %(tenant)s AND {{condition}}
            ORDER BY account.identifier LIMIT %(offset)s + %(limit)s
        ) AS found
        ORDER BY found.identifier, told.place LIMIT %(limit)s OFFSET %(offset)s
    )
    SELECT told.import_id, told.identifier, told.person, told.name, told.department,
           coalesce((SELECT unit.name FROM tenants_unit AS unit
                     WHERE unit.tenant_id = %(tenant)s AND unit.id = coalesce(by_file.unit_id, by_member.unit_id)), ''),
           {IS_MATCHED}
    FROM cut AS told
    CROSS JOIN LATERAL (SELECT told.person) AS one
    LEFT JOIN LATERAL ({FILE_UNIT}) AS by_file ON true
    LEFT JOIN LATERAL (
        SELECT unit_id FROM member_unit WHERE by_file.unit_id IS NULL AND member_unit.person = one.person
    ) AS by_member ON true
    ORDER BY told.identifier, told.place
"""
LOOKED_UP = "SELECT set_config(name, %s, true) FROM unnest(%s::text[]) AS name"
PLANS = ["enable_hashjoin", "enable_mergejoin"]


@contextmanager
def looked_up(cursor: CursorWrapper) -> Iterator[None]:
    """Have every row looked up by its key, and nothing else in the transaction.

    Rows that were just imported have no statistics, and the planner would read whole files to find fifty people.
    """
    cursor.execute(LOOKED_UP, ["off", PLANS])
    yield
    cursor.execute(LOOKED_UP, ["on", PLANS])


def read_page(given: Mapping[str, Any], state: str) -> list[tuple[Any, ...]]:
    """Return the lines of a page by address: import, identifier, person, name, department, unit, is it matched."""
    with connection.cursor() as cursor, looked_up(cursor):
        cursor.execute(PAGE.format(condition=CONDITIONS.get(state, "true")), given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
