"""The room of a coming meeting is looked at a day and a quarter of an hour before, and replaced where it is lost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.rooms.conferences.checks import check_due_conferences, due_conferences
from apps.rooms.conferences.operations import Status, make_conference
from apps.rooms.conferences.tests.conftest import CO_OWNER, OWNER, meeting_at
from apps.rooms.models import Announcement, Attendee, Conference, Mail, Meeting, Occurrence, VisioConnection
from apps.rooms.tests.factories import AttendeeFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, UserFactory
from visio_portal.services import visio as stand_in

pytestmark = pytest.mark.django_db

AskFor = Callable[..., Conference]
START = datetime(2027, 1, 15, 9, tzinfo=timezone.get_default_timezone())
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def soon(organizer: Membership) -> Meeting:
    """A meeting that begins in ten minutes."""
    return meeting_at(organizer, timezone.now() + 10 * MINUTE)


@pytest.fixture
def ready(soon: Meeting, connection: VisioConnection, ask_for: AskFor) -> Conference:
    """Its conference, made days ago."""
    conference = ask_for(soon)
    make_conference(tenant_id=soon.tenant_id, conference_id=conference.id)
    with tenant_scope(soon.tenant_id):
        Conference.objects.update(checked_at=timezone.now() - timedelta(days=5))
        return Conference.objects.get()


def is_due(meeting: Meeting, *, now: datetime) -> bool:
    with tenant_scope(meeting.tenant_id):
        return due_conferences(meeting.tenant_id, now).exists()


@pytest.mark.parametrize(
    ("before", "checked_before", "expected"),
    [
        (25 * HOUR, 100 * HOUR, False),
        (23 * HOUR, 100 * HOUR, True),
        (22 * HOUR, 23 * HOUR, False),
        (14 * MINUTE, 23 * HOUR, True),
        (13 * MINUTE, 14 * MINUTE, False),
        (-MINUTE, 100 * HOUR, False),
    ],
    ids=["too-early", "a-day-before", "once-a-day-before", "a-quarter-before", "once-a-quarter-before", "begun"],
)
def test_check_is_due_twice(
    organizer: Membership, ask_for: AskFor, before: timedelta, checked_before: timedelta, expected: bool
) -> None:
    meeting = meeting_at(organizer, START)
    ask_for(meeting, status=Status.READY, checked_at=START - checked_before)

    assert is_due(meeting, now=START - before) is expected


def test_cancelled_date_is_not_checked(soon: Meeting, ready: Conference) -> None:
    assert is_due(soon, now=timezone.now())

    with tenant_scope(soon.tenant_id):
        soon.occurrences.update(status=Occurrence.Status.CANCELLED)

    assert not is_due(soon, now=timezone.now())


def test_room_that_answers_stays(soon: Meeting, ready: Conference, remote: stand_in.Visio) -> None:
    assert check_due_conferences(tenant_id=soon.tenant_id) == 1
    assert check_due_conferences(tenant_id=soon.tenant_id) == 0

    with tenant_scope(soon.tenant_id):
        assert Conference.objects.get().status == Status.READY
    assert len(remote.rooms) == 1


def test_purged_room_is_replaced_and_the_organiser_told(
    soon: Meeting, ready: Conference, remote: stand_in.Visio
) -> None:
    remote.rooms.clear()

    check_due_conferences(tenant_id=soon.tenant_id)

    with tenant_scope(soon.tenant_id):
        former, present = Conference.objects.order_by("created_at")
        assert (former.status, former.failure_code) == (Status.REPLACED, "room_gone")
        assert (present.status, str(present.visio_id)) == (Status.READY, *remote.rooms)
        assert Mail.objects.get(announcement__kind=Announcement.Kind.NOTICE).address == OWNER
        assert JournalEvent.objects.get(action="conference.replaced").data == {"reason": "room_gone"}


def test_room_whose_owner_left_is_made_in_a_co_organisers_name(
    soon: Meeting, ready: Conference, remote: stand_in.Visio
) -> None:
    member = MembershipFactory.create(tenant=soon.tenant, user=UserFactory.create(email=CO_OWNER))
    AttendeeFactory.create(meeting=soon, membership=member, role=Attendee.Role.CO_ORGANIZER)
    remote.users = {CO_OWNER}

    check_due_conferences(tenant_id=soon.tenant_id)

    with tenant_scope(soon.tenant_id):
        assert Conference.objects.get(status=Status.READY).owner_email == CO_OWNER


def test_room_in_which_the_owner_has_no_role_is_replaced(
    soon: Meeting, ready: Conference, remote: stand_in.Visio
) -> None:
    for room in remote.rooms.values():
        room.owner = CO_OWNER

    check_due_conferences(tenant_id=soon.tenant_id)

    with tenant_scope(soon.tenant_id):
        assert Conference.objects.get(status=Status.REPLACED).failure_code == "not_allowed"


def test_visio_that_is_down_replaces_nothing_and_is_asked_again(
    soon: Meeting, ready: Conference, remote: stand_in.Visio
) -> None:
    remote.fault = 500

    check_due_conferences(tenant_id=soon.tenant_id)

    with tenant_scope(soon.tenant_id):
        assert Conference.objects.get().status == Status.READY
        assert VisioConnection.objects.get().error == "A server error occurred."
    assert is_due(soon, now=timezone.now())


def test_room_of_another_ministry_is_untouched(soon: Meeting, ready: Conference, remote: stand_in.Visio) -> None:
    assert check_due_conferences(tenant_id=uuid4()) == 0
