"""What the staged rows mean: accounts with a kind, activity, and the counts that an import states.

Activity is meetings and calls, never chat: those are what Visio replaces. A person stands once in an import.
"""

from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from apps.licensing.imports import staging
from apps.licensing.imports.formats import Recognised
from apps.licensing.imports.staging import PROBLEMS_MAX
from apps.licensing.imports.words import (
    FREE_PRODUCT,
    GUEST,
    ROOM_PRODUCT,
    TRUE_WORDS,
    UNLICENSED,
    ZOOM_BLOCKED,
    ZOOM_FREE,
    ZOOM_ROOMS,
)
from apps.licensing.models import Format, ImportProblem, UsageImport

WORDS = {
    "true": sql.Literal(list(TRUE_WORDS)),
    "unlicensed": sql.Literal(list(UNLICENSED)),
    "free_type": sql.Literal(list(ZOOM_FREE)),
    "room_type": sql.Literal(list(ZOOM_ROOMS)),
    "blocked": sql.Literal(list(ZOOM_BLOCKED)),
    "free_product": sql.Literal(FREE_PRODUCT),
    "room_product": sql.Literal(ROOM_PRODUCT),
    "guest": sql.Literal(GUEST),
}
# Few combinations of products stand for many people. What the dictionary of licences says rules over their names.
PRODUCTS = sql.SQL(
    """
    CREATE TEMP TABLE import_product ON COMMIT DROP AS
    SELECT products, array_agg(left(name, 200)) FILTER (WHERE name <> '') AS names,
           bool_or(coalesce(sku.has_meetings, name !~* {free_product})) FILTER (WHERE name <> '') AS is_paid,
           bool_or(name ~* {room_product}) AS is_room
    FROM (SELECT DISTINCT products FROM pg_temp.{rows} WHERE lower(products) <> ALL({unlicensed})) AS distinct_ones,
         LATERAL regexp_split_to_table(products, '[[:space:]]*[+][[:space:]]*') AS name
    LEFT JOIN LATERAL (
        SELECT bool_or(has_meetings) AS has_meetings FROM licensing_sku
        WHERE lower(display_name) = lower(name) OR lower(string_id) = lower(name)
    ) AS sku ON true
    GROUP BY products
    """
)
USERS = sql.SQL(
    """
    SELECT lower(identifier) AS identifier,
           CASE WHEN {tells_names} THEN left(coalesce(name, concat_ws(' ', first_name, last_name)), 200)
                ELSE '' END AS name,
           coalesce(department, '') AS department,
           CASE WHEN strpos(identifier, '#') > 0 AND strpos(lower(identifier), {guest}) > 0 THEN 'guest'
                WHEN product.is_room OR lower(user_type) = ANY({room_type}) THEN 'resource'
                WHEN user_type IS NOT NULL THEN
                    CASE WHEN lower(user_type) = ANY({free_type}) THEN 'free' ELSE 'paid' END
                WHEN is_licensed <> ALL({true}) THEN 'free'
                WHEN product.names IS NOT NULL THEN CASE WHEN product.is_paid THEN 'paid' ELSE 'free' END
                WHEN is_licensed IS NOT NULL THEN 'paid'
                WHEN {tells_products} THEN 'free'
                ELSE 'untold' END AS kind,
           coalesce(product.names, '{{}}') AS products,
           coalesce(is_deleted = ANY({true}), false) AS is_deleted,
           coalesce(is_blocked = ANY({true}), lower(user_status) = ANY({blocked}), false) AS is_blocked,
           CASE WHEN {tells_meetings} THEN coalesce(meetings::int, 0) + coalesce(calls::int, 0) END AS meetings,
           last_active::timestamp::date AS last_active_on
    FROM ({staged}) AS staged LEFT JOIN pg_temp.import_product AS product USING (products)
    WHERE left_out IS NULL
    """
)
# Whoever hosted or joined a meeting took part in it once; guests from elsewhere are not kept.
HOSTS = sql.SQL(
    """
    SELECT identifier, max(name) AS name, max(department) AS department, 'untold' AS kind,
           '{{}}'::text[] AS products, false AS is_deleted, false AS is_blocked,
           count(DISTINCT (meeting, day))::int AS meetings, max(day)::date AS last_active_on
    FROM (
        SELECT lower(identifier) AS identifier, coalesce(name, '') AS name, coalesce(department, '') AS department,
               meeting, day::timestamp AS day
        FROM pg_temp.import_row
        UNION ALL
        SELECT lower(participant), '', '', meeting, day::timestamp FROM pg_temp.import_row
        WHERE participant LIKE '%@%' AND coalesce(is_guest <> ALL({true}), true)
    ) AS presence
    GROUP BY identifier
    """
)
DAYS = sql.SQL(
    """
    SELECT lower(identifier) AS identifier, '' AS name, coalesce(max(department), '') AS department, 'untold' AS kind,
           '{{}}'::text[] AS products, false AS is_deleted, false AS is_blocked, sum(meetings::int)::int AS meetings,
           (max(day::timestamp) FILTER (WHERE meetings::int > 0))::date AS last_active_on
    FROM pg_temp.import_row GROUP BY lower(identifier)
    """
)
DOUBLES = """
    CREATE TEMP TABLE import_double ON COMMIT DROP AS
    SELECT lower(identifier) AS identifier FROM pg_temp.import_row WHERE left_out IS NULL
    GROUP BY lower(identifier) HAVING count(*) > 1
"""
DOUBLE_DAYS = """
    SELECT row, identifier FROM (
        SELECT row, identifier, row_number() OVER (PARTITION BY lower(identifier), day ORDER BY row) AS nth
        FROM pg_temp.import_row
    ) AS numbered WHERE nth > 1 ORDER BY row
"""
NOTE_DOUBLES = """
    SELECT row, identifier FROM (
        SELECT row, identifier, row_number() OVER (PARTITION BY lower(identifier) ORDER BY row) AS nth
        FROM pg_temp.import_row
        WHERE left_out IS NULL AND lower(identifier) IN (SELECT identifier FROM pg_temp.import_double)
    ) AS numbered WHERE nth > 1 ORDER BY row
"""
# A row that says the same as another is one row; its number is what differs.
DROP_REPETITIONS = """
    DELETE FROM pg_temp.import_row WHERE ctid IN (
        SELECT ctid FROM (
            SELECT import_row.ctid, row_number() OVER (
                PARTITION BY to_jsonb(import_row) - 'row' ORDER BY import_row.row
            ) AS nth
            FROM pg_temp.import_row JOIN pg_temp.import_double AS double
              ON double.identifier = lower(import_row.identifier)
        ) AS numbered WHERE nth > 1
    )
"""
# One statement derives the accounts, writes them and counts what it has written.
WRITTEN = sql.SQL(
    """
    WITH account AS (
        INSERT INTO licensing_account (identifier, name, department, kind, products, is_deleted, is_blocked, meetings,
                                       last_active_on, tenant_id, usage_import_id, vendor)
        SELECT derived.*, {tenant}::uuid, {usage_import}::uuid, {vendor} FROM ({accounts}) AS derived
        RETURNING kind, is_deleted, is_blocked, meetings
    )
    {counts}
    """
)
COUNTED = sql.SQL("WITH account AS ({accounts}) {counts}")
COUNTS = sql.SQL(
    """
    SELECT kind, count(*) FILTER (WHERE NOT is_deleted), count(*) FILTER (WHERE is_deleted),
           count(*) FILTER (WHERE is_blocked AND NOT is_deleted),
           count(*) FILTER (WHERE meetings > 0 AND NOT is_deleted), count(*) FILTER (WHERE meetings > 0)
    FROM account GROUP BY kind
    """
)


