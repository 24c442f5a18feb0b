"""The rows of a file in the database, as text in a temporary table, and what is wrong with each of them.

The table lives as long as the transaction. What is read there counts nowhere until it is written as accounts.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg import sql

from apps.licensing.imports.formats import Field, Kind, Recognised
from apps.licensing.imports.words import FALSE_WORDS, TRUE_WORDS, USER_TYPES
from apps.licensing.models import ImportProblem, UsageImport

PROBLEMS_MAX = 10_000  # of one file; the number of wrong rows is told beyond
BATCH_CHARACTERS = 1024 * 1024
TEXT_MAX = {"identifier": 254, "participant": 254, "products": 4000}
OTHER_TEXT_MAX = 200
ALWAYS_THERE = ("identifier", "day", "refreshed", "user_type", "meeting")  # a cell that may not be empty

COLUMNS = (
    "identifier",
    "name",
    "first_name",
    "last_name",
    "department",
    "products",
    "is_licensed",
    "user_type",
    "user_status",
    "is_deleted",
    "is_blocked",
    "left_out",
    "meetings",
    "calls",
    "day",
    "last_active",
    "refreshed",
    "period",
    "meeting",
    "participant",
    "is_guest",
)
CREATE = sql.SQL("CREATE TEMP TABLE import_row (row integer NOT NULL, {}) ON COMMIT DROP").format(
    sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in COLUMNS)
)
SLASHED = r"^[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}"
DATE = (
    r"^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}|[A-Za-z]{3,9} [0-9]{1,2}, [0-9]{4})"
    r"([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?( ?[AaPp][Mm])?Z?)?$"
)
COUNT, PERIOD, CONCEALED = "^[0-9]{1,6}$", "^[Dd]?[0-9]{1,3}$", "^[0-9A-Fa-f]{32,}$"
ADDRESS = "^[^@[:space:]]+@[^@[:space:]]+$"

# The first identifier that is no hash settles it.
IS_CONCEALED = """
    SELECT CASE WHEN EXISTS (SELECT FROM pg_temp.import_row WHERE identifier !~ %(hash)s) THEN false
                ELSE EXISTS (SELECT FROM pg_temp.import_row WHERE identifier IS NOT NULL) END
"""
# Columns of about as many values as rows.
LONG = ("identifier", "name", "first_name", "last_name", "left_out", "meeting", "participant")
MANIFOLD = ("department", "meetings", "calls", "day", "last_active")  # of some hundreds or thousands
NOTHING = sql.SQL("NULL::text")

Progress = Callable[[int], None]


class Staged(NamedTuple):
    """How many rows are staged, and those that do not have the header's number of cells."""

    rows: int
    misfits: list[tuple[int, int]]  # number, cells; PROBLEMS_MAX at most
    misfits_total: int


