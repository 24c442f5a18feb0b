"""A poll with two slots and one guest."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.rooms.models import Poll, Room
from apps.rooms.operations import Invitee, MeetingPlan
from apps.rooms.planning.polls import PollPlan, open_poll
from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

GUEST = "guest@example.org"


@pytest.fixture
def organizer(db: None) -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def room(organizer: Membership) -> Room:
    return RoomFactory.create(tenant=organizer.tenant)


def slots_from_now() -> tuple[datetime, datetime]:
    """Return two naive wall times next month."""
    day = (timezone.now() + timedelta(days=30)).replace(tzinfo=None, hour=10, minute=0, second=0, microsecond=0)
    return day, day + timedelta(days=1)


def poll_plan(room: Room | None = None) -> PollPlan:
    """Return a plan for two slots, asking one guest."""
    slots = slots_from_now()
    meeting = MeetingPlan(
        title="Préparation du budget",
        starts_on=slots[0].date(),
        start_time=slots[0].time(),
        duration_minutes=60,
        room=room,
        invitees=(Invitee(GUEST, "Anne Martin"),),
    )
    return PollPlan(meeting=meeting, slots=slots, closes_at=timezone.now() + timedelta(days=7))


@pytest.fixture
def poll(organizer: Membership, room: Room) -> Poll:
    with tenant_scope(organizer.tenant_id):
        return open_poll(by=organizer, plan=poll_plan(room))
