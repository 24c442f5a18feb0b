"""The table of contracts as XLSX (ECMA-376): the template with its explanations, and what people send back.

A workbook is an archive of XML that somebody else wrote: it is looked at before it is unpacked, and read as a stream.
"""

import csv
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from apps.files.archives import ArchiveTooLarge, UnsafeArchive, check_workbook
from apps.licensing.contracts.spreadsheets import (
    BYTES_MAX,
    COLUMNS,
    ROWS_MAX,
    Column,
    Problem,
    UnreadableSheet,
    example_of,
    field_of,
)
from apps.licensing.models import Product

CELLS_MAX = 60  # in a row; beyond the template's columns nothing is read
TEXT_MAX = 32_767  # characters that Excel puts into a cell
TABLE, EXPLANATIONS, PRODUCTS = "Contrats", "Explications", "Produits"
TEXT = "@"  # the number format of columns whose digits are no number
DIGITS_OF_TEXT = {"supplier_siret", "legal_commitment", "framework_number", "lot"}
# What openpyxl lets through of archives and XML that are not what they say.
BROKEN = (
    UnsafeArchive,
    BadZipFile,
    InvalidFileException,
    zlib.error,
    EOFError,
    SyntaxError,  # of XML
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)


def workbook_template() -> bytes:
    """Return the table to fill in with an example, a sheet of explanations, and the products to choose from."""
    products = [str(product) for product in Product.objects.all()]
    book = Workbook()
    table: Worksheet = book.active
    table.title = TABLE
    _append(table, [column.header for column in COLUMNS])
    _append(table, [example_of(column) for column in COLUMNS])
    table.freeze_panes = "B2"
    for number, column in enumerate(COLUMNS, start=1):
        _shape(table, number, column, len(products))
    with override("fr"):
        _explain(book.create_sheet(EXPLANATIONS))
    listed = book.create_sheet(PRODUCTS)
    for line in ("Produit", *products):
        _append(listed, [line])
    listed.column_dimensions["A"].width = 50
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def text_of_workbook(content: bytes) -> tuple[str, list[Problem]]:
    """Return a workbook's table as CSV, row by row, and the cells that hold formulas; raise UnreadableSheet."""
    if len(content) > BYTES_MAX:
        raise UnreadableSheet(_("The file is larger than 2 MB."))
    problems: list[Problem] = []
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    try:
        check_workbook(content)
        for number, cells in enumerate(_rows(content), start=1):
            problems += [
                Problem(number, COLUMNS[at].header if at < len(COLUMNS) else get_column_letter(at + 1), _formula())
                for at, cell in enumerate(cells)
                if cell.data_type == "f"
            ]
            writer.writerow([_text(cell.value) for cell in cells])
            if out.tell() > BYTES_MAX:  # a workbook says a long text once, for as many cells as it likes
                raise ArchiveTooLarge
    except ArchiveTooLarge as error:
        raise UnreadableSheet(_("This workbook holds too much: keep the template's sheets alone.")) from error
    except BROKEN as error:
        raise UnreadableSheet(_("This workbook cannot be read: save it again as XLSX, or as CSV.")) from error
    return out.getvalue(), problems


def _rows(content: bytes) -> Iterator[Sequence[Any]]:
    """Give the rows of the template's sheet, or of the first one; the sheet's own word on its size counts nothing."""
    book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
    try:
        sheet = book[TABLE] if TABLE in book.sheetnames else book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(max_row=ROWS_MAX + 2, max_col=CELLS_MAX)
    finally:
        book.close()


def _text(value: Any) -> str:
    """Write a cell as the CSV of a French spreadsheet has it."""
    if value is None:
        return ""
    if isinstance(value, date):  # a datetime is one, too
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float):
        number = Decimal(str(value))
        return f"{number.quantize(Decimal(1)) if number == number.to_integral_value() else number}".replace(".", ",")
    if len(text := str(value)) > TEXT_MAX:
        raise ArchiveTooLarge
    return text


def _formula() -> str:
    return _("This cell holds a formula: paste its value instead.")


def _append(sheet: Worksheet, texts: Sequence[str]) -> None:
    """Add a row of texts, whatever they begin with."""
    row = sheet.max_row + (1 if sheet["A1"].value is not None else 0)
    for at, text in enumerate(texts, start=1):
        cell = sheet.cell(row, at)
        cell.value, cell.data_type = text, "s"
        cell.font = Font(bold=row == 1)
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _shape(table: Worksheet, number: int, column: Column, products: int) -> None:
    letter = get_column_letter(number)
    table.column_dimensions[letter].width = max(14, min(40, len(column.header) + 2))
    if column.name in DIGITS_OF_TEXT:
        table.column_dimensions[letter].number_format = TEXT
        table[f"{letter}2"].number_format = TEXT
    values = ",".join(word for word in column.words if word) if column.words else ""
    formula = f'"{values}"' if values else ""
    if column.name == "product" and products:
        formula = f"{PRODUCTS}!$A$2:$A${products + 1}"
    if formula:
        choice = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=False)
        choice.add(f"{letter}2:{letter}{ROWS_MAX + 1}")
        table.add_data_validation(choice)


def _explain(sheet: Worksheet) -> None:
    _append(sheet, ["Colonne", "À remplir", "Explication", "Valeurs admises", "Exemple"])
    for column in COLUMNS:
        field = field_of(column)
        is_needed = field.required and not column.default and "" not in (column.words or {})
        words = ", ".join(word for word in column.words if word) if column.words else ""
        values = f"une ligne de la feuille {PRODUCTS}" if column.name == "product" else words
        example = example_of(column)
        _append(sheet, [column.header, "oui" if is_needed else "si connu", str(field.help_text), values, example])
    for letter, width in (("A", 36), ("B", 12), ("C", 70), ("D", 50), ("E", 34)):
        sheet.column_dimensions[letter].width = width
