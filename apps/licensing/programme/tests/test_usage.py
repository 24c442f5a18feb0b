"""Who has moved, as the programme's page says it: shares by wave, none of which gives a small number away."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.licensing.dashboards.rollups import Eligible
from apps.licensing.models import Target, UnitDay, UnitHeadcount, Vendor, Wave, WaveUnit
from apps.licensing.programme.overview import target_states
from apps.licensing.programme.usage import ProgrammeUsage, programme_usage
from apps.licensing.savings import add_months
from apps.tenants.models import Headcount, Membership, Role, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


def count(officer: Membership, unit: Unit, visio: int, legacy: int, both: int, agents: int = 200) -> Wave:
    """Put a unit into a wave of its own, with the people of today."""
    own = {"tenant": officer.tenant}
    today = officer.tenant.today
    with tenant_scope(officer.tenant_id):
        wave = Wave.objects.create(**own, name=f"Vague {unit.name}", starts_on=today, ends_on=today)
        WaveUnit.objects.create(**own, wave=wave, unit=unit)
        UnitHeadcount.objects.create(**own, unit=unit, starts_on=date(2025, 1, 1), agents=agents, source="RH")
        UnitDay.objects.create(
            **own,
            day=today,
            unit=unit,
            vendor=Vendor.VISIO,
            people=visio,
            people_legacy=legacy,
            people_both=both,
            people_source=UnitDay.Source.IMPORT,
            people_as_of=today - timedelta(days=2),
            meetings=3 * visio,
        )
        UnitDay.objects.create(**own, day=today, unit=unit, vendor=Vendor.MICROSOFT, people=legacy, meetings=2 * legacy)
    return wave


def usage_of(officer: Membership) -> ProgrammeUsage | None:
    with tenant_scope(officer.tenant_id):
        waves = list(Wave.objects.prefetch_related("units"))
        return programme_usage(officer.tenant, waves, Eligible.of(officer.tenant))


def test_shares_of_the_ministry_and_of_its_waves(officer: Membership) -> None:
    count(officer, UnitFactory.create(tenant=officer.tenant, name="A"), visio=100, legacy=60, both=40)
    count(officer, UnitFactory.create(tenant=officer.tenant, name="B"), visio=50, legacy=140, both=40)

    found = usage_of(officer)

    assert found is not None
    assert (found.usage.visio_only, found.usage.legacy_only, found.usage.both) == (70, 120, 80)
    assert found.adoption == Decimal(150) / 400
    assert found.residual == Decimal(400) / 850
    assert found.as_of == officer.tenant.today - timedelta(days=2)
    first = found.waves[0]
    assert (first.people, first.adoption, first.switched, first.dual_use) == (
        120,
        Decimal("0.5"),
        Decimal("0.5"),
        Decimal(40) / 120,
    )


def test_share_that_would_give_nine_people_away_is_not_shown(officer: Membership) -> None:
    for name in "ABC":
        unit = UnitFactory.create(tenant=officer.tenant, name=name)
        count(officer, unit, visio=59 if name == "A" else 90, legacy=60, both=50 if name == "A" else 40)

    found = usage_of(officer)

    assert found is not None
    assert not found.is_suppressed
    shares = {item.wave.name: item.switched for item in found.waves if item.wave}
    assert shares["Vague A"] is None
    assert [share is None for share in shares.values()].count(True) == 2  # else it would follow from the total


def test_nothing_is_computed_while_a_tools_use_is_not_told(officer: Membership) -> None:
    wave = count(officer, UnitFactory.create(tenant=officer.tenant), visio=50, legacy=50, both=20)
    with tenant_scope(officer.tenant_id):
        UnitDay.objects.update(people_legacy=None, people_both=None)

    client = client_of(officer)
    client.cookies["django_language"] = "en"
    text = client.get(f"/t/{officer.tenant.slug}/programme/").content.decode()

    assert usage_of(officer) is None
    assert "Not computable yet" in text
    assert wave.name in text


def test_target_says_whether_the_pace_and_the_curve_reach_it(officer: Membership) -> None:
    today = officer.tenant.today
    with tenant_scope(officer.tenant_id):
        Headcount.objects.create(tenant=officer.tenant, starts_on=date(2020, 1, 1), agents=1000, source="RH")
        for months, people in enumerate((60, 90, 140, 200, 280, 370, 470)):
            day = add_months(today.replace(day=1), months - 6)
            UnitDay.objects.create(tenant=officer.tenant, day=day, vendor=Vendor.VISIO, people=people)
        Target.objects.create(tenant=officer.tenant, due_on=add_months(today, 6), agents=600, source="Circulaire")
        Target.objects.create(tenant=officer.tenant, due_on=add_months(today, 2), agents=990, source="Circulaire")
        late, soon = target_states(officer.tenant, Eligible.of(officer.tenant))[::-1]

    assert late.pace is not None and soon.pace is not None
    assert (late.pace.is_kept, late.expects_enough) == (True, True)
    assert (soon.pace.is_kept, soon.expects_enough) == (False, False)
    assert soon.reached_on is not None and soon.reached_on > soon.target.due_on


def test_page_costs_the_same_for_one_wave_and_for_five(officer: Membership) -> None:
    client = client_of(officer)
    address = f"/t/{officer.tenant.slug}/programme/"
    count(officer, UnitFactory.create(tenant=officer.tenant), visio=50, legacy=50, both=20)
    client.get(address)
    of_one_wave = _statements(client, address)
    for _number in range(4):
        count(officer, UnitFactory.create(tenant=officer.tenant), visio=50, legacy=50, both=20)

    assert _statements(client, address) == of_one_wave


def _statements(client: Client, address: str) -> list[str]:
    """Return what a page asks of each table, without the values, so that a difference names itself."""
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    texts = [query["sql"].split(" WHERE ")[0] for query in captured.captured_queries]
    return [re.sub(r"'[^']*'|\"s\d+_x\d+\"", "?", text)[:200] for text in texts]
