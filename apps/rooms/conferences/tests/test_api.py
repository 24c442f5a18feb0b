"""REST: how far a conference is, and the attendance of a date."""

import csv
from io import StringIO

import pytest
from django.utils import timezone

from apps.rooms.conferences.operations import Status
from apps.rooms.conferences.tests.conftest import meeting_at
from apps.rooms.conferences.tests.test_sheets import START, AskFor, visit
from apps.rooms.models import Conference, Meeting
from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import AttendeeFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(organizer: Membership) -> Meeting:
    """A meeting of an hour that is over; half of it counts as present."""
    return meeting_at(organizer, START, attendance_threshold=50, title="Bilan")


def attendance_of(meeting: Meeting) -> str:
    with tenant_scope(meeting.tenant_id):
        return f"occurrences/{meeting.occurrences.get().id}/attendance/"


def test_the_state_of_a_conference_is_told_with_what_to_do(
    organizer: Membership, meeting: Meeting, ask_for: AskFor
) -> None:
    address = f"meetings/{meeting.id}/conference/"
    before = Api(organizer).get(address).json()
    conference = ask_for(meeting, status=Status.FAILED, failure_code="not_connected")

    failed = Api(organizer).get(address).json()
    with tenant_scope(meeting.tenant_id):
        telephony = {"enabled": True, "phone_number": "+33 1 23", "pin_code": "42"}
        Conference.objects.filter(id=conference.id).update(status=Status.READY, telephony=telephony)
    ready = Api(organizer).get(address).json()

    assert (before["status"], before["failure"]) == (None, None)
    assert (failed["status"], failed["failure"], "administrat" in failed["detail"]) == ("failed", "not_connected", True)
    assert (ready["status"], ready["dial_in"], ready["here"]) == ("ready", {"number": "+33 1 23", "code": "42"}, [])
    assert before["join_url"] == ready["join_url"] != ""


def test_only_organisers_have_a_conference_tried_again(
    organizer: Membership, meeting: Meeting, ask_for: AskFor
) -> None:
    attendee = AttendeeFactory.create(meeting=meeting).membership
    address = f"meetings/{meeting.id}/conference/retry/"

    assert Api(organizer).post(address).status_code == 404  # none was asked for
    ask_for(meeting, status=Status.FAILED)
    assert Api(attendee).post(address).status_code == 403
    assert Api(MembershipFactory.create(tenant=organizer.tenant)).post(address).status_code == 404
    assert Api(organizer).post(address).status_code == 200


def test_attendance_is_read_by_organisers_and_journalled(organizer: Membership, held: Meeting, ask_for: AskFor) -> None:
    stayed_away = AttendeeFactory.create(meeting=held)
    visit(ask_for(held, status=Status.READY), "ana", 0, 45, name="Ana")

    told = Api(organizer).get(attendance_of(held)).json()

    assert (told["threshold"], told["present_count"]) == (50, 1)
    assert [(one["name"], one["minutes"], one["is_present"], len(one["intervals"])) for one in told["people"]] == [
        ("Ana", 45, True, 1)
    ]
    assert [one["email"] for one in told["missing"]] == [stayed_away.email]
    assert Api(stayed_away.membership).get(attendance_of(held)).status_code == 403
    with tenant_scope(held.tenant_id):
        assert JournalEvent.objects.filter(action="attendance.read").count() == 1


@pytest.mark.parametrize("sheet_format", ["csv", "pdf"])
def test_the_sheet_is_a_file(organizer: Membership, held: Meeting, ask_for: AskFor, sheet_format: str) -> None:
    visit(ask_for(held, status=Status.READY), "ana", 0, 45, name="=cmd()\r\nAna")

    answer = Api(organizer).get(f"{attendance_of(held)}sheet.{sheet_format}")

    assert answer.status_code == 200
    assert f".{sheet_format}" in answer["Content-Disposition"]
    if sheet_format == "pdf":
        assert answer.content.startswith(b"%PDF")
    else:
        rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        assert rows[1][0].startswith("'=cmd()")


def test_no_attendance_is_kept_unless_the_meeting_says_so(organizer: Membership) -> None:
    silent = meeting_at(organizer, timezone.now())

    assert Api(organizer).get(attendance_of(silent)).status_code == 404
    assert Api(organizer).get(f"{attendance_of(silent)}sheet.csv").status_code == 404


def test_a_sheet_has_two_formats(organizer: Membership, held: Meeting) -> None:
    assert Api(organizer).get(f"{attendance_of(held)}sheet.docx").status_code == 404
