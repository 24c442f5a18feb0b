"""Scenarios compared side by side, kept, and the need that the waves plan."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.licensing import savings
from apps.licensing.models import (
    Contract,
    ContractLine,
    RunCost,
    Scenario,
    UnitDay,
    UnitHeadcount,
    Vendor,
    Wave,
    WaveUnit,
)
from apps.licensing.savings import Assumptions
from apps.licensing.scenarios.needs import planned_needs_of
from apps.licensing.situation import situation_of
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.tenants.models import JournalEvent, Membership, Role, Tenant, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 15)
FAST = {"c1-name": "Vite", "c1-pace": "100", "c1-buffer": "0", "c1-rise": "0", "c1-run": "6"}
SLOW = {"c2-name": "Lent", "c2-pace": "1", "c2-buffer": "10", "c2-rise": "2.5", "c2-run": ""}


@pytest.fixture
def officer(monkeypatch: pytest.MonkeyPatch) -> Membership:
    monkeypatch.setattr(Tenant, "today", TODAY)
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def client(officer: Membership) -> Client:
    client = client_of(officer)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def line(officer: Membership) -> ContractLine:
    """A hundred seats at 10 euros since January 2025; a unit of 100 agents, 40 of whom use Visio."""
    line: ContractLine = ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))
    own = {"tenant": officer.tenant}
    with tenant_scope(officer.tenant_id):
        unit = Unit.objects.create(**own, name="DSI")
        UnitHeadcount.objects.create(**own, unit=unit, starts_on=date(2025, 1, 1), agents=100, source="RH")
        UnitDay.objects.create(**own, unit=unit, day=date(2026, 6, 14), vendor=Vendor.VISIO, people=40)
        wave = Wave.objects.create(**own, name="Vague 1", starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 1))
        WaveUnit.objects.create(**own, wave=wave, unit=unit, switch_on=date(2026, 9, 1))
    RunCost.objects.create(starts_on=date(2026, 1, 1), amount_eur=Decimal("0.50"), source="DINUM")
    return line


def address(officer: Membership, rest: str = "scenarios/") -> str:
    return f"/t/{officer.tenant.slug}/savings/{rest}"


def text_of(client: Client, url: str, query: dict[str, str] | None = None, **headers: str) -> str:
    response = client.get(url, query or {}, headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def test_columns_of_the_address_are_computed_beside_what_holds_now(
    officer: Membership, client: Client, line: ContractLine
) -> None:
    page = text_of(client, address(officer), FAST | SLOW)
    files = client.get(address(officer, "scenarios/tables/years.csv"), FAST | SLOW)

    # All have moved by July; the next date that notice reaches is 1 January 2027: 100 seats × 10 € × 48 months.
    assert "48,000.00 €" in page
    rows = list(csv.reader(StringIO(files.content.decode("utf-8-sig")), delimiter=";"))
    by_name = {(row[0], row[1]): row[2:] for row in rows if len(row) == 7}
    assert by_name["Vite", "2027"] == ["12000.00", "600.00", "0.00", "11400.00", "11080.00"]
    assert by_name["What we have now", "2027"][:2] == ["0.00", "240.00"]
    with tenant_scope(officer.tenant_id):
        situation = situation_of(officer.tenant, Contract.objects.with_lines(), TODAY)
    slow = savings.outcome(situation, Assumptions("Lent", 1, Decimal(10), Decimal("2.5")))
    assert sum(Decimal(by_name["Lent", str(year)][0]) for year in range(2026, 2031)) == pytest.approx(
        slow.gain_eur, abs=Decimal("0.05")
    )


def test_live_answer_holds_the_results_alone(officer: Membership, client: Client, line: ContractLine) -> None:
    part = text_of(client, address(officer), FAST | SLOW, **{"HX-Request": "true", "HX-Target": "scenario-results"})

    assert "<html" not in part
    assert 'id="scenario-results"' in part
    assert 'hx-swap-oob="innerHTML"' in part


def test_without_address_a_steady_and_a_fast_migration_are_proposed(
    officer: Membership, client: Client, line: ContractLine
) -> None:
    page = text_of(client, address(officer))

    assert 'value="Steady migration"' in page
    assert 'name="c2-pace"' in page
    assert 'name="c3-pace"' not in page


def test_number_out_of_range_is_said_and_the_other_column_stays(
    officer: Membership, client: Client, line: ContractLine
) -> None:
    page = text_of(client, address(officer), FAST | SLOW | {"c1-buffer": "11", "c1-rise": "much"})

    assert 'aria-invalid="true"' in page
    assert ">Lent</h3>" in page
    assert ">Vite</h3>" not in page


def test_column_can_be_added_and_taken_out(officer: Membership, client: Client, line: ContractLine) -> None:
    page = text_of(client, address(officer), FAST | SLOW)
    assert "c3-pace=1" in page
    third = {name.replace("c2", "c3"): value for name, value in SLOW.items()}

    page = text_of(client, address(officer), FAST | SLOW | third)

    assert "Take out scenario 3" in page


def test_unknown_headcount_is_not_computable_and_says_what_to_do(officer: Membership, client: Client) -> None:
    ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))

    page = text_of(client, address(officer), FAST | SLOW)

    assert "not computable" in page
    assert "The number of eligible agents is not known." in page
    assert "Nobody has counted who uses Visio." in page
    assert "Not computable yet" in text_of(client, address(officer, "need/"))


def test_scenario_is_kept_changed_copied_compared_and_removed(
    officer: Membership, client: Client, line: ContractLine
) -> None:
    sent = {"name": "Prudent", "migrated_per_month": "10", "buffer_percent": "5", "price_rise_percent": "2"}
    assert "Prudent" in text_of(client, address(officer, "scenarios/new/"), {"name": "Prudent"})
    assert client.post(address(officer, "scenarios/new/"), sent | {"buffer_percent": "11"}).status_code == 422
    client.post(address(officer, "scenarios/new/"), sent)
    assert client.post(address(officer, "scenarios/new/"), sent).status_code == 422  # the name is taken
    with tenant_scope(officer.tenant_id):
        scenario = Scenario.objects.get()
    client.post(address(officer, f"scenarios/{scenario.id}/"), sent | {"migrated_per_month": "20"})
    client.post(address(officer, f"scenarios/{scenario.id}/copy/"))

    page = text_of(client, address(officer), {"scenario": str(scenario.id)})
    client.post(address(officer, f"scenarios/{scenario.id}/remove/"))

    assert 'value="Prudent"' in page
    assert 'name="c1-pace" step="any" required value="20"' in page
    with tenant_scope(officer.tenant_id):
        assert list(Scenario.objects.values_list("name", "migrated_per_month")) == [("Prudent (2)", 20)]
        actions = list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))
    assert actions == ["scenario.created", "scenario.changed", "scenario.created", "scenario.removed"]


def test_waves_say_what_can_go_at_the_next_renewal(officer: Membership, client: Client, line: ContractLine) -> None:
    with tenant_scope(officer.tenant_id):
        [planned] = planned_needs_of(officer.tenant).lines

    # Everybody switches in September 2026; nobody is exempted, so the buffer is of nobody.
    assert (planned.needed_in(date(2026, 8, 1)), planned.needed_in(date(2026, 9, 1))) == (100, 0)
    assert (planned.effective_month, planned.can_go) == (date(2027, 1, 1), 100)
    page = text_of(client, address(officer, "need/"))
    assert "1,000.00 €" in page
    assert client.get(address(officer, "need/tables/months.xlsx")).status_code == 200


def test_pages_cost_the_same_for_many_lines_and_scenarios(
    officer: Membership, client: Client, line: ContractLine
) -> None:
    def queries(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    pages = [address(officer), address(officer, "need/")]
    few = [queries(url) for url in pages]
    for number in range(4):
        ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant))
        with tenant_scope(officer.tenant_id):
            Scenario.objects.create(tenant=officer.tenant, name=f"S{number}", migrated_per_month=number, by=officer)

    assert [queries(url) for url in pages] == few