class Period(NamedTuple):
    """The day that a file tells of, and how many days up to it the activity covers."""

    refreshed_on: date
    period_days: int | None


def write_accounts(usage_import: UsageImport, recognised: Recognised, *, products_in: str) -> dict[str, int]:
    """Write the accounts that the staged rows mean, which are all valid by now; return what they come to.

    Counts are by kind without the deleted, which stand apart, and of those of them who were active. Where names are
    concealed nothing is written. ``products_in`` is the temporary table that has each combination of products.
    """
    query = COUNTED if usage_import.is_concealed else WRITTEN
    given = {
        "tenant": sql.Literal(str(usage_import.tenant_id)),
        "usage_import": sql.Literal(str(usage_import.id)),
        "vendor": sql.Literal(recognised.table.vendor.value),
        "counts": COUNTS,
    }
    counts: dict[str, int] = {"active": 0, "deleted": 0, "blocked": 0, "paid_active": 0, "accounts": 0, "left_out": 0}
    with connection.cursor() as cursor:
        cursor.execute(query.format(accounts=_accounts(recognised, cursor, products_in), **given))
        for kind, number, deleted, blocked, active, active_ever in cursor.fetchall():
            counts |= {kind: number, f"{kind}_deleted": deleted, f"{kind}_blocked": blocked, f"{kind}_active": active}
            counts["active"] += active_ever
            counts["deleted"] += deleted
            counts["blocked"] += blocked
            counts["accounts"] += number + deleted
        if "left_out" in recognised.positions:
            cursor.execute("SELECT count(*) FROM pg_temp.import_row WHERE left_out IS NOT NULL")
            (counts["left_out"],) = cursor.fetchone()
    return counts


