"""Conferences asked for with a booking, made in the background, tried again, replaced."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.rooms.conferences import operations
from apps.rooms.conferences.failures import Failure
from apps.rooms.conferences.operations import MAKE_TASK, Status, make_conference, make_due_conferences, pause_after
from apps.rooms.conferences.tests.conftest import CO_OWNER, OWNER, Messages, meeting_at
from apps.rooms.models import Attendee, Conference, Meeting, Room, VisioConnection
from apps.rooms.operations import MeetingPlan, plan_of, reschedule_meeting, schedule_meeting
from apps.rooms.tests.factories import AttendeeFactory, RoomFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, UserFactory
from visio_portal.services import visio as stand_in

pytestmark = pytest.mark.django_db

AskFor = Callable[..., Conference]


def plan(**values: Any) -> MeetingPlan:
    day = timezone.localdate() + timedelta(days=2)
    fields: dict[str, Any] = {"title": "Point", "starts_on": day, "start_time": time(10), "duration_minutes": 60}
    return MeetingPlan(**(fields | values))


def reload(conference: Conference) -> Conference:
    with tenant_scope(conference.tenant_id):
        return Conference.objects.select_related("meeting", "room").get(id=conference.id)


def conferences_of(meeting: Meeting) -> list[Conference]:
    with tenant_scope(meeting.tenant_id):
        return list(Conference.objects.filter(meeting=meeting).order_by("created_at"))


def make(conference: Conference) -> Failure | None:
    return make_conference(tenant_id=conference.tenant_id, conference_id=conference.id)


def due_now(conference: Conference) -> None:
    with tenant_scope(conference.tenant_id):
        Conference.objects.filter(id=conference.id).update(due_at=timezone.now())


def test_booking_asks_for_a_conference_without_visio(
    organizer: Membership, remote: stand_in.Visio, messages: Messages, django_capture_on_commit_callbacks: Any
) -> None:
    remote.fault = 503
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(organizer.tenant_id):
        meeting = schedule_meeting(by=organizer, plan=plan())

    (conference,) = conferences_of(meeting)
    assert (conference.status, conference.owner_email) == (Status.PREPARING, OWNER)
    assert messages.of(MAKE_TASK) == [{"tenant_id": str(organizer.tenant_id), "conference_id": str(conference.id)}]
    assert remote.calls == []


def test_past_meeting_needs_no_conference(organizer: Membership) -> None:
    with tenant_scope(organizer.tenant_id):
        meeting = schedule_meeting(by=organizer, plan=plan(starts_on=date(2026, 1, 5)))

    assert conferences_of(meeting) == []


def test_meetings_of_a_virtual_room_share_its_conference(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant, kind=Room.Kind.VIRTUAL)
    with tenant_scope(organizer.tenant_id):
        first = schedule_meeting(by=organizer, plan=plan(room=room))
        schedule_meeting(by=organizer, plan=plan(room=room, start_time=time(14)))

        assert Conference.objects.get(room=room).owner_email == OWNER
    assert conferences_of(first) == []


def test_conference_is_made_in_the_organisers_name(
    meeting: Meeting, connection: VisioConnection, ask_for: AskFor, remote: stand_in.Visio
) -> None:
    conference = ask_for(meeting)

    assert make(conference) is None

    conference, (room,) = reload(conference), remote.rooms.values()
    assert (conference.status, str(conference.visio_id), conference.slug) == (Status.READY, room.id, room.slug)
    assert conference.url.endswith(room.slug)
    assert conference.telephony["pin_code"] == room.pin_code
    with tenant_scope(meeting.tenant_id):
        assert JournalEvent.objects.get(action="conference.prepared").object_id == conference.id


def test_repeated_message_makes_one_room(
    meeting: Meeting, connection: VisioConnection, ask_for: AskFor, remote: stand_in.Visio
) -> None:
    conference = ask_for(meeting)

    make(conference)
    make(conference)

    assert len(remote.rooms) == 1


def test_lost_message_loses_nothing(
    meeting: Meeting, connection: VisioConnection, ask_for: AskFor, remote: stand_in.Visio
) -> None:
    conference = ask_for(meeting)

    assert make_due_conferences(tenant_id=meeting.tenant_id) == 1

    assert reload(conference).status == Status.READY


def test_meeting_of_tomorrow_that_has_none_gets_one(
    organizer: Membership, connection: VisioConnection, remote: stand_in.Visio
) -> None:
    meeting = meeting_at(organizer, timezone.now() + timedelta(hours=20))

    make_due_conferences(tenant_id=meeting.tenant_id)

    assert [conference.status for conference in conferences_of(meeting)] == [Status.READY]


def test_virtual_room_of_tomorrow_that_has_none_gets_one(
    organizer: Membership, connection: VisioConnection, remote: stand_in.Visio
) -> None:
    room = RoomFactory.create(tenant=organizer.tenant, kind=Room.Kind.VIRTUAL)
    meeting = meeting_at(organizer, timezone.now() + timedelta(hours=20), room=room)

    make_due_conferences(tenant_id=meeting.tenant_id)
    make_due_conferences(tenant_id=meeting.tenant_id)

    with tenant_scope(meeting.tenant_id):
        assert Conference.objects.get().room == room


def test_visio_that_is_down_is_asked_again_later(
    meeting: Meeting, connection: VisioConnection, ask_for: AskFor, remote: stand_in.Visio
) -> None:
    conference, remote.fault = ask_for(meeting), 503

    assert make(conference) is Failure.UNAVAILABLE
    assert make_due_conferences(tenant_id=meeting.tenant_id) == 0  # not before its pause is over

    conference = reload(conference)
    assert (conference.status, conference.failure_code) == (Status.PREPARING, "unavailable")
    assert conference.error == "A server error occurred."
    remote.fault = 0
    due_now(conference)
    make_due_conferences(tenant_id=meeting.tenant_id)
    assert (reload(conference).status, reload(conference).failure_code) == (Status.READY, "")


def test_pauses_grow_to_an_hour() -> None:
    assert [pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 8, 500)] == [30, 60, 120, 3600, 3600]


def test_one_refusal_that_all_share_ends_the_round(
    organizer: Membership, connection: VisioConnection, ask_for: AskFor, remote: stand_in.Visio
) -> None:
    for hours in (30, 31, 32):
        ask_for(meeting_at(organizer, timezone.now() + timedelta(hours=hours)))
    remote.applications = {}
    try:
        tried = make_due_conferences(tenant_id=organizer.tenant_id)
    finally:
        remote.applications = {connection.client_id: _application(connection)}

    assert tried == 1
    with tenant_scope(organizer.tenant_id):
        assert VisioConnection.objects.get().error == "Invalid credentials"


def _application(connection: VisioConnection) -> stand_in.Application:
    return stand_in.Application(
        client_id=connection.client_id, client_secret=connection.client_secret, domains=(OWNER.partition("@")[2],)
    )


@pytest.mark.parametrize(
    ("users", "provisional", "failure"),
    [(set(), set(), Failure.UNKNOWN_USER), ({OWNER}, {OWNER}, Failure.PROVISIONAL_USER)],
    ids=["unknown", "provisional"],
)
def test_organiser_whom_visio_does_not_know_is_told(
    meeting: Meeting,
    connection: VisioConnection,
    ask_for: AskFor,
    remote: stand_in.Visio,
    users: set[str],
    provisional: set[str],
    failure: Failure,
) -> None:
    conference = ask_for(meeting)
    remote.users, remote.provisional = users, provisional

    assert make(conference) is failure

    assert (reload(conference).status, reload(conference).failure_code) == (Status.FAILED, failure)


def test_co_organiser_stands_in_for_an_unknown_organiser(
    meeting: Meeting, connection: VisioConnection, ask_for: AskFor, remote: stand_in.Visio
) -> None:
    member = MembershipFactory.create(tenant=meeting.tenant, user=UserFactory.create(email=CO_OWNER))
    AttendeeFactory.create(meeting=meeting, membership=member, role=Attendee.Role.CO_ORGANIZER)
    conference, remote.users = ask_for(meeting), {CO_OWNER}

    assert make(conference) is None

    assert reload(conference).owner_email == CO_OWNER


def test_public_room_that_visio_refuses_becomes_a_trusted_one(
    organizer: Membership, connection: VisioConnection, ask_for: AskFor, remote: stand_in.Visio
) -> None:
    meeting = meeting_at(organizer, timezone.now() + timedelta(days=3), access_level="public")
    conference = ask_for(meeting)

    make(conference)

    conference = reload(conference)
    assert (conference.status, conference.access_level, conference.given_level) == (Status.READY, "public", "trusted")


def test_ministry_without_a_connection_is_told(meeting: Meeting, ask_for: AskFor) -> None:
    conference = ask_for(meeting)

    assert make(conference) is Failure.NOT_CONNECTED

    assert reload(conference).status == Status.FAILED


def test_trying_again_wakes_a_worker(
    meeting: Meeting, ask_for: AskFor, messages: Messages, django_capture_on_commit_callbacks: Any
) -> None:
    conference = ask_for(meeting, status=Status.FAILED, due_at=timezone.now() + timedelta(hours=1))

    with django_capture_on_commit_callbacks(execute=True), tenant_scope(meeting.tenant_id):
        operations.try_again(conference=reload(conference), by=meeting.organizer)

    assert reload(conference).due_at <= timezone.now()
    assert len(messages.of(MAKE_TASK)) == 1


def test_ready_conference_is_not_tried_again(meeting: Meeting, ask_for: AskFor) -> None:
    conference = ask_for(meeting, status=Status.READY)

    with tenant_scope(meeting.tenant_id), pytest.raises(operations.NothingToTry):
        operations.try_again(conference=conference, by=meeting.organizer)


def test_changed_access_level_makes_a_replacement(organizer: Membership, connection: VisioConnection) -> None:
    with tenant_scope(organizer.tenant_id):
        meeting = schedule_meeting(by=organizer, plan=plan())
    make_due_conferences(tenant_id=organizer.tenant_id)

    with tenant_scope(organizer.tenant_id):
        meeting.refresh_from_db()
        changed = plan_of(meeting, access_level=Meeting.Access.RESTRICTED)
        reschedule_meeting(meeting=meeting, by=organizer, plan=changed)
    make_due_conferences(tenant_id=organizer.tenant_id)

    told = [(one.status, one.given_level) for one in conferences_of(meeting)]
    assert told == [(Status.REPLACED, "trusted"), (Status.READY, "restricted")]


def test_change_of_the_title_keeps_the_conference(organizer: Membership) -> None:
    with tenant_scope(organizer.tenant_id):
        meeting = schedule_meeting(by=organizer, plan=plan())
        reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, title="Autre titre"))

    assert len(conferences_of(meeting)) == 1


def test_asking_costs_few_queries(organizer: Membership, django_assert_max_num_queries: Any) -> None:
    with tenant_scope(organizer.tenant_id):
        meeting = meeting_at(organizer, timezone.now() + timedelta(days=3))
        with django_assert_max_num_queries(4):
            operations.prepare_conference(meeting)
