"""What is kept of a ministry and day for the operator."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.licensing.models import Format, OneOffCost, RunCost, Target, UnitDay, UnitHeadcount, Vendor
from apps.licensing.people.tests.factories import usage_import
from apps.licensing.state.computing import licensing_measures
from apps.licensing.state.measures import MONTHLY, SOMEBODY, Measured, StateMeasure
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.tenants.models import Headcount, Tenant, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)


@pytest.fixture
def tenant() -> Tenant:
    return TenantFactory.create()


def measured(tenant: Tenant) -> dict[tuple[str, str], Measured]:
    with tenant_scope(tenant.id):
        return {(item.measure, item.dimension): item for item in licensing_measures(tenant, DAY)}


def add_unit(tenant: Tenant, departement: str, agents: int, users: int) -> Unit:
    own = {"tenant": tenant}
    with tenant_scope(tenant.id):
        unit = Unit.objects.create(**own, name=f"{departement} {agents}", departement=departement)
        UnitHeadcount.objects.create(**own, unit=unit, starts_on=date(2026, 1, 1), agents=agents, source="RH")
        UnitDay.objects.create(**own, unit=unit, day=DAY, vendor=Vendor.VISIO, people=users)
    return unit


def test_months_hold_the_money_of_the_contracts(tenant: Tenant) -> None:
    ContractLineFactory.create(contract__tenant=tenant)  # 100 seats at 10 EUR from 2025 on, 10 of them needed
    add_unit(tenant, "75", 40, 30)
    RunCost.objects.create(starts_on=date(2026, 1, 1), amount_eur=Decimal("0.50"), source="DINUM")
    with tenant_scope(tenant.id):
        OneOffCost.objects.create(
            tenant=tenant, month=date(2026, 3, 1), label="Formation", amount_eur=150, source="DAF"
        )

    found = measured(tenant)

    months = sorted(dimension for name, dimension in found if name == StateMeasure.DUE_EUR)
    assert (len(months), months[0], months[-1]) == (25, "2024-03", "2026-03")
    of_march = {name: found[name, "2026-03"].shown_value for name in MONTHLY}
    assert of_march[StateMeasure.DUE_EUR] == 1000
    assert of_march[StateMeasure.POTENTIAL_EUR] == 900
    assert of_march[StateMeasure.REALISED_EUR] == 0
    assert of_march[StateMeasure.RUN_COST_EUR] == 15
    assert of_march[StateMeasure.ONE_OFF_EUR] == 150
    assert found[StateMeasure.RUN_COST_EUR, "2025-12"].shown_value is None  # nobody was counted


def test_what_no_row_tells_is_unknown_rather_than_nothing(tenant: Tenant) -> None:
    found = measured(tenant)

    assert {item.shown_value for (name, _), item in found.items() if name != StateMeasure.ONE_OFF_EUR} == {None}


def test_notices_targets_and_age_are_told_whatever_the_number_of_people(tenant: Tenant) -> None:
    line = ContractLineFactory.create(contract__tenant=tenant, seats=9)  # the next anniversary is 2027-01-01
    with tenant_scope(tenant.id):
        usage_import(MembershipFactory.create(tenant=tenant), Format.ZOOM_USERS, day=date(2026, 3, 1))
        Target.objects.create(tenant=tenant, due_on=date(2026, 9, 10), agents=50, source="Circulaire")

    found = {name: item.shown_value for (name, dimension), item in measured(tenant).items() if not dimension}

    assert found[StateMeasure.NOTICES_LATE] == 0
    assert found[StateMeasure.NOTICES_MISSED] == 1  # that of 2026-01-01
    assert found[StateMeasure.MISSED_NOTICE_EUR] is None  # nine seats
    assert found[StateMeasure.NEXT_NOTICE_DAYS] == (date(2027, 1, 1) - DAY).days - line.contract.notice_days
    assert found[StateMeasure.TARGET_DAYS] == 184
    assert found[StateMeasure.DATA_AGE_DAYS] == 9


def test_few_people_of_a_departement_cannot_be_worked_out(tenant: Tenant) -> None:
    for departement, agents, users in (("75", 900, 500), ("13", 60, 40), ("974", 40, 4)):
        add_unit(tenant, departement, agents, users)

    found = measured(tenant)

    assert found[StateMeasure.VISIO_USERS, ""].shown_value == 544
    assert found[StateMeasure.VISIO_USERS, "dep:974"].shown_value is None
    assert found[StateMeasure.VISIO_USERS, "dep:13"].shown_value is None  # 544 less the other would tell the four
    assert found[StateMeasure.VISIO_USERS, "dep:75"].shown_value == 500
    assert found[StateMeasure.AGENTS, "dep:974"].shown_value == 40
    kept = {place: found[StateMeasure.VISIO_USERS, f"dep:{place}"].shown_population for place in ("75", "13", "974")}
    assert kept == {"75": 500, "13": SOMEBODY, "974": SOMEBODY}


def test_nobody_is_a_number_and_a_few_are_none(tenant: Tenant) -> None:
    unit = add_unit(tenant, "75", 90, 0)
    assert measured(tenant)[StateMeasure.VISIO_USERS, ""].shown_value == 0
    with tenant_scope(tenant.id):
        UnitDay.objects.filter(unit=unit).update(people=4)

    few = measured(tenant)[StateMeasure.VISIO_USERS, ""]

    assert (few.shown_value, few.shown_population) == (None, SOMEBODY)


def test_few_agents_that_are_in_no_unit_cannot_be_worked_out(tenant: Tenant) -> None:
    add_unit(tenant, "75", 900, 500)
    add_unit(tenant, "13", 60, 40)
    with tenant_scope(tenant.id):
        Headcount.objects.create(tenant=tenant, starts_on=date(2026, 1, 1), agents=965, source="RH")

    found = measured(tenant)

    assert found[StateMeasure.AGENTS, "dep:75"].shown_value == 900
    assert found[StateMeasure.AGENTS, "dep:13"].shown_value is None


def test_day_costs_the_same_queries_for_many_contracts_and_units(tenant: Tenant) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            measured(tenant)
        return len(captured)

    def add(number: int) -> None:
        ContractLineFactory.create(contract=ContractFactory.create(tenant=tenant))
        add_unit(tenant, "75", number, 30)

    add(40)
    few = queries()
    for number in range(50, 54):
        add(number)

    assert queries() == few
