"""Town halls: as many people as a meeting may have, and what happens beyond it, at each of the doors."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbound
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.rooms.addresses import INVITEES_MAX
from apps.rooms.invitations.operations import MAILS_SHOWN
from apps.rooms.invitations.sending import BATCH, send_waiting_mails
from apps.rooms.models import AttendeeGroup, CalendarImport, Mail, Meeting
from apps.rooms.tests.api_client import Api
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

CROWD = 10_000
BOUND_S = 10.0
DAY = timezone.localdate() + timedelta(days=7)
FORM = {
    "title": "Réunion plénière",
    "starts_on": DAY.isoformat(),
    "start_time": "10:00",
    "end_time": "11:00",
    "time_zone": "Europe/Paris",
    "frequency": "never",
    "interval": "1",
    "ends": "never",
    "access_level": "trusted",
    "has_guests": "on",
    "transcript_audience": "named",
    "step": "send",
    "notify": "all",
}


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def web(owner: Membership) -> Client:
    client = client_of(owner)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    before = time.process_time()
    yield
    assert time.process_time() - before < BOUND_S


def people(number: int) -> list[str]:
    return [f"agent-{one:05}@interieur.example" for one in range(number)]


def body(number: int) -> dict[str, Any]:
    return {
        "title": "Réunion plénière",
        "starts_on": DAY.isoformat(),
        "start_time": "10:00",
        "duration_minutes": 60,
        "attendees": [{"email": email, "name": f"Agent {email[6:11]}"} for email in people(number)],
    }


def url(owner: Membership, name: str, **arguments: Any) -> str:
    return reverse(f"rooms:{name}", kwargs={"tenant_slug": owner.tenant.slug, **arguments})


def meetings(owner: Membership) -> int:
    with tenant_scope(owner.tenant_id):
        return Meeting.objects.count()


def too_many(most: int = INVITEES_MAX, number: int = CROWD) -> str:
    return f"At most {most} people can be invited; these are {number}."


def test_more_people_than_a_meeting_may_have_stay_in_the_form(web: Client, owner: Membership) -> None:
    typed = "\n".join(people(CROWD))

    answer = web.post(url(owner, "meeting_create"), FORM | {"attendees": typed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert too_many() in page
    assert people(CROWD)[-1] in page  # what was typed is not lost
    assert len(page) < 2_000_000
    assert meetings(owner) == 0


def test_more_people_than_a_poll_may_ask_stay_in_the_form(web: Client, owner: Membership) -> None:
    fields = {
        "title": "Plénière",
        "duration_minutes": "60",
        "time_zone": "Europe/Paris",
        "closes_on": DAY.isoformat(),
        "slots-TOTAL_FORMS": "0",
        "slots-INITIAL_FORMS": "0",
    }

    answer = web.post(url(owner, "poll_create"), fields | {"attendees": "\n".join(people(CROWD))})

    assert answer.status_code == 422
    assert too_many() in answer.content.decode()


def test_a_file_with_more_lines_than_are_read_says_so(web: Client, owner: Membership) -> None:
    file = SimpleUploadedFile("agents.csv", "\n".join(people(CROWD)).encode(), "text/csv")

    answer = web.post(
        url(owner, "meeting_create"), FORM | {"step": "import", "people_file": file, "attendees": "a@b.fr"}
    )

    page = answer.content.decode()
    assert "The file has more than 5000 lines." in page
    assert "a@b.fr" in page


def test_a_file_with_more_people_than_a_meeting_may_have_is_taken_over_and_refused_when_sent(
    web: Client, owner: Membership
) -> None:
    file = SimpleUploadedFile("agents.csv", "\n".join(people(INVITEES_MAX + 1)).encode(), "text/csv")
    answer = web.post(url(owner, "meeting_create"), FORM | {"step": "import", "people_file": file})
    typed = answer.context["form"]["attendees"].value()

    refused = web.post(url(owner, "meeting_create"), FORM | {"attendees": typed})

    assert len(typed.split()) == INVITEES_MAX + 1
    assert too_many(number=INVITEES_MAX + 1) in refused.content.decode()


def test_programs_are_told_the_limit_and_the_number(owner: Membership) -> None:
    answer = Api(owner).post("meetings/", **body(CROWD))

    (error,) = answer.json()["fields"]["attendees"]
    assert (answer.status_code, error["code"]) == (400, "max_length")
    assert f"{INVITEES_MAX}" in error["detail"]
    assert f"{CROWD}" in error["detail"]
    assert meetings(owner) == 0


def test_a_meeting_of_an_old_tool_with_more_people_is_shown_as_a_problem(web: Client, owner: Membership) -> None:
    start = datetime.now(UTC) + timedelta(days=30)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}"]
    lines += [f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", "SUMMARY:Plénière"]
    lines += [f"ATTENDEE:mailto:{email}" for email in people(CROWD)] + ["END:VEVENT", "END:VCALENDAR", ""]
    file = SimpleUploadedFile("agenda.ics", "\r\n".join(lines).encode(), "text/calendar")

    answer = web.post(url(owner, "import_create"), {"file": file}, follow=True)

    assert too_many() in answer.content.decode()
    with tenant_scope(owner.tenant_id):
        assert len(CalendarImport.objects.get().entries[0]["people"]) == INVITEES_MAX


def test_a_group_of_more_people_is_not_saved(web: Client, owner: Membership) -> None:
    answer = web.post(url(owner, "group_create"), {"name": "Tous", "people": "\n".join(people(CROWD))})

    page = answer.content.decode()
    assert (answer.status_code, people(CROWD)[-1] in page) == (422, True)
    assert f"between 1 and {INVITEES_MAX} people; these are {CROWD}." in page
    with tenant_scope(owner.tenant_id):
        assert not AttendeeGroup.objects.exists()


def test_as_many_as_may_be_cost_no_more_queries_than_a_few(owner: Membership) -> None:
    costs = []
    for number in (2, INVITEES_MAX):
        api = Api(owner)
        with CaptureQueriesContext(connection) as queries:
            answer = api.post("meetings/", **body(number))
        assert answer.status_code == 201, answer.content[:300]
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_as_many_as_may_be_are_invited_from_the_form(web: Client, owner: Membership) -> None:
    answer = web.post(url(owner, "meeting_create"), FORM | {"attendees": "\n".join(people(INVITEES_MAX))})

    assert answer.status_code == 302
    with tenant_scope(owner.tenant_id):
        assert Meeting.objects.get().attendees.count() == INVITEES_MAX
        assert Mail.objects.count() == INVITEES_MAX + 1  # the organiser's own calendar too


def test_pages_of_a_large_meeting_are_bounded(web: Client, owner: Membership) -> None:
    costs: dict[str, set[int]] = {}
    sizes: dict[str, list[int]] = {}
    for number in (MAILS_SHOWN + 101, INVITEES_MAX):  # both beyond what lists show
        meeting_id = Api(owner).post("meetings/", **body(number)).json()["id"]
        for name in ("meeting_detail", "answers", "mail_list"):
            with CaptureQueriesContext(connection) as queries:
                page = web.get(url(owner, name, meeting_id=meeting_id))
            assert page.status_code == 200
            costs.setdefault(name, set()).add(len(queries))
            sizes.setdefault(name, []).append(len(page.content))

    assert all(len(numbers) == 1 for numbers in costs.values()), costs
    assert all(large < small * 1.5 for small, large in sizes.values()), sizes


def test_mails_to_many_leave_in_batches(owner: Membership) -> None:
    Api(owner).post("meetings/", **body(BATCH + 1))

    assert send_waiting_mails(tenant_id=owner.tenant_id) is True
    assert len(outbound.outbox) == BATCH
    assert send_waiting_mails(tenant_id=owner.tenant_id) is False

    with tenant_scope(owner.tenant_id):
        assert not Mail.objects.exclude(status=Mail.Status.SENT).exists()
    guest = outbound.outbox[0].message()
    (calendar,) = [part for part in guest.walk() if part.get_content_type() == "text/calendar"]
    assert len(calendar.get_payload(decode=True)) < 20_000  # the others are not listed
