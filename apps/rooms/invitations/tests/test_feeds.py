"""Calendar feeds: a secret address, what it gives, and that it can be ended."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from apps.rooms.invitations.feeds import make_feed, revoke_feed
from apps.rooms.invitations.tests.factories import invite
from apps.rooms.models import Answer, CalendarFeed
from apps.rooms.operations import Invitee
from apps.rooms.planning.delegations import end_delegation, give_delegation
from apps.rooms.tests.api_client import Api
from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def url_of(member: Membership, secret: str) -> str:
    return reverse("rooms:feed", args=[member.tenant.slug, secret])


def events(response: Any) -> list[Any]:
    return list(Calendar.from_ical(response.content.decode()).walk("VEVENT"))


def own_feed(member: Membership) -> tuple[CalendarFeed, str]:
    with tenant_scope(member.tenant_id):
        return make_feed(by=member)


def test_a_feed_gives_the_members_meetings_without_people(organizer: Membership, client: Client) -> None:
    with tenant_scope(organizer.tenant_id):
        meeting = invite(organizer, rrule="FREQ=WEEKLY;COUNT=4")
    _feed, secret = own_feed(organizer)

    response = client.get(url_of(organizer, secret))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = events(response)
    assert event["UID"] == meeting.uid
    assert "ATTENDEE" not in event


def test_what_a_member_declined_is_not_in_their_feed(organizer: Membership, client: Client) -> None:
    colleague = MembershipFactory.create(tenant=organizer.tenant)
    with tenant_scope(organizer.tenant_id):
        meeting = invite(organizer, invitees=(Invitee(colleague.user.email),))
    _feed, secret = own_feed(colleague)
    assert len(events(client.get(url_of(organizer, secret)))) == 1

    with tenant_scope(organizer.tenant_id):
        meeting.attendees.update(answer=Answer.DECLINED)

    assert events(client.get(url_of(organizer, secret))) == []


def test_the_feed_of_a_room_names_only_what_its_owner_may_see(organizer: Membership, client: Client) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    colleague = MembershipFactory.create(tenant=organizer.tenant)
    with tenant_scope(organizer.tenant_id):
        invite(organizer, room=room, title="Plan social")
        _feed, own = make_feed(by=organizer, room=room)
        _feed, others = make_feed(by=colleague, room=room)

    (seen,) = events(client.get(url_of(organizer, own)))
    (veiled,) = events(client.get(url_of(organizer, others)))

    assert (seen["SUMMARY"], veiled["SUMMARY"]) == ("Plan social", "Occupée")
    assert "ORGANIZER" not in veiled


def test_an_unchanged_feed_is_not_sent_again(organizer: Membership, client: Client) -> None:
    _feed, secret = own_feed(organizer)
    etag = client.get(url_of(organizer, secret))["ETag"]

    assert client.get(url_of(organizer, secret), headers={"If-None-Match": etag}).status_code == 304
    with tenant_scope(organizer.tenant_id):
        invite(organizer)
    assert client.get(url_of(organizer, secret), headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("what", ["revoked", "left", "wrong", "other-ministry"])
def test_a_feed_that_is_not_open_is_not_found(organizer: Membership, client: Client, what: str) -> None:
    feed, secret = own_feed(organizer)
    url = url_of(organizer, secret)
    with tenant_scope(organizer.tenant_id):
        if what == "revoked":
            revoke_feed(by=organizer, feed=feed)
        elif what == "left":
            Membership.objects.update(ended_at=feed.created_at)
    if what == "wrong":
        url = url_of(organizer, f"{secret}x")
    elif what == "other-ministry":
        url = url_of(MembershipFactory.create(), secret)

    assert client.get(url).status_code == 404


def test_the_address_is_shown_once_and_can_be_ended(organizer: Membership) -> None:
    web = client_of(organizer)
    page = reverse("rooms:feed_list", args=[organizer.tenant.slug])

    created = web.post(page, {"calendar": ""}).content.decode()
    listed = web.get(page).content.decode()

    assert "/feeds/" in created and ".ics" in created
    assert ".ics" not in listed
    with tenant_scope(organizer.tenant_id):
        feed = CalendarFeed.objects.get()
    web.post(reverse("rooms:feed_revoke", args=[organizer.tenant.slug, feed.id]))
    with tenant_scope(organizer.tenant_id):
        assert CalendarFeed.objects.get().revoked_at is not None


def test_a_delegate_reads_the_principals_meetings_while_the_delegation_lasts(
    organizer: Membership, client: Client
) -> None:
    secretary = MembershipFactory.create(tenant=organizer.tenant)
    room = RoomFactory.create(tenant=organizer.tenant)
    with tenant_scope(organizer.tenant_id):
        delegation = give_delegation(by=organizer, delegate=secretary, starts_on=timezone.localdate())
        meeting = invite(organizer)
        invite(MembershipFactory.create(tenant=organizer.tenant), invitees=(Invitee(organizer.user.email),))
    web, page = client_of(secretary), reverse("rooms:feed_list", args=[organizer.tenant.slug])

    offered = web.get(page).content.decode()
    created = web.post(page, {"calendar": f"member-{organizer.id}"})
    secret = created.context["url"].rsplit("/", 1)[1].removesuffix(".ics")

    assert f"member-{organizer.id}" in offered and f"room-{room.id}" in offered
    assert str(organizer) in created.content.decode() and str(organizer) in web.get(page).content.decode()
    (event,) = events(client.get(url_of(organizer, secret)))  # what others organise, the delegate may not see
    assert event["UID"] == meeting.uid
    with tenant_scope(organizer.tenant_id):
        end_delegation(by=organizer, delegation=delegation)
    assert client.get(url_of(organizer, secret)).status_code == 404


def test_nobody_makes_a_feed_of_a_colleague_without_delegation(organizer: Membership) -> None:
    colleague = MembershipFactory.create(tenant=organizer.tenant)
    page = reverse("rooms:feed_list", args=[organizer.tenant.slug])

    response = client_of(colleague).post(page, {"calendar": f"member-{organizer.id}"})

    assert response.status_code == 422
    assert Api(colleague).post("feeds/", organizer_id=str(organizer.id)).status_code == 400
    with tenant_scope(organizer.tenant_id), pytest.raises(PermissionDenied):
        make_feed(by=colleague, principal=organizer)


def test_a_delegate_makes_the_principals_feed_by_rest(organizer: Membership) -> None:
    secretary = MembershipFactory.create(tenant=organizer.tenant)
    room = RoomFactory.create(tenant=organizer.tenant)
    with tenant_scope(organizer.tenant_id):
        give_delegation(by=organizer, delegate=secretary, starts_on=timezone.localdate())
    api = Api(secretary)

    made = api.post("feeds/", organizer_id=str(organizer.id))
    both = api.post("feeds/", organizer_id=str(organizer.id), room=str(room.id))

    assert (made.status_code, made.json()["organizer_id"]) == (201, str(organizer.id)), made.content
    assert (both.status_code, list(both.json()["fields"])) == (400, ["organizer_id"])
    assert api.get("feeds/").json()["results"][0]["organizer_id"] == str(organizer.id)
