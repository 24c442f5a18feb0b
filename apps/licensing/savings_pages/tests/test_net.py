"""The net, its one-off costs and the operator's run cost, on their pages."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.licensing import savings
from apps.licensing.models import OneOffCost, RunCost, UnitDay, Vendor
from apps.licensing.savings_pages.net_book import NetBook, begun_in
from apps.licensing.savings_pages.tests.golden import enter
from apps.licensing.tests.test_savings_golden import known
from apps.tenants.models import JournalEvent, Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def client(officer: Membership) -> Client:
    return english(officer)


def english(member: Membership) -> Client:
    client = client_of(member)
    client.cookies["django_language"] = "en"
    return client


def address(officer: Membership, rest: str = "") -> str:
    return f"/t/{officer.tenant.slug}/savings/{rest}"


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


@pytest.fixture
def golden(officer: Membership, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The golden ministry with Zoom, seen from December, with what its Visio cost and who used it."""
    file = known("zoom")
    enter(officer, "zoom")
    monkeypatch.setattr(Tenant, "today", date(2026, 12, 10))
    with tenant_scope(officer.tenant_id):
        for row in file["net"]:
            UnitDay.objects.create(
                tenant=officer.tenant, day=row["month"] + timedelta(days=9), vendor=Vendor.VISIO, people=row["users"]
            )
        for row in file["one_off"]:
            OneOffCost.objects.create(
                tenant=officer.tenant, month=row["month"], amount_eur=row["eur"], label=row["label"], source="DAF"
            )
    for row in file["run_cost"]:
        RunCost.objects.create(starts_on=row["month"], amount_eur=row["eur_per_user"], source="DINUM")
    return file


def test_golden_net_and_payback_are_shown_to_the_cent(
    officer: Membership, client: Client, golden: dict[str, Any]
) -> None:
    with tenant_scope(officer.tenant_id):
        book = NetBook(officer.tenant, begun_in(officer.tenant))
        rows = [[cell.value for cell in cells] for cells in book.sheet.table.rows]

    names = ("month", "gain", "users", "run", "one_off", "net", "cumulative")
    assert [(*row[:3], *row[4:]) for row in rows] == [tuple(item[name] for name in names) for item in golden["net"]]
    assert book.payback.month == golden["payback"]["month"]
    page = text_of(client, address(officer, "net/"))
    assert "22,459.60 €" in page
    assert "October 2026" in page


def test_net_without_run_cost_is_not_computable_and_says_so(
    officer: Membership, client: Client, golden: dict[str, Any]
) -> None:
    RunCost.objects.all().delete()

    page = text_of(client, address(officer, "net/?since=2026-09"))

    assert "The operator has not entered what Visio costs" in page
    with tenant_scope(officer.tenant_id):
        assert savings.payback(NetBook(officer.tenant, date(2026, 9, 1)).months).is_computable is False


def test_net_before_anything_says_what_begins_it(officer: Membership, client: Client) -> None:
    assert "Nothing to count yet" in text_of(client, address(officer, "net/"))
    assert client.get(address(officer, "net/?since=never")).status_code == 200


def test_one_off_cost_is_entered_changed_and_removed(officer: Membership, client: Client) -> None:
    sent = {"month": "2026-05", "label": "Formation", "amount_eur": "1500.50", "source": "Bon 45"}
    assert client.post(address(officer, "costs/new/"), sent | {"month": "May"}).status_code == 422
    assert client.post(address(officer, "costs/new/"), sent | {"amount_eur": "-1"}).status_code == 422
    client.post(address(officer, "costs/new/"), sent)
    with tenant_scope(officer.tenant_id):
        cost = OneOffCost.objects.get()
    assert (cost.month, cost.amount_eur) == (date(2026, 5, 1), Decimal("1500.50"))

    client.post(address(officer, f"costs/{cost.id}/"), sent | {"label": "Formation des référents"})
    assert "Formation des référents" in text_of(client, address(officer, "costs/"))
    client.post(address(officer, f"costs/{cost.id}/remove/"))

    with tenant_scope(officer.tenant_id):
        assert not OneOffCost.objects.exists()
        actions = list(JournalEvent.objects.order_by("created_at").values_list("action", "data__fields"))
    assert actions == [
        ("one_off_cost.added", None),
        ("one_off_cost.changed", ["label"]),
        ("one_off_cost.removed", None),
    ]


def test_operator_enters_periods_and_the_past_stays() -> None:
    operator = MembershipFactory.create(
        tenant=TenantFactory.create(kind=Tenant.Kind.OPERATOR, slug="operateur"), roles=[Role.OPERATOR]
    )
    client = english(operator)
    sent = {"starts_on": "2026-03", "amount_eur": "0.62", "source": "Comptes 2025"}

    assert client.post("/operator/run-costs/new/", sent).status_code == 302
    again = client.post("/operator/run-costs/new/", sent | {"starts_on": "2026-02"})

    assert again.status_code == 422
    assert "The past stays" in again.content.decode()
    page = text_of(client, "/operator/run-costs/")
    assert "0.62 €" in page
    assert str(operator.user) in page
    assert RunCost.objects.get().starts_on == date(2026, 3, 1)
