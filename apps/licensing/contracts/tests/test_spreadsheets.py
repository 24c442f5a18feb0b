"""Contracts from a spreadsheet."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.licensing.contracts.spreadsheets import BYTES_MAX, COLUMNS
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
