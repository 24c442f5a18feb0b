"""Sending the mails that wait, over SMTP: each one exactly once as far as the portal can tell.

A mail is claimed by putting off its next attempt, sent without a transaction, and noted. A server that is busy or
away is tried again, ever more slowly; a refusal is final and says why.
"""

from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from apps.rooms.invitations.letters import compose
from apps.rooms.invitations.outbox import sender_of
from apps.rooms.invitations.refusals import written_reason
from apps.rooms.models import Mail
from apps.tenants.scoping import tenant_scope
from visio_portal.realtime import publish

log = structlog.get_logger(__name__)

BATCH = 200  # mails that one task sends
CLAIM = timedelta(minutes=10)  # after that a mail whose sender died is tried again
# How long after each attempt the next one comes; after the last the mail counts as not delivered.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 4 * 60, 8 * 60, 12 * 60)]


class Refused(Exception):
    """The server will not take this mail, now or later."""


class Busy(Exception):
    """The server may take this mail later."""


def send_waiting_mails(*, tenant_id: UUID) -> bool:
    """Send the mails of a ministry that are due, and return whether some may be left."""
    connection: BaseEmailBackend = get_connection()
    try:
        for _number in range(BATCH):
            mail_id = _claim_next(tenant_id)
            if mail_id is None:
                return False
            _send_one(connection, tenant_id, mail_id)
    finally:
        connection.close()
    return True


def _send_one(connection: BaseEmailBackend, tenant_id: UUID, mail_id: UUID) -> None:
    with tenant_scope(tenant_id):
        mail = _with_all(mail_id)
        message = compose(mail, sender=sender_of(mail.announcement.meeting))
    try:
        _transmit(connection, message)
    except Refused as refusal:
        _note(tenant_id, mail_id, status=Mail.Status.NOT_DELIVERED, reason=str(refusal))
    except Busy as busy:
        log.warning("mail_put_off", mail=str(mail_id), reason=str(busy))
        _put_off(tenant_id, mail_id, str(busy))
    else:
        _note(tenant_id, mail_id, status=Mail.Status.SENT, sent_at=timezone.now(), reason="")


def _claim_next(tenant_id: UUID) -> UUID | None:
    """Take the next mail that is due, so that nobody else sends it."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        waiting = Mail.objects.filter(status=Mail.Status.QUEUED, next_attempt_at__lte=now)
        waiting.filter(attempts__gt=len(PAUSES) + 1).update(status=Mail.Status.NOT_DELIVERED)  # it breaks its sender
        due = waiting.order_by("created_at").select_for_update(skip_locked=True)
        mail_id = due.values_list("id", flat=True).first()
        if mail_id is not None:
            Mail.objects.filter(id=mail_id).update(next_attempt_at=now + CLAIM, attempts=F("attempts") + 1)
        return mail_id


def _with_all(mail_id: UUID) -> Mail:
    related = (
        "attendee",
        "announcement__occurrence__room",
        "announcement__meeting__room",
        "announcement__meeting__tenant",
        "announcement__meeting__organizer__user",
        "announcement__meeting__scheduled_by__user",
    )
    return Mail.objects.select_related(*related).get(id=mail_id)


def _transmit(connection: BaseEmailBackend, message: EmailMultiAlternatives) -> None:
    """Hand a mail to the server; raises Refused or Busy. A broken connection is closed: the next mail opens one."""
    try:
        connection.open()  # and keep it for the next mails
        connection.send_messages([message])
    except SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _verdict(code, answer) from error
    except (SMTPDataError, SMTPSenderRefused) as error:
        raise _verdict(error.smtp_code, error.smtp_error) from error
    except SMTPResponseException as error:  # greeting or sign-in: nothing to do with this mail
        connection.close()
        raise Busy(written_reason(error.smtp_code, _text(error.smtp_error))) from error
    except (SMTPException, OSError) as error:
        connection.close()
        raise Busy(str(error)[:200]) from error


def _verdict(code: int, answer: bytes | str) -> Refused | Busy:
    reason = written_reason(code, _text(answer))
    return Refused(reason) if code >= 500 else Busy(reason)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _put_off(tenant_id: UUID, mail_id: UUID, reason: str) -> None:
    with tenant_scope(tenant_id):
        attempts = Mail.objects.values_list("attempts", flat=True).get(id=mail_id)
    if attempts > len(PAUSES):
        _note(tenant_id, mail_id, status=Mail.Status.NOT_DELIVERED, reason=written_reason(450, f"4.4.7 {reason}"))
    else:
        pause = PAUSES[attempts - 1]
        _note(tenant_id, mail_id, next_attempt_at=timezone.now() + pause, reason=reason)


def _note(tenant_id: UUID, mail_id: UUID, **columns: object) -> None:
    """Write down what became of a mail, and have the meeting's open pages read it."""
    with tenant_scope(tenant_id):
        Mail.objects.filter(id=mail_id, status=Mail.Status.QUEUED).update(**columns)
        meeting_id = Mail.objects.values_list("announcement__meeting_id", flat=True).get(id=mail_id)
        publish(tenant_id, f"meeting:{meeting_id}", {"changed": "mails"})
