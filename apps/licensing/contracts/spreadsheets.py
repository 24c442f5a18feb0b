"""Contracts from a spreadsheet: one row for each line of a contract, as CSV with French headers.

The first row of a contract says its terms; further rows of the same name add lines. All rows are checked by the
forms that people fill in by hand, and nothing is saved unless all of them are right.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO, StringIO
from typing import ClassVar
from uuid import UUID

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.licensing.contracts.forms import ContractForm, LineForm
from apps.licensing.contracts.operations import add_line, create_contract, record_change
from apps.licensing.imports.reading import MARK, SAMPLE_BYTES, Refused, encoding_of, refuse_other_kinds
from apps.licensing.imports.words import FAILURES
from apps.licensing.models import Contract, Product
from apps.tenants.models import Membership
from visio_portal.spreadsheet_cells import guarded

ROWS_MAX = 2000
BYTES_MAX = 2 * 1024 * 1024

# What a cell may say, as French contracts say it, and what the form takes for it.
FRAMEWORKS = {
    "ugap": "ugap",
    "accord-cadre": "framework_agreement",
    "marché subséquent": "subsequent_contract",
    "marché": "public_contract",
    "autre": "other",
}
RENEWALS = {"tacite": "tacit", "expresse": "express", "aucune": "none"}
REDUCTIONS = {"à tout moment": "any_time", "à chaque anniversaire": "anniversary", "au terme": "end_of_term"}
RULES = {"reçu": "received", "envoyé": "sent", "": "received"}
CLAUSES = {"ferme": "fixed", "révisable": "revised", "tarif public": "list", "": "fixed"}
CURRENCIES = {"eur": "EUR", "usd": "USD", "": "EUR"}
PLACES = {
    "métropole": "metropole",
    "guadeloupe": "guadeloupe",
    "martinique": "martinique",
    "la réunion": "reunion",
    "guyane": "guyane",
    "mayotte": "mayotte",
    "": "metropole",
}


@dataclass(frozen=True)
class Column:
    """A column of the template: its header, the form's field, an example, and the words that it takes."""

    header: str
    name: str
    example: str
    words: dict[str, str] | None = None
    default: str = ""


CONTRACT_COLUMNS = [
    Column("Contrat", "name", "Suites bureautiques, marché subséquent 2"),
    Column("Fournisseur", "supplier_name", "Revendeur SA"),
    Column("SIRET du fournisseur", "supplier_siret", "732 829 320 00074"),
    Column("Cadre", "framework", "marché subséquent", FRAMEWORKS),
    Column("Numéro du cadre ou du contrat", "framework_number", "2024-MS-02"),
    Column("Lot", "lot", "1"),
    Column("Engagement juridique", "legal_commitment", "1300123456"),
    Column("Service exécutant", "executing_service", "DSI"),
    Column("AE le", "committed_on", "15/12/2024"),
    Column("CP à partir du", "payable_from", "01/01/2025"),
    Column("Début", "starts_on", "01/01/2025"),
    Column("Durée (mois)", "term_months", "36"),
    Column("Reconduction", "renewal", "tacite", RENEWALS),
    Column("Durée d’une reconduction (mois)", "renewal_months", "12"),
    Column("Reconductions au plus", "renewals_max", "1"),
    Column("Réduction possible", "reduction", "à chaque anniversaire", REDUCTIONS),
    Column("Préavis (jours)", "notice_days", "90"),
    Column("Préavis envoyé ou reçu", "notice_rule", "reçu", RULES),
    Column("Préparation interne (jours)", "preparation_days", "30", default="30"),
    Column("Prix", "price_clause", "ferme", CLAUSES),
    Column("Formule ou indice", "price_clause_text", ""),
    Column("Devise", "currency", "EUR", CURRENCIES),
    Column("Euros pour une unité", "eur_per_unit", ""),
    Column("Jour du taux", "rate_on", ""),
    Column("Source du taux", "rate_source", ""),
    Column("TVA", "vat_place", "métropole", PLACES),
]
LINE_COLUMNS = [
    Column("Produit", "product", ""),
    Column("Licences", "seats", "8 400"),
    Column("Licences encore nécessaires", "needed_seats", "400"),
    Column("Prix par licence et mois HT", "unit_price", "36,00"),
    Column("Prix de la même suite sans réunions HT", "price_without_meetings", ""),
]
COLUMNS = [*CONTRACT_COLUMNS, *LINE_COLUMNS]


class UnreadableSheet(Exception):
    """The file is no table of contracts; ``str`` says why."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell; ``row`` counts as the spreadsheet does, from 1."""

    row: int
    header: str
    message: str


@dataclass
class Entry:
    """A contract of the sheet with its lines, as the forms read them."""

    row: int
    contract: ContractForm
    lines: list[LineForm] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """What a file holds: contracts to add, the names of those that the ministry has already, and all problems."""

    entries: list[Entry]
    known: list[str]
    problems: list[Problem]
    problems_max: ClassVar[int] = 500  # that a page lists

    @property
    def first_problems(self) -> list[Problem]:
        return self.problems[: self.problems_max]


