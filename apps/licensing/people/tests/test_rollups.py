"""The counts of units by day, against what one counts by hand."""

from datetime import date, timedelta

import pytest

from apps.licensing.models import Account, Alias, DepartmentUnit, Format, UnitDay, UsageImport, Vendor
from apps.licensing.people.rollups import MEASURES, compute_unit_days, differences
from apps.licensing.people.sources import window_of
from apps.licensing.people.tests.factories import DAY, add_account, usage_import
from apps.tenants.models import Membership, Role, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def unit(officer: Membership) -> Unit:
    unit = UnitFactory.create(tenant=officer.tenant)
    with tenant_scope(officer.tenant_id):
        DepartmentUnit.objects.create(
            tenant=officer.tenant, department="dsi", unit=unit, starts_on=date(2026, 1, 1), by=officer
        )
    return unit


def counts_of(officer: Membership, vendor: Vendor, unit: Unit | None, day: date = DAY) -> dict[str, int | None]:
    with tenant_scope(officer.tenant_id):
        return dict(UnitDay.objects.values(*MEASURES).get(day=day, vendor=vendor, unit=unit))


def compute(officer: Membership, day: date = DAY) -> None:
    compute_unit_days(tenant_id=officer.tenant_id, day=day)


def test_seats_are_counted_by_unit_with_their_reasons(officer: Membership, unit: Unit) -> None:
    users = usage_import(officer, Format.M365_USERS)
    add_account(users, "a@example.fr", department="DSI")
    add_account(users, "b@example.fr", department=" dsi ", is_blocked=True)
    add_account(users, "c@example.fr", department="Inconnu")
    add_account(users, "d@example.fr", kind=Account.Kind.FREE)
    month = usage_import(officer, Format.TEAMS_ACTIVITY, period_days=30)
    add_account(month, "a@example.fr", meetings=4)
    add_account(month, "gone@example.fr", is_deleted=True, meetings=0)
    quarter = usage_import(officer, Format.TEAMS_ACTIVITY, period_days=90, day=DAY - timedelta(days=1))
    add_account(quarter, "a@example.fr", meetings=9)
    add_account(quarter, "c@example.fr", meetings=1)

    compute(officer)

    dsi, unknown = counts_of(officer, Vendor.MICROSOFT, unit), counts_of(officer, Vendor.MICROSOFT, None)
    assert (dsi["assigned"], dsi["active_30d"], dsi["dormant_90d"], dsi["blocked"]) == (2, 1, 1, 1)
    assert (unknown["assigned"], unknown["active_30d"], unknown["dormant_90d"]) == (1, 0, 0)
    assert (dsi["deleted"], unknown["deleted"]) == (0, 1)
    assert (dsi["people"], dsi["meetings"]) == (1, 4)
    assert (dsi["double"], dsi["people_also_visio"]) == (None, None)


def test_person_with_two_addresses_is_equipped_twice_once(officer: Membership, unit: Unit) -> None:
    add_account(usage_import(officer, Format.M365_USERS), "jean.dupont@example.fr", department="dsi")
    zoom = usage_import(officer, Format.ZOOM_USERS)
    add_account(zoom, "jdupont@example.fr")
    add_account(zoom, "other@example.fr")
    with tenant_scope(officer.tenant_id):
        Alias.objects.create(
            tenant=officer.tenant, identifier="jdupont@example.fr", person="jean.dupont@example.fr", by=officer
        )

    compute(officer)

    microsoft, in_zoom = counts_of(officer, Vendor.MICROSOFT, unit), counts_of(officer, Vendor.ZOOM, unit)
    assert (microsoft["double"], in_zoom["double"], in_zoom["assigned"]) == (1, 1, 1)
    assert counts_of(officer, Vendor.ZOOM, None)["double"] == 0


def test_what_no_import_tells_is_unknown_and_not_zero(officer: Membership) -> None:
    add_account(usage_import(officer, Format.ZOOM_USERS), "a@example.fr")

    compute(officer)

    row = counts_of(officer, Vendor.ZOOM, None)
    assert (row["assigned"], row["blocked"]) == (1, 0)
    unknown = ("active_30d", "dormant_90d", "deleted", "double", "people", "people_also_visio", "meetings")
    assert [row[name] for name in unknown] == [None] * len(unknown)


def test_computing_twice_gives_the_same_and_undoing_an_import_takes_its_counts_away(officer: Membership) -> None:
    users = usage_import(officer, Format.ZOOM_USERS)
    add_account(users, "a@example.fr")
    compute(officer)
    compute(officer)
    assert differences(tenant_id=officer.tenant_id, day=DAY) == []

    with tenant_scope(officer.tenant_id):
        UsageImport.objects.update(status=UsageImport.Status.UNDONE)
    assert [item.measure for item in differences(tenant_id=officer.tenant_id, day=DAY)] == ["assigned", "blocked"]

    compute(officer)
    with tenant_scope(officer.tenant_id):
        assert not UnitDay.objects.exists()


def test_department_changes_its_unit_from_a_day_on(officer: Membership, unit: Unit) -> None:
    later = UnitFactory.create(tenant=officer.tenant)
    with tenant_scope(officer.tenant_id):
        DepartmentUnit.objects.create(tenant=officer.tenant, department="dsi", unit=later, starts_on=DAY, by=officer)
    before = DAY - timedelta(days=1)
    add_account(usage_import(officer, Format.M365_USERS, day=before), "a@example.fr", department="DSI")

    compute(officer, before)
    compute(officer, DAY)

    assert counts_of(officer, Vendor.MICROSOFT, unit, before)["assigned"] == 1
    assert counts_of(officer, Vendor.MICROSOFT, later, DAY)["assigned"] == 1


def test_lists_of_meetings_add_up_to_a_window_unless_they_leave_a_gap(officer: Membership) -> None:
    def hosts(end: date, days: int) -> UsageImport:
        return UsageImport(format=Format.ZOOM_HOSTS, refreshed_on=end, period_days=days)

    months = [hosts(date(2026, 9, 30), 30), hosts(date(2026, 10, 30), 29), hosts(date(2026, 11, 29), 28)]
    window = window_of(months, 90)

    assert window is not None
    assert (window.ends_on, len(window.imports)) == (date(2026, 11, 29), 3)
    assert window_of([months[0], months[2]], 90) is None


def test_longer_total_says_nothing_of_a_shorter_window(officer: Membership) -> None:
    half_year = UsageImport(format=Format.TEAMS_ACTIVITY, refreshed_on=DAY, period_days=180)
    month = UsageImport(format=Format.TEAMS_ACTIVITY, refreshed_on=DAY, period_days=30)

    assert window_of([half_year], 30) is None
    assert window_of([half_year, month], 30) is not None
