"""Saved groups and templates: a member's own, shared with the unit, and nobody else's."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.rooms.addresses import Address
from apps.rooms.models import AttendeeGroup, MeetingTemplate, Room
from apps.rooms.operations import schedule_meeting
from apps.rooms.planning.saved import groups_of, save_group, save_template, templates_of
from apps.rooms.planning.tests.conftest import GUEST, poll_plan
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

ANNE = Address("anne@example.org", "Anne Martin")


def test_group_of_the_unit_is_its_members_own(organizer: Membership) -> None:
    unit = UnitFactory.create(tenant=organizer.tenant)
    head, colleague = MembershipFactory.create_batch(2, tenant=organizer.tenant, unit=unit)
    with tenant_scope(organizer.tenant_id):
        save_group(by=head, name="Bureau", people=[ANNE], for_unit=True)
        save_group(by=head, name="À moi", people=[ANNE], for_unit=False)

        assert [group.name for group in groups_of(colleague)] == ["Bureau"]
        assert not groups_of(organizer).exists()


def test_group_is_written_and_rewritten_on_its_page(organizer: Membership) -> None:
    client, slug = client_of(organizer), organizer.tenant.slug
    client.post(
        reverse("rooms:group_create", args=[slug]), {"name": "Bureau", "people": "Anne Martin <anne@example.org>"}
    )
    with tenant_scope(organizer.tenant_id):
        group = AttendeeGroup.objects.get()

    client.post(reverse("rooms:group_edit", args=[slug, group.id]), {"name": "Bureau", "people": "b@example.org"})

    with tenant_scope(organizer.tenant_id):
        assert list(group.people.values_list("email", flat=True)) == ["b@example.org"]


@pytest.mark.parametrize("people", ["", "not an address"])
def test_group_without_people_is_refused(organizer: Membership, people: str) -> None:
    address = reverse("rooms:group_create", args=[organizer.tenant.slug])

    assert client_of(organizer).post(address, {"name": "Bureau", "people": people}).status_code == 422


def test_group_has_a_name_of_its_own(organizer: Membership) -> None:
    with tenant_scope(organizer.tenant_id):
        save_group(by=organizer, name="Bureau", people=[ANNE], for_unit=False)
    address = reverse("rooms:group_create", args=[organizer.tenant.slug])

    assert client_of(organizer).post(address, {"name": "bureau", "people": GUEST}).status_code == 422


def test_template_fills_the_form_in_without_a_date(organizer: Membership, room: Room) -> None:
    with tenant_scope(organizer.tenant_id):
        meeting = schedule_meeting(by=organizer, plan=poll_plan(room).meeting)
        template = save_template(by=organizer, name="Budget", meeting=meeting, for_unit=False)
    address = reverse("rooms:meeting_create", args=[organizer.tenant.slug])

    page = client_of(organizer).get(address, {"template": str(template.id)}).content.decode()

    assert "Préparation du budget" in page
    assert GUEST in page
    assert (timezone.localdate() + timedelta(days=30)).isoformat() not in page


def test_template_of_somebody_else_stays_theirs(organizer: Membership) -> None:
    other = MembershipFactory.create(tenant=organizer.tenant)
    with tenant_scope(organizer.tenant_id):
        meeting = schedule_meeting(by=other, plan=poll_plan().meeting)
        save_template(by=other, name="Budget", meeting=meeting, for_unit=False)

        assert not templates_of(organizer).exists()
        template = MeetingTemplate.objects.get()
    address = reverse("rooms:template_delete", args=[organizer.tenant.slug, template.id])
    assert client_of(organizer).post(address).status_code == 404
