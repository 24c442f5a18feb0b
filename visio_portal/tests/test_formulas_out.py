"""No file that the portal gives to a spreadsheet holds a formula that somebody else wrote (OWASP: CSV injection)."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from apps.licensing.contracts.spreadsheets import template
from apps.licensing.contracts.workbooks import workbook_template
from apps.licensing.dashboards.files import csv_of, workbook_of, xlsx_of
from apps.licensing.dashboards.tables import Cell, Column, Kind, Table
from apps.licensing.imports.display import problems_csv
from apps.licensing.models import ImportProblem, Product, UsageImport
from apps.licensing.tests.factories import ProductFactory
from apps.rooms.conferences import sheet_files
from visio_portal.settings import BASE_DIR
from visio_portal.spreadsheet_cells import FORMULA_STARTS

EVIL = ["=HYPERLINK(1)", "+33", "-2+3", "@SUM(A1)", "\t=1", "＝1"]  # East Asian too
# Modules that write cells, and those that only name the type or write what no person opens.
WRITERS = {
    "apps/licensing/contracts/spreadsheets.py",
    "apps/licensing/contracts/workbooks.py",
    "apps/licensing/dashboards/files.py",
    "apps/licensing/imports/display.py",
    "apps/rooms/conferences/sheet_files.py",
}
OTHERS = {
    "apps/licensing/imports/staging.py",  # for COPY
    "visio_portal/demonstration/exports.py",  # what Microsoft and Zoom would write
}


def table() -> Table:
    cells = [[Cell(Kind.TEXT, text), Cell(Kind.COUNT, -5)] for text in EVIL]
    reasoned = [Cell(Kind.TEXT, "x"), Cell(Kind.COUNT, None, reason=EVIL[0])]
    columns = [Column(EVIL[0]), Column(EVIL[1], Kind.COUNT)]
    return Table("key", EVIL[0], columns, [*cells, reasoned], EVIL[2], date(2026, 1, 1), note=EVIL[3])


def import_problems() -> bytes:
    usage_import = UsageImport(header=[EVIL[0]], mapping={"identifier": 0})
    problems = [ImportProblem(row=2, column="identifier", code=text, value=text) for text in EVIL]
    return problems_csv(usage_import, problems)


def attendance() -> bytes:
    zone, start = ZoneInfo("Europe/Paris"), datetime(2026, 1, 1, tzinfo=UTC)
    interval = SimpleNamespace(start=start, end=None)
    rows = [
        SimpleNamespace(name=text, email=text, intervals=[interval], minutes=1, percent=1, is_present=True)
        for text in EVIL
    ]
    missing = [SimpleNamespace(name=text, email=text) for text in EVIL]
    sheet: Any = SimpleNamespace(rows=rows, missing=missing)
    return sheet_files.csv_of(sheet, zone)


EXPORTS: dict[str, Callable[[], bytes]] = {
    "figures.csv": lambda: csv_of(table()),
    "figures.xlsx": lambda: xlsx_of(table()),
    "report.xlsx": lambda: workbook_of([table(), table()]),
    "problems.csv": import_problems,
    "attendance.csv": attendance,
    "contracts.csv": template,
    "contracts.xlsx": workbook_template,
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXPORTS)
def test_what_people_typed_does_nothing_in_a_spreadsheet(name: str) -> None:
    Product.objects.all().delete()
    ProductFactory.create(publisher="=HYPERLINK(1)", name="", kind=Product.Kind.STANDALONE)

    content = EXPORTS[name]()

    texts = cells_of_csv(content) if name.endswith(".csv") else texts_of_workbook(content)
    assert "HYPERLINK(1)" in "".join(texts)
    if name.endswith(".csv"):
        assert [text for text in texts if text.startswith(FORMULA_STARTS) and text != "-5"] == []


def cells_of_csv(content: bytes) -> list[str]:
    rows = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    return [cell for row in rows for cell in row]


def texts_of_workbook(content: bytes) -> list[str]:
    """Return what stands in a workbook's cells, none of which a spreadsheet computes."""
    cells = [cell for sheet in load_workbook(BytesIO(content)) for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    return [str(cell.value) for cell in cells]


def test_every_module_that_writes_cells_is_tested() -> None:
    sources = [path for folder in ("apps", "visio_portal") for path in (BASE_DIR / folder).rglob("*.py")]
    writers = {
        path.relative_to(BASE_DIR).as_posix()
        for path in sources
        if "tests" not in path.parts
        and any(word in path.read_text() for word in ("csv.writer(", "DictWriter(", "Workbook(", "<sheetData>"))
    }

    assert writers - OTHERS == WRITERS
