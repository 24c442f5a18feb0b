"""Contracts by REST: the pages' rules and operations, their journal, and nobody else's rows."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.licensing.models import Contract, ContractLine, ExchangeRate, Product
from apps.licensing.savings import add_months
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory, ProductFactory
from apps.tenants.models import ApiToken, JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token

pytestmark = pytest.mark.django_db


class Api:
    """A finance tool that calls as a procurement officer."""

    def __init__(self, officer: Membership) -> None:
        _token, secret = api_token(officer, ApiToken.Scope.LICENSING_READ, ApiToken.Scope.LICENSING_WRITE)
        self.headers, self.client = {"Authorization": f"Bearer {secret}"}, Client()

    def call(self, method: str, path: str, **body: Any) -> Any:
        send = getattr(self.client, method)
        if method == "get":
            return send(f"/api/v1/{path}", headers=self.headers)
        return send(f"/api/v1/{path}", body, content_type="application/json", headers=self.headers)


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def api(officer: Membership) -> Api:
    return Api(officer)


@pytest.fixture
def product() -> Product:
    return ProductFactory.create()


def body(product: Product, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Zoom des préfectures",
        "supplier_name": "Revendeur SA",
        "supplier_siret": "732 829 320 00074",
        "framework": "ugap",
        "starts_on": "2025-01-01",
        "term_months": 36,
        "renewal": "tacit",
        "reduction": "anniversary",
        "notice_days": 90,
        "lines": [{"product": str(product.id), "seats": 100, "needed_seats": 10, "unit_price": "11.90"}],
    } | changes


def actions(officer: Membership) -> list[str]:
    with tenant_scope(officer.tenant_id):
        return list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))


def test_contract_is_added_read_and_changed(api: Api, officer: Membership, product: Product) -> None:
    made = api.call("post", "contracts/", **body(product))
    assert made.status_code == 201, made.json()
    path = f"contracts/{made.json()['id']}/"
    changed = api.call("patch", path, notice_days=60, lot="2")
    read = api.call("get", path).json()

    assert (read["supplier_siret"], read["preparation_days"], read["notice_rule"]) == ("73282932000074", 30, "received")
    assert (changed.status_code, read["notice_days"], read["lot"], read["term_months"]) == (200, 60, "2", 36)
    assert read["lines"][0]["unit_price"] == "11.9000"
    assert read["figures"]["potential_eur"] == "12852.00"  # 90 × 11.90 × 12
    assert actions(officer) == ["contract.created", "contract.changed"]


def test_what_the_forms_refuse_is_said_field_by_field(api: Api, officer: Membership, product: Product) -> None:
    wrong = body(product, supplier_siret="12345678901234", currency="USD", framework=None)
    wrong["lines"].append({"product": str(product.id), "seats": 0, "price_without_meetings": "3"})

    refused = api.call("post", "contracts/", **wrong)

    fields = {name: [item["code"] for item in errors] for name, errors in refused.json()["fields"].items()}
    assert refused.status_code == 400
    assert fields["framework"] == ["required"]
    assert fields["eur_per_unit"] == ["no_rate"]
    assert fields["lines.1.seats"] == ["min_value"]
    assert fields["lines.1.unit_price"] == ["required"]
    assert fields["lines.1.price_without_meetings"] == ["not_a_suite"]
    assert "supplier_siret" in fields
    assert actions(officer) == []


def test_foreign_currency_takes_the_newest_rate_of_the_catalogue(api: Api, product: Product) -> None:
    ExchangeRate.objects.create(currency="USD", day=date(2026, 1, 15), eur_per_unit="0.862069", source="BdF")

    made = api.call("post", "contracts/", **body(product, currency="USD")).json()

    assert (made["eur_per_unit"], made["rate_on"], made["rate_source"]) == ("0.862069", "2026-01-15", "BdF")


def test_name_of_another_contract_is_refused(api: Api, officer: Membership, product: Product) -> None:
    ContractFactory.create(tenant=officer.tenant, name="Zoom des préfectures")

    refused = api.call("post", "contracts/", **body(product))

    assert (refused.status_code, refused.json()["fields"]["name"][0]["code"]) == (400, "already_exists")


def test_lines_and_amendments_come_and_go(api: Api, officer: Membership, product: Product) -> None:
    line = ContractLineFactory.create(contract__tenant=officer.tenant)
    path = f"contracts/{line.contract_id}/"
    other = api.call("post", f"{path}lines/", product=str(product.id), seats=5, unit_price="1").json()
    api.call("patch", f"{path}lines/{other['id']}/", seats=7)
    fields = {"kind": "seats", "line": str(line.id), "evidence": "signed", "evidenced_on": "2025-10-01"}
    without = api.call("post", f"{path}amendments/", **fields, effective_on="2026-01-01")
    made = api.call("post", f"{path}amendments/", **fields, effective_on="2026-01-01", seats=-20)

    read = api.call("get", path).json()
    assert (without.status_code, list(without.json()["fields"])) == (400, ["seats"])
    assert [item["seats"] for item in read["lines"]] == [100, 7]
    assert [item["seats"] for item in read["amendments"]] == [-20]
    assert api.call("delete", f"{path}amendments/{made.json()['id']}/").status_code == 204
    assert api.call("delete", f"{path}lines/{other['id']}/").status_code == 204
    assert actions(officer) == [
        f"contract.{action}"
        for action in ("line_added", "line_changed", "amended", "amendment_removed", "line_removed")
    ]


def dated_line(officer: Membership) -> tuple[ContractLine, date]:
    """Return a line of a contract whose notice for the next anniversary is due in 40 days, and that day."""
    day = officer.tenant.today + timedelta(days=130)
    line = ContractLineFactory.create(contract__tenant=officer.tenant, contract__starts_on=add_months(day, -12))
    return line, add_months(line.contract.starts_on, 12)


def test_notice_is_decided_and_its_letter_followed(api: Api, officer: Membership) -> None:
    line, day = dated_line(officer)
    path = f"contracts/{line.contract_id}/notices/{day.isoformat()}/"
    sent_on = officer.tenant.today.isoformat()

    early = api.call("patch", path, sent_on=sent_on)
    decided = api.call("post", path, choice="reduce", reason="Vague 2")
    unsent = api.call("patch", path, received_on=sent_on)
    followed = api.call("patch", path, sent_on=sent_on, received_on=sent_on)
    listed = api.call("get", "notices/").json()

    assert (early.status_code, decided.json()["state"]) == (404, "to_send")
    assert (unsent.status_code, list(unsent.json()["fields"])) == (400, ["sent_on"])
    assert (followed.json()["state"], followed.json()["decision"]["reason"]) == ("given", "Vague 2")
    assert followed.json() in listed
    assert actions(officer) == ["notice.decided", "notice.followed"]


@pytest.mark.parametrize("path", ["", "lines/", "amendments/", "notices/2026-01-01/"])
def test_contract_of_another_ministry_is_not_found(api: Api, path: str) -> None:
    stranger = ContractLineFactory.create().contract

    answer = api.call("post" if path else "get", f"contracts/{stranger.id}/{path}")

    assert answer.status_code == 404


def test_who_is_no_officer_reads_nothing() -> None:
    api = Api(MembershipFactory.create(roles=[Role.ADMIN]))

    for path in ("contracts/", "notices/", "products/"):
        assert api.call("get", path).json()["code"] == "missing_role"


@pytest.mark.parametrize("path", ["contracts/", "notices/"])
def test_list_costs_the_same_for_any_number(api: Api, officer: Membership, path: str) -> None:
    counts = []
    for more in (1, 9):
        for _number in range(more):
            dated_line(officer)
        with CaptureQueriesContext(connection) as queries:
            assert api.call("get", path).status_code == 200
        counts.append(sum("SAVEPOINT" not in query["sql"] for query in queries))

    with tenant_scope(officer.tenant_id):
        assert Contract.objects.count() == 10
    assert counts[0] == counts[1]
