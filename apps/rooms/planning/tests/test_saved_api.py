"""REST: saved groups and templates, and a meeting from a template."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.rooms.addresses import Address
from apps.rooms.models import Attendee, MeetingTemplate, Room
from apps.rooms.operations import Invitee, MeetingPlan, schedule_meeting
from apps.rooms.planning.saved import save_group, save_template
from apps.rooms.planning.tests.conftest import GUEST
from apps.rooms.tests.api_client import Api
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory


@pytest.fixture
def template(organizer: Membership, room: Room) -> MeetingTemplate:
    colleague = MembershipFactory.create(tenant=organizer.tenant)
    day = organizer.tenant.today + timedelta(days=3)
    with tenant_scope(organizer.tenant_id):
        plan = MeetingPlan(
            title="Comité de suivi",
            starts_on=day,
            start_time=time(9, 30),
            duration_minutes=90,
            room=room,
            is_transcribed=True,
            attendance_threshold=60,
            invitees=(
                Invitee(GUEST, "Martin, Anne"),
                Invitee(colleague.user.email, role=Attendee.Role.CO_ORGANIZER),
            ),
        )
        return save_template(
            by=organizer, name="Comité", meeting=schedule_meeting(by=organizer, plan=plan), for_unit=False
        )


def next_week(organizer: Membership, **changes: Any) -> dict[str, Any]:
    return {"starts_on": (organizer.tenant.today + timedelta(days=7)).isoformat()} | changes


def test_a_meeting_is_scheduled_from_a_template(organizer: Membership, template: MeetingTemplate, room: Room) -> None:
    answer = Api(organizer).post(f"templates/{template.id}/schedule/", **next_week(organizer))

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["title"], told["start_time"], told["duration_minutes"]) == ("Comité de suivi", "09:30:00", 90)
    assert (told["room"], told["is_transcribed"], told["attendance_threshold"]) == (str(room.id), True, 60)
    assert {"email": GUEST, "name": "Martin, Anne", "role": "attendee"} in told["attendees"]
    assert [person["role"] for person in told["attendees"]].count("co_organizer") == 1


def test_what_the_body_says_comes_first(organizer: Membership, template: MeetingTemplate) -> None:
    body = next_week(organizer, start_time="16:00", title="Comité exceptionnel", attendees=[])

    told = Api(organizer).post(f"templates/{template.id}/schedule/", **body).json()

    assert (told["title"], told["start_time"], told["attendees"]) == ("Comité exceptionnel", "16:00:00", [])


def test_a_template_whose_room_is_out_of_use_says_so(
    organizer: Membership, template: MeetingTemplate, room: Room
) -> None:
    with tenant_scope(organizer.tenant_id):
        Room.objects.update(closed_at=timezone.now())

    answer = Api(organizer).post(f"templates/{template.id}/schedule/", **next_week(organizer))

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["room"])


def test_a_meeting_from_a_template_needs_a_date(organizer: Membership, template: MeetingTemplate) -> None:
    answer = Api(organizer).post(f"templates/{template.id}/schedule/")

    assert list(answer.json()["fields"]) == ["starts_on"]


def test_templates_show_what_meetings_take(organizer: Membership, template: MeetingTemplate) -> None:
    (told,) = Api(organizer).get("templates/").json()["results"]

    assert (told["name"], told["is_shared"], told["values"]["duration_minutes"]) == ("Comité", False, 90)


def test_groups_are_read_by_those_who_may_use_them(organizer: Membership) -> None:
    with tenant_scope(organizer.tenant_id):
        save_group(by=organizer, name="Bureau", people=[Address(GUEST, "Anne Martin")], for_unit=False)
    stranger = Api(MembershipFactory.create(tenant=organizer.tenant))

    (told,) = Api(organizer).get("groups/").json()["results"]

    assert (told["name"], told["people"]) == ("Bureau", [{"email": GUEST, "name": "Anne Martin"}])
    assert stranger.get("groups/").json()["results"] == []
    assert stranger.get(f"groups/{told['id']}/").status_code == 404


def test_a_template_of_somebody_else_is_not_found(organizer: Membership, template: MeetingTemplate) -> None:
    stranger = MembershipFactory.create(tenant=organizer.tenant)

    answer = Api(stranger).post(f"templates/{template.id}/schedule/", **next_week(organizer))

    assert answer.status_code == 404
