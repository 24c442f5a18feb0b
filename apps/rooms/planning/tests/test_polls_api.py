"""REST: a date poll from the question to the meeting."""

from datetime import timedelta
from typing import Any

import pytest

from apps.rooms.models import Meeting, Occurrence, Poll, Room
from apps.rooms.planning.tests.conftest import GUEST, slots_from_now
from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import AttendeeFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

POLLS = "polls/"


@pytest.fixture
def api(organizer: Membership) -> Api:
    return Api(organizer)


def question(**changes: Any) -> dict[str, Any]:
    slots = slots_from_now()
    return {
        "title": "Préparation du budget",
        "duration_minutes": 60,
        "closes_on": f"{slots[0] - timedelta(days=20):%Y-%m-%d}",
        "slots": [{"starts_on": f"{slot:%Y-%m-%d}", "start_time": f"{slot:%H:%M}"} for slot in slots],
        "attendees": [{"email": GUEST, "name": "Anne Martin"}],
    } | changes


def test_a_poll_is_asked_with_its_dates_and_people(api: Api, room: Room) -> None:
    answer = api.post(POLLS, **question(room=str(room.id)))

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["status"], told["is_open"], len(told["slots"])) == ("open", True, 2)
    assert [slot["room"] for slot in told["slots"]] == [str(room.id)] * 2
    assert told["people"] == [{"email": GUEST, "name": "Anne Martin", "choices": []}]
    assert api.get(POLLS).json()["results"][0]["id"] == told["id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slots": question()["slots"][:1]}, "slots"),
        ({"slots": question()["slots"][:1] * 2}, "slots.1.starts_on"),
        ({"slots": [{"starts_on": "2020-01-01", "start_time": "10:00"}, *question()["slots"]]}, "slots.0.starts_on"),
        ({"slots": [{"starts_on": "9999-12-31", "start_time": "10:00"}, *question()["slots"]]}, "slots.0.starts_on"),
        ({"closes_on": "2020-01-01"}, "closes_on"),
        ({"closes_on": "9999-12-31"}, "closes_on"),
        ({"attendees": []}, "attendees"),
        ({"attendees": [{"email": GUEST, "role": "co_organizer"}]}, "attendees"),
        ({"organizer_id": "00000000-0000-4000-8000-000000000000"}, "organizer_id"),
    ],
    ids=["one", "twice", "past", "year-9999", "closed", "closes-9999", "nobody", "guest-organises", "stranger"],
)
def test_what_cannot_be_asked_is_said_by_field(api: Api, changes: dict[str, Any], field: str) -> None:
    answer = api.post(POLLS, **question(**changes))

    assert answer.status_code == 400, answer.content
    assert field in answer.json()["fields"]


def test_a_member_who_was_asked_answers_and_the_date_is_chosen(api: Api, poll: Poll) -> None:
    asked = AttendeeFactory.create(meeting=poll.meeting)
    slots = [slot["id"] for slot in api.get(f"{POLLS}{poll.id}/").json()["slots"]]

    said = Api(asked.membership).post(
        f"{POLLS}{poll.id}/answers/",
        choices=[{"slot": slots[0], "choice": "no"}, {"slot": slots[1], "choice": "yes"}],
    )
    chosen = api.post(f"{POLLS}{poll.id}/choose/", slot=slots[1])

    assert said.status_code == 200, said.content
    assert [(slot["yes"], slot["is_best"]) for slot in said.json()["slots"]] == [(0, False), (1, True)]
    assert chosen.status_code == 200, chosen.content
    assert chosen.json()["starts_on"] == f"{slots_from_now()[1]:%Y-%m-%d}"
    assert api.get(f"{POLLS}{poll.id}/").json()["status"] == "chosen"
    assert api.post(f"{POLLS}{poll.id}/choose/", slot=slots[1]).status_code == 409
    with tenant_scope(poll.tenant_id):
        assert poll.meeting.occurrences.get().status == Occurrence.Status.CONFIRMED


def test_a_date_of_another_poll_is_none(api: Api, poll: Poll) -> None:
    asked = AttendeeFactory.create(meeting=poll.meeting)
    unknown = "00000000-0000-4000-8000-000000000000"

    said = Api(asked.membership).post(f"{POLLS}{poll.id}/answers/", choices=[{"slot": unknown, "choice": "yes"}])

    assert (said.status_code, list(said.json()["fields"])) == (400, ["choices"])
    assert api.post(f"{POLLS}{poll.id}/choose/", slot=unknown).status_code == 404


def test_who_was_not_asked_does_not_answer(api: Api, poll: Poll) -> None:
    slot = api.get(f"{POLLS}{poll.id}/").json()["slots"][0]["id"]

    answer = api.post(f"{POLLS}{poll.id}/answers/", choices=[{"slot": slot, "choice": "yes"}])

    assert (answer.status_code, answer.json()["code"]) == (403, "not_asked")


@pytest.mark.parametrize("step", ["choose", "cancel", "remind"])
def test_who_only_attends_decides_nothing(poll: Poll, step: str) -> None:
    attendee = AttendeeFactory.create(meeting=poll.meeting)

    assert Api(attendee.membership).post(f"{POLLS}{poll.id}/{step}/").status_code == 403


def test_a_stranger_sees_no_poll(poll: Poll, organizer: Membership) -> None:
    stranger = Api(MembershipFactory.create(tenant=organizer.tenant))

    assert stranger.get(f"{POLLS}{poll.id}/").status_code == 404
    assert stranger.get(POLLS).json()["results"] == []


def test_people_are_reminded_and_a_poll_is_closed_without_a_date(api: Api, poll: Poll) -> None:
    assert api.post(f"{POLLS}{poll.id}/remind/").json() == {"reminded": 1}

    closed = api.post(f"{POLLS}{poll.id}/cancel/")

    assert (closed.status_code, closed.json()["status"]) == (200, "cancelled")
    assert api.post(f"{POLLS}{poll.id}/remind/").status_code == 409
    with tenant_scope(poll.tenant_id):
        assert Meeting.objects.get(id=poll.meeting_id).cancelled_at is not None
