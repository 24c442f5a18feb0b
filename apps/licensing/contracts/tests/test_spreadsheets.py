"""Contracts from a spreadsheet."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from apps.licensing.contracts.spreadsheets import BYTES_MAX, COLUMNS
from apps.licensing.contracts.workbooks import workbook_template
from apps.licensing.models import Contract, Product
from apps.licensing.tests.factories import ContractFactory, ProductFactory
from apps.tenants.models import JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def client(officer: Membership) -> Client:
    client = client_of(officer)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def product() -> Product:
    return ProductFactory.create(publisher="Zoom", name="Workplace Pro")


def row(**changes: str) -> dict[str, str]:
    """Return the template's example, with what is told apart."""
    cells = {column.header: column.example for column in COLUMNS}
    return cells | {"Produit": "zoom workplace pro"} | {key.replace("_", " "): value for key, value in changes.items()}


def table(*rows: dict[str, str], delimiter: str = ";") -> str:
    out = StringIO()
    writer = csv.DictWriter(out, [column.header for column in COLUMNS], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def send(client: Client, officer: Membership, content: bytes) -> Any:
    file = SimpleUploadedFile("contrats.csv", content, "text/csv")
    return client.post(f"/t/{officer.tenant.slug}/contracts/import/", {"file": file})


def confirm(client: Client, officer: Membership, response: Any) -> Any:
    preview = response.context["preview"]
    return client.post(f"/t/{officer.tenant.slug}/contracts/import/", {"preview": preview})


def names(officer: Membership) -> list[str]:
    with tenant_scope(officer.tenant_id):
        return list(Contract.objects.values_list("name", flat=True))


def test_template_as_it_is_given_can_be_sent_back(client: Client, officer: Membership, product: Product) -> None:
    given = client.get(f"/t/{officer.tenant.slug}/contracts/import/template.csv").content

    preview = send(client, officer, given)
    assert names(officer) == []
    confirm(client, officer, preview)

    with tenant_scope(officer.tenant_id):
        contract = Contract.objects.get()
        line = contract.lines.get()
        actions = set(JournalEvent.objects.values_list("action", flat=True))
    assert contract.starts_on == date(2025, 1, 1)
    assert (contract.renewal, contract.reduction, contract.vat_place) == ("tacit", "anniversary", "metropole")
    assert (line.product, line.seats, line.unit_price) == (product, 8400, Decimal("36.0000"))
    assert actions == {"contract.created", "contract.imported"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
def test_table_is_read_as_spreadsheets_write_it(
    client: Client, officer: Membership, product: Product, encoding: str, delimiter: str
) -> None:
    preview = send(client, officer, table(row(), delimiter=delimiter).encode(encoding))

    assert preview.context["sheet"].problems == []


def test_rows_of_one_name_are_lines_of_one_contract(client: Client, officer: Membership, product: Product) -> None:
    preview = send(client, officer, table(row(), row(Licences="20")).encode())
    confirm(client, officer, preview)

    with tenant_scope(officer.tenant_id):
        assert list(Contract.objects.get().lines.values_list("seats", flat=True)) == [8400, 20]


def test_all_that_is_wrong_is_listed_and_nothing_is_saved(
    client: Client, officer: Membership, product: Product
) -> None:
    wrong = [
        row(),
        row(Contrat="B", Début="31/02/2025", Licences="0"),
        row(Contrat="C", Reconduction="peut-être", Produit="inconnu"),
    ]

    response = send(client, officer, table(*wrong).encode())

    sheet = response.context["sheet"]
    found = {(problem.row, problem.header) for problem in sheet.problems}
    assert found == {(3, "Début"), (3, "Licences"), (4, "Reconduction"), (4, "Produit")}
    assert "preview" not in response.context
    assert names(officer) == []


def test_second_import_doubles_nothing(client: Client, officer: Membership, product: Product) -> None:
    content = table(row()).encode()
    confirm(client, officer, send(client, officer, content))

    again = send(client, officer, content)

    assert again.context["sheet"].entries == []
    assert len(names(officer)) == 1


def test_name_taken_since_the_preview_is_left_as_it_is(client: Client, officer: Membership, product: Product) -> None:
    preview = send(client, officer, table(row(), row(Contrat="B")).encode())
    ContractFactory.create(tenant=officer.tenant, name="B")

    confirm(client, officer, preview)

    assert len(names(officer)) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"a;b\n1;2\n", b"PK\x03\x04\x00\x00", b"Contrat\n", b'"Contrat;', b"x" * (BYTES_MAX + 1)],
    ids=["empty", "other", "workbook", "headers", "quote", "large"],
)
def test_file_that_is_no_such_table_is_refused(
    client: Client, officer: Membership, product: Product, content: bytes
) -> None:
    response = send(client, officer, content)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["file"]