def forget(cursor: Any) -> None:
    """Drop what an earlier reading in this transaction staged."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_row, pg_temp.import_value")


def stage(recognised: Recognised, width: int, rows: Iterable[tuple[int, Sequence[str]]], progress: Progress) -> Staged:
    """Copy the columns that are known into the temporary table, as text; ``progress`` hears how many rows are in."""
    names = [name for name in COLUMNS if name in recognised.positions]
    copy_in = sql.SQL("COPY pg_temp.import_row (row, {}) FROM STDIN (FORMAT csv)").format(_identifiers(names))
    misfits: list[tuple[int, int]] = []
    total, misfits_total = 0, 0

    def fitting() -> Iterator[tuple[Any, ...]]:
        nonlocal misfits_total
        pick = itemgetter(*(recognised.positions[name] for name in names))
        for number, row in rows:
            if len(row) == width:
                yield (number, *map(str.strip, pick(row)))
            else:
                misfits_total += 1
                if misfits_total <= PROBLEMS_MAX:
                    misfits.append((number, len(row)))

    with connection.cursor() as cursor:
        forget(cursor)
        cursor.execute(CREATE)
        with cursor.copy(copy_in) as copy:
            for total, text in _batches(fitting()):  # told at the end, too
                copy.write(text.encode())
                progress(total)
        cursor.execute("ANALYZE pg_temp.import_row")
    return Staged(total, misfits, misfits_total)


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, str]]:
    """Give rows as CSV, some BATCH_CHARACTERS at a time however long their cells are, and how many came so far."""
    text, count = io.StringIO(), 0
    write = csv.writer(text).writerow
    for count, row in enumerate(rows, 1):
        write(row)
        if text.tell() >= BATCH_CHARACTERS:
            yield count, text.getvalue()
            text.seek(0)
            text.truncate()
    if text.tell():
        yield count, text.getvalue()


def collect_values(recognised: Recognised) -> list[str]:
    """Keep each different cell of the columns that hold few of them once, in one pass; return those columns.

    The rest of a reading then asks these some hundred rows, in the place of a million: each holds one cell in its
    own column, which ``place`` tells, and nothing in the others. Columns of few words are taken together first, as
    they have few combinations.
    """
    names = [name for name in COLUMNS if name in recognised.positions and name not in LONG]
    worded = [name for name in names if name not in MANIFOLD]
    apart = [name for name in names if name in MANIFOLD]
    sets = [sql.Identifier(name) for name in apart] + ([_identifiers(worded)] if worded else [])
    query = sql.SQL(
        """
        CREATE TEMP TABLE import_value ON COMMIT DROP AS
        SELECT DISTINCT value.* FROM (
            SELECT GROUPING({columns}) AS absent, {columns} FROM pg_temp.import_row GROUP BY GROUPING SETS ({sets})
        ) AS combination, LATERAL (VALUES {values}) AS value(place, {columns}, {others})
        WHERE absent & place = 0
        """
    ).format(
        columns=_identifiers(names),
        sets=sql.SQL(", ").join(sql.SQL("({})").format(item) for item in sets),
        values=sql.SQL(", ").join(_value(name, place, names) for name, place in _places(names).items()),
        others=_identifiers(name for name in COLUMNS if name not in names),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
    return names


def _value(name: str, place: int, names: Sequence[str]) -> sql.Composable:
    """Return a row of ``import_value`` that holds one cell."""
    cells = [sql.SQL("combination.{}").format(sql.Identifier(name)) if item == name else NOTHING for item in names]
    cells += [NOTHING] * (len(COLUMNS) - len(names))
    return sql.SQL("({}, {})").format(sql.Literal(place), sql.SQL(", ").join(cells))


def _places(names: Sequence[str]) -> dict[str, int]:
    """Return the bit by which GROUPING tells of each column."""
    return {name: 2 ** (len(names) - 1 - number) for number, name in enumerate(names)}


def is_in_order(recognised: Recognised, usage_import: UsageImport, collected: Sequence[str]) -> bool:
    """Return whether every cell keeps the rules of ``note_problems``, bare of spaces, and all rows tell of one day.

    Dates are read in the order that is set by now.
    """
    places = _places(collected)
    codes = dict(_check(name, recognised, usage_import) for name in recognised.positions)
    by_value = sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN ({}) IS NULL AND {} IS NOT TRUE").format(
            sql.Literal(place), codes[name], _has_space(name)
        )
        for name, place in places.items()
    )
    one_only = [places[name] for name in ("refreshed", "period") if name in places]
    by_row: list[sql.Composable] = [
        sql.SQL("({}) IS NOT NULL").format(code) for name, code in codes.items() if name not in places
    ]
    by_row += [_has_space(name) for name in codes if name not in places and name != "identifier"]  # whose rule says it
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT coalesce(bool_and(CASE place {} END), true), "
                "count(*) FILTER (WHERE place = ANY({})) <= {} FROM pg_temp.import_value"
            ).format(by_value, sql.Literal(one_only), sql.Literal(len(one_only)))
        )
        if cursor.fetchone() != (True, True):
            return False
        cursor.execute(
            sql.SQL("SELECT NOT EXISTS (SELECT FROM pg_temp.import_row WHERE {})").format(sql.SQL(" OR ").join(by_row))
        )
        (answer,) = cursor.fetchone()
    return bool(answer)


def _has_space(name: str) -> sql.Composable:
    return sql.SQL("{} ~ '^[[:space:]]|[[:space:]]$'").format(sql.Identifier(name))


def date_order(recognised: Recognised, rows: str = "import_row") -> str | None:
    """Return the order that the dates prove: a day beyond 12; empty where nothing hangs on it, None where it is open.

    A file that proves both orders proves none.
    """
    names = _names(recognised, Kind.DATE)
    if not names:
        return ""
    query = sql.SQL(
        """
        SELECT max(split_part(parts, '/', 1)::int) > 12, max(split_part(parts, '/', 2)::int) > 12,
               bool_or(split_part(parts, '/', 1)::int <> split_part(parts, '/', 2)::int)
        FROM pg_temp.{rows}, LATERAL unnest(ARRAY[{dates}]) AS cell, LATERAL translate(cell, '.', '/') AS parts
        WHERE cell ~ {slashed}
        """
    ).format(rows=sql.Identifier(rows), dates=_identifiers(names), slashed=sql.Literal(SLASHED))
    with connection.cursor() as cursor:
        cursor.execute(query)
        is_day_first, is_month_first, is_open = cursor.fetchone()
    if not is_open:
        return ""
    if is_day_first == is_month_first:
        return None
    return UsageImport.DateOrder.DAY_FIRST if is_day_first else UsageImport.DateOrder.MONTH_FIRST


def read_dates_as(order: str) -> None:
    """Have the database read 08/12/2026 in this order until the transaction ends."""
    style = "ISO, DMY" if order == UsageImport.DateOrder.DAY_FIRST else "ISO, MDY"
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('datestyle', %s, true)", [style])


def is_concealed() -> bool:
    """Return whether all identifiers are hashes, as Microsoft writes them where names are concealed."""
    with connection.cursor() as cursor:
        cursor.execute(IS_CONCEALED, {"hash": CONCEALED})
        (answer,) = cursor.fetchone()
    return bool(answer)


def note_problems(usage_import: UsageImport, recognised: Recognised, staged: Staged, *, is_damaged: bool) -> int:
    """Write down what is wrong, row by row (PROBLEMS_MAX at most); return how many rows are wrong."""
    ImportProblem.objects.filter(usage_import=usage_import).delete()
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                tenant_id=usage_import.tenant_id, usage_import=usage_import, row=number, code="cells", value=cells
            )
            for number, cells in staged.misfits
        ],
        batch_size=1000,
    )
    names = [name for name in COLUMNS if name in recognised.positions]
    checks = [_check(name, recognised, usage_import) for name in names]
    if is_damaged:
        checks += [(name, _damaged(name)) for name in names]
    wrong = sql.SQL(" OR ").join(sql.SQL("{} IS NOT NULL").format(code) for _name, code in checks)
    values = sql.SQL(", ").join(
        sql.SQL("({field}, {code}, {cell})").format(field=sql.Literal(name), code=code, cell=sql.Identifier(name))
        for name, code in checks
    )
    insert = sql.SQL(
        """
        INSERT INTO licensing_importproblem (id, tenant_id, usage_import_id, row, "column", code, value)
        SELECT gen_random_uuid(), {tenant}, {usage_import}, row, field, code, left(coalesce(cell, ''), 200)
        FROM pg_temp.import_row, LATERAL (VALUES {values}) AS problem(field, code, cell)
        WHERE ({wrong}) AND code IS NOT NULL
        ORDER BY row LIMIT {limit}
        """
    ).format(
        tenant=_uuid(usage_import.tenant_id),
        usage_import=_uuid(usage_import.id),
        values=values,
        wrong=wrong,
        limit=sql.Literal(PROBLEMS_MAX - len(staged.misfits)),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM pg_temp.import_row WHERE {}").format(wrong))
        (rows,) = cursor.fetchone()
        if rows:
            cursor.execute(insert)
    return int(rows) + staged.misfits_total


def columns_or_null(recognised: Recognised) -> sql.Composable:
    """Return a query of the staged rows with every column, those that the file lacks as a constant NULL."""
    columns = [
        sql.SQL("{}" if name in recognised.positions else "NULL::text AS {}").format(sql.Identifier(name))
        for name in COLUMNS
    ]
    return sql.SQL("SELECT {} FROM pg_temp.import_row").format(sql.SQL(", ").join(columns))


def first_rows(recognised: Recognised, count: int) -> list[list[str]]:
    """Return the first rows as they stand in the file, in the order of the table's fields."""
    names = [field.name for field in recognised.table.fields if field.name in recognised.positions]
    # Rows stand as they were copied, so the first pages of the table have the first ones.
    query = sql.SQL("SELECT {} FROM pg_temp.import_row WHERE ctid < '(20,0)' ORDER BY ctid LIMIT {}").format(
        _identifiers(names), sql.Literal(count)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [[(cell or "")[:80] for cell in row] for row in cursor.fetchall()]


def _check(name: str, recognised: Recognised, usage_import: UsageImport) -> tuple[str, sql.Composable]:
    """Return an expression that is the code of what is wrong with a cell, or NULL."""
    field = recognised.table.field(name)
    if field is None:
        raise LookupError(name)
    is_needed = name in ALWAYS_THERE
    empty = sql.SQL("WHEN {cell} IS NULL THEN {code}").format(
        cell=sql.Identifier(name), code=sql.SQL("'missing'") if is_needed else sql.SQL("NULL")
    )
    return name, sql.SQL("CASE {} {} END").format(empty, _rule(field, usage_import))


def _rule(field: Field, usage_import: UsageImport) -> sql.Composable:
    cell = sql.Identifier(field.name)
    if field.kind is Kind.DATE:
        return sql.SQL(
            "WHEN {cell} !~ {date} OR NOT pg_input_is_valid({cell}, 'timestamp') THEN 'date' "
            "WHEN {cell}::timestamp NOT BETWEEN '2000-01-01' AND '2100-01-01' THEN 'date'"
        ).format(cell=cell, date=sql.Literal(DATE))
    if field.kind is Kind.COUNT:
        return sql.SQL("WHEN {cell} !~ {count} THEN 'count'").format(cell=cell, count=sql.Literal(COUNT))
    if field.kind is Kind.FLAG:
        return sql.SQL("WHEN {cell} <> ALL({words}) THEN 'flag'").format(
            cell=cell, words=sql.Literal([*TRUE_WORDS, *FALSE_WORDS])
        )
    return sql.SQL("WHEN length({cell}) > {most} THEN 'too_long' {other}").format(
        cell=cell, most=sql.Literal(TEXT_MAX.get(field.name, OTHER_TEXT_MAX)), other=_text_rule(field, usage_import)
    )


def _text_rule(field: Field, usage_import: UsageImport) -> sql.Composable:
    if field.name == "identifier" and not usage_import.is_concealed:
        return sql.SQL("WHEN identifier !~ {} THEN 'address'").format(sql.Literal(ADDRESS))
    if field.name == "user_type":
        return sql.SQL("WHEN lower(user_type) <> ALL({}) THEN 'user_type'").format(sql.Literal(list(USER_TYPES)))
    if field.name == "period":
        return sql.SQL("WHEN period !~ {} THEN 'period'").format(sql.Literal(PERIOD))
    return sql.SQL("")


def _damaged(name: str) -> sql.Composable:
    return sql.SQL("CASE WHEN strpos({}, {}) > 0 THEN 'encoding' END").format(
        sql.Identifier(name), sql.Literal("\N{REPLACEMENT CHARACTER}")
    )


def _names(recognised: Recognised, kind: Kind) -> list[str]:
    return [
        field.name for field in recognised.table.fields if field.kind is kind and field.name in recognised.positions
    ]


def _identifiers(names: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def _uuid(value: UUID) -> sql.Composable:
    return sql.SQL("{}::uuid").format(sql.Literal(str(value)))
