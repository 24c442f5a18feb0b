"""Totals of paid seats from three sides, before any saving."""

import pytest
from django.test import Client
from django.utils.translation import override

from apps.licensing.dashboards.api import SeatProblemsSerializer
from apps.licensing.dashboards.ministry import Dashboard
from apps.licensing.dashboards.report import report_of
from apps.licensing.dashboards.seat_words import sentences
from apps.licensing.models import Amendment, Format, Product, Sku, SkuCount, UnitDay, Vendor
from apps.licensing.people.tests.factories import usage_import
from apps.licensing.people.totals import Problem, disagreements, seat_totals
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory, ProductFactory
from apps.tenants.models import Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


def assign(officer: Membership, vendor: Vendor, seats: int) -> None:
    usage_import(officer, Format.M365_USERS if vendor is Vendor.MICROSOFT else Format.ZOOM_USERS)
    with tenant_scope(officer.tenant_id):
        UnitDay.objects.create(tenant=officer.tenant, day=officer.tenant.today, vendor=vendor, assigned=seats)


def buy(officer: Membership, publisher: str, seats: int, kind: Product.Kind = Product.Kind.BUNDLE) -> None:
    product = ProductFactory.create(publisher=publisher, kind=kind)
    ContractLineFactory.create(contract=ContractFactory.create(tenant=officer.tenant), product=product, seats=seats)


def problems(officer: Membership) -> dict[Vendor, list[Problem]]:
    with tenant_scope(officer.tenant_id):
        return {totals.vendor: totals.problems for totals in disagreements(officer.tenant, officer.tenant.today)}


def test_seats_that_nobody_holds_are_no_contradiction(officer: Membership) -> None:
    buy(officer, "Zoom", 40)
    assign(officer, Vendor.ZOOM, 30)

    assert problems(officer) == {}


def test_totals_that_cannot_be_right_are_named(officer: Membership) -> None:
    buy(officer, "Microsoft", 40)
    buy(officer, "Microsoft", 500, Product.Kind.NOT_SEPARABLE)  # rooms are nobody's seats
    assign(officer, Vendor.MICROSOFT, 45)
    assign(officer, Vendor.ZOOM, 12)

    assert problems(officer) == {
        Vendor.MICROSOFT: [Problem.OVER_ASSIGNED],
        Vendor.ZOOM: [Problem.NO_CONTRACT],
    }


def test_microsofts_count_is_held_against_contracts_with_their_amendments(officer: Membership) -> None:
    buy(officer, "Microsoft", 40)
    sku = Sku.objects.create(
        guid="11111111-1111-1111-1111-111111111111", string_id="E3", display_name="E3", has_meetings=True
    )
    skus = usage_import(officer, Format.SUBSCRIBED_SKUS)
    told = {"enabled": 45, "suspended": 0, "warning": 0, "consumed": 40, "capability_status": "Enabled"}
    with tenant_scope(officer.tenant_id):
        SkuCount.objects.create(tenant=officer.tenant, usage_import=skus, sku_guid=sku.guid, part_number="E3", **told)
    assert problems(officer) == {Vendor.MICROSOFT: [Problem.NO_FILE, Problem.BOUGHT_DIFFERS]}

    with tenant_scope(officer.tenant_id):
        [totals] = seat_totals(officer.tenant, officer.tenant.today)
        contract = officer.tenant.contracts.get()
        Amendment.objects.create(
            tenant=officer.tenant,
            contract=contract,
            line=contract.lines.get(),
            kind=Amendment.Kind.SEATS,
            evidence=Amendment.Evidence.SIGNED,
            number="Avenant n° 1",
            seats=5,
            effective_on=contract.starts_on,
            evidenced_on=contract.starts_on,
            by=officer.user,
        )
    assert totals.contracted == 40
    assert problems(officer) == {Vendor.MICROSOFT: [Problem.NO_FILE]}


def test_dashboard_says_so_before_its_savings(officer: Membership) -> None:
    buy(officer, "Zoom", 40)
    assign(officer, Vendor.ZOOM, 45)
    client: Client = client_of(officer)
    client.cookies["django_language"] = "en"

    page = client.get(f"/t/{officer.tenant.slug}/dashboard/").content.decode()

    assert page.index("45 seats are assigned, contracts pay for 40") < page.index("portal-tiles")


def test_files_and_answers_say_so_too(officer: Membership) -> None:
    assign(officer, Vendor.ZOOM, 12)

    with tenant_scope(officer.tenant_id), override("en"):
        shown = Dashboard(officer.tenant, officer.tenant.today.year)
        said = list(sentences(shown.seat_problems))
        reading = report_of(shown, shown.tables)["reading"]
        answered = SeatProblemsSerializer(shown.seat_problems, many=True).data

    assert said == ["Zoom: 12 paid seats are assigned, and no contract in force pays for them."]
    assert said[0] in reading
    assert [dict(item) for item in answered] == [
        {"vendor": "zoom", "contracted": None, "subscribed": None, "assigned": 12, "problems": ["no_contract"]}
    ]
