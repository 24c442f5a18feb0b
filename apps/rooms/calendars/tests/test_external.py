"""Calendars from elsewhere: their busy times, and what is not taken from them."""

from datetime import UTC, datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from apps.rooms.calendars import external
from apps.rooms.calendars.external import Period, UnreadableCalendar, busy_periods, connect_calendar, read_calendar
from apps.rooms.models import BusyPeriod, ExternalCalendar
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory
from visio_portal.fetching import AddressRefused, NotAnswered

PARIS = ZoneInfo("Europe/Paris")
SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def calendar(*events: str) -> bytes:
    """Return an iCalendar text with events, each given by its lines without UID."""
    blocks = [
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTAMP:20260101T000000Z\r\n{event}\r\nEND:VEVENT"
        for number, event in enumerate(events)
    ]
    lines = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//FR", *blocks, "END:VCALENDAR", ""])
    return lines.encode()


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z", [(utc(10, 9), utc(10, 10))]),
        ("DTSTART;TZID=Europe/Paris:20260310T090000\r\nDURATION:PT30M", [(utc(10, 8), utc(10, 8, 30))]),
        ("DTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260311", [(utc(9, 23), utc(10, 23))]),
        ("DTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z\r\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z\r\nSTATUS:CANCELLED", []),
        (
            "DTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z\r\nRRULE:FREQ=DAILY;COUNT=2",
            [(utc(10, 9), utc(10, 10)), (utc(11, 9), utc(11, 10))],
        ),
        ("DTSTART:20250310T090000Z\r\nDTEND:20250310T100000Z", []),
    ],
    ids=["utc", "zone", "whole day", "transparent", "cancelled", "series", "long ago"],
)
def test_busy_periods_of_an_event(event: str, expected: list[tuple[datetime, datetime]]) -> None:
    found = busy_periods(calendar(event), SINCE, UNTIL, PARIS)

    assert [(period.start_at, period.end_at) for period in found] == expected


def test_busy_periods_join_where_they_touch() -> None:
    one, other = "DTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z", "DTSTART:20260310T100000Z\r\nDURATION:PT1H"

    assert busy_periods(calendar(one, other), SINCE, UNTIL, PARIS) == [Period(utc(10, 9), utc(10, 11))]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Not found</html>",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        calendar("DTSTART:20260310T090000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY"),
        calendar("DTSTART:20260310T090000Z\r\nDURATION:PT1M\r\nRRULE:FREQ=MINUTELY;INTERVAL=1"),
    ],
    ids=["empty", "page", "bytes", "cut", "secondly", "minutely"],
)
def test_busy_periods_refuse_what_is_no_calendar(content: bytes) -> None:
    with pytest.raises(UnreadableCalendar):
        busy_periods(content, SINCE, UNTIL, PARIS)


@pytest.fixture
def member(db: None) -> Membership:
    return MembershipFactory.create()


@pytest.mark.parametrize("address", ["http://example.org/a.ics", "file:///etc/passwd", "https://u:p@example.org/"])
def test_connect_calendar_refuses_addresses_that_are_none(member: Membership, address: str) -> None:
    with tenant_scope(member.tenant_id), pytest.raises(AddressRefused):
        connect_calendar(by=member, address=address)


def test_read_calendar_keeps_times_and_says_what_failed(member: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    content = calendar("SUMMARY:Secret\r\nDTSTART:20260310T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY")

    def answer(_url: str, into: BinaryIO, **_limits: object) -> None:
        into.write(content)

    def fail(_url: str, _into: BinaryIO, **_limits: object) -> None:
        raise NotAnswered("Nothing answers at this address.")

    with tenant_scope(member.tenant_id):
        row = connect_calendar(by=member, address="https://example.org/a.ics")

    monkeypatch.setattr(external, "fetch", answer)
    read_calendar(tenant_id=member.tenant_id, calendar_id=row.id)
    monkeypatch.setattr(external, "fetch", fail)
    read_calendar(tenant_id=member.tenant_id, calendar_id=row.id)

    with tenant_scope(member.tenant_id):
        assert BusyPeriod.objects.count() > 100  # what was known stays
        assert ExternalCalendar.objects.get().error == "Nothing answers at this address."


def test_address_is_encrypted_in_the_database(member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        connect_calendar(by=member, address="https://example.org/secret.ics")
        with connection.cursor() as cursor:
            cursor.execute("SELECT address FROM rooms_externalcalendar")
            (stored,) = cursor.fetchone()

    assert "secret" not in stored
