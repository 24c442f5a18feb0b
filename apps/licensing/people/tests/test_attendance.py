"""Visio's users as attendance tells them, beside and instead of imports."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.licensing.models import Format, UnitDay, Vendor
from apps.licensing.people.rollups import compute_unit_days, differences
from apps.licensing.people.tests.factories import add_account, usage_import
from apps.rooms.models import Conference, ConferenceEvent
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    unit = UnitFactory.create()
    return MembershipFactory.create(
        roles=[Role.PROCUREMENT], tenant=unit.tenant, unit=unit, user=UserFactory.create(idp_id="idp", sub="officer")
    )


@pytest.fixture
def conference(officer: Membership) -> Conference:
    meeting = MeetingFactory.create(tenant=officer.tenant, organizer=officer)
    with tenant_scope(officer.tenant_id):
        return Conference.objects.create(
            tenant=officer.tenant, meeting=meeting, status=Conference.Status.READY, owner_email=officer.user.email
        )


def attend(conference: Conference, identity: str, day: date, session: str = "RM_1") -> None:
    """Tell that somebody left a session: that they were there follows."""
    with tenant_scope(conference.tenant_id):
        ConferenceEvent.objects.create(
            tenant_id=conference.tenant_id,
            conference=conference,
            event_id=str(uuid4()),
            name="participant_left",
            identity=identity,
            session_id=session,
            happened_at=datetime.combine(day, time(10), timezone.get_current_timezone()),
        )


def visio_on(officer: Membership, day: date) -> UnitDay | None:
    compute_unit_days(tenant_id=officer.tenant_id, day=day)
    with tenant_scope(officer.tenant_id):
        return UnitDay.objects.filter(vendor=Vendor.VISIO, day=day).first()


def test_members_who_attended_are_counted_once_with_their_meetings(officer: Membership, conference: Conference) -> None:
    today = officer.tenant.today
    for session in ("RM_1", "RM_1", "RM_2"):
        attend(conference, "officer", today - timedelta(days=3), session)
    attend(conference, "somebody-from-elsewhere", today)
    attend(conference, "officer", today - timedelta(days=28), "RM_0")  # the day before the first of the 28

    row = visio_on(officer, today)

    assert row is not None
    assert (row.unit_id, row.people, row.meetings) == (officer.unit_id, 1, 2)
    assert (row.people_source, row.people_as_of) == (UnitDay.Source.ATTENDANCE, today)
    assert differences(tenant_id=officer.tenant_id, day=today) == []


def test_import_rules_over_attendance_until_it_is_28_days_old(officer: Membership, conference: Conference) -> None:
    today = officer.tenant.today
    attend(conference, "officer", today)
    ends_on = today - timedelta(days=27)
    usage = usage_import(officer, Format.VISIO_USAGE, day=ends_on, period_days=28)
    for name in "abc":
        add_account(usage, f"{name}@example.fr", meetings=2, last_active_on=ends_on)

    fresh = visio_on(officer, today)
    stale = visio_on(officer, today + timedelta(days=1))

    assert fresh is not None and stale is not None
    assert (fresh.people, fresh.people_source, fresh.people_as_of) == (3, UnitDay.Source.IMPORT, ends_on)
    assert (stale.people, stale.people_source) == (1, UnitDay.Source.ATTENDANCE)


def test_silence_of_livekit_is_not_zero(officer: Membership) -> None:
    assert visio_on(officer, officer.tenant.today) is None


def test_counts_outlive_the_events_that_are_deleted_after_ninety_days(
    officer: Membership, conference: Conference
) -> None:
    long_ago = officer.tenant.today - timedelta(days=80)
    with tenant_scope(officer.tenant_id):
        UnitDay.objects.create(
            tenant=officer.tenant,
            day=long_ago,
            vendor=Vendor.VISIO,
            people=40,
            people_source=UnitDay.Source.ATTENDANCE,
            people_as_of=long_ago,
        )
    attend(conference, "officer", long_ago)

    row = visio_on(officer, long_ago)

    assert row is not None
    assert row.people == 40
    assert differences(tenant_id=officer.tenant_id, day=long_ago) == []


def test_people_are_those_of_28_days_and_of_a_report_of_30(officer: Membership) -> None:
    today = officer.tenant.today
    month = usage_import(officer, Format.VISIO_USAGE, day=today, period_days=40)
    add_account(month, "late@example.fr", meetings=1, last_active_on=today - timedelta(days=27))
    add_account(month, "early@example.fr", meetings=1, last_active_on=today - timedelta(days=28))
    teams = usage_import(officer, Format.TEAMS_ACTIVITY, day=today, period_days=30)
    add_account(teams, "late@example.fr", meetings=4)

    row = visio_on(officer, today)

    assert row is not None
    assert (row.people, row.people_legacy, row.people_both) == (1, 1, 1)
    with tenant_scope(officer.tenant_id):
        legacy = UnitDay.objects.get(vendor=Vendor.MICROSOFT, day=today)
    assert (legacy.people, legacy.people_also_visio) == (1, 1)
