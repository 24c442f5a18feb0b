"""Reminders of a closed month of which a ministry has not said anything, before the operator freezes it."""

from datetime import date
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import gettext, override

from apps.licensing.editions.figures import closed_months
from apps.licensing.editions.tables import month_in_words
from apps.licensing.models import Contract, Edition, MonthReminder, MonthStatement
from apps.licensing.reminding import Claimed, officers_of, send_claimed
from apps.licensing.state.measures import month_dimension
from apps.tenants.models import Tenant, User
from apps.tenants.scoping import tenant_scope

DAYS = (5, 15)  # of the following month


def send_reminders(*, tenant_id: UUID) -> int:
    """Remind the procurement officers of the month that ended last, once on each of DAYS; return how many were due."""
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(id=tenant_id)
        due = _claim(tenant)
    return send_claimed(tenant_id, due)


def _claim(tenant: Tenant) -> list[Claimed]:
    """Take the reminder that is due, where there are figures to answer for and nobody has."""
    month = closed_months(tenant.today)[0]
    day = max((day for day in DAYS if day <= tenant.today.day), default=None)
    if (
        day is None
        or MonthStatement.objects.filter(tenant=tenant, month=month).exists()
        or Edition.objects.filter(month=month).exists()
        or not Contract.objects.filter(tenant=tenant).exists()
    ):
        return []
    reminder, is_new = MonthReminder.objects.get_or_create(tenant=tenant, month=month, day=day)
    if not is_new:
        return []
    return [Claimed(month_dimension(month), officers_of(tenant), partial(_send, tenant, month), reminder.delete)]


def _send(tenant: Tenant, month: date, person: User) -> None:
    path = reverse("licensing:month_detail", args=[tenant.slug, month_dimension(month)])
    with override(person.language):
        words = {"month": month_in_words(month), "url": f"{settings.PORTAL_PUBLIC_URL}{path}"}
        text = gettext(
            "The figures of your ministry for %(month)s wait for your word: confirm them, or say what is wrong with"
            " them, before the operator freezes the month in a numbered edition.\n\n%(url)s\n"
        )
        send_mail(gettext("Figures to confirm: %(month)s") % words, text % words, None, [person.email])
