"""Control and bidirectional characters in whatever people type: never a 500, and nothing but text goes out.

Every text goes in where people or programs put it in; what then leaves as mail, calendar or table is looked at.
"""

import csv
import re
from datetime import timedelta
from email.utils import getaddresses
from io import StringIO
from typing import Any

import pytest
import vobject
from django.core import mail as outbound
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.rooms.conferences.sheet_files import csv_of, pdf_of
from apps.rooms.conferences.sheets import Sheet
from apps.rooms.invitations.sending import send_waiting_mails
from apps.rooms.models import Attendee, AttendeeGroup, Meeting, Occurrence, Room
from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory, RoomFactory
from apps.tenants.models import Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

GUEST = "zoe@cabinet.example"
NASTY = {
    "header": "Point\r\nBcc: all@example.org",
    "calendar": "Point\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nX-EVIL:1",
    "fold": "Point\n X-EVIL:1",
    "carriage-return": "Point\rBcc: all@example.org",
    "vertical": "Point\x0bX-EVIL:1\x0c2",
    "escape": "Point\x1b[31mrouge",
    "next-line": "Point\x85Bcc: all@example.org",
    "separator": "Point\u2028X-EVIL:1\u2029fin",
    "override": "Point \u202egpj.exe",
    "isolate": "Point \u2066\u2067fin",
    "formula": "=HYPERLINK(1)\tPoint",
    "quote": 'Point";X-EVIL="1^n',
    "markup": "Point<script>alert(1)</script>",
    "scripts": "李雷 محمد 🎉",
}
REFUSED = {"null": "Po\x00int", "surrogate": "Po\ud800int"}
# Beyond line breaks: what turns the reading order round, or ends a line for one program and not for another.
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


def next_week(owner: Membership, **changes: Any) -> dict[str, Any]:
    day = owner.tenant.today + timedelta(days=7)
    return {
        "title": "Point",
        "starts_on": day.isoformat(),
        "start_time": "14:00",
        "duration_minutes": 60,
        "attendees": [{"email": GUEST, "name": "Zoé Garnier"}],
    } | changes


def sent_by(owner: Membership) -> list[Any]:
    """Have the mails sent, and return them as bytes would be read."""
    send_waiting_mails(tenant_id=owner.tenant_id)
    assert outbound.outbox
    return [message.message() for message in outbound.outbox]


def check_mail(message: Any) -> None:
    """Check that a mail has the headers of a mail, and one event of ours."""
    for name, value in message.items():
        assert name not in ("Bcc", "X-EVIL")
        assert "\n" not in re.sub(r"\r?\n[ \t]", "", str(value))
    assert len(getaddresses([message["To"]])) == 1
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    text = part.get_payload(decode=True).decode()
    assert not UNWANTED.search(text)
    (event,) = vobject.readOne(text).vevent_list
    assert not {"x-evil", "bcc"} & set(event.contents)
    assert not any("X-EVIL" in line.params for line in event.attendee_list)
    assert "\n" not in event.summary.value
    assert UNWANTED.search(event.summary.value) is None


@pytest.mark.parametrize("field", ["title", "agenda", "name", "room"])
@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_what_programs_write_goes_out_as_text(owner: Membership, field: str, text: str) -> None:
    changes: dict[str, Any] = {field: text}
    if field == "name":
        changes = {"attendees": [{"email": GUEST, "name": text}]}
    elif field == "room":
        changes = {"room": str(RoomFactory.create(tenant=owner.tenant, name=text, site=text).id)}

    answer = Api(owner).post("meetings/", **next_week(owner, **changes))

    assert answer.status_code == 201, answer.content
    for message in sent_by(owner):
        check_mail(message)


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("meetings/", {"title": "?"}),
        ("meetings/", {"agenda": "?"}),
        ("meetings/", {"rrule": "FREQ=DAILY?"}),
        ("meetings/", {"time_zone": "?"}),
        ("meetings/", {"attendees": [{"email": "a@example.org", "name": "?"}]}),
        ("meetings/", {"attendees": [{"email": "a?@example.org"}]}),
        ("meetings/", {"room": "?"}),
        ("polls/", {"title": "?", "closes_on": "2030-01-01", "slots": []}),
        ("delegations/", {"delegate": "a?@example.org"}),
        ("feeds/", {"room": "?"}),
    ],
    ids=["title", "agenda", "rule", "zone", "name", "address", "room", "poll", "delegate", "feed"],
)
def test_what_no_database_takes_is_refused_with_its_field(
    owner: Membership, path: str, body: dict[str, Any], text: str
) -> None:
    answer = Api(owner).post(path, **(next_week(owner) | filled(body, text)))

    assert answer.status_code == 400, answer.content
    assert answer.json().get("fields") or text == REFUSED["surrogate"]


