"""Sending reminders by mail: each is claimed first, without a transaction, and given back where no server takes it."""

from collections.abc import Callable, Sequence
from smtplib import SMTPException
from typing import NamedTuple
from uuid import UUID

import structlog

from apps.tenants.models import Membership, Role, Tenant, User
from apps.tenants.scoping import tenant_scope

log = structlog.get_logger(__name__)


class Claimed(NamedTuple):
    """A reminder that was taken for sending; ``give_back`` has it taken again by whoever reminds next."""

    about: str  # what the log says of it
    people: list[User]
    send: Callable[[User], None]
    give_back: Callable[[], object]


def send_claimed(tenant_id: UUID, claimed: Sequence[Claimed]) -> int:
    """Send reminders, and return how many were due; who was away is reminded at the next time."""
    for reminder in claimed:
        try:
            for person in reminder.people:
                reminder.send(person)
        except (SMTPException, OSError) as error:
            log.warning("reminder_put_off", about=reminder.about, reason=str(error))
            with tenant_scope(tenant_id):
                reminder.give_back()
    return len(claimed)


def officers_of(tenant: Tenant) -> list[User]:
    """Return the procurement officers who are there; one query."""
    officers = Membership.objects.active().filter(
        tenant=tenant, roles__contains=[Role.PROCUREMENT], user__is_active=True
    )
    return [member.user for member in officers.select_related("user")]
