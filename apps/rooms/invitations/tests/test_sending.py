"""Mails as a real SMTP server takes, delays and refuses them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from icalendar import Calendar
from pytest_django import Settings

from apps.rooms.invitations.refusals import reason_in_words
from apps.rooms.invitations.sending import PAUSES, send_waiting_mails
from apps.rooms.invitations.tests.conftest import MAILBOX
from apps.rooms.invitations.tests.factories import COLLEAGUE, GUEST, invite, plan
from apps.rooms.invitations.tests.servers import Postbox
from apps.rooms.models import Attendee, Delegation, Mail, Meeting
from apps.rooms.operations import cancel_meeting, schedule_meeting
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def invited(organizer: Membership, **changes: Any) -> Meeting:
    with tenant_scope(organizer.tenant_id):
        return invite(organizer, **changes)


def mail_to(organizer: Membership, address: str) -> Mail:
    with tenant_scope(organizer.tenant_id):
        return Mail.objects.get(address=address)


def part(mail: Any, kind: str) -> Any:
    (found,) = [part for part in mail.walk() if part.get_content_type() == kind]
    return found


def test_an_invitation_is_text_html_and_calendar(organizer: Membership, postbox: Postbox) -> None:
    meeting = invited(organizer)

    assert send_waiting_mails(tenant_id=organizer.tenant_id) is False

    assert len(postbox.mails) == 3
    mail = postbox.to(GUEST.email)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    calendar = part(mail, "text/calendar")
    assert calendar.get_param("method") == "REQUEST"
    (event,) = Calendar.from_ical(calendar.get_content()).walk("VEVENT")
    assert event["UID"] == meeting.uid
    assert str(mail["From"]) == f"Claire Vasseur <{MAILBOX}>"
    assert str(mail["Reply-To"]) == "Claire Vasseur <claire@interieur.example>"
    assert mail["Auto-Submitted"] is None
    sent = mail_to(organizer, GUEST.email)
    assert mail["Message-ID"] == f"<{sent.message_id}>"
    assert (sent.status, sent.attempts) == (Mail.Status.SENT, 1)


def test_the_text_says_all_in_the_language_and_zone_of_the_receiver(organizer: Membership, postbox: Postbox) -> None:
    meeting = invited(organizer, rrule="FREQ=WEEKLY;COUNT=4", is_transcribed=True)
    with tenant_scope(organizer.tenant_id):
        meeting.attendees.filter(email=GUEST.email).update(time_zone="Indian/Reunion")
        Mail.objects.filter(address=GUEST.email).update(language="en")

    send_waiting_mails(tenant_id=organizer.tenant_id)

    english = part(postbox.to(GUEST.email), "text/plain").get_content()
    assert "Claire Vasseur invites you to a meeting." in english
    assert "10:00 to 11:00 (Mainland France and Corsica)" in english
    assert "13:00 to 14:00 (La Réunion)" in english or "12:00 to 13:00 (La Réunion)" in english
    assert "Repetition: Every week on Monday, 4 times in all" in english
    assert f"/join/{meeting.join_code}/" in english
    assert "recorded and transcribed" in english
    french = part(postbox.to(COLLEAGUE.email), "text/plain").get_content()
    assert "Claire Vasseur vous invite à une réunion." in french
    assert str(postbox.to(COLLEAGUE.email)["Subject"]).strip().startswith("Invitation : Comité de suivi – ")


def test_the_page_of_a_mail_loads_nothing(organizer: Membership, postbox: Postbox) -> None:
    invited(organizer, title="<img src=x>")

    send_waiting_mails(tenant_id=organizer.tenant_id)

    html = part(postbox.to(GUEST.email), "text/html").get_content()
    assert "<img" not in html
    assert "src=" not in html.replace("&lt;img src=x&gt;", "")
    assert "url(" not in html


def test_a_delegate_is_named_and_gets_the_answers_too(organizer: Membership, postbox: Postbox) -> None:
    with tenant_scope(organizer.tenant_id):
        secretary = MembershipFactory.create(tenant=organizer.tenant)
        Delegation.objects.create(
            tenant=organizer.tenant, principal=organizer, delegate=secretary, starts_on=timezone.localdate()
        )
        schedule_meeting(by=secretary, organizer=organizer, plan=plan())

    send_waiting_mails(tenant_id=organizer.tenant_id)

    mail = postbox.to(GUEST.email)
    assert secretary.user.full_name in str(mail["From"])
    assert secretary.user.email in str(mail["Reply-To"])
    (event,) = Calendar.from_ical(part(mail, "text/calendar").get_content()).walk("VEVENT")
    assert event["ORGANIZER"].params["SENT-BY"] == f"mailto:{secretary.user.email}"
    assert f"{secretary.user.full_name} pour Claire Vasseur" in part(mail, "text/plain").get_content()


def test_a_cancellation_offers_nothing_to_join(organizer: Membership, postbox: Postbox) -> None:
    meeting = invited(organizer)
    send_waiting_mails(tenant_id=organizer.tenant_id)
    with tenant_scope(organizer.tenant_id):
        cancel_meeting(meeting=meeting, by=organizer)

    send_waiting_mails(tenant_id=organizer.tenant_id)

    mail = postbox.to(GUEST.email)
    assert part(mail, "text/calendar").get_param("method") == "CANCEL"
    assert "/join/" not in part(mail, "text/plain").get_content()


def test_line_breaks_in_names_and_titles_add_no_header(organizer: Membership, postbox: Postbox) -> None:
    meeting = invited(organizer, title="Point\r\nBcc: evil@example.fr")
    with tenant_scope(organizer.tenant_id):
        Mail.objects.filter(address=GUEST.email).update(name="Zoé\r\nBcc: evil@example.fr")
        Attendee.objects.filter(meeting=meeting).update(name="Zoé\r\nX-Evil: 1")

    send_waiting_mails(tenant_id=organizer.tenant_id)

    assert len(postbox.mails) == 3
    assert all(mail["Bcc"] is None and mail["X-Evil"] is None for mail in postbox.mails)


def test_a_refused_address_is_not_delivered_and_says_why(organizer: Membership, postbox: Postbox) -> None:
    postbox.refusals[GUEST.email] = "550 5.1.1 No such user here"
    invited(organizer)

    send_waiting_mails(tenant_id=organizer.tenant_id)

    mail = mail_to(organizer, GUEST.email)
    assert mail.status == Mail.Status.NOT_DELIVERED
    assert mail.reason == "550 5.1.1 No such user here"
    with translation.override("en"):
        assert reason_in_words(mail.reason) == "There is no such address."
    assert len(postbox.mails) == 2


def test_a_busy_server_is_tried_again_later(organizer: Membership, postbox: Postbox) -> None:
    postbox.refusals[GUEST.email] = "451 4.7.1 Greylisted"
    invited(organizer)
    send_waiting_mails(tenant_id=organizer.tenant_id)
    waiting = mail_to(organizer, GUEST.email)
    assert (waiting.status, waiting.attempts) == (Mail.Status.QUEUED, 1)
    assert waiting.next_attempt_at > timezone.now() + timedelta(seconds=30)

    postbox.refusals.clear()
    with tenant_scope(organizer.tenant_id):
        Mail.objects.update(next_attempt_at=timezone.now())
    send_waiting_mails(tenant_id=organizer.tenant_id)

    assert mail_to(organizer, GUEST.email).status == Mail.Status.SENT
    assert len(postbox.mails) == 3


def test_a_server_that_is_away_for_good_ends_in_not_delivered(organizer: Membership, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    invited(organizer, invitees=())
    with tenant_scope(organizer.tenant_id):
        Mail.objects.update(attempts=len(PAUSES))

    send_waiting_mails(tenant_id=organizer.tenant_id)

    mail = mail_to(organizer, organizer.user.email)
    assert mail.status == Mail.Status.NOT_DELIVERED
    assert "4.4.7" in mail.reason


def test_a_claimed_mail_is_left_to_who_claimed_it(organizer: Membership, postbox: Postbox) -> None:
    invited(organizer)
    with tenant_scope(organizer.tenant_id):
        Mail.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=9))

    send_waiting_mails(tenant_id=organizer.tenant_id)

    assert postbox.mails == []
