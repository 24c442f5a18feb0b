"""The embedded broker and cache: its data, its password."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from visio_portal.services.processes import LOOPBACK, ServiceError
from visio_portal.services.valkey import EmbeddedValkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path)
    server.start()
    yield server
    server.stop()


def test_restart_keeps_data_and_address(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.set("greeting", "bonjour")
    valkey.stop()
    again = EmbeddedValkey(tmp_path)
    again.start()

    with redis.Redis.from_url(again.url) as client:
        assert client.get("greeting") == b"bonjour"
    assert again.url == valkey.url
    again.stop()


def test_password_is_asked_for(valkey: EmbeddedValkey) -> None:
    with redis.Redis(host=LOOPBACK, port=valkey.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        server = EmbeddedValkey(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(ServiceError, match=r"^Port \d+, wanted for Valkey, is taken: .+$"):
            server.start()
