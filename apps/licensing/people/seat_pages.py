"""A page of a list of seats that a worker has listed, unit by unit: only the page's own rows are read."""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from typing import Any

from django.db import connection

from apps.licensing.people.listed_pages import by_index

OF_VENDOR_AND_UNIT = """
    account.tenant_id = %(tenant)s AND (%(vendor)s = '' OR account.vendor = %(vendor)s)
    AND (%(unit)s::uuid IS NULL OR account.unit_id = %(unit)s::uuid) AND (NOT %(no_unit)s OR account.unit_id IS NULL)
"""
SAID = """
    licensing_reclaim AS said WHERE said.tenant_id = %(tenant)s AND said.reason = %(reason)s
"""
# Said to be given back, and in use again in a later file.
BACK = f"""
    back AS MATERIALIZED (
        SELECT account.usage_import_id, account.identifier, account.vendor, account.unit_id,
               account.{{flag}} AS has_reason
        FROM (SELECT * FROM {SAID} AND said.status = 'done') AS said
        JOIN unnest(%(vendors)s::text[], %(refreshed)s::date[]) AS told(vendor, refreshed_on)
          ON told.vendor = said.vendor
        JOIN licensing_listedaccount AS account
          ON account.usage_import_id = ANY(%(seats)s::uuid[]) AND account.identifier = said.identifier
         AND account.vendor = said.vendor
        WHERE account.is_active AND (said.updated_at AT TIME ZONE %(zone)s)::date < told.refreshed_on
          AND NOT %(is_to_do)s AND {OF_VENDOR_AND_UNIT}
    )
"""
NUMBER = f"""
    WITH {BACK}
    SELECT (SELECT count(*) FROM licensing_listedaccount AS account WHERE account.{{flag}} AND {OF_VENDOR_AND_UNIT})
         + (SELECT count(*) FROM back WHERE NOT has_reason)
         - (SELECT count(*) FROM (SELECT * FROM {SAID} AND %(is_to_do)s) AS said
            JOIN licensing_listedaccount AS account
              ON account.usage_import_id = ANY(%(seats)s::uuid[] || %(deletions)s::uuid[])
             AND account.identifier = said.identifier AND account.vendor = said.vendor
            WHERE account.{{flag}} AND {OF_VENDOR_AND_UNIT})
"""
# Ordered by the unit too, of which a slice has but one: that is the order of the index.
SLICE = f"""
    SELECT account.usage_import_id, account.identifier, account.vendor FROM licensing_listedaccount AS account
    WHERE account.tenant_id = %(tenant)s AND account.{{flag}} AND account.vendor = of_vendor.vendor AND {{place}}
      AND NOT EXISTS (
          SELECT FROM back
          WHERE back.usage_import_id = account.usage_import_id AND back.identifier = account.identifier
      )
      AND NOT (%(is_to_do)s AND EXISTS (
          SELECT FROM {SAID} AND said.vendor = account.vendor AND said.identifier = account.identifier
      ))
    ORDER BY account.unit_id, account.identifier LIMIT %(offset)s + %(limit)s
"""
PAGE = f"""
    WITH {BACK},
    place AS (
        SELECT id, name FROM tenants_unit
        WHERE tenant_id = %(tenant)s AND NOT %(no_unit)s AND (%(unit)s::uuid IS NULL OR id = %(unit)s::uuid)
        UNION ALL
        SELECT NULL, '' WHERE %(unit)s::uuid IS NULL
    ),
    cut AS MATERIALIZED (
        SELECT true AS is_back, coalesce(unit.name, '') AS unit, back.usage_import_id, back.identifier, back.vendor
        FROM back LEFT JOIN tenants_unit AS unit ON unit.id = back.unit_id AND unit.tenant_id = %(tenant)s
        UNION ALL
        SELECT false, place.name, found.usage_import_id, found.identifier, found.vendor
        FROM place
        CROSS JOIN unnest(%(vendors)s::text[]) AS of_vendor(vendor)
        CROSS JOIN LATERAL (
            (SELECT * FROM ({SLICE.format(flag="{flag}", place="account.unit_id = place.id")}) AS known)
            UNION ALL
            (SELECT * FROM ({SLICE.format(flag="{flag}", place="account.unit_id IS NULL")}) AS unknown
             WHERE place.id IS NULL)
        ) AS found
        WHERE %(vendor)s = '' OR of_vendor.vendor = %(vendor)s
        ORDER BY is_back DESC, unit, identifier, vendor LIMIT %(limit)s OFFSET %(offset)s
    )
    SELECT cut.vendor, cut.identifier, account.person, account.name, account.department, cut.unit,
           said.status, said.updated_at, coalesce(said.note, ''), cut.is_back
    FROM cut
    CROSS JOIN LATERAL (
        SELECT * FROM licensing_listedaccount AS kept
        WHERE kept.usage_import_id = cut.usage_import_id AND kept.identifier = cut.identifier LIMIT 1
    ) AS account
    LEFT JOIN LATERAL (
        SELECT * FROM {SAID} AND said.vendor = cut.vendor AND said.identifier = cut.identifier
    ) AS said ON true
    ORDER BY cut.is_back DESC, cut.unit, cut.identifier, cut.vendor
"""


def seat_page(given: dict[str, Any], flag: str, *, is_to_do: bool) -> tuple[list[tuple[Any, ...]], int]:
    """Return the lines of a page of a reason's seats, and how many seats have it; two statements."""
    given = given | {"is_to_do": is_to_do}
    with connection.cursor() as cursor:
        cursor.execute(NUMBER.format(flag=flag), given)
        (total,) = cursor.fetchone()
        with by_index(cursor):
            cursor.execute(PAGE.format(flag=flag), given)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows, total