def filled(value: Any, text: str) -> Any:
    """Put a text in place of each question mark."""
    if isinstance(value, dict):
        return {key: filled(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, text) for inner in value]
    return value.replace("?", text) if isinstance(value, str) else value


QUERIES = {
    "meetings/": ["cursor", "page_size", "page"],
    "occurrences/": ["meeting", "since", "until", "cursor"],
    "rooms/": ["kind", "site", "capacity", "equipment", "free_from", "free_until", "cursor"],
    "rooms/availability/": ["since", "until", "site"],
    "polls/": ["cursor"],
    "pending-answers/": ["meeting", "cursor"],
    "free-busy/": ["email", "since", "until"],
    "rules/": ["organizer_id"],
}
# base64 of p=…: a cursor whose place in the list is none
CURSORS = ["cD0lMDA=", "cD14", "cD0lMDAmcj0x", "bz05OTk5OTk5OTk5OTk5OTk5", "AAAA", "\x00", "%00", "cD0yMDI2LTAyLTMw"]


@pytest.mark.parametrize("path", QUERIES)
def test_null_characters_in_queries_of_programs_are_refused(owner: Membership, path: str) -> None:
    RoomFactory.create(tenant=owner.tenant)
    api = Api(owner)

    statuses = {name: api.get(path, **{name: text}).status_code for name in QUERIES[path] for text in ("\x00", "a\x00")}

    assert set(statuses.values()) <= {200, 400, 404}, statuses


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("path", ["meetings/", "occurrences/", "rooms/", "polls/", "transcripts/", "groups/"])
def test_a_cursor_that_is_none_is_not_found(owner: Membership, path: str, cursor: str) -> None:
    assert Api(owner).get(path, cursor=cursor).status_code in (200, 403, 404)


PAGES = {
    "meeting_list": ["q", "when", "page"],
    "meeting_create": ["copy", "template", "organizer", "room", "title", "starts_on", "start_time", "attendees"],
    "calendar": ["on", "view", "who"],
    "planning": ["on", "site"],
    "free_times": ["people", "on", "minutes"],
    "room_list": ["q", "site", "kind", "capacity", "equipment", "page"],
    "room_detail": ["on", "since", "day", "page"],
    "poll_list": ["page"],
    "meeting_edit": ["since", "organizer"],
    "occurrence_cancel": ["scope"],
    "occurrence_edit": ["starts_on", "start_time", "end_time", "room"],
    "mail_list": ["page"],
    "request_list": ["page"],
}


@pytest.fixture
def place(owner: Membership) -> dict[str, Any]:
    room = RoomFactory.create(tenant=owner.tenant)
    meeting = MeetingFactory.create(organizer=owner, room=room)
    with tenant_scope(owner.tenant_id):
        occurrence = meeting.occurrences.get()
    return {"room_id": room.id, "meeting_id": meeting.id, "occurrence_id": occurrence.id}


def page(owner: Membership, name: str, place: dict[str, Any]) -> str:
    wanted = {
        "room_detail": ["room_id"],
        "meeting_edit": ["meeting_id"],
        "mail_list": ["meeting_id"],
        "occurrence_cancel": ["meeting_id", "occurrence_id"],
        "occurrence_edit": ["meeting_id", "occurrence_id"],
    }.get(name, [])
    return reverse(f"rooms:{name}", kwargs={"tenant_slug": owner.tenant.slug} | {key: place[key] for key in wanted})


@pytest.mark.parametrize("name", PAGES)
def test_null_characters_in_queries_of_people_break_no_page(
    owner: Membership, place: dict[str, Any], name: str
) -> None:
    web, address = client_of(owner), page(owner, name, place)

    statuses = {field: web.get(address, {field: "a\x00b"}).status_code for field in PAGES[name]}

    assert set(statuses.values()) <= {200, 400, 404, 422}, statuses


