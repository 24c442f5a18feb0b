"""A ministry's dashboard: its figures, tables and files."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from apps.licensing.dashboards import files, rollups
from apps.licensing.dashboards.ministry import Dashboard
from apps.licensing.dashboards.tables import Cell, Column, Kind, Table, row
from apps.licensing.models import Amendment, Contract, NoticeDecision, UnitDay, UnitHeadcount, Vendor
from apps.licensing.savings import add_months
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.tenants.models import Headcount, Membership, Role, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

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
def contract(officer: Membership) -> Contract:
    """100 stand-alone seats at 10 EUR of which 10 are needed, reducible at each anniversary."""
    contract = ContractFactory.create(tenant=officer.tenant)
    ContractLineFactory.create(contract=contract)
    return contract


def address(officer: Membership, rest: str = "") -> str:
    return f"/t/{officer.tenant.slug}/dashboard/{rest}"


def cells_of(table: Table, number: int) -> list[object]:
    return [cell.value for cell in table.rows[number]]


def table_of(officer: Membership, key: str, year: int = 2026) -> Table:
    with tenant_scope(officer.tenant_id):
        return next(item for item in Dashboard(officer.tenant, year).tables if item.key == key)


def test_year_is_paid_and_could_be_less(officer: Membership, contract: Contract) -> None:
    with tenant_scope(officer.tenant_id):
        tiles = {tile.key: tile for tile in Dashboard(officer.tenant, 2026).tiles}

    assert tiles["due"].value == 12 * 100 * 10
    assert tiles["due"].with_vat == Decimal(12 * 100 * 10) * Decimal("1.2")
    assert tiles["potential"].value == 12 * 90 * 10
    assert tiles["realised"].value == 0
    assert tiles["adoption"].value is None


def test_steps_lead_from_what_is_paid_to_what_remains(officer: Membership, contract: Contract) -> None:
    with tenant_scope(officer.tenant_id):
        Amendment.objects.create(
            tenant=officer.tenant,
            contract=contract,
            line=contract.lines.get(),
            kind=Amendment.Kind.SEATS,
            evidence=Amendment.Evidence.INVOICE,
            evidenced_on=date(2026, 1, 1),
            effective_on=date(2026, 1, 1),
            seats=-20,
            by=officer.user,
        )

    steps = table_of(officer, "steps").rows

    stays, goes = [[cells[column].value for cells in steps] for column in (1, 2)]
    assert stays[0] == 12_000
    assert goes[1] == 2_400
    assert stays[-1] == 1_200
    for before, after, gone in zip(stays[:4], stays[1:5], goes[1:5], strict=True):
        assert before - after == gone  # type: ignore[operator]  # all are known here


def test_unknown_need_is_not_computable(officer: Membership, contract: Contract, client: Client) -> None:
    ContractLineFactory.create(contract=contract, needed_seats=None)

    with tenant_scope(officer.tenant_id):
        tiles = {tile.key: tile.value for tile in Dashboard(officer.tenant, 2026).tiles}

    assert tiles["potential"] is None
    assert tiles["due"] == 2 * 12_000
    assert b"not computable" in client.get(address(officer)).content


def count_usage(unit: Unit, day: date, vendor: Vendor, **counts: int) -> None:
    with tenant_scope(unit.tenant_id):
        UnitDay.objects.create(tenant=unit.tenant, unit=unit, day=day, vendor=vendor, **counts)


def test_adoption_takes_the_newest_day_of_each_month(officer: Membership) -> None:
    unit, other = UnitFactory.create(tenant=officer.tenant), UnitFactory.create(tenant=officer.tenant)
    for day, people in ((date(2026, 3, 1), 5), (date(2026, 3, 31), 40), (date(2026, 4, 15), 60)):
        count_usage(unit, day, Vendor.VISIO, people=people)
    count_usage(other, date(2026, 4, 15), Vendor.VISIO, people=20)
    with tenant_scope(officer.tenant_id):
        Headcount.objects.create(tenant=officer.tenant, starts_on=date(2026, 1, 1), agents=200, source="RH")
        UnitHeadcount.objects.create(
            tenant=officer.tenant, unit=unit, starts_on=date(2026, 4, 1), agents=100, source="RH"
        )
        whole = rollups.adoption_by_month(officer.tenant, None, date(2026, 1, 1), date(2026, 12, 31))
        own = rollups.adoption_by_month(officer.tenant, unit.id, date(2026, 1, 1), date(2026, 12, 31))

    assert [(point.people, point.eligible) for point in whole] == [(40, 200), (80, 200)]
    assert [(point.people, point.eligible) for point in own] == [(40, None), (60, 100)]


@pytest.mark.parametrize(("choice", "words"), [("", "the notice before was missed"), ("keep", "none yet")])
def test_date_that_passed_was_missed_only_where_nobody_decided(officer: Membership, choice: str, words: str) -> None:
    next_on = officer.tenant.today + timedelta(days=85)  # of 90 days of notice
    contract = ContractFactory.create(tenant=officer.tenant, starts_on=add_months(next_on, -12), term_months=120)
    ContractLineFactory.create(contract=contract)
    if choice:
        with tenant_scope(officer.tenant_id):
            NoticeDecision.objects.create(
                tenant=officer.tenant,
                contract=contract,
                effective_on=add_months(contract.starts_on, 12),
                choice=choice,
                reason="Rien à rendre",
                decided_by=officer.user,
            )

    assert cells_of(table_of(officer, "notices"), 0)[-1] == words


def test_few_dormant_seats_cannot_be_worked_out(officer: Membership) -> None:
    for dormant in (50, 30, 4):
        unit = UnitFactory.create(tenant=officer.tenant)
        count_usage(unit, date(2026, 11, 1), Vendor.ZOOM, assigned=200, dormant_90d=dormant)

    table = table_of(officer, "dormant")

    hidden = [cells[1] for cells in table.rows if cells[1].is_suppressed]
    assert len(hidden) >= 2  # the small one, and one more: their difference from a total would tell it
    assert table.as_of == date(2026, 11, 1)


def test_page_costs_the_same_for_many_units_and_contracts(officer: Membership, client: Client) -> None:
    def queries() -> int:
        client.get(address(officer))  # whatever is cached is cached
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address(officer)).status_code == 200
        return len(captured)

    ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))
    count_usage(UnitFactory.create(tenant=officer.tenant), date(2026, 11, 1), Vendor.ZOOM, assigned=20)
    few = queries()
    for _number in range(10):
        ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))
        count_usage(UnitFactory.create(tenant=officer.tenant), date(2026, 11, 1), Vendor.ZOOM, assigned=20)

    assert queries() == few


def test_live_part_is_read_only_when_figures_changed(officer: Membership, client: Client, contract: Contract) -> None:
    with tenant_scope(officer.tenant_id):
        digest = Dashboard(officer.tenant, officer.tenant.today.year).digest
    query = {"seen": digest}

    assert client.get(address(officer), query, headers={"HX-Request": "true"}).status_code in (200, 204)
    shown = client.get(address(officer), {"seen": "old"}, headers={"HX-Request": "true"})
    assert b"<html" not in shown.content
    assert b"dashboard-figures" in shown.content


def test_filters_that_make_no_sense_count_as_none(officer: Membership, client: Client, contract: Contract) -> None:
    response = client.get(address(officer), {"year": "never", "unit": "x", "product": "y"})

    assert response.status_code == 200


def test_table_is_a_csv_file(officer: Membership, client: Client, contract: Contract) -> None:
    response = client.get(address(officer, "spending.csv"), {"year": "2026"})

    lines = list(csv.reader(StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert lines[0][0] == "Month"
    assert lines[1][:3] == ["2026-01", "1000.00", "1200.00"]
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("address_end", ["spending.pdf", "nothing.csv"])
def test_unknown_table_is_not_found(officer: Membership, client: Client, address_end: str) -> None:
    assert client.get(address(officer, address_end)).status_code == 404


def test_workbook_holds_numbers_and_text_that_is_no_formula() -> None:
    columns = [Column("Name"), Column("Amount", Kind.EUROS), Column("Share", Kind.PERCENT)]
    rows = [
        row(columns, "=1+1 <b>&", Decimal("12.5"), Decimal("0.25")),
        [Cell(Kind.TEXT, "x\x00"), Cell(Kind.EUROS, None), Cell(Kind.COUNT, None, is_suppressed=True)],
    ]
    table = Table("test", "Test", columns, rows, "nobody", date(2026, 1, 1))

    with ZipFile(BytesIO(files.xlsx_of(table))) as book:
        for name in book.namelist():
            etree.fromstring(book.read(name))
        sheet = book.read("xl/worksheets/sheet1.xml").decode()

    assert '<c s="1"><v>12.5</v></c>' in sheet
    assert "=1+1 &lt;b&gt;&amp;" in sheet
    assert "<f>" not in sheet
    assert "'=1+1" in files.csv_of(table).decode("utf-8-sig")
