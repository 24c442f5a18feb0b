"""Bombs and impossible values at the doors of scheduling: rules, times, JSON, calendar files, mails and webhooks."""

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.rooms.calendars.external import UnreadableCalendar, busy_periods
from apps.rooms.invitations.incoming import Unreadable, read_mail
from apps.rooms.models import CalendarImport, Meeting, Occurrence, VisioConnection
from apps.rooms.recurrence import OCCURRENCES_MAX
from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory
from visio_portal.services import livekit

pytestmark = pytest.mark.django_db

BOUND_S = 5.0  # far more than any of these takes, far less than a worker is given
PARIS = ZoneInfo("Europe/Paris")
FAR = datetime(2026, 1, 1, tzinfo=UTC)
LIVEKIT_KEY, LIVEKIT_SECRET = "APItest", "livekit-secret-of-at-least-32-bytes"


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


@pytest.fixture(autouse=True)
def in_time() -> Any:
    """Whatever is sent, the answer comes within seconds."""
    before = time.process_time()
    yield
    assert time.process_time() - before < BOUND_S


def meeting(owner: Membership, **changes: Any) -> dict[str, Any]:
    day = owner.tenant.today + timedelta(days=7)
    fields = {"title": "Point", "starts_on": day.isoformat(), "start_time": "14:00", "duration_minutes": 60}
    return fields | changes


# --- Repetitions and times ------------------------------------------------------------------------------

RULES = {
    "count": "FREQ=DAILY;COUNT=1000000000",
    "secondly": "FREQ=SECONDLY",
    "minutely": "FREQ=MINUTELY;COUNT=3",
    "hourly": "FREQ=HOURLY",
    "year-9999": "FREQ=DAILY;UNTIL=99991231T235959Z",
    "year-0": "FREQ=DAILY;UNTIL=00000101T000000Z",
    "interval": "FREQ=DAILY;INTERVAL=1000000000",
    "interval-0": "FREQ=DAILY;INTERVAL=0",
    "by-second": "FREQ=DAILY;BYSECOND=1,2,3",
    "by-hour": "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))),
    "positions": "FREQ=YEARLY;BYDAY=MO;BYSETPOS=" + ",".join(map(str, range(1, 367))),
    "position-0": "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
    "position-alone": "FREQ=MONTHLY;BYSETPOS=1",
    "never": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "never-by-position": "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2;BYSETPOS=-366",
    "twice": "FREQ=DAILY;FREQ=WEEKLY",
    "both-ends": "FREQ=DAILY;COUNT=2;UNTIL=20300101T000000Z",
    "long": "FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 5000),
    "digits": "FREQ=DAILY;COUNT=" + "9" * 400,
    "other-digits": "FREQ=DAILY;COUNT=٣",
    "empty-parts": ";" * 400,
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_repetition_that_is_a_bomb_is_refused(owner: Membership, rule: str) -> None:
    answer = Api(owner).post("meetings/", **meeting(owner, rrule=rule))

    assert answer.status_code == 400, answer.content
    assert set(answer.json()["fields"]) <= {"rrule", "starts_on"}


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY", "FREQ=DAILY;COUNT=9999", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=1"],
    ids=["endless", "count", "position-of-each"],
)
def test_a_long_repetition_is_expanded_to_its_bound(owner: Membership, rule: str) -> None:
    answer = Api(owner).post("meetings/", **meeting(owner, rrule=rule))

    assert answer.status_code == 201, answer.content
    with tenant_scope(owner.tenant_id):
        assert Occurrence.objects.count() <= OCCURRENCES_MAX


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"starts_on": "10000-01-01"}, "starts_on"),
        ({"starts_on": "2027-02-29"}, "starts_on"),
        ({"starts_on": "2027-03-28", "start_time": "02:30"}, "start_time"),
        ({"start_time": "24:00"}, "start_time"),
        ({"start_time": "14:00Z"}, "start_time"),
        ({"start_time": "-1:00"}, "start_time"),
        ({"duration_minutes": 10**30}, "duration_minutes"),
        ({"duration_minutes": -60}, "duration_minutes"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": "1e400"}, "duration_minutes"),
        ({"attendance_threshold": 10**12}, "attendance_threshold"),
        ({"excluded": ["2027-01-01"] * 10_000}, "excluded"),
        ({"excluded": ["9999-12-31", "x"]}, "excluded.1"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": "/etc/passwd"}, "time_zone"),
        ({"time_zone": "Europe/" + "x" * 100_000}, "time_zone"),
        ({"time_zone": "Europe/Paris\x00"}, "time_zone"),
        ({"time_zone": "posixrules"}, "time_zone"),
        ({"time_zone": ["Europe/Paris"]}, "time_zone"),
        ({"title": {"a": 1}}, "title"),
        ({"title": "x" * 1_000_000}, "title"),
        ({"agenda": "x" * 1_000_000}, "agenda"),
        ({"attendees": {"email": "a@example.org"}}, "attendees"),
        ({"attendees": ["a@example.org"]}, "attendees.0"),
        ({"attendees": [{"email": "a" * 10_000 + "@example.org"}]}, "attendees.0.email"),
        ({"room": {"id": 1}}, "room"),
        ({"room": 10**100}, "room"),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(value)[:40],
)
def test_a_value_that_cannot_be_is_refused_by_field(owner: Membership, changes: dict[str, Any], field: str) -> None:
    answer = Api(owner).post("meetings/", **meeting(owner, **changes))

    assert answer.status_code == 400, answer.content
    assert field in answer.json()["fields"]


@pytest.mark.parametrize(
    "period",
    [
        {"since": "0001-01-01T00:00:00Z", "until": "0001-01-02T00:00:00Z"},
        {"since": "0001-01-01T00:00:00+14:00", "until": "0001-01-01T12:00:00+14:00"},
        {"since": "9999-12-31T00:00:00Z", "until": "9999-12-31T23:59:59Z"},
        {"since": "9999-12-31T00:00:00-12:00", "until": "9999-12-31T23:59:59-12:00"},
        {"since": "2026-10-25T02:30:00", "until": "2026-10-25T02:31:00"},
        {"since": "2026-03-29T02:30:00", "until": "2026-03-29T02:45:00"},
        {"since": "1e400", "until": "nan"},
    ],
    ids=["year-1", "before-year-1", "year-9999", "after-year-9999", "twice", "never", "no-time"],
)
@pytest.mark.parametrize("path", ["occurrences/", "rooms/availability/", "free-busy/"])
def test_periods_at_the_ends_of_time_are_answered(owner: Membership, path: str, period: dict[str, str]) -> None:
    MeetingFactory.create(organizer=owner)

    answer = Api(owner).get(path, email=owner.user.email, **period)

    assert answer.status_code in (200, 400), answer.content


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "x" * 10_000])
@pytest.mark.parametrize("name", ["calendar", "planning", "free_times"])
def test_calendar_pages_of_no_day_are_not_found(owner: Membership, name: str, day: str) -> None:
    address = reverse(f"rooms:{name}", args=[owner.tenant.slug])

    for view in ("day", "week", "month"):
        query = {"on": day, "view": view, "people": owner.user.email}
        assert client_of(owner).get(address, query).status_code in (200, 404, 422)


