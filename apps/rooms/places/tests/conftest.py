"""A ministry with an organiser and a room, entered."""

from collections.abc import Iterator

import pytest

from apps.rooms.models import Room
from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, UnitFactory


@pytest.fixture
def organizer(db: None) -> Iterator[Membership]:
    membership = MembershipFactory.create()
    membership.unit = UnitFactory.create(tenant=membership.tenant)
    with tenant_scope(membership.tenant_id):
        membership.save()
        yield membership


@pytest.fixture
def room(organizer: Membership) -> Room:
    return RoomFactory.create(tenant=organizer.tenant, site="Paris", capacity=10)
