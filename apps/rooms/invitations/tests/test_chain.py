"""A series from its invitation to its cancellation, over a real SMTP and a real IMAP server.

Each calendar that goes to and fro is compared with ``golden/chain/``, without what differs each time. To write the
files anew after a wanted change: GOLDEN=write pytest apps/rooms/invitations/tests/test_chain.py
"""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from imapclient import IMAPClient

from apps.rooms.invitations.mailboxes import read_mailbox
from apps.rooms.invitations.sending import send_waiting_mails
from apps.rooms.invitations.tests.conftest import MAILBOX
from apps.rooms.invitations.tests.factories import GUEST, invite
from apps.rooms.invitations.tests.mail_program import MailProgram
from apps.rooms.invitations.tests.servers import Postbox
from apps.rooms.models import Answer, Attendee, Mailbox, Meeting, Occurrence, OccurrenceAnswer, PendingAnswer
from apps.rooms.operations import OccurrencePlan, cancel_meeting, change_occurrence
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

pytestmark = pytest.mark.django_db

GOLDEN = Path(__file__).with_name("golden") / "chain"
PARIS = ZoneInfo("Europe/Paris")
START = datetime(2037, 10, 5, 10)  # a Monday; the clocks change on the 25th
MOVED_TO = datetime(2037, 10, 13, 15, 30)
SERVER = "mx.interieur.example"
ZOE = MailProgram(GUEST.email, GUEST.name, SERVER)


class Exchange:
    """The series, and both servers between its organiser and an attendee."""

    def __init__(self, organizer: Membership, postbox: Postbox, inbox: IMAPClient) -> None:
        self.organizer, self.postbox, self.inbox = organizer, postbox, inbox
        with tenant_scope(organizer.tenant_id):
            Mailbox.objects.update(authserv_id=SERVER)
            self.meeting: Meeting = invite(
                organizer,
                title="Comité de suivi : « Réseaux, égalité »; bilan",
                starts_on=START.date(),
                start_time=START.time(),
                rrule="FREQ=WEEKLY;COUNT=4",
            )
            self.second: Occurrence = self.meeting.occurrences.order_by("start_at")[1]

    def delivered(self, name: str) -> Any:
        """Have the mails sent; return the last one to the attendee, whose calendar is the golden file's."""
        send_waiting_mails(tenant_id=self.organizer.tenant_id)
        mail = self.postbox.to(ZOE.address)
        compare(name, ZOE.invitation_in(mail))
        return mail

    def answered(self, *mails: bytes) -> int:
        """Put mails into the portal mailbox and have it read."""
        for mail in mails:
            self.inbox.append("INBOX", mail)
        return read_mailbox(tenant_id=self.organizer.tenant_id)

    def move_second(self) -> None:
        plan = OccurrencePlan(MOVED_TO.date(), MOVED_TO.time(), 60)
        with tenant_scope(self.organizer.tenant_id):
            row = Occurrence.objects.select_related("meeting__organizer__user", "room").get(id=self.second.id)
            change_occurrence(occurrence=row, by=self.organizer, plan=plan)

    def cancel(self) -> None:
        with tenant_scope(self.organizer.tenant_id):
            meeting = Meeting.objects.select_related("organizer__user", "room").get(id=self.meeting.id)
            cancel_meeting(meeting=meeting, by=self.organizer)

    @property
    def answers(self) -> tuple[str, str]:
        """What the attendee says to the series, and to the second date alone."""
        with tenant_scope(self.organizer.tenant_id):
            whole = Attendee.objects.get(email=ZOE.address).answer
            single = OccurrenceAnswer.objects.filter(occurrence=self.second).first()
        return whole, single.answer if single else ""

    @property
    def waiting(self) -> list[str]:
        with tenant_scope(self.organizer.tenant_id):
            return sorted(PendingAnswer.objects.values_list("reason", flat=True))


@pytest.fixture
def exchange(organizer: Membership, postbox: Postbox, inbox: IMAPClient) -> Exchange:
    return Exchange(organizer, postbox, inbox)


def compare(name: str, text: str) -> None:
    """Compare a calendar with its golden file; DTSTAMP, UID and the secrets of addresses differ each time."""
    assert all(len(line) <= 75 for line in text.encode().split(b"\r\n"))
    unfolded = re.sub("\r\n[ \t]", "", text).replace("\r\n", "\n")
    for pattern, shown in (
        (r"^(DTSTAMP|CREATED|LAST-MODIFIED):\d{8}T\d{6}Z$", r"\1:20370901T080000Z"),
        (r"^UID:.*$", "UID:00000000-0000-4000-8000-000000000000"),
        (r"https?://[^/]+/t/[\w-]+/join/[\w-]+/", "https://portail.example/t/interieur/join/code/"),
        (r"^BEGIN:VTIMEZONE\n(.*\n)*?END:VTIMEZONE\n", ""),  # vobject writes the one that it met first
    ):
        unfolded = re.sub(pattern, shown, unfolded, flags=re.MULTILINE)
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_text(unfolded)
    assert unfolded == (GOLDEN / name).read_text()


