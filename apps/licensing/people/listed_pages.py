"""Pages of accounts read from those that a worker has listed: one index finds each page, and a text reads no join."""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.licensing.models import AccountListing
from apps.licensing.people.keeping import digest_of
from apps.licensing.people.sources import Sources
from apps.tenants.models import Tenant

CONDITIONS = {
    "": "true",
    "matched": "account.is_matched",
    "unmatched": "NOT account.is_matched",
    "no_unit": "account.unit_id IS NULL",
}
LINES = """
    SELECT account.usage_import_id, account.identifier, account.person, account.name, account.department,
           coalesce(unit.name, ''), account.is_matched
    FROM cut
    CROSS JOIN LATERAL (
        SELECT * FROM licensing_listedaccount AS kept
        WHERE kept.usage_import_id = cut.import_id AND kept.identifier = cut.identifier AND kept.tenant_id = %(tenant)s
        LIMIT 1
    ) AS account
    LEFT JOIN tenants_unit AS unit ON unit.id = account.unit_id AND unit.tenant_id = %(tenant)s
    ORDER BY cut.identifier, cut.place
"""
PAGE = f"""
    WITH cut AS MATERIALIZED (
        SELECT told.import_id, told.place, found.identifier
        FROM unnest(%(asked)s::uuid[]) WITH ORDINALITY AS told(import_id, place)
        CROSS JOIN LATERAL (
            SELECT account.identifier FROM licensing_listedaccount AS account
            WHERE account.usage_import_id = told.import_id AND account.tenant_id = %(tenant)s AND {{condition}}
            ORDER BY account.identifier LIMIT %(offset)s + %(limit)s
        ) AS found
        ORDER BY found.identifier, told.place LIMIT %(limit)s OFFSET %(offset)s
    )
    {LINES}
"""
FOUND = """
    WITH hit AS MATERIALIZED (
        SELECT account.usage_import_id AS import_id, account.identifier
        FROM licensing_listedaccount AS account
        WHERE account.tenant_id = %(tenant)s AND {condition} AND account.searched LIKE %(pattern)s
          AND account.usage_import_id = ANY(%(asked)s::uuid[])
    )
    SELECT import_id, identifier, (SELECT count(*) FROM hit) FROM hit
    ORDER BY identifier, array_position(%(newest)s::uuid[], import_id) LIMIT %(limit)s OFFSET %(offset)s
"""
OF_KEYS = f"""
    WITH cut AS MATERIALIZED (
        SELECT * FROM unnest(%(imports)s::uuid[], %(identifiers)s::text[]) WITH ORDINALITY
            AS told(import_id, identifier, place)
    )
    {LINES}
"""


BY_INDEX = "SELECT set_config(name, %s, true) FROM unnest(%s::text[]) AS name"
PLANS = ["enable_hashjoin", "enable_mergejoin", "enable_bitmapscan", "enable_seqscan", "enable_sort"]


@contextmanager
def by_index(cursor: CursorWrapper) -> Iterator[None]:
    """Have rows read in the order of an index, and nothing else in the transaction.

    Rows that were just written have no statistics, and the planner would sort a million to find a page of them.
    """
    cursor.execute(BY_INDEX, ["off", PLANS])
    yield
    cursor.execute(BY_INDEX, ["on", PLANS])


def is_listed(tenant: Tenant, sources: Sources) -> bool:
    """Return whether the listed accounts are those of these sources; two queries."""
    return AccountListing.objects.filter(tenant=tenant, digest=digest_of(tenant, sources)).exists()


def listed_page(given: Mapping[str, Any], state: str) -> list[tuple[Any, ...]]:
    """Return the lines of a page by address: import, identifier, person, name, department, unit, is it matched."""
    with connection.cursor() as cursor, by_index(cursor):
        cursor.execute(PAGE.format(condition=CONDITIONS.get(state, "true")), given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def search_listed(given: dict[str, Any], state: str) -> tuple[list[tuple[Any, ...]], int]:
    """Return the lines of a page of those that hold a text, and how many do."""
    given = given | {"asked": [given["import"]] if given["import"] else given["newest"]}
    with connection.cursor() as cursor:
        cursor.execute(FOUND.format(condition=CONDITIONS.get(state, "true")), given)
        found = cursor.fetchall()
        keys = {"imports": [row[0] for row in found], "identifiers": [row[1] for row in found]}
        with by_index(cursor):
            cursor.execute(OF_KEYS, given | keys)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows, found[0][2] if found else 0
