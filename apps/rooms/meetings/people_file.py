"""Attendees from a CSV file, as spreadsheets and mail programs write them."""

import csv
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext as _

from apps.rooms.addresses import ADDRESS_MAX, NAME_MAX, Address, is_address

SIZE_MAX = 1024 * 1024  # bytes
ROWS_MAX = 5000
DELIMITERS = ";,\t|"

ADDRESS_HEADERS = ("mail", "courriel", "adresse", "address")
NAME_HEADERS = ("nom", "name", "prénom", "prenom", "surname")


class UnreadableFile(ValueError):
    """The file is no table of addresses; the message says why, for people."""


@dataclass(frozen=True)
class FileRow:
    """One line of the file: its number as an editor counts, and the address found, or what is wrong."""

    line: int
    text: str
    address: Address | None = None
    problem: str = ""


@dataclass(frozen=True)
class PeopleFile:
    """What was read: the rows with their addresses or problems, and how the file was understood."""

    rows: tuple[FileRow, ...]
    delimiter: str
    has_header: bool

    @property
    def addresses(self) -> list[Address]:
        return [row.address for row in self.rows if row.address is not None]

    @property
    def problems(self) -> list[FileRow]:
        return [row for row in self.rows if row.problem]


def read_people(data: bytes) -> PeopleFile:
    """Read addresses and names; encoding, delimiter and header are found out. Raises UnreadableFile."""
    if len(data) > SIZE_MAX:
        raise UnreadableFile(_("The file is larger than 1 MB."))
    text = _decoded(data)
    delimiter = _delimiter(text)
    reader = csv.reader(StringIO(text), delimiter=delimiter)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num, [" ".join(cell.split()) for cell in cells]))
            if len(lines) > ROWS_MAX:
                raise UnreadableFile(_("The file has more than %(most)s lines.") % {"most": ROWS_MAX})
    except csv.Error as error:
        raise UnreadableFile(
            _("The file cannot be read as a table (line %(line)s).") % {"line": reader.line_num}
        ) from error
    if not lines:
        raise UnreadableFile(_("The file is empty."))
    return _people(lines, delimiter)


def _decoded(data: bytes) -> str:
    """Return the text: UTF-8, or what spreadsheets of Western Europe write."""
    if b"\0" in data:
        raise UnreadableFile(_("This is no text file: save the table as CSV first."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """Return the delimiter that the first lines hold most often outside quotes; a comma where there is none."""
    sample = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    counts = {
        mark: sum(len(next(csv.reader([line], delimiter=mark), [])) - 1 for line in sample) for mark in DELIMITERS
    }
    best = max(DELIMITERS, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def _people(lines: list[tuple[int, list[str]]], delimiter: str) -> PeopleFile:
    first = lines[0][1]
    has_header = not any(is_address(cell.lower()) for cell in first) and len(lines) > 1
    address_column, name_columns = _columns(first if has_header else None, [cells for _line, cells in lines[:50]])
    seen: set[str] = set()
    rows = []
    for number, cells in lines[1:] if has_header else lines:
        rows.append(_row(number, cells, address_column, name_columns, seen))
    return PeopleFile(tuple(rows), delimiter, has_header)


def _columns(header: list[str] | None, sample: list[list[str]]) -> tuple[int, list[int]]:
    """Return where the address stands, and where the parts of the name."""
    width = max(len(cells) for cells in sample)
    hits = [
        sum(len(cells) > column and is_address(cells[column].lower()) for cells in sample) for column in range(width)
    ]
    address = max(range(width), key=lambda column: hits[column])
    if header is None:
        return address, [column for column in range(width) if column != address]
    titles = [title.casefold() for title in header]
    if not hits[address]:
        address = next((at for at, title in enumerate(titles) if any(word in title for word in ADDRESS_HEADERS)), 0)
    names = [at for at, title in enumerate(titles) if at != address and any(word in title for word in NAME_HEADERS)]
    return address, sorted(names, key=lambda at: not titles[at].startswith(("pr", "first", "given")))


def _row(number: int, cells: list[str], address_column: int, name_columns: list[int], seen: set[str]) -> FileRow:
    text = ", ".join(cells)[:200]
    written = cells[address_column].lower() if len(cells) > address_column else ""
    if not written:
        return FileRow(number, text, problem=_("no address"))
    if not is_address(written):
        return FileRow(number, text, problem=_("“%(text)s” is not an e-mail address") % {"text": written[:ADDRESS_MAX]})
    if written in seen:
        return FileRow(number, text, problem=_("the address stands in the file already"))
    seen.add(written)
    name = " ".join(cells[at] for at in name_columns if len(cells) > at and cells[at])[:NAME_MAX]
    return FileRow(number, text, Address(written, name.replace('"', "")))
