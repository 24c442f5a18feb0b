"""The operator's catalogue."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from apps.licensing.models import ExchangeRate, ListPrice, Product
from apps.licensing.tests.factories import ListPriceFactory, ProductFactory
from apps.tenants.models import JournalEvent, Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Membership:
    return MembershipFactory.create(tenant__kind=Tenant.Kind.OPERATOR, roles=[Role.OPERATOR])


@pytest.fixture
def client(operator: Membership) -> Client:
    return client_of(operator)


def test_price_of_a_day_is_the_newest_begun_in_each_currency() -> None:
    product = ProductFactory.create()
    for day, price, currency in (("2024-04-01", 36, "USD"), ("2026-07-01", 39, "USD"), ("2025-01-01", 30, "EUR")):
        ListPriceFactory.create(product=product, starts_on=date.fromisoformat(day), unit_price=price, currency=currency)

    valid = ListPrice.objects.valid_on(date(2026, 6, 30)).order_by("currency")

    assert list(valid.values_list("currency", "unit_price")) == [("EUR", Decimal(30)), ("USD", Decimal(36))]


def test_product_and_price_are_added_and_journalled(client: Client, operator: Membership) -> None:
    client.post("/operator/products/new/", {"publisher": "Éditeur", "name": "Réunions", "kind": "standalone"})
    product = Product.objects.get()
    price = {"starts_on": "2026-01-01", "currency": "EUR", "unit_price": "5.25", "source": "Site de l'éditeur"}
    client.post(f"/operator/products/{product.pk}/prices/new/", price)

    page = client.get(f"/operator/products/{product.pk}/").content.decode()

    assert ListPrice.objects.get().unit_price == Decimal("5.25")
    assert "Site de l&#x27;éditeur" in page
    with tenant_scope(operator.tenant_id):
        actions = list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))
    assert actions == ["product.added", "list_price.added"]


def test_product_and_price_exist_once(client: Client) -> None:
    price = ListPriceFactory.create()
    product = price.product
    fields = {"starts_on": "2026-01-01", "currency": "EUR", "unit_price": "6", "source": "Ailleurs"}
    twin = {"publisher": product.publisher, "name": product.name, "kind": product.kind}

    statuses = [
        client.post("/operator/products/new/", twin).status_code,
        client.post(f"/operator/products/{product.pk}/prices/new/", fields).status_code,
    ]

    assert statuses == [422, 422]
    assert ListPrice.objects.get() == price


@pytest.mark.parametrize("address", ["", "new/"])
def test_catalogue_pages_open(client: Client, address: str) -> None:
    ListPriceFactory.create()

    assert client.get(f"/operator/products/{address}").status_code == 200


@pytest.mark.parametrize(("kind", "is_asked"), [("bundle", True), ("standalone", False), ("not_separable", False)])
def test_price_without_meetings_is_asked_of_suites_alone(client: Client, kind: str, is_asked: bool) -> None:
    product = ProductFactory.create(kind=kind)

    form = client.get(f"/operator/products/{product.pk}/prices/new/").context["form"]

    assert ("price_without_meetings" in form.fields) is is_asked


def test_exchange_rate_is_added_once_and_journalled(client: Client, operator: Membership) -> None:
    fields = {"currency": "USD", "day": "2026-11-20", "eur_per_unit": "0.8654", "source": "Banque de France"}

    statuses = [client.post("/operator/exchange-rates/new/", fields).status_code for _ in range(2)]
    page = client.get("/operator/exchange-rates/").content.decode()

    assert statuses == [302, 422]
    assert ExchangeRate.objects.get().eur_per_unit == Decimal("0.8654")
    assert "Banque de France" in page
    with tenant_scope(operator.tenant_id):
        assert JournalEvent.objects.get().action == "exchange_rate.added"
