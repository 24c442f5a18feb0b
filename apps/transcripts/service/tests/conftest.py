"""A server that holds Visio's recordings and hears its callbacks; a store and a broker of the test's own."""

from collections.abc import Iterator
from ipaddress import IPv4Network

import pytest
from pytest_django import Settings

from apps.transcripts.tests.conftest import broker, storage_dir
from visio_portal.tests.web import Server, serving

__all__ = ["broker", "storage_dir"]


@pytest.fixture
def visio(settings: Settings) -> Iterator[Server]:
    """Visio, on this machine, which the portal may reach here."""
    settings.FETCH_NETWORKS = (IPv4Network("127.0.0.0/8"),)
    with serving(Server()) as server:
        yield server
