"""Whether colleagues are free, as the meeting form says while it is filled in."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from apps.rooms.meetings.colleagues import Colleagues, colleagues_at
from apps.rooms.meetings.tests.steps import MONDAY, SOON, WEEKLY
from apps.rooms.meetings.tests.test_views import SCOPE_IN_A_TEST, url
from apps.rooms.models import Answer, BusyPeriod, ExternalCalendar, Meeting
from apps.rooms.operations import MeetingPlan
from apps.rooms.recurrence import instant
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def colleague(member: Membership) -> Membership:
    return MembershipFactory.create(tenant=member.tenant)


@pytest.fixture
def web(member: Membership) -> Client:
    client = client_of(member)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def look(web: Client, member: Membership, **changes: Any) -> Colleagues:
    response = web.post(url("meeting_create", member), SOON | {"step": "preview"} | changes)
    assert response.status_code == 200
    colleagues: Colleagues = response.context["colleagues"]
    return colleagues


def meet(organizer: Membership, start: time, **fields: Any) -> Meeting:
    return MeetingFactory.create(organizer=organizer, starts_on=MONDAY, start_time=start, **fields)


def connect(member: Membership, *busy: time) -> None:
    """Let a member's own calendar be read, with an hour that is taken in it."""
    with tenant_scope(member.tenant_id):
        calendar = ExternalCalendar.objects.create(
            tenant=member.tenant, membership=member, address="https://x.fr/a", fetched_at=timezone.now()
        )
        for clock in busy:
            start_at = instant(datetime.combine(MONDAY, clock), member.tenant.zone)
            BusyPeriod.objects.create(
                tenant=member.tenant, calendar=calendar, start_at=start_at, end_at=start_at + timedelta(hours=1)
            )


def test_colleague_is_taken_with_time_and_source_alone(web: Client, member: Membership, colleague: Membership) -> None:
    meet(colleague, time(10, 30), title="Secret")
    response = web.post(url("meeting_create", member), SOON | {"step": "preview", "attendees": colleague.user.email})
    (taken,) = response.context["colleagues"].taken
    assert (taken.name, taken.is_sure) == (str(colleague), True)
    assert taken.words == "10:30–11:30 (meetings in the portal)"
    assert "Secret" not in response.content.decode()


def test_what_is_not_answered_yet_takes_perhaps(web: Client, member: Membership, colleague: Membership) -> None:
    other = MembershipFactory.create(tenant=member.tenant)
    AttendeeFactory.create(meeting=meet(other, time(10)), membership=colleague, answer=Answer.NEEDS_ACTION)
    (taken,) = look(web, member, attendees=colleague.user.email).taken
    assert not taken.is_sure
    assert "not confirmed" in taken.words


def test_nothing_known_is_never_free_without_the_person_s_own_calendar(
    web: Client, member: Membership, colleague: Membership
) -> None:
    found = look(web, member, attendees=f"{colleague.user.email} a@x.fr")
    assert (found.free, found.unknown, found.guests) == ((), (str(member), str(colleague)), 1)
    connect(colleague)
    found = look(web, member, attendees=colleague.user.email)
    assert (found.free, found.unknown) == ((str(colleague),), (str(member),))


def test_calendar_elsewhere_is_named_as_the_source(web: Client, member: Membership, colleague: Membership) -> None:
    connect(colleague, time(10))
    (taken,) = look(web, member, attendees=colleague.user.email).taken
    assert taken.words == "10:00–11:00 (their own calendar elsewhere)"


def test_series_says_on_how_many_of_its_first_dates(web: Client, member: Membership, colleague: Membership) -> None:
    meet(colleague, time(10), duration_minutes=30)
    found = look(web, member, **{**WEEKLY, "step": "preview", "attendees": colleague.user.email})
    assert found.dates == 6
    assert found.taken[0].words.startswith("1 of 6 dates: Mon ")
    assert found.free_times == ()


def test_hours_that_are_the_same_on_several_dates_are_said_once(
    web: Client, member: Membership, colleague: Membership
) -> None:
    for weeks in range(3):
        meet_on = MONDAY + timedelta(weeks=weeks)
        MeetingFactory.create(organizer=colleague, starts_on=meet_on, start_time=time(10), duration_minutes=30)
    found = look(web, member, **{**WEEKLY, "step": "preview", "attendees": colleague.user.email})
    days = [date_format(MONDAY + timedelta(weeks=weeks), "j F") for weeks in range(3)]
    assert found.taken[0].words == f"3 of 6 dates: Mon {', '.join(days)}: 10:00–10:30 (meetings in the portal)"


def test_meeting_that_is_changed_is_in_nobody_s_way(member: Membership) -> None:
    meeting = meet(member, time(10))
    plan = MeetingPlan("Point", MONDAY, time(10), 60)
    with tenant_scope(member.tenant_id):
        found = colleagues_at(plan, [member], moved=meeting)
        assert found is not None and not found.taken
        found = colleagues_at(plan, [member])
        assert found is not None and found.taken


def test_times_at_which_nobody_known_is_taken_are_offered_and_one_click_takes_one(
    web: Client, member: Membership, colleague: Membership
) -> None:
    meet(colleague, time(8), duration_minutes=180)
    data = SOON | {"attendees": colleague.user.email}
    first, *_rest = look(web, member, attendees=colleague.user.email).free_times
    assert first.words == "11:00–11:45"
    response = web.post(url("meeting_create", member), data | {"step": first.step})
    form = response.context["form"]
    assert [form[name].value() for name in ("starts_on", "start_time", "end_time")] == [
        MONDAY.isoformat(),
        "11:00",
        "11:45",
    ]
    assert response.context["colleagues"].taken == ()


@pytest.mark.parametrize("step", ["move:", "move:x", "move:2026-13-01T10:00/11:00"])
def test_time_that_cannot_be_is_left_in_the_form(web: Client, member: Membership, step: str) -> None:
    assert web.post(url("meeting_create", member), SOON | {"step": step}).status_code == 200


def test_nobody_is_looked_up_for_a_time_that_is_over(web: Client, member: Membership) -> None:
    assert look(web, member, starts_on="2020-01-06") is None


def test_look_ahead_costs_the_same_for_one_colleague_and_for_thirty(
    web: Client, member: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people, costs = MembershipFactory.create_batch(30, tenant=member.tenant), []
    for person in people[:10]:
        meet(person, time(10))
    for invited in (people[:1], people):
        data = WEEKLY | {"step": "preview", "attendees": " ".join(person.user.email for person in invited)}
        with django_assert_max_num_queries(30 + SCOPE_IN_A_TEST) as queries:
            response = web.post(url("meeting_create", member), data)
        costs.append(len(queries))
    assert response.context["colleagues"].count == 31
    assert costs[0] == costs[1]