# --- JSON ------------------------------------------------------------------------------------------------

BODIES: dict[str, bytes] = {
    "depth-of-lists": b"[" * 10_000 + b"]" * 10_000,
    "depth-of-objects": b'{"title":' * 10_000 + b"1" + b"}" * 10_000,
    "depth-unclosed": b"[" * 100_000,
    "infinite": b'{"duration_minutes": 1e400}',
    "nan": b'{"duration_minutes": NaN}',
    "digits": b'{"duration_minutes": ' + b"9" * 100_000 + b"}",
    "no-utf-8": b'{"title": "\xff\xfe"}',
    "utf-16": '{"title": "Point"}'.encode("utf-16"),
    "list": b"[1, 2]",
    "text": b'"x"',
    "nothing": b"",
    "null": b"null",
    "null-character": b'{"title": "\\u0000"}',
    "keys": b'{"\\ud800": "\\ud800"}',
    "gzip": gzip.compress(b'{"title": "' + b"x" * 1_000_000 + b'"}'),
}


@pytest.mark.parametrize("path", ["meetings/", "polls/", "delegations/"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_none_is_refused(owner: Membership, path: str, body: bytes) -> None:
    api = Api(owner)

    answer = api.client.post(f"/api/v1/{path}", body, content_type="application/json", headers=api.headers)

    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] in ("invalid", "parse_error")


def test_a_body_that_says_it_is_compressed_is_not_opened(owner: Membership) -> None:
    api = Api(owner)
    bomb = gzip.compress(b"0" * 50_000_000)

    headers = api.headers | {"Content-Encoding": "gzip"}
    answer = api.client.post("/api/v1/meetings/", bomb, content_type="application/json", headers=headers)

    assert answer.status_code == 400


def test_a_body_beyond_what_is_read_is_refused(owner: Membership) -> None:
    api = Api(owner)

    answer = api.client.post(
        "/api/v1/meetings/", b" " * (9 * 1024 * 1024 + 1), content_type="application/json", headers=api.headers
    )

    assert answer.status_code in (400, 413)


# --- Webhooks --------------------------------------------------------------------------------------------


@pytest.fixture
def webhook(owner: Membership, client: Client) -> Callable[[bytes], int]:
    with tenant_scope(owner.tenant_id):
        VisioConnection.objects.create(
            tenant=owner.tenant,
            base_url="https://visio.example",
            client_id="x",
            client_secret="x",
            livekit_api_key=LIVEKIT_KEY,
            livekit_api_secret=LIVEKIT_SECRET,
        )

    def post(body: bytes, **headers: str) -> int:
        signed = livekit.signed(body, key=LIVEKIT_KEY, secret=LIVEKIT_SECRET)
        headers = {"Authorization": signed} | headers
        address = f"/t/{owner.tenant.slug}/visio/webhook/"
        return client.post(address, body, content_type=livekit.CONTENT_TYPE, headers=headers).status_code

    return post


EVENTS: dict[str, bytes] = {
    "depth": b'{"room":' * 10_000 + b"1" + b"}" * 10_000,
    "depth-of-lists": b"[" * 10_000,
    "infinite": b'{"id": "1", "createdAt": 1e400}',
    "far-away": b'{"id": "1", "event": "x", "createdAt": "9223372036854775807"}',
    "beyond-64-bits": b'{"id": "1", "createdAt": "99999999999999999999999999"}',
    "negative": b'{"id": "1", "createdAt": "-1"}',
    "gzip": gzip.compress(b'{"id": "1"}'),
    "no-utf-8": b'{"id": "\xff"}',
    "surrogate": b'{"id": "\\ud800"}',
    "list": b"[]",
    "nothing": b"",
    "no-id": b'{"event": "room_started"}',
}


@pytest.mark.parametrize("body", EVENTS.values(), ids=EVENTS.keys())
def test_a_signed_webhook_that_is_no_event_is_refused(webhook: Callable[[bytes], int], body: bytes) -> None:
    assert webhook(body) in (200, 400)  # 200: an event of a room that is none of ours


def test_a_webhook_that_is_too_long_is_refused_unread(webhook: Callable[[bytes], int]) -> None:
    assert webhook(json.dumps({"id": "x" * 300_000}).encode()) == 413


# --- Calendar files, other people's calendars, and mails --------------------------------------------------


def calendar(*lines: str, method: str = "PUBLISH") -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", f"METHOD:{method}"]
    return "\r\n".join([*head, *lines, "END:VCALENDAR", ""]).encode("utf-8", "surrogatepass")


def event(*lines: str, start: str = "DTSTART;TZID=Europe/Paris:20300310T100000") -> list[str]:
    fields = ["BEGIN:VEVENT", "UID:u1", "DTSTAMP:20260101T000000Z", start, "DURATION:PT1H", "SUMMARY:Point"]
    return [*fields, *lines, "END:VEVENT"]


CALENDARS: dict[str, bytes] = {
    "100000-events": calendar(*["BEGIN:VEVENT", "END:VEVENT"] * 100_000),
    "nested": calendar(*["BEGIN:VEVENT"] * 20_000, *["END:VEVENT"] * 20_000),
    "unclosed": calendar(*["BEGIN:VEVENT"] * 20_000),
    "long-line": calendar(*event("DESCRIPTION:" + "x" * 1_000_000)),
    "parameters": calendar(*event("ATTENDEE" + ";X=1" * 50_000 + ":mailto:a@example.org")),
    "folds": calendar(*event("DESCRIPTION:" + "\r\n " * 200_000)),
    "exdates": calendar(
        *event("RRULE:FREQ=DAILY", *[f"EXDATE;TZID=Europe/Paris:203{n % 10}0310T100000" for n in range(10_000)])
    ),
    "exdates-of-one-line": calendar(*event("RRULE:FREQ=DAILY", "EXDATE:" + ",".join(["20300310T100000"] * 10_000))),
    "rdates": calendar(*event("RDATE:" + ",".join(["20300310T100000"] * 10_000))),
    "rule-count": calendar(*event("RRULE:FREQ=DAILY;COUNT=1000000000")),
    "rule-secondly": calendar(*event("RRULE:FREQ=SECONDLY")),
    "rule-positions": calendar(*event("RRULE:FREQ=YEARLY;BYDAY=MO;BYSETPOS=" + ",".join(map(str, range(1, 366))))),
    "rule-never": calendar(*event("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
    "rule-9999": calendar(*event("RRULE:FREQ=YEARLY;UNTIL=99991231T000000Z")),
    "rule-garbled": calendar(*event("RRULE:FREQ=;COUNT=x")),
    "zone-traversal": calendar(*event(start="DTSTART;TZID=../../../../etc/passwd:20300310T100000")),
    "zone-absolute": calendar(*event(start="DTSTART;TZID=/etc/passwd:20300310T100000")),
    "zone-quoted": calendar(*event(start='DTSTART;TZID="../../etc/passwd":20300310T100000')),
    "zone-long": calendar(*event(start=f"DTSTART;TZID={'Europe/' * 20_000}:20300310T100000")),
    "zone-null": calendar(*event(start="DTSTART;TZID=Europe/Paris\x00:20300310T100000")),
    "year-1": calendar(*event(start="DTSTART:00010101T000000Z")),
    "year-1-daily": calendar(*event("RRULE:FREQ=DAILY", start="DTSTART:00010101T000000Z")),
    "year-9999": calendar(*event(start="DTSTART:99991231T235959Z")),
    "in-the-gap": calendar(*event(start="DTSTART;TZID=Europe/Paris:20300331T023000")),
    "longest": calendar(*event("DTEND:99991231T235959Z", start="DTSTART:00010101T000000Z")),
    "negative": calendar(*event("DURATION:-P10000D")),
    "endless-duration": calendar(*event("DURATION:P999999999999D")),
    "null-characters": calendar(*event("SUMMARY:Po\x00int", "DESCRIPTION:x\x00y", "UID:u\x00")),
    "bidi": calendar(*event("SUMMARY:Point \u202egpj.exe\u2066\u2028fin")),
    "people": calendar(*event(*[f"ATTENDEE;CN=P{n}:mailto:p{n}@example.org" for n in range(10_000)])),
    "spoofed-organizer": calendar(*event("ORGANIZER;CN=Le ministre:mailto:ministre@example.gouv.fr")),
    "zip": b"PK\x03\x04" + bytes(10_000),
    "gzip": gzip.compress(calendar(*event())),
    "binary": bytes(range(256)) * 100,
    "utf-16": calendar(*event()).decode().encode("utf-16"),
    "nothing": b"",
    "begins": b"BEGIN:" * 100_000,
}


@pytest.mark.parametrize("content", CALENDARS.values(), ids=CALENDARS.keys())
def test_a_calendar_file_is_read_or_refused(owner: Membership, content: bytes) -> None:
    web, address = client_of(owner), reverse("rooms:import_create", args=[owner.tenant.slug])

    answer = web.post(address, {"file": SimpleUploadedFile("agenda.ics", content, "text/calendar")})

    assert answer.status_code in (200, 302, 400, 422)
    if answer.status_code == 302:
        shown = web.get(answer["Location"])
        assert shown.status_code == 200
        chosen = web.post(answer["Location"], {"meeting": ["0", "1", "2", "9" * 5000]})
        assert chosen.status_code in (200, 302, 409, 422)
        with tenant_scope(owner.tenant_id):
            assert not Meeting.objects.exclude(organizer=owner).exists()


def test_a_calendar_file_of_10_mb_is_refused(owner: Membership) -> None:
    web, address = client_of(owner), reverse("rooms:import_create", args=[owner.tenant.slug])
    content = calendar(*event("DESCRIPTION:" + "x" * (10 * 1024 * 1024)))

    answer = web.post(address, {"file": SimpleUploadedFile("agenda.ics", content, "text/calendar")})

    assert answer.status_code in (200, 413, 422)
    with tenant_scope(owner.tenant_id):
        assert not CalendarImport.objects.exists()


# Reading these takes a second each; once is enough.
HEAVY = ("exdates", "people", "parameters", "exdates-of-one-line", "rdates", "year-1-daily")
OTHERS = {name: content for name, content in CALENDARS.items() if name not in HEAVY}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS.keys())
def test_a_calendar_from_elsewhere_is_read_or_refused(content: bytes) -> None:
    try:
        periods = busy_periods(content, FAR, FAR + timedelta(days=120), PARIS)
    except UnreadableCalendar:
        return
    assert len(periods) <= 5000


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS.keys())
def test_a_mail_with_a_calendar_is_read_or_refused(content: bytes) -> None:
    reply = content.replace(b"METHOD:PUBLISH", b"METHOD:REPLY").replace(
        b"SUMMARY:Point", b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@example.org"
    )
    head = b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
    try:
        incoming = read_mail(head + reply)
    except Unreadable:
        return
    assert len(incoming.replies) <= 520
