"""Lists of the REST API cost the same number of queries for one row and for many."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.rooms.addresses import Address
from apps.rooms.conferences.tests.conftest import meeting_at
from apps.rooms.invitations.feeds import make_feed
from apps.rooms.models import (
    Answer,
    Delegation,
    Meeting,
    MeetingTemplate,
    Occurrence,
    PendingAnswer,
    Poll,
    RoomManager,
)
from apps.rooms.planning.saved import save_group
from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory, RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

COMING = timezone.now() + timedelta(days=3)


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


def colleague(owner: Membership) -> Membership:
    return MembershipFactory.create(tenant=owner.tenant)


def add_meeting(owner: Membership) -> Meeting:
    meeting = meeting_at(owner, COMING, room=RoomFactory.create(tenant=owner.tenant))
    AttendeeFactory.create(meeting=meeting)
    return meeting


def add_poll(owner: Membership) -> None:
    Poll.objects.create(tenant=owner.tenant, meeting=add_meeting(owner), closes_at=COMING)


def add_delegation(owner: Membership) -> None:
    today = owner.tenant.today
    Delegation.objects.create(tenant=owner.tenant, principal=owner, delegate=colleague(owner), starts_on=today)


def add_group(owner: Membership) -> None:
    number = owner.attendee_groups.count()
    save_group(by=owner, name=f"Groupe {number}", people=[Address("a@example.org", "A")], for_unit=False)


def add_template(owner: Membership) -> None:
    number = owner.meeting_templates.count()
    MeetingTemplate.objects.create(tenant=owner.tenant, owner=owner, name=f"Modèle {number}", values={"title": "x"})


def add_pending(owner: Membership) -> None:
    meeting = add_meeting(owner)
    PendingAnswer.objects.create(
        tenant=owner.tenant,
        meeting=meeting,
        attendee=meeting.attendees.get(),
        from_address="a@example.org",
        answer=Answer.ACCEPTED,
        reason=PendingAnswer.Reason.OTHER_ADDRESS,
        stamped_at=datetime.now(UTC),
        message_id=str(meeting.id),
    )


def add_request(owner: Membership) -> None:
    meeting = meeting_at(colleague(owner), COMING, room=RoomFactory.create(tenant=owner.tenant))
    Occurrence.objects.filter(meeting=meeting).update(status=Occurrence.Status.TENTATIVE)
    RoomManager.objects.create(tenant=owner.tenant, room=meeting.room, membership=owner)


def add_feed(owner: Membership) -> None:
    make_feed(by=owner, room=RoomFactory.create(tenant=owner.tenant))


LISTS: dict[str, Callable[[Membership], Any]] = {
    "meetings/": add_meeting,
    "occurrences/": add_meeting,
    "rooms/": lambda owner: RoomFactory.create(tenant=owner.tenant),
    "polls/": add_poll,
    "delegations/": add_delegation,
    "groups/": add_group,
    "templates/": add_template,
    "pending-answers/": add_pending,
    "room-requests/": add_request,
    "feeds/": add_feed,
}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_for_one_row_and_for_many(owner: Membership, path: str) -> None:
    api, costs = Api(owner), []
    for more, total in ((1, 1), (6, 7)):
        with tenant_scope(owner.tenant_id):
            for _number in range(more):
                LISTS[path](owner)
        with CaptureQueriesContext(connection) as queries:
            answer = api.get(path).json()
        assert len(answer if isinstance(answer, list) else answer["results"]) == total
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_free_and_busy_times_cost_the_same_for_one_and_for_thirty(owner: Membership) -> None:
    members = [owner, *(colleague(owner) for _number in range(29))]
    for member in members:
        meeting_at(member, COMING)
        AttendeeFactory.create(meeting=MeetingFactory.create(organizer=owner), membership=member)
    period = {"since": timezone.now().isoformat(), "until": (COMING + timedelta(days=3)).isoformat()}
    api, costs = Api(owner), []

    for asked in (members[:1], members):
        with CaptureQueriesContext(connection) as queries:
            told = api.get("free-busy/", email=[member.user.email for member in asked], **period).json()
        assert len(told) == len(asked)
        assert all(person["busy"] for person in told)
        costs.append(len(queries))

    assert costs[0] == costs[1]
