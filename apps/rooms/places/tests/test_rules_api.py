"""REST: the rules in force, and the requests of rooms' managers."""

from datetime import timedelta
from typing import Any

import pytest

from apps.rooms.models import PolicyRule, Room, RoomManager
from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

REQUESTS = "room-requests/"


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def manager(owner: Membership) -> Membership:
    return MembershipFactory.create(tenant=owner.tenant)


@pytest.fixture
def room(owner: Membership, manager: Membership) -> Room:
    """A room whose manager confirms bookings."""
    room = RoomFactory.create(tenant=owner.tenant)
    with tenant_scope(owner.tenant_id):
        RoomManager.objects.create(tenant=owner.tenant, room=room, membership=manager)
        rules = {"confirmation": True, "max_minutes": 90}
        for name, value in rules.items():
            PolicyRule.objects.create(
                tenant=owner.tenant, name=name, value=value, is_enforced=True, reason="Usage partagé"
            )
        PolicyRule.objects.create(tenant=owner.tenant, name="recording", value=True, is_enforced=False)
    return room


def booked(owner: Membership, room: Room, *, days: int = 7, **changes: Any) -> Any:
    day = owner.tenant.today + timedelta(days=days)
    body = {"title": "Point", "starts_on": day.isoformat(), "start_time": "14:00", "duration_minutes": 60}
    return Api(owner).post("meetings/", **(body | {"room": str(room.id)} | changes))


def test_the_rules_of_a_room_say_who_locked_them(owner: Membership, room: Room) -> None:
    told = {one["rule"]: one for one in Api(owner).get(f"rooms/{room.id}/rules/").json()}

    assert (told["max_minutes"]["value"], told["max_minutes"]["is_enforced"]) == (90, True)
    assert (told["max_minutes"]["level"], "Usage partagé" in told["max_minutes"]["origin"]) == ("ministry", True)
    assert (told["days_ahead"]["value"], told["days_ahead"]["level"]) == (0, None)
    assert told["hours"]["value"]["weekdays"] == list(range(7))


def test_the_rules_of_meetings_are_told(owner: Membership, room: Room) -> None:
    told = {one["rule"]: one for one in Api(owner).get("rules/").json()}

    assert (told["recording"]["value"], told["recording"]["is_enforced"]) == (True, False)
    assert "max_minutes" not in told


def test_rules_of_somebody_elses_meetings_need_a_delegation(owner: Membership, manager: Membership) -> None:
    assert Api(owner).get("rules/", organizer_id=str(manager.id)).status_code == 400


def test_a_manager_sees_and_confirms_a_request(owner: Membership, manager: Membership, room: Room) -> None:
    meeting = booked(owner, room, rrule="FREQ=DAILY;COUNT=2").json()

    (asked,) = Api(manager).get(REQUESTS).json()
    confirmed = Api(manager).post(f"{REQUESTS}{meeting['id']}/{room.id}/confirm/")

    assert (asked["meeting"]["id"], asked["room"]["id"], len(asked["dates"])) == (meeting["id"], str(room.id), 2)
    assert asked["meeting"]["organizer"]["id"] == str(owner.id)
    assert (confirmed.status_code, confirmed.json()) == (200, {"dates": 2})
    assert Api(manager).get(REQUESTS).json() == []
    assert Api(manager).post(f"{REQUESTS}{meeting['id']}/{room.id}/confirm/").status_code == 409


def test_dates_that_are_taken_are_left_where_asked(owner: Membership, manager: Membership, room: Room) -> None:
    meeting = booked(owner, room, rrule="FREQ=DAILY;COUNT=2").json()
    assert booked(manager, room).status_code == 201  # a manager's own booking needs no confirmation
    address = f"{REQUESTS}{meeting['id']}/{room.id}/confirm/"

    (asked,) = Api(manager).get(REQUESTS).json()

    assert [date["is_taken"] for date in asked["dates"]] == [True, False]
    assert Api(manager).post(address).status_code == 409
    assert Api(manager).post(address, only_free=True).json() == {"dates": 1}


def test_a_manager_refuses_with_a_reason(owner: Membership, manager: Membership, room: Room) -> None:
    meeting = booked(owner, room).json()
    address = f"{REQUESTS}{meeting['id']}/{room.id}/refuse/"

    assert list(Api(manager).post(address).json()["fields"]) == ["reason"]
    assert Api(manager).post(address, reason="Travaux").status_code == 204

    assert Api(owner).get(f"meetings/{meeting['id']}/").json()["room"] is None


@pytest.mark.parametrize("step", ["confirm", "refuse"])
def test_nobody_but_managers_answers_requests(owner: Membership, manager: Membership, room: Room, step: str) -> None:
    meeting = booked(owner, room).json()

    answer = Api(owner).post(f"{REQUESTS}{meeting['id']}/{room.id}/{step}/", reason="x")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_manager")
    assert Api(owner).get(REQUESTS).json() == []
