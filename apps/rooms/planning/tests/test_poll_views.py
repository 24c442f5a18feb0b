"""The pages of date polls, for the one who asks and for a guest without an account."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail as outbound
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.rooms.invitations.links import poll_url
from apps.rooms.invitations.sending import send_waiting_mails
from apps.rooms.models import Occurrence, Poll, PollAnswer, Room
from apps.rooms.planning.delegations import give_delegation
from apps.rooms.planning.poll_forms import proposed_closing
from apps.rooms.planning.tests.conftest import GUEST, slots_from_now
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory


@pytest.fixture
def client(organizer: Membership) -> Client:
    return client_of(organizer)


def form(**changes: Any) -> dict[str, str]:
    first, second = slots_from_now()
    return {
        "title": "Préparation du budget",
        "duration_minutes": "60",
        "time_zone": "Europe/Paris",
        "room": "",
        "closes_on": (timezone.localdate() + timedelta(days=7)).isoformat(),
        "agenda": "",
        "attendees": f"Anne Martin <{GUEST}>",
        "co_organizers": "",
        "slots-TOTAL_FORMS": "3",
        "slots-INITIAL_FORMS": "0",
        "slots-0-starts_on": first.date().isoformat(),
        "slots-0-start_time": "10:00",
        "slots-1-starts_on": second.date().isoformat(),
        "slots-1-start_time": "10:00",
        "slots-2-starts_on": "",
        "slots-2-start_time": "",
    } | changes


def url(organizer: Membership, name: str, **arguments: Any) -> str:
    return reverse(f"rooms:{name}", kwargs={"tenant_slug": organizer.tenant.slug, **arguments})


def path_of_guest(organizer: Membership, poll: Poll) -> str:
    with tenant_scope(organizer.tenant_id):
        return urlsplit(poll_url(poll.meeting.attendees.get(email=GUEST), organizer.tenant.slug)).path


def test_poll_create_opens_a_poll(client: Client, organizer: Membership) -> None:
    response = client.post(url(organizer, "poll_create"), form())

    with tenant_scope(organizer.tenant_id):
        poll = Poll.objects.get()
        assert response.headers["Location"] == url(organizer, "poll_detail", poll_id=poll.id)
        assert set(poll.meeting.occurrences.values_list("status", flat=True)) == {Occurrence.Status.HELD}


def test_the_last_day_for_answers_is_told_as_it_was_given(client: Client, organizer: Membership) -> None:
    last_day = timezone.localdate() + timedelta(days=7)

    client.post(url(organizer, "poll_create"), form(closes_on=last_day.isoformat()))

    with tenant_scope(organizer.tenant_id):
        assert Poll.objects.get().last_day == last_day


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slots-1-starts_on": "", "slots-1-start_time": ""}, "au moins deux dates"),
        ({"slots-1-start_time": ""}, "son jour et son heure"),
        ({"slots-0-starts_on": "2020-01-01"}, "avant le dernier jour"),
        ({"attendees": ""}, "au moins une personne"),
        ({"closes_on": "2020-01-01"}, "passé"),
        ({"slots-0-starts_on": "9999-12-31"}, "hors limites"),
        ({"slots-TOTAL_FORMS": "100000"}, "20"),
    ],
    ids=["one slot", "half a slot", "too early", "nobody", "closed", "far away", "bomb"],
)
def test_poll_create_says_what_is_wrong(
    client: Client, organizer: Membership, changes: dict[str, str], message: str
) -> None:
    response = client.post(url(organizer, "poll_create"), form(**changes))

    assert response.status_code == 422
    assert message in response.content.decode()
    with tenant_scope(organizer.tenant_id):
        assert not Poll.objects.exists()


def test_poll_create_offers_more_rows(client: Client, organizer: Membership) -> None:
    response = client.post(url(organizer, "poll_create"), form(more="1"))

    assert 'name="slots-6-starts_on"' in response.content.decode()


def test_guest_answers_from_the_mails_link(organizer: Membership, poll: Poll) -> None:
    send_waiting_mails(tenant_id=organizer.tenant_id)
    path = path_of_guest(organizer, poll)
    assert path in str(outbound.outbox[0].body)
    stranger = Client()
    with tenant_scope(organizer.tenant_id):
        names = [f"slot_{slot.id.hex}" for slot in poll.meeting.occurrences.all()]

    shown = stranger.get(path)
    answered = stranger.post(path, dict(zip(names, ["yes", "no"], strict=True)))

    assert "Préparation du budget" in shown.content.decode()
    assert answered.status_code == 302
    with tenant_scope(organizer.tenant_id):
        assert sorted(PollAnswer.objects.values_list("choice", flat=True)) == ["no", "yes"]


def test_guest_must_say_something_to_each_date(organizer: Membership, poll: Poll) -> None:
    response = Client().post(path_of_guest(organizer, poll), {})

    assert response.status_code == 422


def test_opening_the_link_changes_nothing(organizer: Membership, poll: Poll) -> None:
    Client().get(path_of_guest(organizer, poll))

    with tenant_scope(organizer.tenant_id):
        assert not PollAnswer.objects.exists()


def test_poll_choose_leads_to_the_meeting(client: Client, organizer: Membership, poll: Poll, room: Room) -> None:
    with tenant_scope(organizer.tenant_id):
        slot = poll.meeting.occurrences.first()
        assert slot is not None

    response = client.post(url(organizer, "poll_choose", poll_id=poll.id, slot_id=slot.id))

    assert response.headers["Location"] == url(organizer, "meeting_detail", meeting_id=poll.meeting_id)


def test_poll_detail_shows_the_slots_with_their_room(client: Client, organizer: Membership, poll: Poll) -> None:
    page = client.get(url(organizer, "poll_detail", poll_id=poll.id)).content.decode()

    assert page.count("Choisir") >= 2


def test_a_delegate_asks_in_the_principals_name(organizer: Membership) -> None:
    secretary = MembershipFactory.create(tenant=organizer.tenant)
    web = client_of(secretary)
    with tenant_scope(organizer.tenant_id):
        give_delegation(by=organizer, delegate=secretary, starts_on=timezone.localdate())

    opened = web.get(url(organizer, "poll_create")).content.decode()
    web.post(url(organizer, "poll_create"), form(organizer=str(organizer.id)))

    assert "Au nom de" in opened
    with tenant_scope(organizer.tenant_id):
        poll = Poll.objects.select_related("meeting").get()
        event = JournalEvent.objects.get(action="poll.opened")
        assert (poll.meeting.organizer_id, poll.meeting.scheduled_by_id) == (organizer.id, secretary.id)
        assert (event.actor_id, event.data["organizer"]) == (secretary.user_id, str(organizer.user_id))
    send_waiting_mails(tenant_id=organizer.tenant_id)
    (mail,) = [mail for mail in outbound.outbox if mail.to[0].endswith(GUEST) or GUEST in mail.to[0]]
    sender = str(mail.message()["From"])
    assert f"{secretary.user.full_name} pour {organizer.user.full_name}" in sender
    for name, arguments in (("poll_list", {}), ("poll_detail", {"poll_id": poll.id})):
        for reader in (web, client_of(organizer)):
            page = reader.get(url(organizer, name, **arguments)).content.decode()
            assert "Préparation du budget" in page
            assert secretary.user.full_name in page


def test_nobody_asks_in_a_colleagues_name_without_delegation(client: Client, organizer: Membership) -> None:
    principal, other = MembershipFactory.create_batch(2, tenant=organizer.tenant)
    with tenant_scope(organizer.tenant_id):
        give_delegation(by=principal, delegate=organizer, starts_on=timezone.localdate())

    response = client.post(url(organizer, "poll_create"), form(organizer=str(other.id)))

    assert response.status_code == 422
    with tenant_scope(organizer.tenant_id):
        assert not Poll.objects.exists()


@pytest.mark.parametrize(
    ("first", "proposed"), [(None, 5), (30, 5), (6, 5), (3, 2), (1, 0), (0, 0), (-4, 0)], ids=lambda days: f"in-{days}"
)
def test_the_proposed_last_day_comes_before_the_first_date(first: int | None, proposed: int) -> None:
    today = date(2026, 3, 2)
    days = [] if first is None else [today + timedelta(days=40), today + timedelta(days=first)]

    assert proposed_closing(today, days) == today + timedelta(days=proposed)


def test_the_form_proposes_a_last_day_that_follows_the_dates(client: Client, organizer: Membership) -> None:
    today = organizer.tenant.today
    opened = client.get(url(organizer, "poll_create")).content.decode()
    soon, later = today + timedelta(days=3), today + timedelta(days=9)
    slots = {"slots-0-starts_on": later.isoformat(), "slots-1-starts_on": soon.isoformat()}

    client.post(url(organizer, "poll_create"), form(closes_on=(today + timedelta(days=5)).isoformat(), **slots))

    assert f'value="{today + timedelta(days=5)}"' in opened
    with tenant_scope(organizer.tenant_id):
        assert Poll.objects.get().last_day == soon - timedelta(days=1)
