"""Who was there: the page, the sheets as files, and for whom."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.rooms.conferences.operations import Status
from apps.rooms.conferences.retention import purge_attendance
from apps.rooms.conferences.sheets import Sheet, here_now, sheet_of
from apps.rooms.conferences.tests.conftest import meeting_at
from apps.rooms.models import Attendee, Conference, ConferenceEvent, Delegation, Meeting, Occurrence, VisioConnection
from apps.rooms.tests.factories import AttendeeFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

AskFor = Callable[..., Conference]
MINUTE = timedelta(minutes=1)
START = datetime(2026, 3, 10, 13, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def held(organizer: Membership) -> Meeting:
    """A meeting of an hour that is over; half of it counts as present."""
    return meeting_at(organizer, START, attendance_threshold=50, title="Bilan")


@pytest.fixture
def conference(held: Meeting, ask_for: AskFor) -> Conference:
    return ask_for(held, status=Status.READY)


def visit(conference: Conference, who: str, start: float, end: float | None, *, name: str = "") -> None:
    """Let somebody come and, with an end, leave, in minutes from the start."""
    times = [("participant_joined", start)] + ([("participant_left", end)] if end is not None else [])
    with tenant_scope(conference.tenant_id):
        for event, minute in times:
            ConferenceEvent.objects.create(
                tenant_id=conference.tenant_id,
                conference=conference,
                event_id=f"{who}-{event}-{minute}",
                name=event,
                session_id="RM_1",
                participant_id=f"{who}-{start}",
                identity=who,
                participant_name=name or who,
                happened_at=START + minute * MINUTE,
            )


def occurrence_of(meeting: Meeting) -> Occurrence:
    return Occurrence.objects.select_related("meeting__organizer__user", "room").get(meeting=meeting)


def sheet(meeting: Meeting) -> Sheet:
    with tenant_scope(meeting.tenant_id):
        return sheet_of(occurrence_of(meeting))


def url(meeting: Meeting, end: str = "") -> str:
    with tenant_scope(meeting.tenant_id):
        return f"/t/{meeting.tenant.slug}/occurrences/{meeting.occurrences.get().id}/attendance/{end}"


def test_threshold_decides_over_reconnections(held: Meeting, conference: Conference) -> None:
    visit(conference, "ana", -5, 20, name="Ana")
    visit(conference, "ana", 30, 50, name="Ana")
    visit(conference, "bo", 31, 60, name="Bo")

    rows = [(row.name, row.minutes, row.percent, row.is_present) for row in sheet(held).rows]

    assert rows == [("Ana", 40, 66, True), ("Bo", 29, 48, False)]


def test_account_tells_who_was_invited(held: Meeting, conference: Conference) -> None:
    came, stayed_away = AttendeeFactory.create(meeting=held), AttendeeFactory.create(meeting=held)
    visit(conference, came.membership.user.sub, 0, 60, name="Pseudo")
    visit(conference, held.organizer.user.sub, 0, 60)

    told = sheet(held)

    assert {row.name for row in told.rows} == {came.name, held.organizer.user.full_name}
    assert all(row.is_recognised for row in told.rows)
    assert list(told.missing) == [stayed_away]


def test_events_of_a_replaced_conference_count_too(held: Meeting, conference: Conference, ask_for: AskFor) -> None:
    visit(conference, "ana", 0, 20)
    with tenant_scope(held.tenant_id):
        Conference.objects.update(status=Status.REPLACED)
    visit(ask_for(held, status=Status.READY), "bo", 20, 60)

    assert [row.name for row in sheet(held).rows] == ["ana", "bo"]


def test_days_of_a_series_are_apart(held: Meeting, conference: Conference) -> None:
    visit(conference, "ana", 0, 60)
    visit(conference, "bo", 7 * 24 * 60, 7 * 24 * 60 + 60)

    assert [row.name for row in sheet(held).rows] == ["ana"]


def test_live_presence_ends_with_the_meeting(held: Meeting, conference: Conference) -> None:
    visit(conference, "ana", 5, None)
    with tenant_scope(held.tenant_id):
        occurrence = occurrence_of(held)

        assert [person.name for person in here_now(occurrence, now=START + 30 * MINUTE)] == ["ana"]
        assert here_now(occurrence, now=START + 300 * MINUTE) == []


def test_page_shows_the_sheet_and_journals_the_reading(held: Meeting, conference: Conference) -> None:
    visit(conference, "ana", 0, 60, name="<b>Ana</b>")

    shown = client_of(held.organizer).get(url(held)).content.decode()

    assert "&lt;b&gt;Ana&lt;/b&gt;" in shown
    assert "13:00 – 14:00" in shown
    with tenant_scope(held.tenant_id):
        assert JournalEvent.objects.filter(action="attendance.read").count() == 1


def test_attendee_is_refused_and_stranger_finds_nothing(held: Meeting, conference: Conference) -> None:
    attendee = AttendeeFactory.create(meeting=held)

    for end in ("", "sheet.csv", "sheet.pdf"):
        assert client_of(attendee.membership).get(url(held, end)).status_code == 403
        assert client_of(MembershipFactory.create(tenant=held.tenant)).get(url(held, end)).status_code == 404


def test_co_organiser_and_delegate_may_read(held: Meeting, conference: Conference) -> None:
    co_organizer = AttendeeFactory.create(meeting=held, role=Attendee.Role.CO_ORGANIZER).membership
    delegate = MembershipFactory.create(tenant=held.tenant)
    with tenant_scope(held.tenant_id):
        Delegation.objects.create(
            tenant=held.tenant, principal=held.organizer, delegate=delegate, starts_on=START.date()
        )

    assert [client_of(member).get(url(held)).status_code for member in (co_organizer, delegate)] == [200, 200]


def test_nothing_is_shown_where_no_attendance_is_kept(held: Meeting, conference: Conference) -> None:
    with tenant_scope(held.tenant_id):
        Meeting.objects.update(attendance_threshold=None)

    assert client_of(held.organizer).get(url(held)).status_code == 404


def test_csv_has_a_line_for_each_interval_and_no_formula(held: Meeting, conference: Conference) -> None:
    visit(conference, "ana", 0, 20, name="=HYPERLINK(1)")
    visit(conference, "ana", 30, 60, name="=HYPERLINK(1)")

    response = client_of(held.organizer).get(url(held, "sheet.csv"))

    rows = list(csv.reader(StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "'=HYPERLINK(1)"]
    assert rows[1][2:4] == ["2026-03-10T13:00:00+01:00", "2026-03-10T13:20:00+01:00"]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    with tenant_scope(held.tenant_id):
        assert JournalEvent.objects.get(action="attendance.exported").data == {"format": "csv"}


def test_pdf_is_accessible_and_takes_no_markup(held: Meeting, conference: Conference) -> None:
    visit(conference, "ana", 0, 60, name="#panic() *Ana* $x$ ]")

    content = client_of(held.organizer).get(url(held, "sheet.pdf")).content

    assert content.startswith(b"%PDF-")
    assert b"pdfuaid:part" in content


def test_unknown_format_is_not_found(held: Meeting, conference: Conference) -> None:
    assert client_of(held.organizer).get(url(held, "sheet.exe")).status_code == 404


def test_page_costs_the_same_for_one_and_for_thirty(
    held: Meeting, conference: Conference, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        AttendeeFactory.create(meeting=held)
        visit(conference, f"person {number}", 0, 60)
    client, address = client_of(held.organizer), url(held)

    with django_assert_max_num_queries(16):
        client.get(address)


def test_attendance_goes_after_its_days(held: Meeting, conference: Conference, connection: VisioConnection) -> None:
    visit(conference, "ana", 0, 60)
    with tenant_scope(held.tenant_id):
        VisioConnection.objects.update(attendance_days=(timezone.now() - START).days + 2)
    assert purge_attendance(tenant_id=held.tenant_id) == 0

    with tenant_scope(held.tenant_id):
        VisioConnection.objects.update(attendance_days=1)
    assert purge_attendance(tenant_id=held.tenant_id) == 2

    with tenant_scope(held.tenant_id):
        assert not ConferenceEvent.objects.exists()
        assert JournalEvent.objects.get(action="attendance.purged").data["events"] == 2


def test_anonymous_is_sent_to_the_sign_in(client: Client, held: Meeting) -> None:
    assert client.get(url(held)).status_code == 302
