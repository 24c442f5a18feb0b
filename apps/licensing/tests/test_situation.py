"""What scenarios and net start from, as rows say."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from apps.licensing import savings
from apps.licensing.figures import contract_figures, ledger_of
from apps.licensing.models import (
    Amendment,
    Contract,
    ContractLine,
    Exemption,
    OneOffCost,
    RunCost,
    Scenario,
    UnitDay,
    UnitHeadcount,
    Vendor,
    Wave,
    WaveUnit,
)
from apps.licensing.savings import Exempted, NeedPlan, PlannedUnit
from apps.licensing.situation import assumptions_of, eligible_agents, need_plan_of, net_of, situation_of, visio_users
from apps.licensing.tests.factories import ContractLineFactory
from apps.tenants.models import Headcount, Membership, Tenant, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

E = Decimal
TODAY, MAY, JUNE = date(2026, 6, 15), date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def tenant(officer: Membership) -> Tenant:
    return officer.tenant


@pytest.fixture
def line(officer: Membership) -> ContractLine:
    """A hundred seats at 10 euros since January 2025; on 1 May 2026 twenty went. Two units of 60 and 40 agents."""
    line = ContractLineFactory.create(contract__tenant=officer.tenant, needed_seats=None)
    own = {"tenant": officer.tenant}
    with tenant_scope(officer.tenant_id):
        first, second = (Unit.objects.create(**own, name=name) for name in ("DSI", "DRH"))
        for unit, agents in ((first, 60), (second, 40)):
            UnitHeadcount.objects.create(**own, unit=unit, starts_on=date(2025, 1, 1), agents=agents, source="RH")
            for day, people in ((date(2026, 5, 4), 1), (date(2026, 5, 31), 5), (date(2026, 6, 14), 15)):
                UnitDay.objects.create(**own, unit=unit, day=day, vendor=Vendor.VISIO, people=people)
        wave = Wave.objects.create(**own, name="Vague 1", starts_on=MAY, ends_on=JUNE)
        WaveUnit.objects.create(**own, wave=wave, unit=first, switch_on=JUNE)
        Exemption.objects.create(
            **own, unit=second, seats=2, owner=officer, reason="Salle", starts_on=MAY, expires_on=date(2027, 1, 1)
        )
        Exemption.objects.create(
            **own,
            unit=second,
            seats=9,
            owner=officer,
            reason="Salle",
            starts_on=MAY,
            expires_on=date(2027, 1, 1),
            ended_at=datetime(2026, 5, 20, 12, tzinfo=UTC),
        )
        Amendment.objects.create(
            **own,
            contract=line.contract,
            line=line,
            kind="seats",
            seats=-20,
            evidence="invoice",
            evidenced_on=MAY,
            effective_on=MAY,
            by=officer.user,
        )
        OneOffCost.objects.create(**own, month=MAY, label="Formation", amount_eur=E(150), source="DAF")
    RunCost.objects.create(starts_on=MAY, amount_eur=E("0.50"), source="DINUM")
    return line


def test_situation_is_what_the_rows_say(line: ContractLine, tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        situation = situation_of(tenant, Contract.objects.with_lines(), TODAY)

    assert [item.key for item in situation.lines] == [str(line.id)]
    assert (situation.eligible, situation.migrated) == (100, 30)
    assert situation.exempted_in(JUNE) == 2
    assert [cost.eur_per_user for cost in situation.run_costs] == [E("0.50")]
    assert [cost.label for cost in situation.one_offs] == ["Formation"]


def test_saved_scenario_is_computed_from_the_situation(line: ContractLine, officer: Membership, tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        scenario = Scenario.objects.create(tenant=tenant, name="Rapide", migrated_per_month=20, by=officer)
        situation = situation_of(tenant, Contract.objects.with_lines(), TODAY)

    outcome = savings.outcome(situation, assumptions_of(scenario))

    assert outcome.missing == ()
    assert outcome.net_eur is not None
    assert outcome.months[0].net.visio_users == 30


def test_net_takes_users_and_costs_of_each_month(line: ContractLine, tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        ledger = ledger_of(Contract.objects.with_lines(), TODAY, first=MAY, last=date(2026, 7, 1))
        months = net_of(tenant, ledger)

    assert [item.net_eur for item in months] == [E(45), E(185), None]  # 200 - 5 - 150; 200 - 15; July is not known
    assert savings.payback(months).month == MAY


def test_visio_users_are_those_of_the_last_day_of_each_month(line: ContractLine, tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        assert visio_users(tenant, MAY, TODAY) == {MAY: 10, JUNE: 30}


def test_need_is_planned_where_no_number_was_given(line: ContractLine, tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        plan = need_plan_of(tenant, TODAY)
        figures = contract_figures(Contract.objects.with_lines().get(), TODAY, plan=plan)
        unplanned = contract_figures(Contract.objects.with_lines().get(), TODAY)

    assert plan is not None
    assert sorted(unit.agents for unit in plan.units) == [40, 60]
    assert PlannedUnit(60, JUNE) in plan.units
    assert unplanned.potential_eur is None
    # 40 to migrate + 2 exempted + 3 (5 % of 42, whole seats): 100 - 45 seats × 10 × 12
    assert figures.potential_eur == E(6600)


def test_plan_without_headcounts_is_not_known(tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        assert need_plan_of(tenant, TODAY) is None
        assert eligible_agents(tenant, TODAY) is None


def test_headcount_of_the_ministry_rules_over_that_of_its_units(line: ContractLine, tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        Headcount.objects.create(tenant=tenant, starts_on=MAY, agents=120, source="Bilan social")

        assert eligible_agents(tenant, TODAY) == 120


def test_exemption_that_was_ended_counts_until_then(line: ContractLine, tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        plan = need_plan_of(tenant, TODAY)

    assert isinstance(plan, NeedPlan)
    assert Exempted(9, MAY, date(2026, 5, 20)) in plan.exemptions
