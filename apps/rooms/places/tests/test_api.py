"""REST: rooms, their availability, and booking one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.rooms.models import Meeting, Occurrence, Room
from apps.rooms.tests.factories import MeetingFactory, RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token

pytestmark = pytest.mark.django_db

ROOMS, MEETINGS = "/api/v1/rooms/", "/api/v1/meetings/"
NEXT_WEEK = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=7)


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def headers(owner: Membership) -> dict[str, str]:
    _token, secret = api_token(owner, "meetings:read", "meetings:write")
    return {"Authorization": f"Bearer {secret}"}


def room(owner: Membership, **values: Any) -> Room:
    return RoomFactory.create(tenant=owner.tenant, **values)


def meeting_in(room: Room, organizer: Membership, start_at: datetime = NEXT_WEEK) -> Meeting:
    return MeetingFactory.create(
        organizer=organizer, room=room, starts_on=start_at.date(), start_time=start_at.time(), time_zone="UTC"
    )


def body(**changes: Any) -> dict[str, Any]:
    day = f"{NEXT_WEEK:%Y-%m-%d}"
    return {"title": "Point", "starts_on": day, "start_time": "14:00", "duration_minutes": 60} | changes


def test_rooms_are_found_by_what_they_offer(client: Client, owner: Membership, headers: dict[str, str]) -> None:
    room(owner, name="Ada", site="Bercy", capacity=12, equipment=["screen", "camera"])
    room(owner, name="Blaise", site="Bercy", capacity=4, equipment=["screen"])
    room(owner, name="Claude", site="Lyon", capacity=30, equipment=["screen", "camera"])
    room(owner, name="Denis", site="Bercy", capacity=50, equipment=["camera"], closed_at=NEXT_WEEK)

    def names(query: str) -> list[str]:
        return [found["name"] for found in client.get(f"{ROOMS}?{query}", headers=headers).json()["results"]]

    assert names("") == ["Ada", "Blaise", "Claude"]
    assert names("site=Bercy") == ["Ada", "Blaise"]
    assert names("capacity=12") == ["Ada", "Claude"]
    assert names("equipment=screen&equipment=camera&site=Bercy") == ["Ada"]


def test_rooms_that_are_free_are_found(client: Client, owner: Membership, headers: dict[str, str]) -> None:
    taken, free = room(owner, name="Ada"), room(owner, name="Blaise")
    meeting_in(taken, owner)
    ends = [NEXT_WEEK + timedelta(minutes=30), NEXT_WEEK + timedelta(minutes=90)]
    period = {"free_from": ends[0].isoformat(), "free_until": ends[1].isoformat()}

    found = client.get(ROOMS, period, headers=headers).json()["results"]

    assert [item["id"] for item in found] == [str(free.id)]


@pytest.mark.parametrize(
    "query",
    [
        "capacity=many",
        "equipment=sofa",
        "free_from=2026-01-01T00:00:00Z",
        "free_from=2026-01-02T00:00:00Z&free_until=2026-01-01T00:00:00Z",
    ],
    ids=range(4),
)
def test_wrong_query_is_refused(client: Client, headers: dict[str, str], query: str) -> None:
    assert client.get(f"{ROOMS}?{query}", headers=headers).status_code == 400


def test_availability_costs_the_same_for_one_and_for_many_rooms(
    client: Client, owner: Membership, headers: dict[str, str]
) -> None:
    week: dict[str, str | int] = {
        "since": NEXT_WEEK.isoformat(),
        "until": (NEXT_WEEK + timedelta(days=7)).isoformat(),
        "page_size": 200,
    }
    costs = []
    for number in (1, 5):
        for _room in range(number):
            meeting_in(room(owner), owner)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"{ROOMS}availability/", week, headers=headers).json()["results"]
        costs.append(len(queries))

    assert len(answer) == 6
    assert all(datetime.fromisoformat(item["taken"][0]["start_at"]) == NEXT_WEEK for item in answer)
    assert costs[0] == costs[1]


def test_availability_needs_a_period(client: Client, headers: dict[str, str]) -> None:
    assert client.get(f"{ROOMS}availability/", headers=headers).status_code == 400


def book(client: Client, headers: dict[str, str], room: Room, **changes: Any) -> Any:
    wanted = body(room=str(room.id), **changes)
    return client.post(MEETINGS, wanted, content_type="application/json", headers=headers)


def test_room_is_booked(client: Client, owner: Membership, headers: dict[str, str]) -> None:
    wanted = room(owner)

    answer = book(client, headers, wanted)

    assert answer.status_code == 201, answer.content
    with tenant_scope(owner.tenant_id):
        assert Occurrence.objects.get(meeting_id=answer.json()["id"]).room_id == wanted.id


def test_taken_room_is_a_conflict(client: Client, owner: Membership, headers: dict[str, str]) -> None:
    wanted = room(owner)
    book(client, headers, wanted)

    answer = book(client, headers, wanted, start_time="14:30")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    with tenant_scope(owner.tenant_id):
        assert Meeting.objects.count() == 1


def test_rooms_of_others_are_unknown(client: Client, headers: dict[str, str]) -> None:
    elsewhere = RoomFactory.create()

    assert client.get(f"{ROOMS}{elsewhere.id}/", headers=headers).status_code == 404
    assert book(client, headers, elsewhere).status_code == 400
