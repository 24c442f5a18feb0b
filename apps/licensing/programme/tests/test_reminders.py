"""Reminders of exemptions: to whom answers for them, once at each distance."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail as mails
from django.utils import timezone

from apps.licensing.models import Exemption
from apps.licensing.programme import reminders
from apps.licensing.programme.reminders import send_reminders
from apps.tenants.models import Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create(roles=[Role.ORGANIZER])


def exempt(owner: Membership, left: int, reminded_days_ago: int | None = None) -> Exemption:
    """Exempt ten seats for so many days more."""
    today = owner.tenant.today
    reminded_at = None if reminded_days_ago is None else timezone.now() - timedelta(days=reminded_days_ago)
    unit = UnitFactory.create(tenant=owner.tenant)
    with tenant_scope(owner.tenant_id):
        return Exemption.objects.create(
            tenant=owner.tenant,
            unit=unit,
            seats=10,
            owner=owner,
            reason="Cellule de crise, 100 % Teams",
            starts_on=today - timedelta(days=100),
            expires_on=today + timedelta(days=left),
            reminded_at=reminded_at,
        )


@pytest.mark.parametrize(
    ("left", "reminded_days_ago", "is_sent"),
    [(31, None, False), (30, None, True), (20, 5, False), (7, 20, True), (3, 2, False), (0, 7, True), (-5, 2, False)],
    ids=["early", "thirty", "between", "seven", "told", "expired", "told_expired"],
)
def test_reminder_is_sent_once_at_each_distance(
    owner: Membership, left: int, reminded_days_ago: int | None, is_sent: bool
) -> None:
    exempt(owner, left, reminded_days_ago)

    assert [send_reminders(tenant_id=owner.tenant_id) for _ in range(2)] == [int(is_sent), 0]
    assert [sent.to for sent in mails.outbox] == [[owner.user.email]] * int(is_sent)


def test_reminder_says_the_day_in_the_owners_language(owner: Membership) -> None:
    owner.user.language = "fr"
    owner.user.save()
    exemption = exempt(owner, 20)

    send_reminders(tenant_id=owner.tenant_id)

    (sent,) = mails.outbox
    assert sent.subject == f"La dérogation expire dans 20 jours : {exemption.unit}"
    assert "100 % Teams" in sent.body
    assert f"/t/{owner.tenant.slug}/programme/#exemptions" in sent.body


def test_reminder_of_somebody_who_left_goes_to_procurement(owner: Membership) -> None:
    officer = MembershipFactory.create(tenant=owner.tenant, roles=[Role.PROCUREMENT])
    exempt(owner, 5)
    with tenant_scope(owner.tenant_id):
        Membership.objects.filter(id=owner.id).update(ended_at=timezone.now())

    send_reminders(tenant_id=owner.tenant_id)

    assert [sent.to for sent in mails.outbox] == [[officer.user.email]]


def test_reminder_that_no_server_takes_is_sent_later(owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    exempt(owner, 5)

    def away(*_args: object, **_more: object) -> None:
        raise SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(reminders, "send_mail", away)
        send_reminders(tenant_id=owner.tenant_id)
    assert not mails.outbox

    send_reminders(tenant_id=owner.tenant_id)
    assert len(mails.outbox) == 1
