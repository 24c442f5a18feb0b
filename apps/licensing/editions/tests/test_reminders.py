"""Reminders of a closed month: to the procurement officers, once on each of two days, until somebody has answered."""

from collections.abc import Callable
from datetime import date
from smtplib import SMTPServerDisconnected
from unittest.mock import Mock

import pytest
from django.core import mail as mails
from django.utils import timezone

from apps.licensing.editions import reminders
from apps.licensing.editions.reminders import send_reminders
from apps.licensing.models import Edition, MonthStatement
from apps.licensing.tests.factories import ContractFactory
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory
from visio_portal.dates import written

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 1)
RemindOn = Callable[[int, Membership], int]


@pytest.fixture
def remind_on(monkeypatch: pytest.MonkeyPatch) -> RemindOn:
    """Return a call that sends the reminders of a day of June."""

    def remind(day: int, officer: Membership) -> int:
        monkeypatch.setattr(Tenant, "today", date(2026, 6, day))
        return send_reminders(tenant_id=officer.tenant_id)

    return remind


@pytest.fixture
def officer() -> Membership:
    officer = MembershipFactory.create(roles=[Role.PROCUREMENT])
    ContractFactory.create(tenant=officer.tenant)
    return officer


def test_month_without_a_word_is_reminded_of_on_two_days_once_each(officer: Membership, remind_on: RemindOn) -> None:
    MembershipFactory.create(tenant=officer.tenant, roles=[Role.ADMIN])

    sent = [remind_on(day, officer) for day in (4, 5, 6, 14, 16, 30)]

    assert sent == [0, 1, 0, 0, 1, 0]
    assert [mail.to for mail in mails.outbox] == [[officer.user.email]] * 2


def test_reminder_names_the_month_in_the_officers_language_and_leads_to_its_page(
    officer: Membership, remind_on: RemindOn
) -> None:
    officer.user.language = "fr"
    officer.user.save()

    remind_on(5, officer)

    (sent,) = mails.outbox
    assert sent.subject == "Chiffres à confirmer : mai 2026"
    assert f"/t/{officer.tenant.slug}/months/2026-05/" in sent.body


def test_month_that_was_answered_or_frozen_is_not_reminded_of(officer: Membership, remind_on: RemindOn) -> None:
    other = MembershipFactory.create(roles=[Role.PROCUREMENT])
    ContractFactory.create(tenant=other.tenant)
    with tenant_scope(officer.tenant_id):
        MonthStatement.objects.create(tenant=officer.tenant, month=MAY, answer="confirmed", figures={}, by=officer)

    assert (remind_on(5, officer), remind_on(5, other)) == (0, 1)
    Edition.objects.create(number=1, month=MAY, content={}, digest="0" * 64, frozen_by=officer.user)
    assert remind_on(15, other) == 0


def test_ministry_without_contracts_is_not_reminded(remind_on: RemindOn) -> None:
    officer = MembershipFactory.create(roles=[Role.PROCUREMENT])

    assert remind_on(20, officer) == 0


def test_reminder_that_no_server_takes_is_sent_later(
    officer: Membership, remind_on: RemindOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(reminders, "send_mail", Mock(side_effect=SMTPServerDisconnected))
        remind_on(5, officer)
    assert not mails.outbox

    assert remind_on(6, officer) == 1
    assert len(mails.outbox) == 1


def test_page_says_when_somebody_was_reminded(officer: Membership, remind_on: RemindOn) -> None:
    remind_on(5, officer)
    client = client_of(officer)
    client.cookies["django_language"] = "en"

    page = client.get(f"/t/{officer.tenant.slug}/months/")

    assert f"reminded on {written(timezone.localdate())}" in page.content.decode()
