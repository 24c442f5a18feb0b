"""The operator's area: aggregates, routes, and nobody else."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.tenants.models import IdentityRoute, JournalEvent, Membership, QuarantinedSignIn, Role, Tenant, TenantFigure
from apps.tenants.operator_views import Gap
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db

SIRET = "13002526500013"


@pytest.fixture
def operator() -> Membership:
    return MembershipFactory.create(tenant__kind=Tenant.Kind.OPERATOR, roles=[Role.OPERATOR])


@pytest.fixture
def client(operator: Membership) -> Client:
    return client_of(operator)


def add_figure(tenant: Tenant, measure: str, value: int | None, population: int, day: date = date(2026, 3, 1)) -> None:
    with tenant_scope(tenant.id):
        TenantFigure.objects.create(
            tenant=tenant,
            day=day,
            measure=measure,
            value=None if value is None else Decimal(value),
            population=population,
        )


def cells_of(page: Any, tenant: Tenant) -> dict[str, Any]:
    (row,) = [row for row in page.context["rows"] if row.tenant == tenant]
    return {cell.measure: cell.gap or cell.value for cell in row.cells}


def test_operator_sees_the_newest_figures_of_every_tenant_and_why_one_is_missing(client: Client) -> None:
    first, second = TenantFactory.create(), TenantFactory.create()
    add_figure(first, "agents", 8000, 8000, date(2026, 2, 1))
    add_figure(first, "agents", 8400, 8400)
    add_figure(second, "members", None, 9)
    add_figure(second, "potential_eur_year", None, 8400)

    page = client.get("/operator/")

    assert cells_of(page, first)["agents"] == 8400
    assert cells_of(page, first)["members"] is Gap.NOT_COMPUTED
    assert cells_of(page, second)["members"] is Gap.TOO_FEW
    assert cells_of(page, second)["potential_eur_year"] is Gap.NOT_COMPUTABLE


def test_operator_routes_a_waiting_establishment(client: Client, operator: Membership) -> None:
    QuarantinedSignIn.objects.create(user=UserFactory.create(), siret=SIRET)
    tenant = TenantFactory.create()
    form = client.get("/operator/routes/new/", {"siret": SIRET}).context["form"]

    response = client.post("/operator/routes/new/", {"siret": SIRET, "tenant": tenant.pk, "starts_on": "2026-01-01"})

    route = IdentityRoute.objects.get()
    assert form.initial["siret"] == SIRET
    assert response.status_code == 302
    assert (route.value, route.tenant, route.starts_on) == (SIRET, tenant, date(2026, 1, 1))
    with tenant_scope(operator.tenant_id):
        assert JournalEvent.objects.get().action == "route.added"


@pytest.mark.parametrize(
    ("idp_id", "starts_on", "is_waiting"),
    [("", date(2026, 1, 1), False), ("somebody-else", date(2026, 1, 1), True), ("", date(2999, 1, 1), True)],
    ids=["routed", "to another provider", "later"],
)
def test_establishment_waits_until_its_people_would_be_let_in(
    client: Client, idp_id: str, starts_on: date, is_waiting: bool
) -> None:
    QuarantinedSignIn.objects.create(user=UserFactory.create(), siret=SIRET)
    QuarantinedSignIn.objects.create(user=UserFactory.create(), siret="")
    IdentityRoute.objects.create(
        kind=IdentityRoute.Kind.SIRET, value=SIRET, tenant=TenantFactory.create(), idp_id=idp_id, starts_on=starts_on
    )

    waiting = client.get("/operator/").context["waiting"]

    assert {row["siret"]: row["people"] for row in waiting} == ({SIRET: 1} if is_waiting else {}) | {"": 1}


def test_operator_is_told_of_a_route_that_exists(client: Client) -> None:
    fields = {"siret": SIRET, "tenant": TenantFactory.create().pk, "starts_on": "2026-01-01"}
    client.post("/operator/routes/new/", fields)

    response = client.post("/operator/routes/new/", fields)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["starts_on"]


@pytest.mark.parametrize(("siret", "is_taken"), [("130 025 265 00013", True), ("13002526500014", False)])
def test_operator_may_copy_a_siret_with_its_spaces(client: Client, siret: str, is_taken: bool) -> None:
    client.post(
        "/operator/routes/new/", {"siret": siret, "tenant": TenantFactory.create().pk, "starts_on": "2026-01-01"}
    )

    assert IdentityRoute.objects.filter(value=SIRET).exists() is is_taken


def test_operator_does_not_route_to_the_operator(client: Client, operator: Membership) -> None:
    fields = {"siret": SIRET, "tenant": operator.tenant_id, "starts_on": "2026-01-01"}

    assert client.post("/operator/routes/new/", fields).status_code == 422


@pytest.mark.parametrize("address", ["/operator/", "/operator/routes/new/", "/operator/products/"])
def test_operator_area_needs_the_role_and_a_second_factor(operator: Membership, address: str) -> None:
    admin = MembershipFactory.create(roles=[Role.ADMIN])

    assert client_of(operator, second_factor=False).get(address).status_code == 403
    assert client_of(admin).get(address).status_code == 404
