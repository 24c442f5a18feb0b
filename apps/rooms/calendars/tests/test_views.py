"""Calendar pages: whose meetings, which days, at which cost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.rooms.models import Delegation, Room
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory, RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

ON = "2026-03-10"  # the factory's meetings


@pytest.fixture
def member(db: None) -> Membership:
    return MembershipFactory.create()


def page(member: Membership, name: str, **asked: Any) -> str:
    response = client_of(member).get(reverse(f"rooms:{name}", args=[member.tenant.slug]), asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("view", ["day", "week", "month"])
def test_calendar_shows_own_meetings(member: Membership, view: str) -> None:
    meeting = MeetingFactory.create(organizer=member)
    MeetingFactory.create(organizer=MembershipFactory.create(tenant=member.tenant), title="Autre affaire")

    shown = page(member, "calendar", view=view, on=ON)

    assert meeting.title in shown
    assert "Autre affaire" not in shown


def test_calendar_joins_that_of_a_principal(member: Membership) -> None:
    director = MembershipFactory.create(tenant=member.tenant)
    meeting = MeetingFactory.create(organizer=director)
    with tenant_scope(member.tenant_id):
        starts_on = timezone.localdate() - timedelta(days=1)
        Delegation.objects.create(tenant=member.tenant, principal=director, delegate=member, starts_on=starts_on)

    assert meeting.title in page(member, "calendar", on=ON)
    assert meeting.title not in page(member, "calendar", on=ON, who=str(member.id))


@pytest.mark.parametrize("asked", [{"on": "yesterday"}, {"view": "year"}, {"on": "9999-12-31"}, {"who": "x"}])
def test_calendar_that_does_not_exist_is_not_found(member: Membership, asked: dict[str, str]) -> None:
    response = client_of(member).get(reverse("rooms:calendar", args=[member.tenant.slug]), asked)

    assert response.status_code == 404


def test_calendar_costs_the_same_for_one_and_for_many(member: Membership) -> None:
    client, address = client_of(member), reverse("rooms:calendar", args=[member.tenant.slug])
    counts: list[int] = []
    for _round in range(2):
        for _number in range(1 if not counts else 12):
            organizer = MembershipFactory.create(tenant=member.tenant)
            room = RoomFactory.create(tenant=member.tenant)
            AttendeeFactory.create(meeting=MeetingFactory.create(organizer=organizer, room=room), membership=member)
        with CaptureQueriesContext(connection) as queries:
            client.get(address, {"on": ON})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_planning_shows_times_without_what_they_are_about(member: Membership) -> None:
    room = RoomFactory.create(tenant=member.tenant, kind=Room.Kind.EQUIPPED)
    organizer = MembershipFactory.create(tenant=member.tenant)
    meeting = MeetingFactory.create(organizer=organizer, room=room)

    shown = page(member, "planning", on=ON)

    assert "14:00–15:00" in shown
    assert meeting.title not in shown


def test_free_times_says_unknown_of_people_outside(member: Membership) -> None:
    shown = page(member, "free_times", people="guest@example.org", on=ON, minutes="30")

    assert "Inconnu" in shown


def test_free_time_opens_the_form_with_the_length_that_was_sought(member: Membership) -> None:
    day = timezone.localdate() + timedelta(days=10)

    shown = page(member, "free_times", people="guest@example.org", on=day.isoformat(), minutes="75")

    spans = re.findall(r"start_time=(\d\d):(\d\d)&amp;end_time=(\d\d):(\d\d)", shown)
    assert {(int(h2) - int(h1)) * 60 + int(m2) - int(m1) for h1, m1, h2, m2 in spans} == {75}


def test_free_times_offers_none_while_somebody_is_taken(member: Membership) -> None:
    colleague = MembershipFactory.create(tenant=member.tenant)
    day = timezone.localdate() + timedelta(days=10)
    MeetingFactory.create(organizer=colleague, starts_on=day)

    shown = page(member, "free_times", people=colleague.user.email, on=day.isoformat(), minutes="780")

    assert f"starts_on={day.isoformat()}" not in shown