def test_preview_of_somebody_else_is_refused(client: Client, officer: Membership, product: Product) -> None:
    preview = send(client, officer, table(row()).encode())
    other = MembershipFactory.create(tenant=officer.tenant, roles=[Role.PROCUREMENT])

    confirm(client_of(other), officer, preview)

    assert names(officer) == []


def workbook(change: Any = None) -> bytes:
    """Return the template as people send it back, after a change."""
    book = load_workbook(BytesIO(workbook_template()))
    if change is not None:
        change(book["Contrats"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def column_of(name: str) -> int:
    return [column.name for column in COLUMNS].index(name) + 1


def test_workbook_of_the_template_can_be_sent_back(client: Client, officer: Membership, product: Product) -> None:
    def with_values_of_spreadsheets(table: Any) -> None:
        table.cell(2, column_of("starts_on")).value = datetime(2026, 2, 1)
        table.cell(2, column_of("seats")).value = 250
        table.cell(2, column_of("unit_price")).value = 11.9
        table.cell(2, column_of("supplier_siret")).value = 73282932000074

    given = client.get(f"/t/{officer.tenant.slug}/contracts/import/template.xlsx").content
    assert load_workbook(BytesIO(given)).sheetnames == ["Contrats", "Explications", "Produits"]

    preview = send(client, officer, workbook(with_values_of_spreadsheets))
    assert preview.context["sheet"].problems == []
    confirm(client, officer, preview)

    with tenant_scope(officer.tenant_id):
        contract = Contract.objects.get()
        line = contract.lines.get()
    assert (contract.starts_on, contract.supplier_siret) == (date(2026, 2, 1), "73282932000074")
    assert (line.seats, line.unit_price) == (250, Decimal("11.9000"))


def test_formula_in_a_workbook_is_named_by_its_cell(client: Client, officer: Membership, product: Product) -> None:
    def with_formula(table: Any) -> None:
        table.cell(2, column_of("seats")).value = "=2+2"

    response = send(client, officer, workbook(with_formula))

    assert [(problem.row, problem.header) for problem in response.context["sheet"].problems] == [(2, "Licences")]
    assert names(officer) == []


def repacked(part: str, content: bytes) -> bytes:
    """Return the template with one part replaced or added."""
    out = BytesIO()
    with ZipFile(BytesIO(workbook_template())) as given, ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name in given.namelist():
            if name != part:
                archive.writestr(name, given.read(name))
        archive.writestr(part, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("part", "content"),
    [
        pytest.param("xl/worksheets/sheet1.xml", b"<x>" * 4_000_000, id="bomb"),
        pytest.param("xl/styles.xml", b"<xf/>" * 100_000, id="styles"),
        pytest.param(
            "xl/worksheets/sheet1.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a/>', id="xxe"
        ),
        pytest.param("xl/workbook.xml", b"<workbook", id="broken"),
    ],
)
def test_hostile_workbook_is_refused(
    client: Client, officer: Membership, product: Product, part: str, content: bytes
) -> None:
    response = send(client, officer, repacked(part, content))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["file"]
