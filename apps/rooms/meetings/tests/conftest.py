"""Somebody who schedules meetings, and their browser in English."""

import pytest
from django.test import Client

from apps.tenants.models import Membership
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def web(member: Membership) -> Client:
    """A browser in which the member is signed in."""
    client = client_of(member)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client
