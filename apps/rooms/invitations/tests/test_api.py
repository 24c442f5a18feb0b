"""REST: calendar feeds, and answers to confirm."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.rooms.invitations.tests.factories import GUEST, invite
from apps.rooms.models import Answer, Attendee, Meeting, PendingAnswer
from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

FEEDS, PENDING = "feeds/", "pending-answers/"


@pytest.fixture
def meeting(organizer: Membership) -> Meeting:
    with tenant_scope(organizer.tenant_id):
        return invite(organizer)


@pytest.fixture
def pending(meeting: Meeting) -> PendingAnswer:
    """An answer from an alias of the guest."""
    with tenant_scope(meeting.tenant_id):
        return PendingAnswer.objects.create(
            tenant=meeting.tenant,
            meeting=meeting,
            attendee=meeting.attendees.get(email=GUEST.email),
            from_address="zoe@alias.example",
            answer=Answer.DECLINED,
            reason=PendingAnswer.Reason.OTHER_ADDRESS,
            stamped_at=datetime.now(UTC),
            message_id="1@alias.example",
        )


def test_a_feed_is_made_read_and_ended(organizer: Membership, meeting: Meeting, client: Client) -> None:
    api = Api(organizer)

    made = api.post(FEEDS)
    address = urlsplit(made.json()["url"]).path
    read = client.get(address)

    assert made.status_code == 201, made.content
    assert (read.status_code, meeting.uid in read.content.decode()) == (200, True)
    assert [set(one) for one in api.get(FEEDS).json()["results"]] == [{"id", "room", "organizer_id", "created_at"}]

    assert api.post(f"{FEEDS}{made.json()['id']}/revoke/").status_code == 204
    assert client.get(address).status_code == 404
    assert api.get(FEEDS).json()["results"] == []


def test_a_room_has_a_feed_and_a_stranger_ends_none(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    elsewhere = RoomFactory.create()

    made = Api(organizer).post(FEEDS, room=str(room.id))

    assert made.json()["room"] == str(room.id)
    assert Api(organizer).post(FEEDS, room=str(elsewhere.id)).status_code == 400
    stranger = Api(MembershipFactory.create(tenant=organizer.tenant))
    assert stranger.post(f"{FEEDS}{made.json()['id']}/revoke/").status_code == 404


@pytest.mark.parametrize(
    ("decision", "answer"), [("confirm", Answer.DECLINED), ("dismiss", Answer.NEEDS_ACTION)], ids=["confirm", "dismiss"]
)
def test_an_answer_that_waits_is_settled_once(
    organizer: Membership, pending: PendingAnswer, decision: str, answer: str
) -> None:
    api = Api(organizer)
    (told,) = api.get(PENDING, meeting=str(pending.meeting_id)).json()["results"]

    first = api.post(f"{PENDING}{pending.id}/{decision}/")
    second = api.post(f"{PENDING}{pending.id}/{decision}/")

    assert (told["attendee"], told["from_address"], told["reason"]) == (
        GUEST.email,
        "zoe@alias.example",
        "other_address",
    )
    assert (first.status_code, second.status_code) == (204, 409)
    assert api.get(PENDING).json()["results"] == []
    with tenant_scope(pending.tenant_id):
        assert Attendee.objects.get(email=GUEST.email).answer == answer


def test_answers_wait_for_those_who_schedule_alone(organizer: Membership, pending: PendingAnswer) -> None:
    stranger = Api(MembershipFactory.create(tenant=organizer.tenant))

    assert stranger.get(PENDING).json()["results"] == []
    assert stranger.post(f"{PENDING}{pending.id}/confirm/").status_code == 404
    assert Api(organizer).get(PENDING, meeting="x").status_code == 400
