"""An attendee's mail program, which knows nothing of the portal: it reads iTIP requests with vobject and replies.

A reply is made as RFC 5546 section 3.2.3 and RFC 6047 have it: of the request it takes over UID, SEQUENCE,
RECURRENCE-ID and ORGANIZER, and of the attendees the one who answers.
"""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from itertools import count
from typing import Any

import vobject

_NUMBERS = count(1)


@dataclass(frozen=True)
class MailProgram:
    """Whose program it is; ``authserv_id`` is the server that finds their mails genuine on the way."""

    address: str
    name: str
    authserv_id: str = ""

    def invitation_in(self, mail: EmailMessage) -> str:
        """Return the calendar of a mail, as the bytes say it."""
        (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        payload: Any = part.get_payload(decode=True)
        text: str = payload.decode(part.get_content_charset() or "utf-8")
        return text

    def reply_to(self, mail: EmailMessage, partstat: str, **changes: Any) -> str:
        """Return the calendar of an answer to an invitation; ``changes`` replace what is taken over of it."""
        asked = vobject.readOne(self.invitation_in(mail)).vevent
        own = next(line for line in asked.attendee_list if line.value == f"mailto:{self.address}")
        calendar = vobject.newFromBehavior("vcalendar")
        calendar.add("method").value = "REPLY"
        event = calendar.add("vevent")
        for name in ("uid", "sequence", "summary", "recurrence-id"):
            value = changes.get(name.replace("-", "_"), asked.contents[name][0].value if name in asked.contents else "")
            if value:
                event.add(name).value = value
        event.add("dtstamp").value = datetime.now(vobject.icalendar.utc)
        organizer = event.add("organizer")
        organizer.value, organizer.params = asked.organizer.value, dict(asked.organizer.params)
        attendee = event.add("attendee")
        attendee.value = own.value
        attendee.params = {"CN": own.params["CN"], "PARTSTAT": [partstat]}
        text: str = calendar.serialize()
        return text

    def mail(self, calendar: str, to: str, *, sender: str = "", results: str | None = None) -> bytes:
        """Return a mail with an answer, as the receiving server stores it with what it found out about the sender."""
        sender = sender or self.address
        domain = sender.rpartition("@")[2]
        mail = EmailMessage()
        found = f"dmarc=pass header.from={domain}" if results is None else results
        if found:
            mail["Authentication-Results"] = f"{self.authserv_id}; {found}"
        mail["From"], mail["To"], mail["Subject"] = f"{self.name} <{sender}>", to, "Réponse"
        mail["Message-ID"] = f"<answer-{next(_NUMBERS)}@{domain}>"
        mail.set_content(f"{self.name} a répondu.")
        mail.add_alternative(calendar, subtype="calendar", params={"method": "REPLY"})
        return bytes(mail)
