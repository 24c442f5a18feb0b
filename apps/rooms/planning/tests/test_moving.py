"""Meetings of the old tools, read from a calendar file and scheduled anew."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.rooms.models import CalendarImport, Mail, Meeting, Occurrence
from apps.rooms.planning.moving import MovedAlready, move_over, preview_file
from apps.rooms.planning.old_tools import UnreadableFile, read_calendar, without_join_block
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LINE = "_" * 80
TEAMS = (
    "Ordre du jour : budget\\n\\n"
    f"{LINE}\\nRéunion Microsoft Teams\\nRejoindre : https://teams.microsoft.com/l/meetup-join/19%3a\\n{LINE}\\n"
)
ZOOM = (
    "Apporter les chiffres\\n\\nAnne is inviting you to a scheduled Zoom meeting.\\n\\n"
    "Join Zoom Meeting\\nhttps://us02web.zoom.us/j/8123\\n\\nMeeting ID: 812 3\\nPasscode: 42"
)


def event(*lines: str, uid: str = "u1", start: str = "DTSTART;TZID=Europe/Paris:20260310T100000") -> str:
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", start, "DURATION:PT1H", *lines, "END:VEVENT"]
    )


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *events, "END:VCALENDAR", ""]).encode()


def test_series_is_read_with_its_exceptions() -> None:
    master = event(
        "SUMMARY:Point hebdo",
        "RRULE:FREQ=WEEKLY;COUNT=5",
        "EXDATE;TZID=Europe/Paris:20260317T100000",
        f"DESCRIPTION:{TEAMS}",
        "ATTENDEE;CN=Anne Martin:MAILTO:Anne@example.org",
        "ATTENDEE;CUTYPE=ROOM;CN=Salle 1:mailto:salle1@example.org",
    )
    moved = event("RECURRENCE-ID;TZID=Europe/Paris:20260324T100000", start="DTSTART;TZID=Europe/Paris:20260325T140000")

    (meeting,) = read_calendar(calendar(master, moved), now=NOW, zone=PARIS)

    assert (meeting.tool, meeting.start, meeting.rrule) == ("teams", "2026-03-10T10:00:00", "FREQ=WEEKLY;COUNT=5")
    assert meeting.excluded == ["2026-03-17T10:00:00"]
    assert [(change.was, change.start) for change in meeting.changed] == [
        ("2026-03-24T10:00:00", "2026-03-25T14:00:00")
    ]
    assert (meeting.agenda, meeting.people) == ("Ordre du jour : budget", [("anne@example.org", "Anne Martin")])


def test_series_that_has_begun_goes_on_from_its_next_date() -> None:
    old = event("SUMMARY:x", "RRULE:FREQ=WEEKLY;COUNT=10", start="DTSTART;TZID=Europe/Paris:20260210T100000")

    (meeting,) = read_calendar(calendar(old), now=NOW, zone=PARIS)

    assert (meeting.start, meeting.rrule) == ("2026-03-03T10:00:00", "FREQ=WEEKLY;COUNT=7")


@pytest.mark.parametrize(
    "left_out",
    [
        event(start="DTSTART:20250101T100000Z"),
        event("STATUS:CANCELLED"),
        event("RRULE:FREQ=DAILY;UNTIL=20260201T000000Z", start="DTSTART:20260101T100000Z"),
        "BEGIN:VEVENT\r\nUID:d\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20260310\r\nEND:VEVENT",
    ],
    ids=["over", "cancelled", "series over", "whole day"],
)
def test_what_is_not_to_come_is_left_out(left_out: str) -> None:
    assert read_calendar(calendar(left_out), now=NOW, zone=PARIS) == []


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=99999999", "FREQ=WEEKLY;BYEASTER=1"])
def test_rule_that_the_portal_does_not_take_is_said(rule: str) -> None:
    (meeting,) = read_calendar(calendar(event("SUMMARY:x", f"RRULE:{rule}")), now=NOW, zone=PARIS)

    assert meeting.problem


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT"])
def test_file_that_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_calendar(content, now=NOW, zone=PARIS)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (TEAMS.replace("\\n", "\n"), "Ordre du jour : budget"),
        (ZOOM.replace("\\n", "\n"), "Apporter les chiffres"),
        (f"Avant\n{LINE}\nUne citation\n{LINE}\nAprès", f"Avant\n{LINE}\nUne citation\n{LINE}\nAprès"),
        ("Voir https://example.org/compte-rendu", "Voir https://example.org/compte-rendu"),
    ],
    ids=["teams", "zoom", "somebody's own lines", "somebody's own address"],
)
def test_join_block_is_taken_off_and_nothing_else(text: str, kept: str) -> None:
    assert without_join_block(text) == kept


def coming(*lines: str, uid: str = "u1") -> str:
    day = (timezone.now() + timedelta(days=20)).strftime("%Y%m%d")
    return event(*lines, uid=uid, start=f"DTSTART;TZID=Europe/Paris:{day}T100000")


def test_move_over_schedules_and_invites_once(organizer: Membership) -> None:
    content = calendar(
        coming("SUMMARY:Point", "RRULE:FREQ=WEEKLY;COUNT=3", "ATTENDEE:mailto:anne@example.org"),
        coming("SUMMARY:Autre", uid="u2"),
    )
    with tenant_scope(organizer.tenant_id):
        imported = preview_file(by=organizer, organizers=[organizer], name="a.ics", content=content)
        assert not Meeting.objects.exists()

        (meeting,) = move_over(by=organizer, imported=imported, chosen={1}, organizers=[organizer])

        assert (meeting.title, meeting.uid != "u1", Occurrence.objects.count()) == ("Point", True, 3)
        assert sorted(Mail.objects.values_list("address", flat=True)) == sorted(
            ["anne@example.org", organizer.user.email]
        )
        with pytest.raises(MovedAlready):
            move_over(by=organizer, imported=imported, chosen={0}, organizers=[organizer])


def test_meeting_of_somebody_else_cannot_be_moved(organizer: Membership) -> None:
    content = calendar(coming("SUMMARY:x", "ORGANIZER:mailto:chef@example.org"))
    with tenant_scope(organizer.tenant_id):
        imported = preview_file(by=organizer, organizers=[organizer], name="a.ics", content=content)

        assert move_over(by=organizer, imported=imported, chosen={0}, organizers=[organizer]) == []


def test_pages_lead_from_the_file_to_what_is_left_to_cancel(organizer: Membership) -> None:
    client, slug = client_of(organizer), organizer.tenant.slug
    file = SimpleUploadedFile("agenda.ics", calendar(coming("SUMMARY:Point d’étape")))

    preview = client.post(reverse("rooms:import_create", args=[slug]), {"file": file}, follow=True)
    with tenant_scope(organizer.tenant_id):
        imported = CalendarImport.objects.get()
    address = reverse("rooms:import_detail", args=[slug, imported.id])
    done = client.post(address, {"meeting": "0"}, follow=True).content.decode()

    assert "Point d’étape" in preview.content.decode()
    assert "1 réunion" in done
    with tenant_scope(organizer.tenant_id):
        original = imported.originals.get()
    client.post(reverse("rooms:original_cancelled", args=[slug, imported.id, original.id]), {"cancelled": "1"})
    assert "Tout est fait" in client.get(address).content.decode()


def test_wrong_file_is_told_in_the_form(organizer: Membership) -> None:
    file = SimpleUploadedFile("agenda.ics", b"bonjour")

    response = client_of(organizer).post(reverse("rooms:import_create", args=[organizer.tenant.slug]), {"file": file})

    assert response.status_code == 422
