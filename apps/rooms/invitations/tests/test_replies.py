"""Replies and reports that are fetched over IMAP from a real server."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imapclient import IMAPClient

from apps.rooms.invitations.mailboxes import check_mailbox, read_mailbox
from apps.rooms.invitations.tests.factories import COLLEAGUE, GUEST, invite
from apps.rooms.invitations.tests.letters import reply, report
from apps.rooms.models import Answer, Attendee, Mail, Mailbox, Meeting, PendingAnswer
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

pytestmark = pytest.mark.django_db

Reason = PendingAnswer.Reason


@pytest.fixture
def meeting(organizer: Membership) -> Meeting:
    with tenant_scope(organizer.tenant_id):
        return invite(organizer, rrule="FREQ=WEEKLY;COUNT=4")


def read(meeting: Meeting, inbox: IMAPClient, *mails: bytes) -> int:
    """Put mails into the inbox and have it read."""
    for mail in mails:
        inbox.append("INBOX", mail)
    return read_mailbox(tenant_id=meeting.tenant_id)


def guest_of(meeting: Meeting) -> Attendee:
    with tenant_scope(meeting.tenant_id):
        return Attendee.objects.get(email=GUEST.email)


def waiting(meeting: Meeting) -> list[tuple[str, str]]:
    with tenant_scope(meeting.tenant_id):
        rows = PendingAnswer.objects.select_related("attendee")
        return [(row.reason, row.attendee.email if row.attendee else "") for row in rows]


def test_a_reply_is_fetched_and_counts(meeting: Meeting, inbox: IMAPClient) -> None:
    assert read(meeting, inbox, reply(meeting, sender=GUEST.email, partstat="DECLINED", COMMENT="En congé")) == 1

    guest = guest_of(meeting)
    assert (guest.answer, guest.answer_comment) == (Answer.DECLINED, "En congé")
    assert waiting(meeting) == []


def test_a_mailbox_is_read_once_and_left_unread(meeting: Meeting, inbox: IMAPClient) -> None:
    read(meeting, inbox, reply(meeting, sender=GUEST.email))

    assert read(meeting, inbox) == 0
    assert inbox.get_flags(inbox.search())[inbox.search()[0]] in ((), (b"\\Recent",))
    with tenant_scope(meeting.tenant_id):
        mailbox = Mailbox.objects.get()
    assert (mailbox.error, mailbox.last_uid > 0) == ("", True)


def test_another_uidvalidity_reads_all_again_and_changes_nothing(meeting: Meeting, inbox: IMAPClient) -> None:
    read(meeting, inbox, reply(meeting, sender="z@alias.example"))
    with tenant_scope(meeting.tenant_id):
        Mailbox.objects.update(uid_validity=1)

    assert read(meeting, inbox) == 1
    assert len(waiting(meeting)) == 1


def test_replies_are_ordered_by_their_stamp_not_their_arrival(meeting: Meeting, inbox: IMAPClient) -> None:
    newer = reply(meeting, sender=GUEST.email, DTSTAMP="20261101T120000Z", partstat="DECLINED")
    older = reply(meeting, sender=GUEST.email, DTSTAMP="20261101T110000Z", partstat="ACCEPTED")

    read(meeting, inbox, newer, older)

    assert guest_of(meeting).answer == Answer.DECLINED


def test_a_reply_from_the_future_does_not_have_the_last_word(meeting: Meeting, inbox: IMAPClient) -> None:
    read(meeting, inbox, reply(meeting, sender=GUEST.email, DTSTAMP="29990101T000000Z", SEQUENCE="2000000000"))
    read(meeting, inbox, reply(meeting, sender=GUEST.email, partstat="DECLINED"))

    assert guest_of(meeting).answer_stamped_at < datetime.now(UTC) + timedelta(seconds=5)  # type: ignore[operator]
    assert guest_of(meeting).answer_sequence == 0


@pytest.mark.parametrize("form", ["utc", "zoned"])
def test_a_reply_to_one_date_counts_there_alone(meeting: Meeting, inbox: IMAPClient, form: str) -> None:
    with tenant_scope(meeting.tenant_id):
        second = meeting.occurrences.all()[1]
    if form == "utc":
        line = {"RECURRENCE-ID": f"{second.start_at:%Y%m%dT%H%M%SZ}"}
    else:
        line = {"RECURRENCE-ID;TZID=Europe/Paris": second.recurrence_id}

    read(meeting, inbox, reply(meeting, sender=GUEST.email, partstat="TENTATIVE", **line))

    assert guest_of(meeting).answer == Answer.NEEDS_ACTION
    with tenant_scope(meeting.tenant_id):
        assert second.answers.get().answer == Answer.TENTATIVE


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sender": "zoe@alias.example", "attendee": GUEST.email}, (Reason.OTHER_ADDRESS, GUEST.email)),
        ({"sender": GUEST.email, "attendee": "zoe@alias.example"}, (Reason.OTHER_ADDRESS, GUEST.email)),
        ({"sender": "chef@example.fr"}, (Reason.NOT_INVITED, "")),
        ({"sender": GUEST.email, "ORGANIZER": None}, (Reason.NO_ORGANIZER, GUEST.email)),
        ({"sender": GUEST.email, "method": "COUNTER", "DTSTART": "20270101T100000Z"}, (Reason.COUNTER, GUEST.email)),
    ],
    ids=["alias-sends", "alias-answers", "forwarded", "no-organizer", "counter"],
)
def test_a_doubtful_reply_waits_for_the_organizer(
    meeting: Meeting, inbox: IMAPClient, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    read(meeting, inbox, reply(meeting, **changes))

    assert waiting(meeting) == [expected]
    assert guest_of(meeting).answer == Answer.NEEDS_ACTION


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("mx.interieur.example; dmarc=pass header.from=cabinet.example", (Answer.ACCEPTED, [])),
        ("mx.interieur.example; dmarc=fail header.from=cabinet.example", (Answer.NEEDS_ACTION, [])),
        ("mx.interieur.example; spf=pass smtp.mailfrom=z@cabinet.example", (Answer.ACCEPTED, [])),
        ("mx.interieur.example; spf=pass smtp.mailfrom=x@evil.example", (Answer.NEEDS_ACTION, [Reason.UNVERIFIED])),
        ("mx.evil.example; dmarc=pass", (Answer.NEEDS_ACTION, [Reason.UNVERIFIED])),
    ],
    ids=["pass", "fail", "spf", "spf-of-another", "another-server"],
)
def test_what_the_own_server_verified_decides(
    meeting: Meeting, inbox: IMAPClient, results: str, expected: tuple[str, list[str]]
) -> None:
    with tenant_scope(meeting.tenant_id):
        Mailbox.objects.update(authserv_id="mx.interieur.example")

    read(meeting, inbox, reply(meeting, sender=GUEST.email, headers={"Authentication-Results": results}))

    assert guest_of(meeting).answer == expected[0]
    assert [reason for reason, _address in waiting(meeting)] == expected[1]


def test_a_report_marks_the_mail_as_not_delivered(meeting: Meeting, inbox: IMAPClient) -> None:
    with tenant_scope(meeting.tenant_id):
        Mail.objects.update(status=Mail.Status.SENT)
        mail = Mail.objects.get(address=COLLEAGUE.email)

    read(meeting, inbox, report(address=COLLEAGUE.email, message_id=mail.message_id))

    with tenant_scope(meeting.tenant_id):
        lost = Mail.objects.get(status=Mail.Status.NOT_DELIVERED)
    assert lost.id == mail.id
    assert lost.reason.startswith("5.1.1 550 5.1.1")


HOSTILE = {
    "empty": b"\r\n",
    "no-headers": b"\xff\xfe\x00\x01",
    "broken-calendar": b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n",
    "unknown-charset": b"Content-Type: text/calendar; charset=nonsense\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "bad-date": b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x\r\n"
    b"DTSTAMP:99999999T999999Z\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.fr\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "broken-report": b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n--x\r\n'
    b"Content-Type: message/delivery-status\r\n\r\nnonsense\r\n--x--\r\n",
    "deep": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\nContent-Type: message/rfc822\r\n\r\n" * 400,
}


@pytest.mark.parametrize("mail", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_malformed_mail_stops_nothing(meeting: Meeting, inbox: IMAPClient, mail: bytes) -> None:
    assert read(meeting, inbox, mail, reply(meeting, sender=GUEST.email)) == 2

    assert guest_of(meeting).answer == Answer.ACCEPTED


def test_a_mailbox_that_cannot_be_read_says_why(meeting: Meeting, inbox: IMAPClient) -> None:
    with tenant_scope(meeting.tenant_id):
        Mailbox.objects.update(password="wrong")

    assert read_mailbox(tenant_id=meeting.tenant_id) == 0
    assert "LOGIN" in (check_mailbox(tenant_id=meeting.tenant_id) or "")
    with tenant_scope(meeting.tenant_id):
        assert "LOGIN" in Mailbox.objects.get().error
