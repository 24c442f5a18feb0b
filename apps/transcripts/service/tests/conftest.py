"""A server that holds Visio's recordings and hears its callbacks; a store and a broker of the test's own."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.tenants.models import ApiToken, Membership
from apps.tenants.tests.factories import MembershipFactory, api_token
from apps.transcripts.models import TranscriptionService
from apps.transcripts.service.tests.factories import ServiceFactory
from apps.transcripts.tests.conftest import broker, storage_dir
from apps.transcripts.tests.media_files import write_media
from visio_portal.tests.web import Server, serving

__all__ = ["broker", "storage_dir"]


@pytest.fixture
def visio(settings: Settings) -> Iterator[Server]:
    """Visio, on this machine, which the portal may reach here."""
    settings.FETCH_NETWORKS = (IPv4Network("127.0.0.0/8"),)
    with serving(Server()) as server:
        yield server


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "sound.ogg"
    return write_media(Path(path), container="ogg", codec="libopus", seconds=1).read_bytes()


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create(user__email="claire.vasseur@transition-numerique.gouv.fr")


@pytest.fixture
def setup(member: Membership, visio: Server) -> TranscriptionService:
    return ServiceFactory.create(tenant=member.tenant, hosts=["127.0.0.1"], callback_url=f"{visio.url}/hook/")


@pytest.fixture
def key(member: Membership, setup: TranscriptionService) -> str:
    _token, secret = api_token(member, ApiToken.Scope.TRANSCRIPTION)
    return secret
