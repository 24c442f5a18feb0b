"""The programme of a migration through its pages."""

from datetime import date, timedelta

import pytest
from django.test import Client

from apps.licensing.models import ChecklistItem, Exemption, Target, UnitDay, UnitHeadcount, Vendor, Wave, WaveUnit
from apps.tenants.models import JournalEvent, Membership, Role
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


def address(officer: Membership, rest: str = "") -> str:
    return f"/t/{officer.tenant.slug}/programme/{rest}"


@pytest.fixture
def wave(officer: Membership, client: Client) -> Wave:
    fields = {"name": "Wave 1", "starts_on": "2026-10-01", "ends_on": "2026-12-31"}
    assert client.post(address(officer, "waves/new/"), fields).status_code == 302
    with tenant_scope(officer.tenant_id):
        return Wave.objects.get()


def test_empty_programme_says_what_to_do(officer: Membership, client: Client) -> None:
    text = client.get(address(officer)).content.decode()

    assert "No wave yet" in text
    assert "Nobody is exempted" in text


def test_wave_comes_with_a_checklist_and_is_not_ready(officer: Membership, client: Client, wave: Wave) -> None:
    text = client.get(address(officer)).content.decode()

    with tenant_scope(officer.tenant_id):
        readiness = wave.readiness
        assert JournalEvent.objects.filter(action="wave.created", object_id=wave.id).exists()
    assert readiness is not None
    assert readiness.share == 0
    assert not readiness.is_ready
    assert "not ready" in text


def test_ticked_item_says_who_and_can_be_reopened(officer: Membership, client: Client, wave: Wave) -> None:
    with tenant_scope(officer.tenant_id):
        item = wave.checklist.all()[0]
    url = address(officer, f"waves/{wave.id}/items/{item.id}/")

    client.post(url, {"done": "1"})
    with tenant_scope(officer.tenant_id):
        assert ChecklistItem.objects.get(id=item.id).done_by_id == officer.id
    assert str(officer) in client.get(address(officer, f"waves/{wave.id}/")).content.decode()

    client.post(url, {"done": "0"})
    with tenant_scope(officer.tenant_id):
        assert ChecklistItem.objects.get(id=item.id).done_at is None


def test_wave_name_is_taken_once(officer: Membership, client: Client, wave: Wave) -> None:
    fields = {"name": "Wave 1", "starts_on": "2026-10-01", "ends_on": "2026-09-30"}

    response = client.post(address(officer, "waves/new/"), fields)
    assert response.status_code == 422
    assert "before the start" in response.content.decode()

    response = client.post(address(officer, "waves/new/"), fields | {"ends_on": "2026-10-30"})
    assert "has this name already" in response.content.decode()


def test_headcounts_are_pasted_and_give_a_wave_its_pace(officer: Membership, client: Client, wave: Wave) -> None:
    unit, other = UnitFactory.create(tenant=officer.tenant), UnitFactory.create(tenant=officer.tenant)
    table = f"{unit.name}\t1 200\n\n{other.name.upper()} ; 90"

    fields = {"starts_on": "2026-01-01", "source": "RH", "table": table}
    client.post(address(officer, "headcounts/new/"), fields)
    client.post(address(officer, f"waves/{wave.id}/units/new/"), {"unit": str(unit.id), "switch_on": "2026-12-01"})

    with tenant_scope(officer.tenant_id):
        assert set(UnitHeadcount.objects.values_list("unit_id", "agents")) == {(unit.id, 1200), (other.id, 90)}
    text = client.get(address(officer, f"waves/{wave.id}/")).content.decode()
    assert "400 agents a month" in text


def test_headcounts_name_every_line_that_is_wrong(officer: Membership, client: Client) -> None:
    unit = UnitFactory.create(tenant=officer.tenant)
    table = f"{unit.name};10\nNowhere;5\n{unit.name};many"

    response = client.post(
        address(officer, "headcounts/new/"), {"starts_on": "2026-01-01", "source": "RH", "table": table}
    )

    text = response.content.decode()
    assert response.status_code == 422
    assert "Line 2" in text
    assert "Line 3" in text
    with tenant_scope(officer.tenant_id):
        assert not UnitHeadcount.objects.exists()


def test_unit_moves_from_one_wave_to_another(officer: Membership, client: Client, wave: Wave) -> None:
    unit = UnitFactory.create(tenant=officer.tenant)
    with tenant_scope(officer.tenant_id):
        later = Wave.objects.create(
            tenant=officer.tenant, name="Wave 2", starts_on=date(2027, 1, 1), ends_on=date(2027, 3, 1)
        )
    for chosen in (wave, later):
        client.post(address(officer, f"waves/{chosen.id}/units/new/"), {"unit": str(unit.id), "switch_on": ""})

    with tenant_scope(officer.tenant_id):
        assert WaveUnit.objects.get().wave_id == later.id


def test_exemption_is_prolonged_with_its_reason_and_ended(officer: Membership, client: Client) -> None:
    unit = UnitFactory.create(tenant=officer.tenant)
    fields = {
        "unit": str(unit.id),
        "seats": "12",
        "owner": str(officer.id),
        "reason": "Interpreters",
        "starts_on": "2026-01-01",
        "expires_on": "2026-12-01",
    }
    assert client.post(address(officer, "exemptions/new/"), fields).status_code == 302
    with tenant_scope(officer.tenant_id):
        exemption = Exemption.objects.get()
    rest = f"exemptions/{exemption.id}/"

    assert (
        client.post(address(officer, f"{rest}prolong/"), {"expires_on": "2026-11-01", "reason": "x"}).status_code == 422
    )
    client.post(address(officer, f"{rest}prolong/"), {"expires_on": "2027-03-01", "reason": "No tool yet"})
    with tenant_scope(officer.tenant_id):
        exemption.refresh_from_db()
    assert exemption.expires_on == date(2027, 3, 1)
    assert "No tool yet" in exemption.reason

    client.post(address(officer, f"{rest}end/"))
    assert (
        client.post(address(officer, f"{rest}prolong/"), {"expires_on": "2028-03-01", "reason": "x"}).status_code == 422
    )


def test_target_shows_the_pace_that_it_asks_for(officer: Membership, client: Client) -> None:
    unit, today = UnitFactory.create(tenant=officer.tenant), officer.tenant.today
    due_on = (today.replace(day=1) + timedelta(days=320)).replace(day=1)
    with tenant_scope(officer.tenant_id):
        UnitDay.objects.create(tenant=officer.tenant, unit=unit, day=today, vendor=Vendor.VISIO, people=100)

    client.post(address(officer, "targets/new/"), {"due_on": due_on.isoformat(), "agents": "1 100", "source": "Circ."})

    text = client.get(address(officer)).content.decode()
    assert "1,000 agents are left: 100 a month" in text
    with tenant_scope(officer.tenant_id):
        target = Target.objects.get()
    client.post(address(officer, f"targets/{target.id}/remove/"))
    assert "No target yet" in client.get(address(officer)).content.decode()
