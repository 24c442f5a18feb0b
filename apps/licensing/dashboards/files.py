"""A table as a file for a spreadsheet: CSV, or XLSX (ECMA-376) with numbers that stay numbers."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils.translation import gettext as _

from apps.licensing.dashboards.tables import Cell, Kind, Table
from visio_portal.spreadsheet_cells import guarded

NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
PARTS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Styles by their place in cellXfs: plain, two decimals, percent, bold.
STYLES = {Kind.EUROS: 1, Kind.PRICE: 1, Kind.PERCENT: 2}
HEADING_STYLE = 3
SHEET_NAME_MAX = 31
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
QUOTE = '"'


def csv_of(table: Table) -> bytes:
    """Return the table as spreadsheets read it: UTF-8 with a mark, semicolons, a decimal point."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    for line in _lines(table):
        writer.writerow([guarded(_text(cell)) for cell in line])
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(table: Table) -> bytes:
    """Return the table as a workbook of one sheet; text is text, whatever it begins with."""
    return workbook_of([table])


def workbook_of(tables: Sequence[Table]) -> bytes:
    """Return a workbook with a sheet for each table."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for path, content in _parts(tables):
            archive.writestr(path, f"{XML}{content}")
    return out.getvalue()


# By the end of the file's name: who writes it, and its media type.
FILES = {
    "csv": (csv_of, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_of, f"{PARTS}.sheet"),
}


def _lines(table: Table) -> Iterator[Sequence[Cell | str]]:
    yield [column.heading for column in table.columns]
    yield from table.rows
    as_of = table.as_of.isoformat() if table.as_of else _("not known")
    yield []
    yield [_("Source: %(source)s; as of %(day)s") % {"source": table.source, "day": as_of}]
    if table.note:
        yield [table.note]


def _text(cell: Cell | str) -> str:
    if isinstance(cell, str):
        return cell
    if cell.value is None:
        return _("fewer than 10") if cell.is_suppressed else (cell.reason or _("not computable"))
    if isinstance(cell.value, Decimal):
        places = Decimal("0.01") if cell.kind in (Kind.EUROS, Kind.PRICE) else Decimal("0.0001")
        return str(cell.value.quantize(places))
    if isinstance(cell.value, date):
        return cell.value.isoformat()[: 7 if cell.kind is Kind.MONTH else 10]
    return str(cell.value)


def _parts(tables: Sequence[Table]) -> Iterator[tuple[str, str]]:
    numbers = range(1, len(tables) + 1)
    sheet_types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{PARTS}.worksheet+xml"/>'
        for number in numbers
    )
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{PARTS}.sheet.main+xml"/>{sheet_types}'
        f'<Override PartName="/xl/styles.xml" ContentType="{PARTS}.styles+xml"/></Types>',
    )
    yield "_rels/.rels", _relations(("officeDocument", "xl/workbook.xml"))
    listed = "".join(
        f'<sheet name="{escape(name, {QUOTE: "&quot;"})}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, _sheet_names(tables), strict=True)
    )
    yield "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
    sheets = [("worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations(*sheets, ("styles", "styles.xml"))
    yield "xl/styles.xml", _styles()
    for number, table in zip(numbers, tables, strict=True):
        yield f"xl/worksheets/sheet{number}.xml", _sheet(table)


def _sheet_names(tables: Sequence[Table]) -> list[str]:
    """Return the titles as spreadsheets take them: 31 characters, some forbidden, each once."""
    names: list[str] = []
    for number, table in enumerate(tables, 1):
        name = table.title.translate(NOT_IN_SHEET_NAMES).translate(NOT_IN_XML).strip("' ")[:SHEET_NAME_MAX].strip("' ")
        is_taken = name.lower() in (other.lower() for other in names)
        names.append(f"{number} {name}"[:SHEET_NAME_MAX] if is_taken or not name else name)
    return names


def _relations(*targets: tuple[str, str]) -> str:
    inner = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def _styles() -> str:
    formats = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for number, font in ((0, 0), (4, 0), (10, 0), (0, 1))  # 4: #,##0.00, 10: 0.00%
    )
    return (
        f'<styleSheet xmlns="{MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="4">{formats}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet(table: Table) -> str:
    widths = "".join(f'<col min="{n}" max="{n}" width="24" customWidth="1"/>' for n in range(1, len(table.columns) + 1))
    rows = "".join(
        f"<row>{''.join(_xml_cell(cell, HEADING_STYLE if number == 0 else 0) for cell in line)}</row>"
        for number, line in enumerate(_lines(table))
    )
    return f'<worksheet xmlns="{MAIN}"><cols>{widths}</cols><sheetData>{rows}</sheetData></worksheet>'


def _xml_cell(cell: Cell | str, style: int) -> str:
    if isinstance(cell, Cell) and cell.is_number and cell.value is not None:
        return f'<c s="{STYLES.get(cell.kind, 0)}"><v>{cell.value}</v></c>'
    text = escape(_text(cell).translate(NOT_IN_XML))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