FORMS: dict[str, dict[str, str]] = {
    "meeting_create": {
        "title": "Point",
        "agenda": "1. Budget",
        "starts_on": (timezone.localdate() + timedelta(days=7)).isoformat(),
        "start_time": "10:00",
        "end_time": "10:45",
        "time_zone": "Europe/Paris",
        "frequency": "never",
        "kept_rule": "",
        "room": "",
        "access_level": "trusted",
        "co_organizers": "",
        "attendees": GUEST,
        "transcript_audience": "named",
        "organizer": "",
        "seen_at": "",
        "step": "",
        "find": "",
        "notify": "all",
    },
    "poll_create": {
        "title": "Point",
        "duration_minutes": "60",
        "time_zone": "Europe/Paris",
        "closes_on": (timezone.localdate() + timedelta(days=7)).isoformat(),
        "attendees": GUEST,
        "slots-TOTAL_FORMS": "2",
        "slots-INITIAL_FORMS": "0",
        "slots-0-starts_on": (timezone.localdate() + timedelta(days=9)).isoformat(),
        "slots-0-start_time": "10:00",
        "slots-1-starts_on": (timezone.localdate() + timedelta(days=10)).isoformat(),
        "slots-1-start_time": "10:00",
    },
    "room_create": {"kind": "equipped", "name": "Salle", "description": "", "site": "Bercy", "sip_address": ""},
    "group_create": {"name": "Bureau", "people": GUEST},
    "delegation_create": {"delegate": GUEST, "starts_on": "2030-01-01", "ends_on": ""},
    "feed_list": {"room": ""},
    "mailbox": {"address": "visio@example.org", "imap_host": "", "username": "", "password": "", "authserv_id": ""},
    "visio_connection": {"base_url": "https://visio.example", "client_id": "x", "client_secret": "x"},
    "external_calendar": {"address": "https://calendar.example/x.ics"},
}


@pytest.mark.parametrize("name", FORMS)
def test_null_characters_in_forms_come_back_with_an_error(name: str) -> None:
    admin = MembershipFactory.create(roles=[Role.ORGANIZER, Role.ADMIN])
    web, address = client_of(admin), page(admin, name, {})

    statuses = {
        field: web.post(address, FORMS[name] | {field: f"{value}\x00"}).status_code
        for field, value in FORMS[name].items()
    }

    assert set(statuses.values()) <= {200, 302, 400, 404, 409, 422}, statuses
    with tenant_scope(admin.tenant_id):
        for model in (Meeting, Room, AttendeeGroup):
            assert not any("\x00" in str(row) for row in model.objects.all())


def test_people_found_by_a_null_character_are_none(owner: Membership) -> None:
    web, address = client_of(owner), page(owner, "meeting_create", {})

    for step in ("find", "add:group:\x00", "remove:\x00", "preview", "import", "take:\x00"):
        assert web.post(address, FORMS["meeting_create"] | {"step": step, "find": "a\x00b"}).status_code < 500


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_names_stand_in_sheets_as_text(owner: Membership, text: str) -> None:
    meeting = MeetingFactory.create(organizer=owner, attendance_threshold=50, title=text)
    attendee = AttendeeFactory.create(meeting=meeting, name=text)
    with tenant_scope(owner.tenant_id):
        occurrence = Occurrence.objects.select_related("meeting__organizer__user", "room").get(meeting=meeting)
        sheet = Sheet(occurrence, 50, [], list(Attendee.objects.filter(id=attendee.id)))
        table, document = csv_of(sheet, owner.tenant.zone), pdf_of(sheet, owner.tenant.zone)

    rows = list(csv.reader(StringIO(table.decode("utf-8-sig"), newline=""), delimiter=";"))

    assert len(rows) == 2
    assert not rows[1][0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert document.startswith(b"%PDF")


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_what_people_type_goes_out_as_text(owner: Membership, text: str) -> None:
    web, address = client_of(owner), page(owner, "meeting_create", {})

    answer = web.post(address, FORMS["meeting_create"] | {"title": text, "agenda": text, "step": "send"})

    assert answer.status_code in (200, 302, 422)
    if answer.status_code == 302:
        for message in sent_by(owner):
            check_mail(message)


def test_a_path_with_a_null_character_is_not_found(owner: Membership, client: Client) -> None:
    slug = owner.tenant.slug
    for path in ("feeds/%00.ics", "answers/%00/", "polls/answers/%00/", "join/%00/", "meetings/%00/"):
        assert client.get(f"/t/{slug}/{path}").status_code in (302, 404)
