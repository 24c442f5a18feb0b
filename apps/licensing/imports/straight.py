"""The straight way of a file into the database: its bytes as they come, split into cells by COPY itself.

Only what is in order from the first byte to the last goes this way. Whatever is not – a row with another number of
cells, a quotation mark out of place, a byte that is no character, a cell that breaks a rule – goes the careful way of
``reading`` and ``staging``, which says row by row what is wrong; both give the same accounts. COPY holds a whole row
in memory and reads some quotation marks otherwise than Python's csv, so the stream is looked at on its way in.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import psycopg
from django.db import connection
from psycopg import sql

from apps.licensing.imports import reading, staging
from apps.licensing.imports.formats import Recognised
from apps.licensing.imports.reading import CHUNK_BYTES, Refused, Source

READ_BYTES = 256 * 1024
WORK_MEM, HASH_FACTOR = "64MB", "4"  # of the database for one import: dictionaries of cells, joins
UTF8_MARK = b"\xef\xbb\xbf"
QUOTED = {b",": re.compile(rb'"(?<=[^,\r\n"]")[^,\r\n"]'), b";": re.compile(rb'"(?<=[^;\r\n"]")[^;\r\n"]')}
QUOTED[b"\t"] = re.compile(rb'"(?<=[^\t\r\n"]")[^\t\r\n"]')


class NotStraight(Exception):
    """The file has to be read the careful way."""


def stage(recognised: Recognised, source: Source, file: BinaryIO, progress: Callable[[int], None]) -> int:
    """Copy a whole file into the temporary table; return the number of its rows. Raises NotStraight, Refused."""
    names = {position: name for name, position in recognised.positions.items()}
    columns = [names.get(position, f"unread_{position}") for position in range(len(source.header))]
    create = sql.SQL("CREATE TEMP TABLE import_row ({}) ON COMMIT DROP").format(_definitions(recognised, columns))
    copy_in = sql.SQL(
        "COPY pg_temp.import_row ({columns}) FROM STDIN (FORMAT csv, HEADER true, DELIMITER {delimiter}, "
        "FORCE_NULL ({columns}), ENCODING 'UTF8')"
    ).format(columns=sql.SQL(", ").join(map(sql.Identifier, columns)), delimiter=sql.Literal(source.delimiter))
    guard = Guard(source.delimiter.encode())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('work_mem', %s, true), set_config('hash_mem_multiplier', %s, true)",
            [WORK_MEM, HASH_FACTOR],
        )
        staging.forget(cursor)
        cursor.execute(create)
        try:
            with cursor.copy(copy_in) as copy:
                for chunk in _table_chunks(file, source):
                    guard.look_at(chunk)
                    copy.write(chunk)
                    progress(guard.lines)
        except (psycopg.DataError, UnicodeDecodeError) as error:
            raise NotStraight from error
        rows = int(cursor.rowcount)
    if rows > reading.ROWS_MAX:
        raise Refused("too_many_rows", str(reading.ROWS_MAX))
    return rows


def _definitions(recognised: Recognised, columns: Sequence[str]) -> sql.Composable:
    """Return the columns of the temporary table, those that are asked for first: a row is read from its beginning.

    Of a cell that nobody asks for, the first byte is kept.
    """
    absent = [name for name in staging.COLUMNS if name not in recognised.positions]
    unread = [name for name in columns if name not in recognised.positions]
    typed = [(name, "text") for name in recognised.positions]
    typed += [(name, '"char"') for name in unread] + [(name, "text") for name in absent]
    return sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in typed)


class Guard:
    """Looks at a stream of CSV for what COPY would take otherwise than the careful way; raises NotStraight."""

    def __init__(self, delimiter: bytes) -> None:
        self.lines = 0  # ends of lines so far, those within cells included
        self._misplaced = QUOTED[delimiter]
        self._is_quoted, self._has_quotes = False, False
        self._tail, self._since_row_bytes = b"\n", 0

    def look_at(self, chunk: bytes) -> None:
        quotes = chunk.count(b'"')
        self.lines += chunk.count(b"\n")
        if self.lines > reading.ROWS_MAX + 1 and not (quotes or self._has_quotes):
            raise Refused("too_many_rows", str(reading.ROWS_MAX))
        joined = self._tail + chunk
        if b"\n\\." in joined:  # the end of the data, to some clients
            raise NotStraight
        if quotes:
            self._has_quotes = True
            if self._misplaced.search(joined):
                raise NotStraight
            self._is_quoted ^= bool(quotes & 1)
        self._tail = joined[-2:]
        self._measure_row(chunk)

    def _measure_row(self, chunk: bytes) -> None:
        """Refuse a row that does not end: COPY would hold all of it. Only the last ends of lines are looked at."""
        end, is_quoted, before = len(chunk), self._is_quoted, len(chunk)
        for _attempt in range(5):
            end = chunk.rfind(b"\n", 0, end)
            if end < 0:
                break
            is_quoted ^= bool(chunk.count(b'"', end, before) & 1)
            before = end
            if not is_quoted:
                self._since_row_bytes = len(chunk) - end
                return
        self._since_row_bytes += len(chunk)
        if self._since_row_bytes > CHUNK_BYTES:
            raise NotStraight


def _table_chunks(file: BinaryIO, source: Source) -> Iterator[bytes]:
    """Give the file from its header on, in UTF-8."""
    chunks = _utf8_chunks(file, source.encoding.name)
    first = next(chunks, b"")
    while first:
        line, _end, rest = first.partition(b"\n")
        if line.strip() and not line.lower().startswith(b"sep="):
            break
        first = rest
    if not first:
        raise NotStraight
    yield first
    yield from chunks


def _utf8_chunks(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Give a file's bytes in UTF-8 without its mark; raises UnicodeDecodeError for what is no character."""
    if encoding == "utf-8":
        first = file.read(READ_BYTES).removeprefix(UTF8_MARK)
        while first:
            yield first
            first = file.read(READ_BYTES)
        return
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    mark = reading.MARK
    while chunk := file.read(READ_BYTES):
        if text := decoder.decode(chunk).removeprefix(mark):
            yield text.encode()
        mark = ""
    decoder.decode(b"", final=True)
