"""REST: the dashboard's figures and the editions."""

from decimal import Decimal

import pytest
from django.test import Client

from apps.licensing.editions.freezing import freeze_month
from apps.licensing.savings import add_months
from apps.licensing.state.measures import StateMeasure, month_dimension
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.tenants.models import ApiToken, Membership, Role, Tenant, TenantFigure
from apps.tenants.scoping import operator_scope, tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, api_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def key(officer: Membership) -> dict[str, str]:
    _token, secret = api_token(officer, ApiToken.Scope.LICENSING_READ)
    return {"Authorization": f"Bearer {secret}"}


def test_dashboard_is_read_as_its_page_shows_it(officer: Membership, key: dict[str, str]) -> None:
    ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))

    body = Client().get("/api/v1/dashboard/", {"year": "2026"}, headers=key).json()

    tiles = {tile["key"]: tile for tile in body["tiles"]}
    assert Decimal(tiles["due"]["value"]) == 12_000
    assert tiles["adoption"]["value"] is None
    spending = next(table for table in body["tables"] if table["key"] == "spending")
    assert spending["rows"][0][0] == {"value": "2026-01-01", "is_suppressed": False}


def test_filter_that_makes_no_sense_is_refused(key: dict[str, str]) -> None:
    response = Client().get("/api/v1/dashboard/", {"year": "never"}, headers=key)

    assert response.status_code == 400


def test_edition_is_read_by_a_ministry(officer: Membership, key: dict[str, str]) -> None:
    operator = MembershipFactory.create(
        tenant=TenantFactory.create(kind=Tenant.Kind.OPERATOR, slug="operateur"), roles=[Role.OPERATOR]
    )
    other = MembershipFactory.create(roles=[Role.PROCUREMENT])
    month = add_months(officer.tenant.today.replace(day=1), -1)
    for tenant in (officer.tenant, other.tenant):
        with tenant_scope(tenant.id):
            TenantFigure.objects.create(
                tenant=tenant,
                day=tenant.today,
                measure=StateMeasure.DUE_EUR,
                dimension=month_dimension(month),
                value=500,
                population=50,
            )
    with operator_scope(operator.tenant_id):
        freeze_month(membership=operator, month=month)

    [listed] = Client().get("/api/v1/editions/", headers=key).json()
    body = Client().get("/api/v1/editions/1/", headers=key).json()

    assert (listed["number"], listed["month"], listed["silent"]) == (1, month_dimension(month), 2)
    assert [ministry["name"] for ministry in body["ministries"]] == [officer.tenant.name]
    due = next(item for item in body["sums"] if item["measure"] == "due_eur")
    assert due == {"measure": "due_eur", "value": "1000.0000", "known": 2, "total": 2}
