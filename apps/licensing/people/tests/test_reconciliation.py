"""Reconciliation and the lists that are worked off, through their pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.licensing.models import DepartmentUnit, Format, Product, Reclaim, Sku, SkuCount, Vendor
from apps.licensing.people.listing import keep_listing, listing_differences
from apps.licensing.people.lists import BACK, TO_DO, Listed, Wanted, mark_seats, seats_of
from apps.licensing.people.reconciliation import reconcile
from apps.licensing.people.rollups import compute_unit_days
from apps.licensing.people.sources import sources_on
from apps.licensing.people.tests.factories import add_account, usage_import
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory, ProductFactory
from apps.tenants.models import ApiToken, JournalEvent, Membership, Role, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory, api_token

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
def seats(officer: Membership) -> None:
    """Thirty Zoom seats, 20 of the DSI and 10 of the cabinet: 25 met in 90 days, 2 are blocked."""
    day = officer.tenant.today - timedelta(days=2)
    users = usage_import(officer, Format.ZOOM_USERS, day=day)
    hosts = usage_import(officer, Format.ZOOM_HOSTS, day=day, period_days=90)
    for number in range(30):
        department = "DSI" if number < 20 else "Cabinet"
        add_account(users, f"a{number:02}@example.fr", department=department, is_blocked=number < 2)
        if number >= 5:
            last = day - timedelta(days=40 if number < 10 else 1)
            add_account(hosts, f"a{number:02}@example.fr", kind="untold", meetings=1, last_active_on=last)
    for name in ("dsi", "cabinet"):
        unit = UnitFactory.create(tenant=officer.tenant, name=name)
        with tenant_scope(officer.tenant_id):
            DepartmentUnit.objects.create(
                tenant=officer.tenant, department=name, unit=unit, starts_on=day - timedelta(days=400), by=officer
            )
    compute_unit_days(tenant_id=officer.tenant_id, day=officer.tenant.today)


def address(officer: Membership, rest: str = "") -> str:
    return f"/t/{officer.tenant.slug}/reconciliation/{rest}"


def test_bought_assigned_and_active_are_reconciled(officer: Membership, seats: None) -> None:
    product = ProductFactory.create(publisher="Zoom", name="Pro")
    ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant), product=product, seats=40)

    with tenant_scope(officer.tenant_id):
        found = reconcile(officer.tenant, officer.tenant.today)

    [zoom] = found.vendors
    assert (zoom.vendor, zoom.assigned, zoom.active, zoom.dormant, zoom.blocked) == (Vendor.ZOOM, 30, 20, 5, 2)
    assert zoom.bought is not None
    assert (zoom.bought.seats, zoom.shelfware, zoom.deleted, zoom.double) == (40, 10, None, None)
    assert round(zoom.utilisation or 0) == 67


def test_small_numbers_of_units_are_not_shown_nor_follow(officer: Membership, seats: None) -> None:
    with tenant_scope(officer.tenant_id):
        [table] = reconcile(officer.tenant, officer.tenant.today).units

    assert table.vendor is Vendor.ZOOM
    for row in table.rows:
        assert all(value is None or value >= 10 for value in row.shown.values())
        assert row.shown["dormant_90d"] is None


def test_subscribed_licences_count_where_they_are_newer(officer: Membership) -> None:
    sku = Sku.objects.create(
        guid="11111111-1111-1111-1111-111111111111", string_id="E3", display_name="E3", has_meetings=True
    )
    suite = ProductFactory.create(publisher="Microsoft", kind=Product.Kind.BUNDLE)
    ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant), product=suite, seats=40)
    skus = usage_import(officer, Format.SUBSCRIBED_SKUS)
    with tenant_scope(officer.tenant_id):
        counts = {"enabled": 55, "suspended": 0, "warning": 0, "consumed": 50, "capability_status": "Enabled"}
        SkuCount.objects.create(tenant=officer.tenant, usage_import=skus, sku_guid=sku.guid, part_number="E3", **counts)
        [microsoft] = reconcile(officer.tenant, officer.tenant.today).vendors

    assert microsoft.bought is not None
    assert (microsoft.bought.seats, microsoft.shelfware) == (55, None)


def test_page_names_the_source_of_each_figure_and_what_is_missing(
    client: Client, officer: Membership, seats: None
) -> None:
    page = client.get(address(officer)).content.decode()

    assert "Zoom: users" in page
    assert "Enter the contract that pays for these seats." in page
    assert "not computable" in page
    assert "&lt; 10" in page


def test_seat_is_marked_from_its_list_with_counts_in_the_journal(
    client: Client, officer: Membership, seats: None
) -> None:
    listed = client.get(address(officer, "dormant/")).content.decode()
    assert "5 seats" in listed

    sent = {"seat": ["zoom a00@example.fr", "zoom a01@example.fr", "zoom a29@example.fr"], "status": "requested"}
    response = client.post(address(officer, "dormant/mark/?status=to_do"), sent)

    assert response["Location"] == address(officer, "dormant/?status=to_do")
    with tenant_scope(officer.tenant_id):
        assert set(Reclaim.objects.values_list("identifier", flat=True)) == {"a00@example.fr", "a01@example.fr"}
        event = JournalEvent.objects.get()
    assert (event.action, event.data) == ("reclaim.requested", {"count": 2, "reason": "dormant"})
    assert "3 seats" in client.get(address(officer, "dormant/?status=to_do")).content.decode()


def test_seats_that_are_listed_are_those_of_the_rows(officer: Membership, seats: None) -> None:
    tenant = officer.tenant
    with tenant_scope(tenant.id):
        mark_seats(
            membership=officer,
            reason=Reclaim.Reason.DORMANT,
            keys=["zoom a01@example.fr", "zoom a02@example.fr"],
            status=Reclaim.Status.DONE,
        )
        Reclaim.objects.filter(identifier="a02@example.fr").update(
            identifier="a29@example.fr", updated_at=timezone.now() - timedelta(days=20)
        )
        unit = Unit.objects.get(name="dsi")
        asked = [
            Wanted(reason, vendor=vendor, unit_id=unit_id, is_without_unit=is_without, status=status, text=text)
            for reason in Reclaim.Reason
            for vendor, is_without in (("", False), ("zoom", False), ("microsoft", False), ("", True))
            for unit_id in (None, unit.id)
            for status in ("", TO_DO, BACK, "done")
            for text in ("", "A0")
        ]

        def found() -> list[Listed]:
            sources = sources_on(tenant, tenant.today)
            return [seats_of(tenant, sources, wanted, offset=offset, limit=10) for wanted in asked for offset in (0, 2)]

        by_rows = found()
        keep_listing(tenant)
        assert listing_differences(tenant) == 0
        assert found() == by_rows
        assert {row.identifier for listed in by_rows for row in listed.rows if row.is_back} == {"a29@example.fr"}
        keys = ["zoom a00@example.fr", "zoom a20@example.fr"]
        status = Reclaim.Status.KEPT
        assert mark_seats(membership=officer, reason=Reclaim.Reason.DORMANT, keys=keys, status=status) == 1


def test_done_seat_that_is_active_in_a_later_file_comes_back(client: Client, officer: Membership, seats: None) -> None:
    client.post(address(officer, "blocked/mark/"), {"seat": ["zoom a00@example.fr"], "status": "done"})
    with tenant_scope(officer.tenant_id):
        Reclaim.objects.update(identifier="a29@example.fr", updated_at=timezone.now() - timedelta(days=20))

    page = client.get(address(officer, "blocked/?status=back")).content.decode()

    assert "a29@example.fr" in page
    assert "active again" in page


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_list_is_exported_without_formulas(client: Client, officer: Membership, seats: None, file_format: str) -> None:
    with tenant_scope(officer.tenant_id):
        known = officer.tenant.accounts.filter(identifier="a00@example.fr")
        source = known.get().usage_import
        known.delete()
    add_account(source, "a00@example.fr", name="=cmd()")

    response = client.get(address(officer, f"dormant/seats.{file_format}"))

    assert response.status_code == 200
    if file_format == "csv":
        assert ";'=cmd();" in response.content.decode("utf-8-sig")
    with tenant_scope(officer.tenant_id):
        assert JournalEvent.objects.get().data == {"reason": "dormant", "count": 5, "format": file_format}


def test_list_too_long_for_a_file_says_so(
    client: Client, officer: Membership, seats: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.licensing.people.list_views.EXPORT_MAX", 4)

    response = client.get(address(officer, "dormant/seats.csv?status=to_do"))

    assert (response.status_code, response["Location"]) == (302, address(officer, "dormant/?status=to_do"))
    assert "5 seats" in client.get(response["Location"]).content.decode()
    with tenant_scope(officer.tenant_id):
        assert not JournalEvent.objects.filter(action="reclaim.exported").exists()


def test_list_costs_the_same_whatever_its_length(client: Client, officer: Membership, seats: None) -> None:
    with CaptureQueriesContext(connection) as few:
        client.get(address(officer, "blocked/"))
    with CaptureQueriesContext(connection) as many:
        client.get(address(officer, "dormant/"))

    assert len(few) == len(many)


def test_figures_are_read_by_rest_without_names(client: Client, officer: Membership, seats: None) -> None:
    _token, secret = api_token(officer, ApiToken.Scope.LICENSING_READ)

    response = Client().get("/api/v1/reconciliation/", headers={"Authorization": f"Bearer {secret}"})

    [zoom] = response.json()["vendors"]
    assert (zoom["vendor"], zoom["assigned"], zoom["bought"], zoom["deleted"]) == ("zoom", 30, None, None)
    assert "a00@example.fr" not in response.content.decode()


def test_empty_pages_say_what_to_do(client: Client, officer: Membership) -> None:
    assert "No file of accounts yet" in client.get(address(officer)).content.decode()
    assert "No file of accounts yet" in client.get(address(officer, "dormant/")).content.decode()
    assert client.get(address(officer, "unknown/")).status_code == 404
