"""Closed months: what a ministry sees of them, says of them, and what changes afterwards."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from apps.licensing.editions.figures import figures_by_month
from apps.licensing.models import Contract, MonthStatement
from apps.licensing.savings import add_months
from apps.licensing.state.computing import licensing_measures
from apps.licensing.state.measures import StateMeasure, month_dimension
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
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
def contract(officer: Membership) -> Contract:
    contract = ContractFactory.create(tenant=officer.tenant)
    ContractLineFactory.create(contract=contract)
    return contract


@pytest.fixture
def month(officer: Membership) -> date:
    return add_months(officer.tenant.today.replace(day=1), -1)


def address(officer: Membership, month: date | None = None) -> str:
    return f"/t/{officer.tenant.slug}/months/" + (f"{month_dimension(month)}/" if month else "")


def test_month_is_confirmed_with_the_figures_as_they_were_shown(
    officer: Membership, contract: Contract, client: Client, month: date
) -> None:
    assert b"to confirm" in client.get(address(officer)).content

    client.post(address(officer, month), {"answer": "confirmed"})

    with tenant_scope(officer.tenant_id):
        statement = MonthStatement.objects.get()
        event = JournalEvent.objects.get(action="month.stated")
        told = {(item.measure, item.dimension): item.value for item in licensing_measures(officer.tenant, month)}
        later = licensing_measures(officer.tenant, officer.tenant.today)
        stated = {item.dimension: item.value for item in later if item.measure == StateMeasure.MONTH_STATED}
    assert Decimal(statement.figures["due_eur"]) == told[StateMeasure.DUE_EUR, month_dimension(month)] == 1000
    assert statement.figures["run_cost_eur"] is None
    assert statement.figures["net_eur"] is None
    assert stated == {month_dimension(month): 1}
    assert event.data == {"month": month_dimension(month), "answer": "confirmed"}


def test_later_change_stands_beside_what_was_stated(
    officer: Membership, contract: Contract, client: Client, month: date
) -> None:
    client.post(address(officer, month), {"answer": "commented", "comment": "Facture attendue"})
    ContractLineFactory.create(contract=contract)

    assert b"changed since" in client.get(address(officer)).content
    page = client.get(address(officer, month)).content.decode()
    assert "Facture attendue" in page
    assert "1,000\u00a0€" in page
    assert "2,000\u00a0€" in page


def test_comment_must_say_something(officer: Membership, client: Client, month: date) -> None:
    response = client.post(address(officer, month), {"answer": "commented"})

    assert response.status_code == 422
    with tenant_scope(officer.tenant_id):
        assert not MonthStatement.objects.exists()


def test_month_that_runs_is_not_closed(officer: Membership, client: Client) -> None:
    assert client.get(address(officer, officer.tenant.today.replace(day=1))).status_code == 404


def test_unknown_figures_are_not_zero(officer: Membership, month: date) -> None:
    with tenant_scope(officer.tenant_id):
        figures = figures_by_month(officer.tenant, officer.tenant.today)[month]

    assert figures["due_eur"].value is None
    assert figures["net_eur"].value is None
