"""The adapter against the stand-in over real HTTP: each call, each documented error, and a network that fails."""

import socket
import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from apps.rooms.adapters import visio
from apps.rooms.adapters.visio import Visio, clean_base_url
from apps.rooms.conferences.tests.conftest import CLIENT_ID, CO_OWNER, DOMAIN, OWNER
from visio_portal.services import visio as stand_in


def test_room_is_made_in_its_owners_name(client_of_visio: Visio, remote: stand_in.Visio, visio_url: str) -> None:
    room = client_of_visio.create_room(owner=OWNER, access_level="restricted")

    (kept,) = remote.rooms.values()
    assert (room.id, room.slug, room.access_level) == (UUID(kept.id), kept.slug, "restricted")
    assert (kept.owner, room.url) == (OWNER, f"{visio_url}/{room.slug}")
    assert room.telephony["phone_number"] == stand_in.PHONE_NUMBER


def test_room_without_address_and_telephone_is_reached_below_the_base(
    client_of_visio: Visio, remote: stand_in.Visio, visio_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.has_telephony = False
    described = stand_in._described
    monkeypatch.setattr(stand_in, "_described", lambda *args: described(*args) | {"url": "javascript:alert(1)"})

    room = client_of_visio.create_room(owner=OWNER, access_level="trusted")

    assert (room.url, dict(room.telephony)) == (f"{visio_url}/{room.slug}", {})


def test_token_is_asked_for_once_and_again_when_it_is_old(client_of_visio: Visio, remote: stand_in.Visio) -> None:
    room = client_of_visio.create_room(owner=OWNER, access_level="trusted")
    client_of_visio.get_room(room.id, owner=OWNER)
    assert sum(path.endswith("/token/") for _method, path in remote.calls) == 1

    remote.forget_tokens()

    assert client_of_visio.get_room(room.id, owner=OWNER) == room


def test_rooms_are_read_over_all_pages(client_of_visio: Visio, remote: stand_in.Visio) -> None:
    for _number in range(stand_in.PAGE_SIZE + 3):
        client_of_visio.create_room(owner=OWNER, access_level="trusted")
    client_of_visio.create_room(owner=CO_OWNER, access_level="trusted")

    assert len(list(client_of_visio.rooms(owner=OWNER))) == stand_in.PAGE_SIZE + 3


def test_wrong_secret_is_refused(remote: stand_in.Visio, visio_url: str) -> None:
    client = Visio(base_url=visio_url, client_id=CLIENT_ID, client_secret="wrong")

    with pytest.raises(visio.CredentialsRefused, match="Invalid credentials"):
        client.token(OWNER)


def test_other_domain_is_not_allowed(client_of_visio: Visio) -> None:
    with pytest.raises(visio.DomainNotAllowed, match="not authorized for this email domain"):
        client_of_visio.token("somebody@elsewhere.example")


def test_unknown_user_is_told(client_of_visio: Visio) -> None:
    with pytest.raises(visio.UnknownUser, match="User not found"):
        client_of_visio.token(f"nobody@{DOMAIN}")


def test_provisional_user_is_told(client_of_visio: Visio, remote: stand_in.Visio) -> None:
    remote.provisional = {OWNER}

    with pytest.raises(visio.ProvisionalUser, match="never signed in"):
        client_of_visio.token(OWNER)


def test_address_that_is_none_is_refused(client_of_visio: Visio) -> None:
    with pytest.raises(visio.RequestRefused, match="valid email"):
        client_of_visio.token("nobody")


def test_public_room_is_refused_with_the_fields_own_words(client_of_visio: Visio) -> None:
    with pytest.raises(visio.RequestRefused, match="access_level: Public rooms are not allowed"):
        client_of_visio.create_room(owner=OWNER, access_level="public")


def test_room_of_somebody_else_is_not_allowed(client_of_visio: Visio) -> None:
    room = client_of_visio.create_room(owner=OWNER, access_level="trusted")

    with pytest.raises(visio.NotAllowed):
        client_of_visio.get_room(room.id, owner=CO_OWNER)


def test_room_that_was_purged_is_gone(client_of_visio: Visio) -> None:
    with pytest.raises(visio.RoomNotFound):
        client_of_visio.get_room(uuid4(), owner=OWNER)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_error_of_visio_may_pass(client_of_visio: Visio, remote: stand_in.Visio, status: int) -> None:
    remote.fault = status

    with pytest.raises(visio.VisioUnavailable, match="A server error occurred"):
        client_of_visio.token(OWNER)


def test_closed_port_may_pass() -> None:
    client = Visio(base_url="http://127.0.0.1:9", client_id="x", client_secret="y")

    with pytest.raises(visio.VisioUnavailable, match="could not be reached"):
        client.token(OWNER)


def test_silence_may_pass(monkeypatch: pytest.MonkeyPatch, silent_url: str) -> None:
    monkeypatch.setattr(visio, "TIMEOUT", httpx.Timeout(0.2))

    with pytest.raises(visio.VisioUnavailable, match="in time"):
        Visio(base_url=silent_url, client_id="x", client_secret="y").token(OWNER)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"access_token": 1}',
        b"no HTTP at all\r\n\r\n",
    ],
    ids=["redirection", "page", "list", "number", "noise"],
)
def test_answer_that_is_none_may_pass(answering_url: "Answering", answer: bytes) -> None:
    client = Visio(base_url=answering_url.with_answer(answer), client_id="x", client_secret="y")

    with pytest.raises(visio.VisioUnavailable):
        client.token(OWNER)


def test_endless_answer_is_cut(answering_url: "Answering", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visio, "ANSWER_MAX_BYTES", 100)
    body = b'{"access_token": "' + b"x" * 500 + b'"}'
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    with pytest.raises(visio.VisioUnavailable, match="too long"):
        Visio(base_url=answering_url.with_answer(answer), client_id="x", client_secret="y").token(OWNER)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://visio.example",
        "visio.example",
        "https://",
        "https://user:pass@visio.example",
        "https://visio.example?x=1",
    ],
    ids=["scheme", "no-scheme", "no-host", "password", "query"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        clean_base_url(address)


def test_address_is_cut_to_what_counts() -> None:
    assert clean_base_url(" https://visio.example/meet/ ") == "https://visio.example/meet"


def test_address_without_slash_is_unknown(remote: stand_in.Visio, visio_url: str) -> None:
    answer = httpx.post(f"{visio_url}{visio.BASE_PATH}/application/token", json={})

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


class Answering:
    """A server that answers every request with the same bytes."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener, self.answer = listener, b""

    def with_answer(self, answer: bytes) -> str:
        self.answer = answer
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(self.answer)


@pytest.fixture
def answering_url() -> Iterator[Answering]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = Answering(listener)
        thread = threading.Thread(target=answering.serve, daemon=True)
        thread.start()
        yield answering
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.fixture
def silent_url() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
