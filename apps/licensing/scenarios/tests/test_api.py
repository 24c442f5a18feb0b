"""Savings, net and scenarios by REST."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.licensing.models import ContractLine, Scenario
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.tenants.models import ApiToken, Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(monkeypatch: pytest.MonkeyPatch) -> Membership:
    monkeypatch.setattr(Tenant, "today", date(2026, 6, 15))
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


def answer(member: Membership, address: str, status: int = 200) -> dict[str, Any]:
    _token, secret = api_token(member, ApiToken.Scope.LICENSING_READ)
    response = Client().get(f"/api/v1/{address}", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == status
    body: dict[str, Any] = response.json()
    return body


def test_savings_are_decimal_strings_and_unknown_is_null(officer: Membership) -> None:
    line: ContractLine = ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))
    with tenant_scope(officer.tenant_id):
        ContractLine.objects.filter(id=line.id).update(needed_seats=None, unit_price=Decimal("10.005"))

    body = answer(officer, "savings/?year=2026")

    sums = {item["measure"]: item for item in body["sums"]}
    assert (sums["due"]["eur"], sums["due"]["eur_with_vat"]) == ("12006.00", "14407.20")
    assert sums["potential"]["eur"] is None
    first = body["lines"][0]
    assert (first["month"], first["due_eur"], first["missing"]) == ("2026-01-01", "1000.50", ["need"])


@pytest.mark.parametrize("address", ["savings/?year=2031", "savings/?year=x", "savings/net/?since=2027-01"])
def test_question_that_makes_no_sense_is_refused(officer: Membership, address: str) -> None:
    answer(officer, address, 400)


def test_scenarios_say_what_they_miss(officer: Membership) -> None:
    ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))
    with tenant_scope(officer.tenant_id):
        Scenario.objects.create(tenant=officer.tenant, name="Prudent", migrated_per_month=5, by=officer)

    body = answer(officer, "scenarios/")

    [scenario] = body["scenarios"]
    assert (scenario["name"], scenario["net_eur"], scenario["payback_month"]) == ("Prudent", None, None)
    assert set(scenario["missing"]) >= {"headcount", "visio_users"}
    assert [year["year"] for year in scenario["years"]] == [2026, 2027, 2028, 2029, 2030]
    assert answer(officer, "savings/net/")["months"] == []


def test_somebody_without_procurement_reads_none(officer: Membership) -> None:
    colleague = MembershipFactory.create(tenant=officer.tenant)

    for address in ("savings/", "savings/net/", "scenarios/"):
        answer(colleague, address, 403)
