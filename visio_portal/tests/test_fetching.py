"""Fetching from addresses that other people wrote, with real servers that mean no good."""

import hashlib
import io
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from visio_portal import fetching
from visio_portal.fetching import (
    AddressRefused,
    FetchError,
    NotAnswered,
    Reach,
    TooLarge,
    TooSlow,
    check_address,
    fetch,
    is_public,
    post,
)
from visio_portal.tests.web import Handler, Server, serving


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Let what is said be read in one language."""
    with override("en"):
        yield


LOOPBACK = IPv4Network("127.0.0.0/8")
PRIVATE = [IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16")]
HERE = Reach(hosts=("127.0.0.1", "files.example.org"), networks=(LOOPBACK,))
REFUSED = (
    "0.0.0.0",  # noqa: S104  # not listened on: refused
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.9",
    "192.168.1.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


def get(url: str, *, max_bytes: int = 1000, within_s: float = 5, reach: Reach = HERE) -> bytes:
    into = io.BytesIO()
    fetched = fetch(url, into, max_bytes=max_bytes, within_s=within_s, reach=reach)
    assert (fetched.size_bytes, fetched.sha256) == (into.tell(), hashlib.sha256(into.getvalue()).hexdigest())
    return into.getvalue()


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Let every name resolve to the answers, one after the other; return the names asked for."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> Any:
        if not host.endswith((".org", ".internal")):
            return system(host, port, *args, **options)
        asked.append(host)
        return system(answers[len(asked) - 1], port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_fetch_writes_what_stands_there(server: Server) -> None:
    server.answer = lambda handler: handler.say(200, b"x" * 1000, Content_Type="text/calendar; charset=utf-8")
    into = io.BytesIO()

    fetched = fetch(f"{server.url}/a?b=c%2Fd", into, max_bytes=1000, within_s=5, reach=HERE)

    assert into.getvalue() == b"x" * 1000
    assert (fetched.size_bytes, fetched.media_type) == (1000, "text/calendar")
    path, headers = server.requests[0]
    assert (path, headers["Host"]) == ("/a?b=c%2Fd", f"127.0.0.1:{server.server_port}")


@pytest.mark.parametrize("address", REFUSED)
def test_address_that_is_not_public_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [(0, 0, 0, "", (address, 443))])

    assert not is_public(ip_address(address))
    with pytest.raises(AddressRefused):
        get("https://files.example.org/", reach=Reach())


@pytest.mark.parametrize("address", ["8.8.8.8", "194.199.8.1", "2001:660::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.integers(0, 2**32 - 1))
def test_address_inside_another_is_judged_alike(number: int) -> None:
    inner = IPv4Address(number)

    assert is_public(IPv6Address(f"::ffff:{inner}")) == is_public(inner)
    assert is_public(IPv6Address(int(fetching.NAT64.network_address) + number)) == is_public(inner)
    assert not is_public(IPv6Address(number))  # IPv4-compatible, given up
    assert not is_public(IPv6Address((0x2002 << 112) + (number << 80) + 1))  # 6to4


@given(
    st.sampled_from(PRIVATE),
    st.integers(0, 2**24),
)
def test_private_network_is_public_nowhere(network: IPv4Network, offset: int) -> None:
    assert not is_public(network[offset % network.num_addresses])


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            parsed = check_address(url)
        except AddressRefused:
            continue
        assert (parsed.scheme, bool(parsed.host), parsed.userinfo) == ("https", True, b"")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "http://example.org/",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org@127.0.0.1/",
        "https://exa\r\nmple.org/",
        "https://example.org/\r\nX: y",
        "https://example.org/" + "a" * 5000,
    ],
    ids=range(11),
)
def test_odd_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        get(url, reach=Reach())


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "017700000001", "localhost", "[::1]", "0"])
def test_disguised_loopback_is_refused(host: str, server: Server) -> None:
    with pytest.raises(FetchError):
        get(f"https://{host}:{server.server_port}/", reach=Reach())

    assert server.requests == []


def test_own_network_is_open_to_named_hosts_alone(server: Server) -> None:
    with pytest.raises(AddressRefused):
        get(server.url, reach=Reach(networks=(LOOPBACK,)))
    with pytest.raises(AddressRefused):
        get(server.url, reach=Reach(hosts=("files.example.org",), networks=(LOOPBACK,)))

    assert server.requests == []


@pytest.mark.parametrize(
    ("pattern", "host", "is_named"),
    [
        ("example.org", "example.org", True),
        ("Example.org.", "EXAMPLE.ORG", True),
        ("example.org", "a.example.org", False),
        ("*.example.org", "a.b.example.org", True),
        ("*.example.org", "example.org", False),
        ("*.example.org", "badexample.org", False),
        ("example.org", "example.org.evil.org", False),
    ],
)
def test_list_of_hosts_names(pattern: str, host: str, is_named: bool) -> None:
    assert Reach(hosts=(pattern,)).names(host) is is_named


def test_redirect_is_followed_inside_what_is_allowed(server: Server) -> None:
    server.answer = lambda handler: (
        handler.say(200, b"there") if handler.path == "/b" else handler.say(302, Location="/b")
    )

    assert get(f"{server.url}/a") == b"there"


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "//localhost:{port}/",
    ],
    ids=["other-host", "metadata", "file", "no-scheme"],
)
def test_redirect_elsewhere_is_refused(server: Server, location: str) -> None:
    server.answer = lambda handler: handler.say(302, Location=location.format(port=server.server_port))

    with pytest.raises(AddressRefused):
        get(server.url)

    assert len(server.requests) == 1


def test_redirects_end(server: Server) -> None:
    server.answer = lambda handler: handler.say(307, Location=handler.path + "a")

    with pytest.raises(AddressRefused, match="too often"):
        get(server.url)

    assert len(server.requests) == 1 + fetching.REDIRECTS_MAX


def test_name_is_resolved_once_and_the_connection_goes_there(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolve_to(monkeypatch, "127.0.0.1", "169.254.169.254")

    assert get(f"http://files.example.org:{server.server_port}/") == b"BEGIN:VCALENDAR"

    assert asked == ["files.example.org"]
    assert server.requests[0][1]["Host"] == f"files.example.org:{server.server_port}"


def test_name_that_turns_private_at_the_redirect_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolve_to(monkeypatch, "127.0.0.1", "10.0.0.1")
    server.answer = lambda handler: handler.say(302, Location="/again")

    with pytest.raises(AddressRefused):
        get(f"http://files.example.org:{server.server_port}/")

    assert len(asked) == 2


def test_public_and_private_answers_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(0, 0, 0, "", ("8.8.8.8", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: answers)

    with pytest.raises(AddressRefused):
        get("https://files.example.org/", reach=Reach())


def test_plain_http_to_the_internet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "8.8.8.8")

    with pytest.raises(AddressRefused):
        get("http://files.example.org/")


def test_unknown_name_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    with pytest.raises(NotAnswered, match=r"files\.example\.org") as caught:
        get("https://files.example.org/", reach=Reach())
    assert caught.value.is_passing


def test_announced_huge_body_is_not_read(server: Server) -> None:
    server.answer = lambda handler: handler.say(200, b"x", Content_Length="1000000000000")

    with pytest.raises(TooLarge):
        get(server.url)


def test_endless_body_stops_at_the_limit(server: Server) -> None:
    def pour(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    server.answer = pour
    into = io.BytesIO()

    with pytest.raises(TooLarge):
        fetch(server.url, into, max_bytes=100_000, within_s=5, reach=HERE)

    assert into.tell() <= 100_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_compressed_answer_is_refused_unread(server: Server, encoding: str) -> None:
    server.answer = lambda handler: handler.say(200, b"\x1f\x8b", Content_Encoding=encoding)

    with pytest.raises(NotAnswered, match="compressed"):
        get(server.url)

    assert server.requests[0][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["headers", "body"])
def test_slow_drip_ends_with_the_time(server: Server, first: bytes) -> None:
    def drip(handler: Handler) -> None:
        handler.wfile.write(first)
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.02)

    server.answer = drip
    started = time.monotonic()

    with pytest.raises(TooSlow):
        get(server.url, within_s=0.3, max_bytes=10_000)

    assert time.monotonic() - started < 1.5


def test_silent_server_ends_with_the_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TooSlow):
        get(f"http://127.0.0.1:{silent.getsockname()[1]}/", within_s=0.3)


@pytest.mark.parametrize(
    ("status", "is_passing"), [(403, False), (404, False), (410, False), (429, True), (500, True), (503, True)]
)
def test_error_says_whether_another_attempt_may_help(server: Server, status: int, is_passing: bool) -> None:
    server.answer = lambda handler: handler.say(status)

    with pytest.raises(NotAnswered) as caught:
        get(server.url)

    assert (caught.value.status, caught.value.is_passing) == (status, is_passing)


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"], ids=range(3)
)
def test_broken_answer_is_one_of_ours(server: Server, answer: bytes) -> None:
    server.answer = lambda handler: (handler.wfile.write(answer), None)[1]

    with pytest.raises(NotAnswered):
        get(server.url)


def test_post_sends_the_body_and_follows_nothing(server: Server) -> None:
    server.answer = lambda handler: handler.say(302, Location="/elsewhere")

    status = post(server.url, b'{"a": 1}', headers={"Authorization": "Bearer x"}, within_s=5, reach=HERE)

    assert status == 302
    [(_path, headers)] = server.requests
    assert (headers["body"], headers["Authorization"]) == ('{"a": 1}', "Bearer x")


def test_certificate_must_be_the_hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = Server()
    context = certified_context("files.example.org", tmp_path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    trusting = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    monkeypatch.setattr(fetching, "_ssl_context", lambda: trusting)
    resolve_to(monkeypatch, "127.0.0.1", "127.0.0.1")
    reach = Reach(hosts=("*.example.org",), networks=(LOOPBACK,))

    with serving(server):
        assert get(f"https://files.example.org:{server.server_port}/", reach=reach) == b"BEGIN:VCALENDAR"
        with pytest.raises(NotAnswered):
            get(f"https://other.example.org:{server.server_port}/", reach=reach)


def certified_context(host: str, folder: Path) -> ssl.SSLContext:
    """Return a server's context with a certificate that it signed itself; ``cert.pem`` is the one to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
