"""Mails as other people's programs send them: iTIP replies and delivery reports."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from apps.rooms.invitations.tests.conftest import MAILBOX
from apps.rooms.models import Meeting

REPORT = """\
From: MAILER-DAEMON@relay.example
To: {mailbox}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="limit"
Message-ID: <bounce-1@relay.example>

--limit
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--limit
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Mon, 23 Nov 2026 15:00:00 +0100

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: Recipient address rejected:
    User unknown

--limit
Content-Type: text/rfc822-headers

From: Claire Vasseur <{mailbox}>
To: {address}
Message-ID: <{message_id}>

--limit--
"""


def reply(meeting: Meeting, *, sender: str, partstat: str = "ACCEPTED", **changes: Any) -> bytes:
    """Return a reply as a mail program writes it; ``changes`` replace or add lines of its VEVENT, None leaves one out.

    ``attendee`` is who answers (the sender), ``method`` REPLY or COUNTER, ``headers`` more lines of the mail.
    """
    method, headers = changes.pop("method", "REPLY"), changes.pop("headers", {})
    attendee = changes.pop("attendee", sender)
    lines = {
        "UID": meeting.uid,
        "DTSTAMP": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}",
        "SEQUENCE": str(meeting.sequence),
        "ORGANIZER": f"mailto:{MAILBOX}",
        f"ATTENDEE;PARTSTAT={partstat};CN=Zoé": f"mailto:{attendee}",
    } | changes
    event = "\r\n".join(f"{name}:{value}" for name, value in lines.items() if value is not None)
    calendar = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//FR\r\nMETHOD:{method}\r\n"
        f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Zoé Garnier <{sender}>", MAILBOX, "Accepté : Comité"
    mail["Message-ID"] = f"<{abs(hash(calendar))}@client.example>"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content("Zoé a accepté.")
    mail.add_alternative(calendar, subtype="calendar", params={"method": method})
    return bytes(mail)


def report(*, address: str, message_id: str) -> bytes:
    """Return a delivery report (RFC 3464) as Postfix writes it."""
    text = REPORT.format(mailbox=MAILBOX, address=address, message_id=message_id)
    return text.replace("\n", "\r\n").encode()
