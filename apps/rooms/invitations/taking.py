"""Taking a mail from the portal mailbox into account: a reply, a report, or an answer that waits for the organiser."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import structlog
from django.db.models import Q

from apps.rooms.invitations.answering import Reply, take_answer
from apps.rooms.invitations.authenticity import Verdict, verdict_on
from apps.rooms.invitations.incoming import Bounce, EventReply, Incoming, Sender
from apps.rooms.models import Attendee, Mail, Mailbox, Meeting, Occurrence, PendingAnswer
from apps.rooms.models.meetings import recurrence_id_of
from visio_portal.realtime import publish

log = structlog.get_logger(__name__)

WAITING_MAX = 100  # answers of one meeting that wait; whoever sends more is not one of its people

Reason = PendingAnswer.Reason


def take_mail(*, mailbox: Mailbox, incoming: Incoming) -> None:
    """Do what a mail says, in the mailbox's own ministry; doing it twice changes nothing more."""
    for bounce in incoming.bounces:
        _take_bounce(bounce)
    for reply in incoming.replies:
        _take_reply(mailbox, incoming.sender, reply)


def _take_reply(mailbox: Mailbox, sender: Sender, reply: EventReply) -> None:
    meeting = Meeting.objects.filter(uid=reply.uid).select_related("organizer__user").first()
    verdict = verdict_on(sender, mailbox.authserv_id)
    if meeting is not None and reply.attendee == meeting.organizer.user.email:
        return  # the organiser's own calendar is being polite
    if meeting is None or verdict is Verdict.FORGED:
        log.warning("reply_dropped", verdict=verdict.value, is_known=meeting is not None)
        return
    if meeting.cancelled_at is not None and reply.sequence < meeting.sequence:
        return  # it was written before the cancellation came
    occurrence = None
    if reply.recurrence_id is not None and meeting.is_series:
        occurrence = _occurrence(meeting, reply.recurrence_id)
        if occurrence is None:
            log.warning("reply_dropped", meeting=str(meeting.id), reason="no such date")
            return
    attendee = _attendee(meeting, [reply.attendee])
    reason = _doubt(mailbox, sender, reply, attendee, verdict)
    if reason is None and attendee is not None:
        take_answer(attendee=attendee, reply=_answer(reply, meeting, occurrence), occurrence=occurrence)
    elif reason is not None:
        if attendee is None:
            attendee = _attendee(meeting, [reply.delegated_from, sender.address])
        _let_wait(meeting, occurrence, attendee, sender, reply, reason)


def _doubt(
    mailbox: Mailbox, sender: Sender, reply: EventReply, attendee: Attendee | None, verdict: Verdict
) -> PendingAnswer.Reason | None:
    """Return why an answer is not taken on trust; None where it is."""
    if verdict is Verdict.UNKNOWN:
        return Reason.UNVERIFIED
    if reply.method == "COUNTER":
        return Reason.COUNTER
    if attendee is None:
        known = _attendee_exists(reply.uid, [reply.delegated_from, sender.address])
        return Reason.OTHER_ADDRESS if known else Reason.NOT_INVITED
    if sender.address != attendee.email:
        return Reason.OTHER_ADDRESS
    if reply.organizer != mailbox.address.lower():
        return Reason.NO_ORGANIZER
    return None


def _answer(reply: EventReply, meeting: Meeting, occurrence: Occurrence | None) -> Reply:
    """Return the answer; no sequence is believed that the portal has not sent yet."""
    newest = max(meeting.sequence, occurrence.sequence if occurrence is not None else 0)
    return Reply(reply.answer, min(reply.sequence, newest), reply.stamped_at, reply.comment)


def _attendee(meeting: Meeting, addresses: Iterable[str]) -> Attendee | None:
    for address in filter(None, addresses):
        found: Attendee | None = meeting.attendees.filter(email=address).first()
        if found is not None:
            return found
    return None


def _attendee_exists(uid: str, addresses: Iterable[str]) -> bool:
    return Attendee.objects.filter(meeting__uid=uid, email__in=list(filter(None, addresses))).exists()


def _occurrence(meeting: Meeting, recurrence_id: datetime | date) -> Occurrence | None:
    """Return the date that a RECURRENCE-ID names: an instant, a wall time of the meeting's zone, or a day."""
    if isinstance(recurrence_id, datetime):
        wall = recurrence_id.astimezone(meeting.zone) if recurrence_id.tzinfo else recurrence_id
        wanted = Q(recurrence_id=recurrence_id_of(wall.replace(tzinfo=None)))
    else:
        wanted = Q(recurrence_id__startswith=f"{recurrence_id:%Y%m%d}T")
    found: Occurrence | None = meeting.occurrences.filter(wanted).first()
    return found


def _let_wait(
    meeting: Meeting,
    occurrence: Occurrence | None,
    attendee: Attendee | None,
    sender: Sender,
    reply: EventReply,
    reason: PendingAnswer.Reason,
) -> None:
    if meeting.pending_answers.filter(status=PendingAnswer.Status.WAITING).count() >= WAITING_MAX:
        log.warning("reply_dropped", meeting=str(meeting.id), reason="too many wait")
        return
    start, end = reply.proposed or (None, None)
    columns: dict[str, Any] = {
        "meeting": meeting,
        "occurrence": occurrence,
        "attendee": attendee,
        "from_address": sender.address or reply.attendee,
        "from_name": sender.name or reply.attendee_name,
        "answer": reply.answer,
        "comment": reply.comment,
        "reason": reason,
        "proposed_start_at": start,
        "proposed_end_at": end,
        "sequence": min(reply.sequence, max(meeting.sequence, occurrence.sequence if occurrence else 0)),
        "stamped_at": reply.stamped_at,
    }
    key = f"{sender.message_id[:230]} {occurrence.recurrence_id}" if occurrence else sender.message_id
    _row, is_new = PendingAnswer.objects.get_or_create(tenant_id=meeting.tenant_id, message_id=key, defaults=columns)
    if is_new:
        publish(meeting.tenant_id, f"meeting:{meeting.id}", {"changed": "answers"})


def _take_bounce(bounce: Bounce) -> None:
    """Note that a mail did not arrive. Its Message-ID is random: who names it has seen the mail."""
    mail = Mail.objects.filter(message_id=bounce.message_id).select_related("announcement").first()
    if mail is None:
        log.warning("bounce_dropped", reason="no such mail")
        return
    lost = Mail.objects.filter(id=mail.id).exclude(status=Mail.Status.NOT_DELIVERED)
    if lost.update(status=Mail.Status.NOT_DELIVERED, reason=bounce.reason):
        publish(mail.tenant_id, f"meeting:{mail.announcement.meeting_id}", {"changed": "mails"})
