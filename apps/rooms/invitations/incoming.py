"""What a mail in the portal mailbox says: iTIP replies (RFC 5546, 6047) and delivery reports (RFC 3464).

Everything here was written by strangers: what cannot be read raises Unreadable, and nothing else.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from icalendar import Calendar

from apps.rooms.invitations.ical import one_line
from apps.rooms.models import Answer

MALFORMED = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
TEXT_MAX = 1000  # characters
CALENDAR_MAX, COMPONENTS_MAX = 256 * 1024, 600  # characters; a reply holds one event, or one for each of its dates
ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "TENTATIVE": Answer.TENTATIVE, "DECLINED": Answer.DECLINED}


class Unreadable(ValueError):
    """The mail is not what it says it is."""


@dataclass(frozen=True)
class Sender:
    """Who sent a mail, as its headers say; ``results`` are its Authentication-Results, the newest first."""

    address: str
    name: str
    message_id: str
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventReply:
    """One VEVENT of a REPLY or COUNTER. ``recurrence_id`` is an instant, a naive wall time, or a day."""

    method: str
    uid: str
    attendee: str
    attendee_name: str
    answer: Answer
    sequence: int
    stamped_at: datetime
    organizer: str = ""
    delegated_from: str = ""
    comment: str = ""
    recurrence_id: datetime | date | None = None
    proposed: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class Bounce:
    """A mail of ours that was not delivered to an address, and why, as the other server said it."""

    message_id: str
    address: str
    reason: str


@dataclass(frozen=True)
class Incoming:
    sender: Sender
    replies: tuple[EventReply, ...] = ()
    bounces: tuple[Bounce, ...] = ()


def read_mail(raw: bytes) -> Incoming:
    """Return what a mail says; raises Unreadable."""
    try:
        mail: Any = message_from_bytes(raw, policy=policy.default)
        sender = _sender(mail, raw)
        if _is_report(mail):
            return Incoming(sender, bounces=tuple(_bounces(mail)))
        return Incoming(sender, replies=tuple(_replies(mail)))
    except MALFORMED as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:200]) from error


def _sender(mail: EmailMessage, raw: bytes) -> Sender:
    name, address = parseaddr(str(mail.get("From", "")))
    message_id = one_line(str(mail.get("Message-ID", ""))).strip("<> ")
    results = tuple(one_line(str(value)) for value in mail.get_all("Authentication-Results", []))
    return Sender(
        address=one_line(address).lower()[:254],
        name=one_line(name)[:200],
        message_id=(message_id or hashlib.sha256(raw).hexdigest())[:255],
        results=results,
    )


def _replies(mail: EmailMessage) -> Iterator[EventReply]:
    for part in mail.walk():
        if part.get_content_type() in ("text/calendar", "application/ics"):
            text = _content(part)
            if len(text) > CALENDAR_MAX or text.upper().count("BEGIN:") > COMPONENTS_MAX:
                raise Unreadable("The reply is too long.")
            calendar = Calendar.from_ical(text)
            method = str(calendar.get("METHOD", "")).upper()
            if method in ("REPLY", "COUNTER"):
                for event in calendar.walk("VEVENT"):
                    yield _reply(event, method)
            return  # the same calendar often comes again as an attachment


def _content(part: EmailMessage) -> str:
    content: Any = part.get_payload(decode=True) or b""
    return content.decode(part.get_content_charset() or "utf-8", "replace").replace("\x00", "")  # type: ignore[no-any-return]


def _reply(event: Any, method: str) -> EventReply:
    attendee = event.get("ATTENDEE")
    attendee = attendee[0] if isinstance(attendee, list) else attendee
    if attendee is None:
        raise Unreadable("The reply names no attendee.")
    answer = ANSWERS.get(str(attendee.params.get("PARTSTAT", "")).upper())
    if answer is None and method == "REPLY":
        raise Unreadable("The reply says neither yes nor no.")
    stamp = _instant(event["DTSTAMP"].dt) if "DTSTAMP" in event else datetime.now(UTC)
    proposed = None
    if method == "COUNTER" and "DTSTART" in event:
        start = _instant(event["DTSTART"].dt)
        proposed = start, _instant(event["DTEND"].dt) if "DTEND" in event else start
    return EventReply(
        method=method,
        uid=one_line(str(event["UID"]))[:255],
        attendee=_address(attendee),
        attendee_name=one_line(str(attendee.params.get("CN", "")))[:200],
        answer=answer or Answer.TENTATIVE,
        sequence=max(0, int(event.get("SEQUENCE", 0))),
        stamped_at=min(stamp, datetime.now(UTC)),  # nobody speaks from the future, to have the last word
        organizer=_address(event.get("ORGANIZER")),
        delegated_from=_address(attendee.params.get("DELEGATED-FROM")),
        comment=_comment(event.get("COMMENT")),
        recurrence_id=event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else None,
        proposed=proposed,
    )


def _instant(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise Unreadable("A moment was expected, not a day.")
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _address(value: Any) -> str:
    value = value[0] if isinstance(value, list) and value else value
    return re.sub("^mailto:", "", one_line(str(value or "")), flags=re.IGNORECASE).strip().lower()[:254]


def _comment(value: Any) -> str:
    values = value if isinstance(value, list) else [value] if value is not None else []
    return one_line(" ".join(str(one) for one in values))[:TEXT_MAX]


def _is_report(mail: EmailMessage) -> bool:
    return mail.get_content_type() == "multipart/report" and any(
        part.get_content_type() == "message/delivery-status" for part in mail.walk()
    )


def _bounces(mail: EmailMessage) -> Iterator[Bounce]:
    message_id = _original_id(mail)
    if not message_id:
        return
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks: Any = part.get_payload()
        for block in blocks:
            if str(block.get("Action", "")).strip().lower() == "failed":
                yield Bounce(message_id, _recipient(block), _reason(block))


def _original_id(mail: EmailMessage) -> str:
    """Return the Message-ID of the mail that came back, from its copy or its headers in the report."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            headers: Any = part.get_payload(decode=True) or b""
            found: Any = message_from_bytes(headers, policy=policy.default)
        elif kind == "message/rfc822":
            payload: Any = part.get_payload()
            found = payload[0] if isinstance(payload, list) else payload
        else:
            continue
        return one_line(str(found.get("Message-ID", ""))).strip("<> ")[:255]
    return ""


def _recipient(block: Any) -> str:
    value = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
    return one_line(value.rpartition(";")[2]).strip("<> ").lower()[:254]


def _reason(block: Any) -> str:
    """Return "5.1.1 550 5.1.1 No such user": the status first, for it is what is understood."""
    diagnostic = str(block.get("Diagnostic-Code") or "").partition(";")[2] or str(block.get("Diagnostic-Code") or "")
    return one_line(f"{block.get('Status', '')} {diagnostic}")[:500]
