"""Meetings over REST."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.rooms.models import Attendee, Meeting
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token

pytestmark = pytest.mark.django_db

MEETINGS = "/api/v1/meetings/"


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def api(owner: Membership) -> Client:
    return with_token(owner, "meetings:read", "meetings:write")


def with_token(member: Membership, *scopes: str) -> Client:
    _token, secret = api_token(member, *scopes)
    return Client(headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"})


def plan(**changes: Any) -> dict[str, Any]:
    return {"title": "Comité", "starts_on": "2026-12-01", "start_time": "14:00", "duration_minutes": 45} | changes


def post(api: Client, **changes: Any) -> Any:
    return api.post(MEETINGS, plan(**changes), "application/json")


def test_meeting_is_scheduled_by_the_tokens_owner(api: Client, owner: Membership) -> None:
    colleague = MembershipFactory.create(tenant=owner.tenant)
    people = [{"email": colleague.user.email.upper(), "role": "co_organizer"}, {"email": "invite@example.org"}]

    response = post(api, attendees=people)

    body = response.json()
    assert response.status_code == 201, body
    assert (body["start_at"], body["end_at"]) == ("2026-12-01T13:00:00+00:00", "2026-12-01T13:45:00+00:00")
    assert body["organizer"] == {"id": str(owner.pk), "name": owner.user.full_name}
    assert {(who["email"], who["role"]) for who in body["attendees"]} == {
        (colleague.user.email, "co_organizer"),
        ("invite@example.org", "attendee"),
    }
    with tenant_scope(owner.tenant_id):
        assert Meeting.objects.get().occurrences.count() == 1
        assert JournalEvent.objects.get().action == "meeting.scheduled"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"duration_minutes": 10**30}, "duration_minutes"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"start_time": "25:00"}, "start_time"),
        ({"start_time": "14:00Z"}, "start_time"),
        ({"starts_on": "2027-03-28", "start_time": "02:30"}, "start_time"),  # the clocks go forward
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"transcript_audience": "unit"}, "transcript_audience"),  # the owner belongs to none
        ({"attendees": [{"email": "nobody"}]}, "attendees.0.email"),
        ({"attendees": [{"email": "guest@example.org", "role": "co_organizer"}]}, "attendees"),
    ],
)
def test_meeting_that_cannot_be_is_refused_with_the_field(
    api: Client, owner: Membership, changes: dict[str, Any], field: str
) -> None:
    response = post(api, **changes)

    body = response.json()
    assert (response.status_code, body["code"]) == (400, "invalid")
    assert list(body["fields"]) == [field]
    assert set(body["fields"][field][0]) == {"code", "detail"}
    with tenant_scope(owner.tenant_id):
        assert not Meeting.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", '"title"', "{", "null"])
def test_a_body_that_is_no_object_is_refused(api: Client, body: str) -> None:
    response = api.post(MEETINGS, body, "application/json")

    assert response.status_code == 400
    assert response.json()["code"] in ("invalid", "parse_error")


def test_meeting_is_changed_in_part_and_keeps_its_people(api: Client, owner: Membership) -> None:
    meeting = MeetingFactory.create(organizer=owner)
    AttendeeFactory.create(meeting=meeting)

    response = api.patch(f"{MEETINGS}{meeting.pk}/", {"start_time": "16:00"}, "application/json")

    assert response.status_code == 200, response.json()
    assert response.json()["start_time"] == "16:00:00"
    assert len(response.json()["attendees"]) == 1
    with tenant_scope(owner.tenant_id):
        assert f"{meeting.occurrences.get().start_at:%H:%M}" == "15:00"


def test_meeting_that_somebody_changed_since_is_a_conflict(api: Client, owner: Membership) -> None:
    meeting = MeetingFactory.create(organizer=owner)
    seen_at = api.get(f"{MEETINGS}{meeting.pk}/").json()["updated_at"]
    api.patch(f"{MEETINGS}{meeting.pk}/", {"title": "Premier"}, "application/json")

    response = api.patch(f"{MEETINGS}{meeting.pk}/", {"title": "Second", "seen_at": seen_at}, "application/json")

    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert api.get(f"{MEETINGS}{meeting.pk}/").json()["title"] == "Premier"


def test_attendee_reads_and_may_not_change(api: Client, owner: Membership) -> None:
    meeting = MeetingFactory.create(organizer=MembershipFactory.create(tenant=owner.tenant))
    AttendeeFactory.create(meeting=meeting, membership=owner, role=Attendee.Role.ATTENDEE)

    read = api.get(f"{MEETINGS}{meeting.pk}/")
    changed = api.patch(f"{MEETINGS}{meeting.pk}/", {"title": "Autre"}, "application/json")

    assert read.status_code == 200
    assert (changed.status_code, changed.json()["code"]) == (403, "not_an_organizer")


def test_meetings_of_others_are_neither_listed_nor_found(api: Client, owner: Membership) -> None:
    hidden = [
        MeetingFactory.create(organizer=MembershipFactory.create(tenant=owner.tenant)),
        MeetingFactory.create(),
    ]
    mine = MeetingFactory.create(organizer=owner)

    assert [row["id"] for row in api.get(MEETINGS).json()["results"]] == [str(mine.pk)]
    for meeting in hidden:
        response = api.get(f"{MEETINGS}{meeting.pk}/")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_meeting_list_costs_the_same_for_any_number_and_follows_next(api: Client, owner: Membership) -> None:
    costs = []
    for more in (1, 6):
        for _ in range(more):
            AttendeeFactory.create(meeting=MeetingFactory.create(organizer=owner))
        with CaptureQueriesContext(connection) as queries:
            page = api.get(MEETINGS, {"page_size": 5}).json()
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in queries))

    following = api.get(page["next"]).json()

    assert costs[0] == costs[1] <= 12
    assert len({row["id"] for row in page["results"] + following["results"]}) == 7
    assert following["next"] is None


def test_cursor_that_is_none_is_not_found(api: Client) -> None:
    assert api.get(MEETINGS, {"cursor": "\0nonsense"}).status_code == 404
