"""Reminders of notices: 180, 90 and 30 days before the last day, to the procurement officers, once each."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, override

from apps.licensing.contracts.notices import NoticeDate, State, notice_dates
from apps.licensing.models import Contract, NoticeReminder
from apps.licensing.reminding import Claimed, officers_of, send_claimed
from apps.rooms.invitations.ical import one_line
from apps.tenants.models import Tenant, User
from apps.tenants.scoping import tenant_scope

DISTANCES = (30, 90, 180)  # days before the last day of notice


def send_reminders(*, tenant_id: UUID) -> int:
    """Remind of each notice that is to be decided or sent, and return how many reminders were due."""
    with tenant_scope(tenant_id):
        due = _claim(Tenant.objects.get(id=tenant_id))
    return send_claimed(tenant_id, due)


def _claim(tenant: Tenant) -> list[Claimed]:
    """Take the reminders that are due: of each notice the nearest distance alone, once."""
    contracts = Contract.objects.filter(tenant=tenant).select_related("tenant").with_lines()
    officers = officers_of(tenant)
    claimed = []
    for notice in notice_dates(contracts.prefetch_related("decisions"), tenant.today):
        left = (notice.notice_by - tenant.today).days
        distance = next((days for days in DISTANCES if left <= days), None)
        if distance is None or notice.state not in (State.TO_DECIDE, State.TO_SEND):
            continue
        reminder, is_new = NoticeReminder.objects.get_or_create(
            tenant=tenant, contract=notice.contract, notice_by=notice.notice_by, days_before=distance
        )
        if is_new:
            claimed.append(Claimed(str(notice.contract.id), officers, partial(_send, notice, left), reminder.delete))
    return claimed


def _send(notice: NoticeDate, days: int, person: User) -> None:
    contract = notice.contract
    path = reverse("licensing:notice_detail", args=[contract.tenant.slug, contract.id, notice.effective_on.isoformat()])
    with override(person.language):
        name = one_line(contract.name)  # it stands in a header
        subject = ngettext(
            "Notice to give within %(days)s day: %(contract)s",
            "Notice to give within %(days)s days: %(contract)s",
            days,
        )
        words = {
            "contract": name,
            "supplier": contract.supplier_name,
            "last": date_format(notice.notice_by, "DATE_FORMAT"),
            "day": date_format(notice.effective_on, "DATE_FORMAT"),
            "prepare": date_format(notice.prepare_by, "DATE_FORMAT"),
            "rule": contract.get_notice_rule_display(),
            "url": f"{settings.PORTAL_PUBLIC_URL}{path}",
        }
        text = gettext(
            "The contract “%(contract)s” with %(supplier)s lets seats go on %(day)s.\n\n"
            "Last day of notice: %(last)s (%(rule)s).\nTo decide inside the ministry by: %(prepare)s.\n\n"
            "Decide, and have the letter drafted:\n%(url)s\n"
        )
        send_mail(subject % {"days": days, "contract": name}, text % words, None, [person.email])
