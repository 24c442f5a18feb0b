"""Reading an export as text, without trust: what it is by its content, its encoding, its separator, its rows.

Nothing is ever unpacked or parsed as XML: a spreadsheet or archive is refused by its first bytes. A row that does
not have the header's number of cells is handed over as such; a line without an end is refused after a while.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

SAMPLE_BYTES = 64 * 1024
CHUNK_BYTES = 1024 * 1024
LINE_MAX_BYTES = 1024 * 1024
ROWS_MAX = 3_000_000
COLUMNS_MAX = 500
JSON_MAX_BYTES = 5 * 1024 * 1024
DELIMITERS = ("\t", ";", ",")

SIGNATURES = (
    (b"PK\x03\x04", "spreadsheet"),
    (b"PK\x05\x06", "spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"BZh", "archive"),
    (b"%PDF", "document"),
    (b"\x89PNG", "document"),
    (b"\xff\xd8\xff", "document"),
)
REPLACEMENT, MARK = "\N{REPLACEMENT CHARACTER}", "\N{ZERO WIDTH NO-BREAK SPACE}"
SURROGATE = re.compile("[\udc80-\udcff]")


class Refused(Exception):
    """The file cannot be imported at all: ``code`` says why, ``detail`` what a person needs to find the place."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Encoding:
    """How bytes become text; ``is_damaged``: some of them do not, and stand as U+FFFD in their rows."""

    name: str
    is_damaged: bool


@dataclass(frozen=True)
class Source:
    """A table as it stands in the file: the header's cells and what separates them."""

    encoding: Encoding
    delimiter: str
    header: tuple[str, ...]


def is_json(sample: bytes) -> bool:
    """Return whether the first character is one that opens JSON, in any of the encodings."""
    text = sample[:200].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").lstrip()
    return text[:1] in (b"{", b"[")


def refuse_other_kinds(sample: bytes) -> None:
    """Raise Refused for what is no text: archives, spreadsheets, documents, and for markup."""
    if not sample.strip(b"\0\r\n\t "):
        raise Refused("empty")
    for signature, code in SIGNATURES:
        if sample.startswith(signature):
            raise Refused(code)
    start = sample[:400].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").lstrip().lower()
    if start.startswith(b"<"):
        raise Refused("markup")


def encoding_of(file: BinaryIO) -> Encoding:
    """Return the encoding of a whole file; it is read once and rewound.

    Without a mark at its beginning, a file is UTF-8 if it can be, and Windows-1252 if nothing in it is UTF-8; one
    that mixes both is read as UTF-8, and its other rows are reported.
    """
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    if sample.startswith(b"\xff\xfe") or (not sample.startswith(b"\xef\xbb\xbf") and _looks_like_utf16(sample)):
        return Encoding("utf-16-le", is_damaged=True)  # not known before it is read
    if sample.startswith(b"\xfe\xff"):
        return Encoding("utf-16-be", is_damaged=True)
    has_utf8, has_other, has_nul = _scan(file)
    file.seek(0)
    if has_other and not has_utf8 and not sample.startswith(b"\xef\xbb\xbf"):
        return Encoding("cp1252", is_damaged=True)  # five of its bytes mean nothing
    return Encoding("utf-8", is_damaged=has_other or has_nul)


def likely_encodings(file: BinaryIO) -> Iterator[Encoding]:
    """Give the encoding that the beginning of a file shows, then, where that fails, the one that its whole shows.

    The file has to be rewound by whoever asks for the second one.
    """
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_like_utf16(sample):
        yield encoding_of(file)
        return
    yield Encoding("utf-8", is_damaged=False)
    whole = encoding_of(file)
    if whole.name != "utf-8":
        yield whole


def source_of(file: BinaryIO, encoding: Encoding) -> Source:
    """Read the header; raises Refused where the first line is none. The file is rewound."""
    lines = _lines(file, encoding)
    first = next((line for line in lines if line.strip() and not line.lower().startswith("sep=")), "")
    file.seek(0)
    cells = {delimiter: _cells(first, delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda candidate: len(cells[candidate]))
    header = tuple(cell.strip(" \t\r\n\N{NO-BREAK SPACE}") for cell in cells[delimiter])
    if len(header) < 2 or not any(header):
        raise Refused("no_table")
    if len(header) > COLUMNS_MAX:
        raise Refused("too_many_columns", str(len(header)))
    return Source(encoding, delimiter, header)


def rows_of(file: BinaryIO, source: Source) -> Iterator[tuple[int, Sequence[str]]]:
    """Give each row after the header with its number in the file (the header is 1); empty rows are left out.

    Raises Refused for what cannot be split into rows, and for more than ROWS_MAX of them.
    """
    reader = csv.reader(_table_lines(file, source.encoding), delimiter=source.delimiter)
    number = 1
    try:
        next(reader, None)
        for number, row in enumerate(reader, 2):
            if number > ROWS_MAX + 1:
                raise Refused("too_many_rows", str(ROWS_MAX))
            if row:
                yield number, row
    except csv.Error as error:
        raise Refused("unreadable", str(number + 1)) from error


def _table_lines(file: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """Give the lines from the header on."""
    lines = _lines(file, encoding)
    for line in lines:
        if line.strip() and not line.lower().startswith("sep="):
            yield line
            break
    if not encoding.is_damaged:
        yield from lines
    for line in lines:
        yield line.replace("\0", REPLACEMENT) if "\0" in line else line


def _lines(file: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """Decode a file line by line; its mark at the beginning is left out."""
    guarded = cast("BinaryIO", io.BufferedReader(LineGuard(file), CHUNK_BYTES))
    lines = iter(io.TextIOWrapper(guarded, encoding.name, errors="replace", newline="\n"))
    first = next(lines, "").removeprefix(MARK)
    yield first
    yield from lines


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        raise Refused("unreadable", "1") from error


def _looks_like_utf16(sample: bytes) -> bool:
    """Return whether every other byte is 0, as in Latin text of two bytes a character."""
    odd = sample[1::2]
    return len(odd) >= 2 and odd.count(0) > 0.6 * len(odd)


def _scan(file: BinaryIO) -> tuple[bool, bool, bool]:
    """Return whether there are characters of several UTF-8 bytes, bytes that are no UTF-8, and zeros."""
    has_utf8 = has_other = has_nul = False
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    while chunk := file.read(CHUNK_BYTES):
        has_nul = has_nul or b"\0" in chunk
        text = decoder.decode(chunk)
        if not text.isascii():
            bytes_apart = text.encode("ascii", "ignore")
            others = len(SURROGATE.findall(text))
            has_other = has_other or others > 0
            has_utf8 = has_utf8 or len(text) - len(bytes_apart) - others - text.count(MARK) > 0
    return has_utf8, has_other or bool(decoder.decode(b"", final=True)), has_nul


class LineGuard(io.RawIOBase):
    """A stream that refuses a line beyond LINE_MAX_BYTES, before it fills the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._since_line_bytes = file, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        last = content.rfind(b"\n")
        self._since_line_bytes = self._since_line_bytes + len(content) if last < 0 else len(content) - last
        if self._since_line_bytes > LINE_MAX_BYTES + CHUNK_BYTES:
            raise Refused("endless_line")
        return len(content)
