"""The pages of imports."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.licensing.imports.running import run_import
from apps.licensing.imports.tests.files import Imports, table, teams_row, zoom_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER, ZOOM_HEADER
from apps.licensing.models import Product, UsageImport
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory, ProductFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(officer: Membership) -> Client:
    client = client_of(officer)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def url(name: str, officer: Membership, *args: object) -> str:
    return reverse(f"licensing:usage_{name}", args=[officer.tenant.slug, *args])


def test_an_empty_list_says_where_the_exports_are(web: Client, officer: Membership) -> None:
    page = web.get(url("list", officer)).content.decode()

    assert "No file yet" in page
    assert "Reports, Usage, Microsoft Teams" in page


def test_a_plain_form_brings_a_file(web: Client, officer: Membership, imports: Imports) -> None:
    file = SimpleUploadedFile("teams.csv", table(TEAMS_HEADER, [teams_row("a@example.fr")]))

    answer = web.post(url("create", officer), {"file": file})

    with tenant_scope(officer.tenant_id):
        begun = UsageImport.objects.get()
    assert answer.headers["Location"] == url("detail", officer, begun.id)
    page = web.get(answer.headers["Location"]).content.decode()
    assert "Waiting for the reading to begin" in page
    assert f'data-live-topic="imports:{officer.tenant_id}"' in page


def test_a_form_without_a_file_says_so(web: Client, officer: Membership) -> None:
    answer = web.post(url("create", officer))

    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()


def test_a_preview_shows_counts_seats_and_rows_and_is_confirmed(
    web: Client, officer: Membership, imports: Imports
) -> None:
    contract = ContractFactory.create(tenant=officer.tenant)
    product = ProductFactory.create(publisher="Microsoft", kind=Product.Kind.BUNDLE)
    ContractLineFactory.create(contract=contract, product=product, seats=12)
    previewed = imports.send(table(TEAMS_HEADER, [teams_row("zoé@example.fr")]), name="équipes.csv")

    page = web.get(url("detail", officer, previewed.id)).content.decode()

    for text in ("équipes.csv", "Paid seats", "Contracts in force that day", "11", "zoé@example.fr", "Import the file"):
        assert text in page
    web.post(url("confirm", officer, previewed.id))
    assert imports.again(previewed).status == UsageImport.Status.COMMITTING
    assert web.post(url("confirm", officer, previewed.id)).status_code == 409


def test_questions_are_asked_and_answered(web: Client, officer: Membership, imports: Imports) -> None:
    asked = imports.send(table(ZOOM_HEADER, [zoom_row("a@example.fr", login="08/12/2026 10:00")]))

    assert "Exported on" in web.get(url("detail", officer, asked.id)).content.decode()
    assert web.post(url("answer", officer, asked.id), {"day": ""}).status_code == 422
    web.post(url("answer", officer, asked.id), {"day": "2026-11-20"})
    asked = imports.read(asked)
    assert "does not guess" in web.get(url("detail", officer, asked.id)).content.decode()
    web.post(url("answer", officer, asked.id), {"date_order": "dmy"})

    previewed = imports.read(asked)
    assert (previewed.status, previewed.refreshed_on) == ("previewed", date(2026, 11, 20))


def test_columns_are_said_on_a_page(web: Client, officer: Membership, imports: Imports) -> None:
    asked = imports.send(table(["Qui", "Quoi"], [["a@example.fr", "Basic"]]))

    assert "Show what it needs" in web.get(url("columns", officer, asked.id)).content.decode()
    address = f"{url('columns', officer, asked.id)}?format=zoom_users"
    assert "1 – Qui" in web.get(address).content.decode()
    twice = web.post(address, {"identifier": "0", "user_type": "0"})
    assert twice.status_code == 422
    web.post(address, {"identifier": "0", "user_type": "1"})

    again = imports.again(asked)
    assert (again.status, again.mapping) == ("reading", {"identifier": 0, "user_type": 1})


def test_problems_are_paged_and_downloaded_without_formulas(web: Client, officer: Membership, imports: Imports) -> None:
    rows = [teams_row("=cmd|' /C calc'!A0", meetings="+1") for _ in range(30)]
    refused = imports.send(table(TEAMS_HEADER, rows))

    page = web.get(url("detail", officer, refused.id)).content.decode()
    second = web.get(f"{url('detail', officer, refused.id)}?page=2")
    sheet = web.get(url("problems", officer, refused.id)).content.decode("utf-8-sig")

    assert "30 of 30 rows cannot be read" in page
    assert second.status_code == 200
    assert len(sheet.splitlines()) == 61
    cells = [cell.strip('"') for line in sheet.splitlines()[1:] for cell in line.split(";")[1:]]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "'=cmd" in sheet


def test_an_import_is_undone_and_its_file_removed(web: Client, officer: Membership, imports: Imports) -> None:
    committed = imports.confirm(imports.send(table(TEAMS_HEADER, [teams_row("a@example.fr")])))

    assert "Undo this import?" in web.get(url("undo", officer, committed.id)).content.decode()
    web.post(url("undo", officer, committed.id))
    assert "are being taken out" in web.get(url("detail", officer, committed.id)).content.decode()
    assert imports.read(committed).status == UsageImport.Status.UNDONE
    web.post(url("remove", officer, committed.id))
    run_import(tenant_id=officer.tenant_id, import_id=committed.id)

    with tenant_scope(officer.tenant_id):
        assert not UsageImport.objects.exists()


def test_the_list_costs_the_same_for_one_and_for_many(web: Client, officer: Membership, imports: Imports) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert web.get(url("list", officer)).status_code == 200
        return len(captured)

    imports.send(b"x")
    first = queries()
    for _ in range(8):
        imports.send(b"x")

    assert queries() == first