def template() -> bytes:
    """Return the table to fill in, with an example, as French spreadsheets open it."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([column.header for column in COLUMNS])
    writer.writerow([guarded(example_of(column)) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def example_of(column: Column) -> str:
    """Return what the template's example says in a column; its product is one of the catalogue's."""
    if column.name != "product":
        return column.example
    return str(Product.objects.filter(kind=Product.Kind.STANDALONE).first() or Product.objects.first() or "")


def field_of(column: Column) -> forms.Field:
    """Return the field that checks a column's cells."""
    form = ContractForm if column in CONTRACT_COLUMNS else LineForm
    field: forms.Field = form.base_fields[column.name]
    return field


def text_of(content: bytes) -> str:
    """Return a file's text; raise UnreadableSheet for one that is too large, no text, or in several encodings."""
    if len(content) > BYTES_MAX:
        raise UnreadableSheet(_("The file is larger than 2 MB."))
    try:
        refuse_other_kinds(content[:SAMPLE_BYTES])
    except Refused as refusal:
        raise UnreadableSheet(str(FAILURES["empty"]) if refusal.code == "empty" else _neither()) from refusal
    encoding = encoding_of(BytesIO(content))
    try:
        text = content.decode(encoding.name).removeprefix(MARK)
    except UnicodeDecodeError as error:
        raise UnreadableSheet(_("Some characters cannot be read: save the file again as CSV (UTF-8).")) from error
    if "\0" in text:
        raise UnreadableSheet(_neither())
    return text


def read_sheet(text: str, *, tenant_id: UUID, today: date) -> Sheet:
    """Check each row of a table of contracts; raise UnreadableSheet where the columns are not the template's."""
    rows = _rows(text)
    known = set(Contract.objects.filter(tenant_id=tenant_id).values_list("name", flat=True))
    products = {_key(str(product)): str(product.pk) for product in Product.objects.all()}
    entries: dict[str, Entry] = {}
    skipped: dict[str, None] = {}
    checked: list[tuple[ContractForm | LineForm, int, Sequence[Column]]] = []
    with override("fr"):  # amounts and days are written as in France
        for number, row in rows:
            name = " ".join(row["Contrat"].split())
            if name in known:
                skipped[name] = None
                continue
            entry = entries.get(name)
            if entry is None:
                entry = entries[name] = Entry(number, ContractForm(_values(row, CONTRACT_COLUMNS), today=today))
                checked.append((entry.contract, number, CONTRACT_COLUMNS))
            line = LineForm(_values(row, LINE_COLUMNS) | {"product": products.get(_key(row["Produit"]), "")})
            checked.append((line, number, LINE_COLUMNS))
            entry.lines.append(line)
        for form, _number, _columns in checked:
            form.is_valid()
    problems = [problem for form, number, columns in checked for problem in _problems(form, number, columns)]
    return Sheet(list(entries.values()), list(skipped), problems)


def add_contracts(*, membership: Membership, sheet: Sheet) -> int:
    """Save all contracts of a sheet without problems, or none of them; return how many."""
    with transaction.atomic():
        for entry in sheet.entries:
            first, *others = [form.instance for form in entry.lines]
            contract = create_contract(membership=membership, contract=entry.contract.instance, line=first)
            for line in others:
                add_line(membership=membership, contract=contract, line=line)
            record_change(membership, "contract.imported", contract, count=len(entry.lines))
    return len(sheet.entries)


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    try:
        table = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UnreadableSheet(str(FAILURES["unreadable"])) from error
    headers = [_key(cell) for cell in table[0]] if table else []
    missing = [column.header for column in COLUMNS if _key(column.header) not in headers]
    if len(missing) == len(COLUMNS):
        raise UnreadableSheet(_("None of the template’s columns is in this file: take the template, and fill it in."))
    if missing:
        raise UnreadableSheet(_("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    if len(table) - 1 > ROWS_MAX:
        raise UnreadableSheet(_("The file has more than %(count)s rows.") % {"count": ROWS_MAX})
    places = {column.header: headers.index(_key(column.header)) for column in COLUMNS}
    rows = [
        (number, {header: cells[at].strip() if at < len(cells) else "" for header, at in places.items()})
        for number, cells in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise UnreadableSheet(_("The file has no row below its headers."))
    return rows


def _values(row: dict[str, str], columns: Sequence[Column]) -> dict[str, str]:
    """Return what the form is sent; a word that is none of the column's stays as it is, and is refused there."""
    values = {}
    for column in columns:
        cell = row[column.header]
        values[column.name] = column.words.get(_key(cell), cell) if column.words else cell or column.default
    return values


def _problems(form: ContractForm | LineForm, number: int, columns: Sequence[Column]) -> list[Problem]:
    headers = {column.name: column.header for column in columns}
    return [
        Problem(number, headers.get(name, ""), str(error)) for name, errors in form.errors.items() for error in errors
    ]


def _neither() -> str:
    return _("This is neither XLSX nor CSV. In the spreadsheet, choose “Save as” and then one of them.")


def _key(text: str) -> str:
    return " ".join(text.replace("'", "’").split()).casefold()
