"""REST: when colleagues are busy."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 10, tzinfo=UTC)
PERIOD = {"since": START.isoformat(), "until": (START + timedelta(days=1)).isoformat()}


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


def asked(owner: Membership, *emails: str, **changes: Any) -> Any:
    return Api(owner).get("free-busy/", **(PERIOD | {"email": list(emails)} | changes))


def test_times_are_told_and_never_what_for(owner: Membership) -> None:
    colleague = AttendeeFactory.create(
        meeting=MeetingFactory.create(organizer=MembershipFactory.create(tenant=owner.tenant), title="Secret")
    ).membership

    answer = asked(owner, colleague.user.email.upper(), "guest@example.org")

    known, unknown = answer.json()
    assert (known["email"], known["is_known"], known["external_read_at"]) == (colleague.user.email, True, None)
    assert [(busy["start_at"], busy["source"], busy["is_tentative"]) for busy in known["busy"]] == [
        ("2026-03-10T14:00:00+01:00", "portal", True)
    ]
    assert (unknown["is_known"], unknown["busy"]) == (False, [])
    assert "Secret" not in answer.content.decode()


def test_a_member_of_another_ministry_is_unknown(owner: Membership) -> None:
    elsewhere = MeetingFactory.create().organizer

    (told,) = asked(owner, elsewhere.user.email).json()

    assert (told["is_known"], told["name"], told["busy"]) == (False, "", [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": []}, "email"),
        ({"email": ["x"]}, "email.0"),
        ({"email": [f"p{number}@example.org" for number in range(31)]}, "email"),
        ({"until": "2026-06-01T00:00:00Z"}, "until"),
        ({"until": "2026-03-09T00:00:00Z"}, "until"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since"),
        ({"since": "x"}, "since"),
    ],
    ids=["nobody", "no-address", "too-many", "too-long", "backwards", "year-1", "no-time"],
)
def test_what_cannot_be_asked_is_said_by_field(owner: Membership, changes: dict[str, Any], field: str) -> None:
    answer = asked(owner, owner.user.email, **changes)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
