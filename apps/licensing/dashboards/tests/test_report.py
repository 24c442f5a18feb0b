"""The report for a minister's office: what it says, and that it is a PDF for all and for ever."""

import json

import pytest

from apps.licensing.dashboards.ministry import Dashboard
from apps.licensing.dashboards.report import report_of, tables_of
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.tenants.models import JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    membership = MembershipFactory.create(roles=[Role.PROCUREMENT])
    contract = ContractFactory.create(tenant=membership.tenant, name="#panic() $x$ <b>")
    ContractLineFactory.create(contract=contract)
    return membership


def test_report_is_for_everybody_to_read_and_to_keep(officer: Membership) -> None:
    response = client_of(officer).get(f"/t/{officer.tenant.slug}/dashboard/report.pdf", {"year": "2026"})

    content = response.content
    assert content.startswith(b"%PDF-1.7")
    assert b"pdfuaid:part>1<" in content
    assert b"pdfaid:part>3<" in content
    assert b"figures.xlsx" in content
    assert response["Content-Disposition"].startswith("attachment")
    with tenant_scope(officer.tenant_id):
        event = JournalEvent.objects.get(action="dashboard.exported")
    assert event.data == {"year": 2026, "format": "pdf"}


def test_report_says_what_each_year_costs_and_could(officer: Membership) -> None:
    with tenant_scope(officer.tenant_id):
        dashboard = Dashboard(officer.tenant, 2026)
        tables = tables_of(dashboard)
        years = next(table for table in tables if table.key == "years")
        report = report_of(dashboard, tables)

    year = next(cells for cells in years.rows if cells[0].value == "2026")
    assert [cell.value for cell in year[1:4]] == [12_000, 14_400, 1_200]
    drawn = next(section for section in report["sections"] if section["key"] == "years")
    assert drawn["values"][1][drawn["labels"].index("2026")] == 1200.0
    json.dumps(report)


def test_report_without_contracts_says_so() -> None:
    member = MembershipFactory.create(roles=[Role.PROCUREMENT])

    response = client_of(member).get(f"/t/{member.tenant.slug}/dashboard/report.pdf")

    assert response.content.startswith(b"%PDF-1.7")
