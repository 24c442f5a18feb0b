"""The savings month by month, and each number opened."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.licensing.models import Amendment, Contract, ContractLine
from apps.licensing.savings import Measure
from apps.licensing.savings_pages.book import Book
from apps.licensing.savings_pages.tests.golden import enter, sheet_of
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.tenants.models import Membership, Role
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
def line(officer: Membership) -> ContractLine:
    """100 stand-alone seats at 10 EUR of which 10 are needed, reducible at each anniversary."""
    return ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))


def address(officer: Membership, rest: str = "") -> str:
    return f"/t/{officer.tenant.slug}/savings/{rest}"


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


@pytest.mark.parametrize("name", ["suite", "zoom", "mixed"])
def test_every_month_of_the_golden_ministries_is_shown_to_the_cent(
    officer: Membership, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    today, lines = enter(officer, name)
    monkeypatch.setattr(type(officer.tenant), "today", today)

    with tenant_scope(officer.tenant_id):
        found = {
            (lines[item.line.key], measure.value, item.month): item.eur
            for year in range(2025, 2031)
            for measure, amounts in Book(officer.tenant, year).amounts.items()
            for item in amounts
        }

    expected = sheet_of(name)
    assert {key: found[key] for key in expected} == expected


def test_page_shows_the_year_with_its_sums(officer: Membership, client: Client, line: ContractLine) -> None:
    page = text_of(client, f"{address(officer)}?year=2026")

    assert "€12,000.00" in page or "12,000.00 €" in page
    assert "14,400.00 €" in page  # with VAT
    assert f"{address(officer, '2026-05/')}#potential" in page


def test_number_is_opened_down_to_its_formula(officer: Membership, client: Client, line: ContractLine) -> None:
    page = text_of(client, address(officer, f"{line.contract_id}/{line.id}/2026-05/"))

    assert "90 × 10.00 € = 900.00 €" in page
    assert "100 \u2212 10" in page
    assert "1,080.00 € with VAT" in page
    assert f"/contracts/{line.contract_id}/" in page


def test_month_before_the_contract_says_so(officer: Membership, client: Client, line: ContractLine) -> None:
    page = text_of(client, address(officer, f"{line.contract_id}/{line.id}/2024-05/"))

    assert "had not begun" in page


def test_unknown_need_says_why_and_where_to_enter_it(officer: Membership, client: Client, line: ContractLine) -> None:
    with tenant_scope(officer.tenant_id):
        ContractLine.objects.update(needed_seats=None)

    for url in (f"{address(officer)}?year=2026", address(officer, f"{line.contract_id}/{line.id}/2026-05/")):
        page = text_of(client, url)
        assert "not computable" in page
        assert "Enter the seats still needed" in page
        assert f"/lines/{line.id}/edit/" in page


def test_all_years_and_one_line_can_be_asked_for(officer: Membership, client: Client, line: ContractLine) -> None:
    other = ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant), seats=77)

    page = text_of(client, f"{address(officer)}?year=all&line={line.id}")

    assert f"year=2030&amp;line={line.id}" in page
    with tenant_scope(officer.tenant_id):
        assert [row.id for row in Book(officer.tenant, None, other).rows.values()] == [other.id]


@pytest.mark.parametrize("query", ["?year=1", "?year=x&line=y", "?line=00000000-0000-0000-0000-000000000000"])
def test_filter_that_makes_no_sense_counts_as_none(officer: Membership, client: Client, query: str) -> None:
    assert client.get(f"{address(officer)}{query}").status_code == 200


@pytest.mark.parametrize("month", ["2026-13", "2031-01", "1999-01", "may", "2026-5"])
def test_month_that_is_none_is_not_found(officer: Membership, client: Client, month: str) -> None:
    assert client.get(address(officer, f"{month}/")).status_code == 404


def test_line_of_another_contract_is_not_found(officer: Membership, client: Client, line: ContractLine) -> None:
    other = ContractFactory.create(tenant=officer.tenant)

    assert client.get(address(officer, f"{other.id}/{line.id}/2026-05/")).status_code == 404


def test_each_line_and_month_is_a_file(officer: Membership, client: Client, line: ContractLine) -> None:
    response = client.get(f"{address(officer, 'tables/details.csv')}?year=2026")

    rows = list(csv.reader(StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][1:9] == ["2026-01", "100", "0", "0", "10", "10.00", "1000.00", "900.00"]
    assert client.get(address(officer, "tables/details.pdf")).status_code == 404


def test_page_costs_the_same_for_many_lines(officer: Membership, client: Client, line: ContractLine) -> None:
    def queries(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    pages = [address(officer), address(officer, "2026-05/"), address(officer, f"{line.contract_id}/{line.id}/2026-05/")]
    few = [queries(url) for url in pages]
    for _number in range(6):
        ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))
    ContractLineFactory.create(contract=line.contract)

    assert [queries(url) for url in pages] == few


def test_invoice_makes_a_saving_realised(officer: Membership, client: Client, line: ContractLine) -> None:
    with tenant_scope(officer.tenant_id):
        Amendment.objects.create(
            tenant=officer.tenant,
            contract=Contract.objects.get(),
            line=line,
            kind=Amendment.Kind.SEATS,
            number="F-12",
            evidence=Amendment.Evidence.INVOICE,
            evidenced_on=date(2026, 1, 5),
            effective_on=date(2026, 1, 1),
            seats=-20,
            by=officer.user,
        )
        total = next(item for item in Book(officer.tenant, 2026).sums if item.measure is Measure.REALISED)

    page = text_of(client, address(officer, f"{line.contract_id}/{line.id}/2026-05/"))
    assert total.total.eur == Decimal(2400)
    assert "20 × 10.00 € = 200.00 €" in page
    assert "invoice F-12" in page
