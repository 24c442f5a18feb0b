"""Reminders of exemptions: 30 and 7 days before they expire and when they have, to whom answers for them."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, override

from apps.licensing.models import Exemption
from apps.licensing.reminding import Claimed, officers_of, send_claimed
from apps.rooms.invitations.ical import one_line
from apps.tenants.models import Membership, Tenant, User
from apps.tenants.scoping import tenant_scope

DISTANCES = (0, 7, 30)  # days before the expiry


def send_reminders(*, tenant_id: UUID) -> int:
    """Remind of each exemption that expires soon, and return how many reminders were due."""
    with tenant_scope(tenant_id):
        due = _claim(Tenant.objects.get(id=tenant_id))
    return send_claimed(tenant_id, due)


def is_due(expires_on: date, reminded_on: date | None, today: date) -> bool:
    """Return whether the nearest of the distances has been reached since the last reminder."""
    reached = [day for days in DISTANCES if (day := expires_on - timedelta(days=days)) <= today]
    return bool(reached) and (reminded_on is None or reminded_on < max(reached))


def _claim(tenant: Tenant) -> list[Claimed]:
    """Take the reminders that are due, each once."""
    soon = tenant.today + timedelta(days=max(DISTANCES))
    open_ones = Exemption.objects.filter(tenant=tenant, ended_at=None, expires_on__lte=soon)
    due = []
    for exemption in open_ones.select_related("unit", "owner__user"):
        former = exemption.reminded_at
        if not is_due(exemption.expires_on, former.astimezone(tenant.zone).date() if former else None, tenant.today):
            continue
        same = Exemption.objects.filter(id=exemption.id, ended_at=None, reminded_at=former)
        if same.update(reminded_at=timezone.now()):
            people = _answerable(tenant, exemption.owner)
            give_back = partial(Exemption.objects.filter(id=exemption.id).update, reminded_at=former)
            due.append(Claimed(str(exemption.id), people, partial(_send, tenant, exemption), give_back))
    return due


def _answerable(tenant: Tenant, owner: Membership) -> list[User]:
    """Return who answers for an exemption; once that person has left, the procurement officers."""
    found = Membership.objects.active().filter(tenant=tenant, user__is_active=True, id=owner.id)
    return [member.user for member in found.select_related("user")] or officers_of(tenant)


def _send(tenant: Tenant, exemption: Exemption, person: User) -> None:
    path = reverse("licensing:programme", kwargs={"tenant_slug": tenant.slug})
    with override(person.language):
        words = {
            "unit": one_line(exemption.unit.name),  # it stands in a header
            "seats": exemption.seats,
            "day": date_format(exemption.expires_on, "DATE_FORMAT"),
            "reason": exemption.reason,
            "url": f"{settings.PORTAL_PUBLIC_URL}{path}#exemptions",
        }
        text = ngettext(
            "%(seats)s seat of the unit “%(unit)s” is exempted from the move to Visio until %(day)s.",
            "%(seats)s seats of the unit “%(unit)s” are exempted from the move to Visio until %(day)s.",
            exemption.seats,
        )
        text += gettext(
            "\n\nReason:\n%(reason)s\n\n"
            "Prolong it with a new reason, or end it; without the role for it, tell a procurement officer:\n"
            "%(url)s\n"
        )
        send_mail(_subject(exemption, tenant.today) % words, text % words, None, [person.email])


def _subject(exemption: Exemption, today: date) -> str:
    days = (exemption.expires_on - today).days
    if days <= 0:
        return gettext("Exemption expired: %(unit)s")
    subject = ngettext(
        "Exemption expires in %(days)s day: %%(unit)s", "Exemption expires in %(days)s days: %%(unit)s", days
    )
    return subject % {"days": days}