def _accounts(recognised: Recognised, cursor: Any, products_in: str) -> sql.Composable:
    """Return the query that derives the accounts from the staged rows."""
    if recognised.table.format == Format.ZOOM_HOSTS:
        return HOSTS.format(**WORDS)
    if recognised.table.format == Format.VISIO_USAGE:
        return DAYS.format()
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_product")
    cursor.execute(PRODUCTS.format(rows=sql.Identifier(products_in), **WORDS))
    staged = staging.columns_or_null(recognised)
    told = {
        "tells_names": sql.Literal(not recognised.positions.keys().isdisjoint(("name", "first_name", "last_name"))),
        "tells_products": sql.Literal("products" in recognised.positions),
        "tells_meetings": sql.Literal("meetings" in recognised.positions),
    }
    return USERS.format(staged=staged, **WORDS, **told)


def may_have_doubles(usage_import: UsageImport, recognised: Recognised) -> bool:
    """Return False where nobody stands twice in the staged rows; digests are compared, so that True may be a chance."""
    if recognised.table.format == Format.ZOOM_HOSTS:
        return False
    key = sql.SQL("lower(identifier)")
    if recognised.table.format == Format.VISIO_USAGE:
        key = sql.SQL("lower(identifier) || ' ' || day")
    elif usage_import.is_concealed and "left_out" in recognised.positions:
        key = sql.SQL("lower(identifier) || (left_out IS NULL)")
    query = sql.SQL(  # OFFSET 0 has the digests sorted alone, without what they are of
        "SELECT count(*) > count(DISTINCT digest) "
        "FROM (SELECT hashtextextended({}, 0) AS digest FROM pg_temp.import_row OFFSET 0) AS digested"
    )
    with connection.cursor() as cursor:
        cursor.execute(query.format(key))
        (answer,) = cursor.fetchone()
    return bool(answer)


def settle_doubles(usage_import: UsageImport, recognised: Recognised) -> tuple[int, int]:
    """Merge rows that say the same, note those that contradict; return how many were merged and are wrong."""
    if recognised.table.format == Format.ZOOM_HOSTS:  # a meeting's rows are one for each who took part
        return 0, 0
    with connection.cursor() as cursor:
        if recognised.table.format == Format.VISIO_USAGE:
            return 0, _note_all(usage_import, "identifier", "double", cursor, DOUBLE_DAYS)
        cursor.execute("DROP TABLE IF EXISTS pg_temp.import_double")
        cursor.execute(DOUBLES)
        if not cursor.rowcount:
            return 0, 0
        cursor.execute(DROP_REPETITIONS)
        merged = cursor.rowcount
        return merged, _note_all(usage_import, "identifier", "double", cursor, NOTE_DOUBLES)


def note_other_periods(usage_import: UsageImport, recognised: Recognised) -> int:
    """Note the rows that tell of another day or period than the others; return how many."""
    wrong = 0
    for name, code in (("refreshed", "other_day"), ("period", "other_period")):
        if name in recognised.positions:
            query = sql.SQL(
                "SELECT row, {cell} FROM pg_temp.import_row WHERE {cell} IS DISTINCT FROM "
                "(SELECT mode() WITHIN GROUP (ORDER BY {cell}) FROM pg_temp.import_row) ORDER BY row"
            ).format(cell=sql.Identifier(name))
            with connection.cursor() as cursor:
                wrong += _note_all(usage_import, name, code, cursor, query)
    return wrong


def period_of(recognised: Recognised, rows: str = "import_row") -> Period | None:
    """Return what the rows say of their day; None for a report that does not tell."""
    source = sql.Identifier(rows)
    with connection.cursor() as cursor:
        if "refreshed" in recognised.positions:
            cursor.execute(
                sql.SQL("SELECT max(refreshed::timestamp)::date, max(period) FROM pg_temp.{}").format(source)
            )
            day, period = cursor.fetchone()
            return Period(day, int(period.lstrip("Dd")) if period else None)
        if "day" in recognised.positions:
            cursor.execute(
                sql.SQL("SELECT min(day::timestamp)::date, max(day::timestamp)::date FROM pg_temp.{}").format(source)
            )
            first, last = cursor.fetchone()
            return Period(last, (last - first).days + 1)
    return None


def _note_all(usage_import: UsageImport, column: str, code: str, cursor: Any, query: sql.Composable | str) -> int:
    """Note each (row, cell) that a query finds, PROBLEMS_MAX at most; return how many it finds."""
    cursor.execute(query)
    total: int = max(cursor.rowcount, 0)
    problems = [
        ImportProblem(
            tenant_id=usage_import.tenant_id,
            usage_import=usage_import,
            row=row,
            column=column,
            code=code,
            value=(value or "")[:200],
        )
        for row, value in cursor.fetchmany(PROBLEMS_MAX)
    ]
    ImportProblem.objects.bulk_create(problems, batch_size=1000)
    return total
