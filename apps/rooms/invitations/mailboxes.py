"""Reading the portal mailbox of a ministry, and what its administrators do with it."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import DataError, transaction
from django.utils import timezone

from apps.rooms.invitations.imap import Account, MailboxUnreachable, open_inbox
from apps.rooms.invitations.incoming import Unreadable, read_mail
from apps.rooms.invitations.taking import take_mail
from apps.rooms.models import Mailbox
from apps.tenants.journal import record_by
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MailboxPlan:
    """What an administrator says about the mailbox; an empty password keeps the one that is known."""

    address: str
    imap_host: str = ""
    imap_port: int = 993
    has_tls: bool = True
    username: str = ""
    password: str = ""
    authserv_id: str = ""
    reminder_hours: int | None = 24


def mailbox_of(tenant_id: UUID) -> Mailbox | None:
    found: Mailbox | None = Mailbox.objects.filter(tenant_id=tenant_id).first()
    return found


def save_mailbox(*, by: Membership, plan: MailboxPlan) -> Mailbox:
    """Name the ministry's portal mailbox; another account is read from its beginning."""
    with transaction.atomic():
        mailbox = mailbox_of(by.tenant_id) or Mailbox(tenant_id=by.tenant_id)
        before = mailbox.imap_host, mailbox.imap_port, mailbox.username
        for name, value in vars(plan).items():
            if name != "password" or value:
                setattr(mailbox, name, value)
        if before != (mailbox.imap_host, mailbox.imap_port, mailbox.username):
            mailbox.uid_validity, mailbox.last_uid, mailbox.error = None, 0, ""
        mailbox.save()
        record_by(by, "mailbox.changed", mailbox)
    return mailbox


def check_mailbox(*, tenant_id: UUID) -> str | None:
    """Sign in to the mailbox now, outside any transaction; return the error, empty for none.

    None where no server is named.
    """
    with tenant_scope(tenant_id):
        mailbox = mailbox_of(tenant_id)
    if mailbox is None or not mailbox.imap_host:
        return None
    error = ""
    try:
        with open_inbox(_account(mailbox)):
            pass
    except MailboxUnreachable as unreachable:
        error = str(unreachable)
    _note_check(tenant_id, error)
    return error


def read_mailbox(*, tenant_id: UUID) -> int:
    """Read what is new in the ministry's mailbox, and return how many messages that were.

    Each message is dealt with in a transaction of its own that also moves the mark on; one that cannot be read is
    passed over.
    """
    with tenant_scope(tenant_id):
        mailbox = mailbox_of(tenant_id)
    if mailbox is None or not mailbox.imap_host:
        return 0
    count, error = 0, ""
    try:
        with open_inbox(_account(mailbox)) as inbox:
            last = mailbox.last_uid if mailbox.uid_validity == inbox.uid_validity else 0
            for message in inbox.messages_after(last):
                _take(tenant_id, inbox.uid_validity, message.uid, message.raw)
                count += 1
    except MailboxUnreachable as unreachable:
        error = str(unreachable)
        log.warning("mailbox_unreachable", error=error)
    _note_check(tenant_id, error)
    return count


def _take(tenant_id: UUID, uid_validity: int, uid: int, raw: bytes) -> None:
    try:
        incoming = read_mail(raw) if raw else None
    except Unreadable as error:
        log.warning("mail_unreadable", uid=uid, reason=str(error))
        incoming = None
    with tenant_scope(tenant_id):
        mailbox = Mailbox.objects.select_for_update(of=("self",)).get(tenant_id=tenant_id)
        if mailbox.uid_validity == uid_validity and mailbox.last_uid >= uid:
            return  # another run was faster
        if incoming is not None:
            try:
                with transaction.atomic():
                    take_mail(mailbox=mailbox, incoming=incoming)
            except DataError as error:  # a value that no column takes: the mail's fault, not the run's
                log.warning("mail_unreadable", uid=uid, reason=str(error)[:200])
        Mailbox.objects.filter(id=mailbox.id).update(uid_validity=uid_validity, last_uid=uid)


def _account(mailbox: Mailbox) -> Account:
    return Account(mailbox.imap_host, mailbox.imap_port, mailbox.has_tls, mailbox.username, mailbox.password)


def _note_check(tenant_id: UUID, error: str) -> None:
    with tenant_scope(tenant_id):
        Mailbox.objects.filter(tenant_id=tenant_id).update(checked_at=timezone.now(), error=error[:500])
