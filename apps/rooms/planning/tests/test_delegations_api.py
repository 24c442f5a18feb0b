"""REST: handing one's calendar to a colleague, and taking it back."""

from datetime import timedelta
from typing import Any

import pytest

from apps.rooms.models import Meeting
from apps.rooms.tests.api_client import Api
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

DELEGATIONS = "delegations/"


@pytest.fixture
def secretary(organizer: Membership) -> Membership:
    return MembershipFactory.create(tenant=organizer.tenant)


def given(organizer: Membership, secretary: Membership, **changes: Any) -> Any:
    return Api(organizer).post(DELEGATIONS, **({"delegate": secretary.user.email} | changes))


def meeting_for(organizer: Membership) -> dict[str, Any]:
    day = organizer.tenant.today + timedelta(days=7)
    fields = {"title": "Point", "starts_on": day.isoformat(), "start_time": "14:00", "duration_minutes": 60}
    return fields | {"organizer_id": str(organizer.id)}


def test_a_delegate_schedules_until_the_delegation_is_ended(organizer: Membership, secretary: Membership) -> None:
    created = given(organizer, secretary)
    scheduled = Api(secretary).post("meetings/", **meeting_for(organizer))

    assert created.status_code == 201, created.content
    assert (created.json()["delegate"]["id"], created.json()["last_day"]) == (str(secretary.id), None)
    assert scheduled.status_code == 201, scheduled.content
    assert scheduled.json()["organizer"]["id"] == str(organizer.id)

    address = f"{DELEGATIONS}{created.json()['id']}/"
    assert Api(secretary).post(f"{address}end/").status_code == 204
    assert Api(organizer).post(f"{address}end/").status_code == 409
    assert Api(organizer).get(DELEGATIONS).json()["results"] == []
    assert Api(secretary).post("meetings/", **meeting_for(organizer)).status_code == 400
    with tenant_scope(organizer.tenant_id):
        assert Meeting.objects.get().scheduled_by == secretary


def test_the_last_day_is_included(organizer: Membership, secretary: Membership) -> None:
    today = organizer.tenant.today.isoformat()

    created = given(organizer, secretary, last_day=today)

    assert created.json()["last_day"] == today
    assert Api(secretary).post("meetings/", **meeting_for(organizer)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"delegate": "nobody@example.org"}, "delegate"),
        ({"delegate": "x"}, "delegate"),
        ({"last_day": "2020-01-01"}, "last_day"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"last_day": "9999-12-31"}, "last_day"),
    ],
    ids=["stranger", "no-address", "past", "starts-9999", "ends-9999"],
)
def test_what_cannot_be_given_is_said_by_field(
    organizer: Membership, secretary: Membership, changes: dict[str, Any], field: str
) -> None:
    answer = given(organizer, secretary, **changes)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_nobody_gives_a_delegation_to_themselves_or_twice(organizer: Membership, secretary: Membership) -> None:
    assert given(organizer, organizer).status_code == 400
    assert given(organizer, secretary).status_code == 201
    assert given(organizer, secretary).status_code == 400


def test_a_third_person_sees_and_ends_nothing(organizer: Membership, secretary: Membership) -> None:
    created = given(organizer, secretary).json()
    third = Api(MembershipFactory.create(tenant=organizer.tenant))

    assert third.get(DELEGATIONS).json()["results"] == []
    assert third.post(f"{DELEGATIONS}{created['id']}/end/").status_code == 404
