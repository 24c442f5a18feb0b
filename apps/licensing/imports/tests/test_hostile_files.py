"""Files that are not what they say, or that would fill the memory."""

import io
import json
import tracemalloc
import zipfile

import pytest

from apps.licensing.imports import reading
from apps.licensing.imports.formats import recognise
from apps.licensing.imports.reading import Encoding, LineGuard, Refused, Source, encoding_of, rows_of, source_of
from apps.licensing.imports.staging import stage
from apps.licensing.imports.tests.files import Imports, table, teams_row, zoom_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER, ZOOM_HEADER

pytestmark = pytest.mark.django_db


def archive() -> bytes:
    """Return a ZIP that would unpack to 200 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(None, "spreadsheet", id="bomb of a spreadsheet"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "spreadsheet", id="old spreadsheet"),
        pytest.param(b"\x1f\x8b" + b"x" * 100, "archive", id="gzip"),
        pytest.param(b"%PDF-1.7 x", "document", id="pdf"),
        pytest.param(
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "markup", id="xxe"
        ),
        pytest.param(b"\xff\xfe" + "<html>".encode("utf-16-le"), "markup", id="page in UTF-16"),
        pytest.param(b"\0" * 100, "empty", id="zeros"),
        pytest.param(b"one column only\r\nvalue\r\n", "no_table", id="one column"),
        pytest.param(b"{" * 100_000, "json", id="deep json"),
        pytest.param(b'[{"a": 1}]', "json", id="other json"),
        pytest.param(b"[]", "no_rows", id="empty json"),
        pytest.param(table(TEAMS_HEADER, []), "no_rows", id="header alone"),
        pytest.param(
            table(TEAMS_HEADER, []) + b'"never closed,' + b"x," * 200_000, "unreadable", id="quotation that never ends"
        ),
    ],
)
def test_what_is_no_table_is_refused(imports: Imports, content: bytes | None, code: str) -> None:
    refused = imports.send(archive() if content is None else content)

    assert (refused.status, refused.failure_code) == ("refused", code)
    assert imports.accounts() == {}


def test_a_line_without_an_end_is_refused_in_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        """A file of 1 GB without a line's end, which is nowhere."""

        left = 1_000_000_000

        def read(self, size: int = -1, /) -> bytes:
            self.left -= size
            return b"x" * size if self.left > 0 else b""

    guarded = io.BufferedReader(LineGuard(Endless()), 1024 * 1024)  # type: ignore[arg-type]
    tracemalloc.start()
    with pytest.raises(Refused, match="endless_line"):
        io.TextIOWrapper(guarded, "utf-8", newline="\n").readline()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 30_000_000


def test_long_cells_are_staged_in_little_memory() -> None:
    recognised = recognise(TEAMS_HEADER)
    assert recognised is not None
    width, cell = len(TEAMS_HEADER), "x" * 100_000
    tracemalloc.start()

    staged = stage(recognised, width, ((number, [cell] * width) for number in range(50)), lambda rows: None)

    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert staged.rows == 50
    assert most < 30_000_000


def test_rows_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ROWS_MAX", 10)
    file = io.BytesIO(b"a,b\n" + b"1,2\n" * 11)

    with pytest.raises(Refused, match="too_many_rows 10"):
        list(rows_of(file, Source(Encoding("utf-8", is_damaged=False), ",", ("a", "b"))))


def test_mixed_encodings_are_reported_row_by_row(imports: Imports) -> None:
    content = table(ZOOM_HEADER, [zoom_row("a@example.fr"), zoom_row("b@example.fr")], encoding="utf-8")
    lines = content.split(b"\r\n")
    lines[2] = lines[2].decode().encode("cp1252")

    refused = imports.dated(b"\r\n".join(lines))

    assert {(row, code) for row, _column, code, _value in imports.problems(refused)} == {(3, "encoding")}


def test_zeros_in_cells_are_reported(imports: Imports) -> None:
    content = table(ZOOM_HEADER, [zoom_row("a@example.fr"), zoom_row("b\0@example.fr")])

    refused = imports.dated(content)

    assert {(row, code) for row, _column, code, _value in imports.problems(refused)} == {(3, "encoding")}


@pytest.mark.parametrize("number", ["-1", "1e9", "99999999999999999999", "1.5", "NaN", "٣"])
def test_impossible_numbers_are_reported(imports: Imports, number: str) -> None:
    refused = imports.send(table(TEAMS_HEADER, [teams_row("a@example.fr", meetings=number)]))

    assert imports.problems(refused) == [(2, "meetings", "count", number)]


@pytest.mark.parametrize("day", ["infinity", "now", "2026-02-30", "1899-01-01", "2026-13-01", "epoch"])
def test_impossible_dates_are_reported(imports: Imports, day: str) -> None:
    refused = imports.send(table(TEAMS_HEADER, [teams_row("a@example.fr", Last_Activity_Date=day)]))

    assert imports.problems(refused) == [(2, "last_active", "date", day)]


def test_seats_beyond_all_reason_are_reported(imports: Imports) -> None:
    sku = {"skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965", "consumedUnits": 10**30}

    refused = imports.dated(json.dumps([sku, {"skuId": 7}]).encode())

    assert [(row, column, code) for row, column, code, _value in imports.problems(refused)] == [
        (1, "consumedUnits", "number"),
        (2, "skuId", "guid"),
    ]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"a,b\n\xc3\xa9,1\n", "utf-8"),
        (b"a;b\n\xe9;1\n", "cp1252"),
        (b"\xef\xbb\xbfa;b\n\xe9;1\n", "utf-8"),
        ("a\tb\né\t1\n".encode("utf-16-le"), "utf-16-le"),
        ("\ufeffa\tb\n".encode("utf-16-be"), "utf-16-be"),
        (b"a,b\n" + "é".encode() * 1_000_001, "utf-8"),
    ],
)
def test_an_encoding_is_told_from_the_content(content: bytes, name: str) -> None:
    assert encoding_of(io.BytesIO(content)).name == name


def test_a_separator_line_of_excel_is_passed_over() -> None:
    file = io.BytesIO(b"sep=;\r\na;b\r\n1;2\r\n")
    source = source_of(file, Encoding("utf-8", is_damaged=False))

    assert source.header == ("a", "b")
    assert list(rows_of(file, source)) == [(2, ["1", "2"])]