def event_in(mail: Any) -> Any:
    """Return the one VEVENT of a mail's calendar, as vobject reads it."""
    calendar = vobject.readOne(ZOE.invitation_in(mail))
    (event,) = calendar.vevent_list
    return event


def test_a_series_is_invited_answered_moved_and_cancelled(exchange: Exchange) -> None:
    first = exchange.delivered("1-request.ics")
    event = event_in(first)
    assert (first["From"].addresses[0].addr_spec, event.sequence.value) == (MAILBOX, "0")
    starts = [start.astimezone(PARIS).replace(tzinfo=None) for start in event.getrruleset(addRDate=True)]
    assert starts == [START + timedelta(weeks=week) for week in range(4)]

    accepted = ZOE.reply_to(first, "ACCEPTED")
    compare("2-reply.ics", accepted)
    assert exchange.answered(ZOE.mail(accepted, MAILBOX)) == 1
    assert exchange.answers == (Answer.ACCEPTED, "")

    exchange.move_second()
    changed = exchange.delivered("3-changed-date.ics")
    event = event_in(changed)
    assert (event.uid.value, event.sequence.value, "rrule" in event.contents) == (exchange.meeting.uid, "1", False)
    assert event.recurrence_id.value.astimezone(UTC) == exchange.second.start_at
    assert event.dtstart.value.astimezone(PARIS).replace(tzinfo=None) == MOVED_TO

    declined = ZOE.reply_to(changed, "DECLINED")
    compare("4-reply-to-date.ics", declined)
    exchange.answered(ZOE.mail(declined, MAILBOX))
    assert exchange.answers == (Answer.ACCEPTED, Answer.DECLINED)

    exchange.cancel()
    cancelled = event_in(exchange.delivered("5-cancel.ics"))
    assert (cancelled.uid.value, cancelled.status.value) == (exchange.meeting.uid, "CANCELLED")
    assert int(cancelled.sequence.value) > 1  # newer than the series and than the date that was moved
    assert exchange.waiting == []


def test_an_answer_to_what_was_changed_since_changes_nothing(exchange: Exchange) -> None:
    first = exchange.delivered("1-request.ics")
    exchange.answered(ZOE.mail(ZOE.reply_to(first, "ACCEPTED"), MAILBOX))
    exchange.move_second()
    changed = exchange.delivered("3-changed-date.ics")
    exchange.answered(ZOE.mail(ZOE.reply_to(changed, "DECLINED"), MAILBOX))

    wall = START.replace(tzinfo=event_in(first).dtstart.value.tzinfo) + timedelta(weeks=1)
    late = ZOE.reply_to(first, "TENTATIVE", recurrence_id=wall)
    assert "SEQUENCE:0" in late
    exchange.answered(ZOE.mail(late, MAILBOX))

    assert exchange.answers == (Answer.ACCEPTED, Answer.DECLINED)
    assert exchange.waiting == []


def test_an_answer_to_a_meeting_that_was_cancelled_since_changes_nothing(exchange: Exchange) -> None:
    first = exchange.delivered("1-request.ics")
    exchange.answered(ZOE.mail(ZOE.reply_to(first, "ACCEPTED"), MAILBOX))
    exchange.cancel()

    exchange.answered(ZOE.mail(ZOE.reply_to(first, "DECLINED"), MAILBOX))

    assert exchange.answers == (Answer.ACCEPTED, "")


@pytest.mark.parametrize(
    ("sender", "results", "waits"),
    [
        (GUEST.email, "dmarc=fail header.from=cabinet.example", []),
        (GUEST.email, "spf=fail smtp.mailfrom=evil.example", []),
        (GUEST.email, "", [PendingAnswer.Reason.UNVERIFIED]),
        ("zoe@elsewhere.example", None, [PendingAnswer.Reason.OTHER_ADDRESS]),
    ],
    ids=["forged", "spf-failed", "unverified", "other-sender"],
)
def test_a_spoofed_answer_changes_nothing(
    exchange: Exchange, sender: str, results: str | None, waits: list[str]
) -> None:
    first = exchange.delivered("1-request.ics")
    exchange.answered(ZOE.mail(ZOE.reply_to(first, "ACCEPTED"), MAILBOX))

    exchange.answered(ZOE.mail(ZOE.reply_to(first, "DECLINED"), MAILBOX, sender=sender, results=results))

    assert exchange.answers == (Answer.ACCEPTED, "")
    assert exchange.waiting == waits
