"""REST: dates of meetings, what is done with one, and who answered what."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.rooms.models import Meeting, Occurrence
from apps.rooms.operations import Invitee, MeetingPlan, schedule_meeting
from apps.rooms.tests.factories import AttendeeFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token

pytestmark = pytest.mark.django_db

DAY = date.today() + timedelta(days=7)
MEETINGS, OCCURRENCES = "/api/v1/meetings/", "/api/v1/occurrences/"


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def series(owner: Membership) -> Meeting:
    plan = MeetingPlan(
        title="Point",
        starts_on=DAY,
        start_time=time(10),
        duration_minutes=30,
        rrule="FREQ=DAILY;COUNT=3",
        invitees=(Invitee("invite@example.fr", "Invité"),),
    )
    with tenant_scope(owner.tenant_id):
        return schedule_meeting(by=owner, plan=plan)


def headers_of(member: Membership) -> dict[str, str]:
    _token, secret = api_token(member, "meetings:read", "meetings:write")
    return {"Authorization": f"Bearer {secret}"}


def send(client: Client, method: str, address: str, member: Membership, **body: Any) -> Any:
    return getattr(client, method)(address, body, content_type="application/json", headers=headers_of(member))


def dates(meeting: Meeting) -> list[Occurrence]:
    with tenant_scope(meeting.tenant_id):
        return list(meeting.occurrences.order_by("start_at"))


def test_dates_of_a_period_are_listed(client: Client, owner: Membership, series: Meeting) -> None:
    since = datetime.combine(DAY + timedelta(days=1), time(), UTC)
    period = {"since": since.isoformat(), "until": (since + timedelta(days=1)).isoformat()}

    found = client.get(OCCURRENCES, period, headers=headers_of(owner)).json()["results"]

    assert [(item["starts_on"], item["meeting"]["title"]) for item in found] == [
        (f"{DAY + timedelta(days=1):%Y-%m-%d}", "Point")
    ]


def test_dates_of_a_meeting_are_listed(client: Client, owner: Membership, series: Meeting) -> None:
    def number(meeting: str) -> int:
        return len(client.get(OCCURRENCES, {"meeting": meeting}, headers=headers_of(owner)).json()["results"])

    assert (number(str(series.id)), number(str(owner.id))) == (3, 0)
    assert client.get(OCCURRENCES, {"meeting": "x"}, headers=headers_of(owner)).status_code == 400


def test_date_is_moved_alone(client: Client, owner: Membership, series: Meeting) -> None:
    second = dates(series)[1]

    answer = send(client, "patch", f"{OCCURRENCES}{second.id}/", owner, start_time="15:30", title="Point décalé")

    assert answer.status_code == 200, answer.content
    assert (answer.json()["start_time"], answer.json()["is_changed"]) == ("15:30:00", True)
    assert [row.start_time for row in dates(series)] == [time(10), time(15, 30), time(10)]


def test_date_is_cancelled_and_restored(client: Client, owner: Membership, series: Meeting) -> None:
    first = dates(series)[0]

    assert send(client, "post", f"{OCCURRENCES}{first.id}/cancel/", owner).json()["status"] == "cancelled"
    assert send(client, "post", f"{OCCURRENCES}{first.id}/cancel/", owner).status_code == 409
    assert send(client, "post", f"{OCCURRENCES}{first.id}/restore/", owner).json()["status"] == "confirmed"


def test_meeting_is_cancelled_and_restored(client: Client, owner: Membership, series: Meeting) -> None:
    assert send(client, "post", f"{MEETINGS}{series.id}/cancel/", owner).status_code == 204
    assert {row.status for row in dates(series)} == {"cancelled"}
    assert send(client, "post", f"{MEETINGS}{series.id}/cancel/", owner).status_code == 409
    assert send(client, "post", f"{MEETINGS}{series.id}/restore/", owner, notify="nobody").status_code == 204


def test_attendee_reads_dates_but_changes_nothing(client: Client, owner: Membership, series: Meeting) -> None:
    attendee = MembershipFactory.create(tenant=owner.tenant)
    AttendeeFactory.create(meeting=series, membership=attendee)
    first = dates(series)[0]

    assert client.get(f"{OCCURRENCES}{first.id}/", headers=headers_of(attendee)).status_code == 200
    assert send(client, "patch", f"{OCCURRENCES}{first.id}/", attendee, title="x").status_code == 403
    for address in (f"{OCCURRENCES}{first.id}/cancel/", f"{MEETINGS}{series.id}/cancel/"):
        assert send(client, "post", address, attendee).status_code == 403
    assert client.get(f"{MEETINGS}{series.id}/answers/", headers=headers_of(attendee)).status_code == 403


def test_stranger_finds_nothing(client: Client, owner: Membership, series: Meeting) -> None:
    stranger = MembershipFactory.create(tenant=owner.tenant)
    first = dates(series)[0]

    assert client.get(f"{OCCURRENCES}{first.id}/", headers=headers_of(stranger)).status_code == 404
    assert send(client, "post", f"{OCCURRENCES}{first.id}/cancel/", stranger).status_code == 404
    assert client.get(f"{MEETINGS}{series.id}/answers/", headers=headers_of(stranger)).status_code == 404


def test_answers_are_listed_with_those_to_single_dates(client: Client, owner: Membership, series: Meeting) -> None:
    first = dates(series)[0]
    with tenant_scope(owner.tenant_id):
        attendee = series.attendees.get()
        series.attendees.update(answer="accepted")
        stamped_at = datetime.now(UTC)
        attendee.occurrence_answers.create(
            tenant=owner.tenant, occurrence=first, answer="declined", comment="Absent", stamped_at=stamped_at
        )

    [found] = client.get(f"{MEETINGS}{series.id}/answers/", headers=headers_of(owner)).json()

    assert (found["email"], found["answer"]) == ("invite@example.fr", "accepted")
    assert found["single_dates"] == [{"occurrence": str(first.id), "answer": "declined", "comment": "Absent"}]


@pytest.mark.parametrize(
    "change",
    [{"starts_on": "1066-10-14"}, {"duration_minutes": 1}, {"start_time": "25:00"}, {"room": "x"}, {"notify": "x"}],
    ids=["day", "length", "time", "room", "notify"],
)
def test_wrong_change_is_refused(client: Client, owner: Membership, series: Meeting, change: dict[str, Any]) -> None:
    answer = send(client, "patch", f"{OCCURRENCES}{dates(series)[0].id}/", owner, **change)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == list(change)


def test_a_date_and_all_that_follow_are_cancelled(client: Client, owner: Membership, series: Meeting) -> None:
    first, second, _third = dates(series)

    answer = send(client, "post", f"{OCCURRENCES}{second.id}/cancel-following/", owner)

    assert answer.status_code == 204, answer.content
    assert [row.id for row in dates(series)] == [first.id]
    assert "UNTIL=" in client.get(f"{MEETINGS}{series.id}/", headers=headers_of(owner)).json()["rrule"]
