"""The side menu: what stands in it for whom, and in which groups."""

import pytest
from django.urls import reverse

from apps.tenants.models import Role
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory
from visio_portal.interface import MenuGroup

pytestmark = pytest.mark.django_db


def groups_on(name: str, *roles: Role, second_factor: bool = True) -> list[MenuGroup]:
    """Return the menu of a page, as a member of some roles sees it."""
    member = MembershipFactory.create(roles=list(roles))
    page = client_of(member, second_factor=second_factor).get(
        reverse(name, args=[member.tenant.slug]), headers={"Accept-Language": "en"}
    )
    groups: list[MenuGroup] = page.context["shell"].menu_groups
    return groups


def test_administration_is_one_group_that_is_open_on_its_pages() -> None:
    for name, is_open in (("rooms:policy", True), ("rooms:meeting_list", False)):
        groups = groups_on(name, Role.ORGANIZER, Role.ADMIN)

        (administration,) = [group for group in groups if group.label]
        assert administration.label == "Administration"
        assert len(administration.entries) >= 7
        assert administration.is_current is is_open
        assert all(len(group.entries) == 1 for group in groups if not group.label)


@pytest.mark.parametrize("second_factor", [True, False])
def test_a_group_that_needs_a_second_factor_says_so(second_factor: bool) -> None:
    groups = groups_on("rooms:meeting_list", Role.ORGANIZER, Role.ADMIN, second_factor=second_factor)

    (administration,) = [group for group in groups if group.label]
    assert administration.is_locked is not second_factor


def test_a_group_of_one_entry_is_that_entry() -> None:
    groups = groups_on("tenants:journal", Role.ORGANIZER, Role.AUDITOR)

    assert not any(group.label for group in groups)
    assert "Journal" in [group.entries[0].label for group in groups]


def test_one_entry_at_most_is_the_page_that_is_open() -> None:
    groups = groups_on("rooms:request_list", Role.ORGANIZER, Role.ADMIN)

    current = [entry.label for group in groups for entry in group.entries if entry.is_current]
    assert current == ["Rooms"]
