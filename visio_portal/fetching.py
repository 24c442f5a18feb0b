"""Requests to addresses that other people wrote: calendars, recordings, callbacks.

Such an address must lead to the public Internet and nowhere else. A host is resolved once, and the connection goes
to that very answer, so that a second answer (DNS rebinding) is never asked for; each redirect is checked like a
first address. Sizes are counted while they arrive, and one clock runs over the whole, so that a server that sends a
byte now and then cannot hold a process.

Networks of the installation's own (``FETCH_NETWORKS``) may be opened for hosts that an administrator named; there,
and only there, http:// is allowed too. All of it waits on a network: call it outside a tenant's transaction.
"""

import hashlib
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from typing import Any, BinaryIO

import httpcore
import httpx
from django.utils.translation import gettext as _

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REDIRECTS_MAX = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
URL_MAX = 4096  # characters; a presigned S3 address takes about 1,000
CONNECT_S = 10.0
SILENCE_S = 30.0  # between two pieces of an answer
DEFAULT_PORTS = {b"http": 80, b"https": 443}

# IANA's registries of special-purpose addresses, where Python's ``is_global`` says less.
IPV4_REFUSED = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3")))
IPV6_PUBLIC = IPv6Network("2000::/3")
IPV6_REFUSED = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class FetchError(Exception):
    """The request came to nothing; the text is for the person who gave the address.

    ``is_passing``: another attempt later may succeed.
    """

    is_passing = False


class AddressRefused(FetchError):
    """The address, or where it leads to, is none that may be asked."""


class TooLarge(FetchError):
    """The answer is larger than allowed; nothing after the limit was read."""


class TooSlow(FetchError):
    """The answer was not there in time."""

    is_passing = True


class NotAnswered(FetchError):
    """The server could not be reached, or answered with an error (``status``)."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.is_passing = status is None or status in PASSING_STATUSES


@dataclass(frozen=True)
class Reach:
    """Which servers may be asked.

    ``hosts``: names, ``*.example.org`` for all below one; None for every public host. ``networks``: the
    installation's own, which count as public for those named hosts.
    """

    hosts: tuple[str, ...] | None = None
    networks: tuple[Network, ...] = ()

    def names(self, host: str) -> bool:
        """Return whether the host is in the list of those allowed."""
        return self.hosts is not None and any(_matches(host, pattern.lower().rstrip(".")) for pattern in self.hosts)

    def is_own(self, address: Address) -> bool:
        return self.hosts is not None and any(address in network for network in self.networks)


ANYWHERE = Reach()  # that is public


def reach_to(url: str, networks: tuple[Network, ...] = ()) -> Reach:
    """Return a reach of the one host of an address that an administrator wrote; of none where it cannot be read."""
    try:
        host = httpx.URL(url).raw_host.decode()
    except (httpx.InvalidURL, UnicodeError):
        host = ""
    return Reach(hosts=(host,) if host else (), networks=networks)


@dataclass(frozen=True)
class Fetched:
    """What arrived: its size, its SHA-256 in hexadecimal, and the media type that the server stated."""

    size_bytes: int
    sha256: str
    media_type: str


def fetch(url: str, into: BinaryIO, *, max_bytes: int, within_s: float, reach: Reach = ANYWHERE) -> Fetched:
    """Write what stands at an address to ``into``, as it comes, in at most ``within_s`` seconds for the whole.

    Raises AddressRefused, TooLarge, TooSlow, and NotAnswered. Resolving a name alone follows the system's own limits.
    """
    deadline = time.monotonic() + within_s
    for _hop in range(REDIRECTS_MAX + 1):
        with _answer("GET", url, deadline=deadline, reach=reach) as answer:
            if answer.status not in REDIRECTS:
                return _receive(answer, into, max_bytes, deadline)
            url = _next_address(url, answer)
    raise AddressRefused(_("This address leads from one address to the next, too often."))


def post(url: str, body: bytes, *, headers: Mapping[str, str], within_s: float, reach: Reach = ANYWHERE) -> int:
    """Send a body and return the answer's status, whatever it is; a redirect is not followed.

    Raises AddressRefused, TooSlow, and NotAnswered where no answer came.
    """
    deadline = time.monotonic() + within_s
    with _answer("POST", url, deadline=deadline, reach=reach, headers=headers, body=body) as answer:
        return answer.status


def check_address(url: str, reach: Reach = ANYWHERE) -> httpx.URL:
    """Return an address that may be asked as far as its text tells; raises AddressRefused."""
    try:
        parsed = httpx.URL(url) if len(url) <= URL_MAX else None
    except (httpx.InvalidURL, UnicodeError):
        parsed = None
    if parsed is None or not parsed.host or parsed.scheme not in ("http", "https"):
        raise AddressRefused(_("This is not an https:// address."))
    if parsed.userinfo:
        raise AddressRefused(_("The address must not hold a user name or a password."))
    if reach.hosts is not None and not reach.names(parsed.raw_host.decode()):
        raise AddressRefused(_("The server %(host)s is not in the list of servers allowed.") % {"host": parsed.host})
    if parsed.scheme == "http" and not (reach.hosts and reach.networks):
        raise AddressRefused(_("The address must begin with https://."))
    return parsed


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public Internet; one inside another (RFC 4291, 6052) is taken out."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in IPV4_REFUSED)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in IPV6_PUBLIC and address.is_global and not any(address in network for network in IPV6_REFUSED)


class _Network(httpcore.NetworkBackend):
    """Connect to checked addresses alone, and read until the deadline alone."""

    def __init__(self, *, reach: Reach, is_plain: bool, deadline: float) -> None:
        self.reach, self.is_plain, self.deadline = reach, is_plain, deadline
        self.system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self.addresses(host, port):
            limit = _remaining(self.deadline, timeout)
            try:
                stream = self.system.connect_tcp(address, port, limit, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self.deadline)
        raise failure or httpcore.ConnectError("no address")

    def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a host, once; raises AddressRefused where any answer is not allowed."""
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotAnswered(_("The server %(host)s is not known.") % {"host": host}) from error
        found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        for address in map(ip_address, found):
            is_allowed = self.reach.is_own(address) or (is_public(address) and not self.is_plain)
            if not is_allowed:
                raise AddressRefused(_("The server %(host)s is not on the public Internet.") % {"host": host})
        return found


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self.inner, self.deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, _remaining(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, _remaining(self.deadline, timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _remaining(self.deadline, timeout)
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, limit), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


@contextmanager
def _answer(
    method: str,
    url: str,
    *,
    deadline: float,
    reach: Reach,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Iterator[httpcore.Response]:
    """Open the answer to one request, for as long as the block lasts."""
    parsed = check_address(url, reach)
    backend = _Network(reach=reach, is_plain=parsed.scheme == "http", deadline=deadline)
    target = httpcore.URL(
        scheme=parsed.raw_scheme,
        host=parsed.raw_host,
        port=parsed.port or DEFAULT_PORTS[parsed.raw_scheme],
        target=parsed.raw_path,
    )
    limits = {"connect": CONNECT_S, "read": SILENCE_S, "write": SILENCE_S, "pool": CONNECT_S}
    own = {"Host": parsed.netloc.decode(), "Accept-Encoding": "identity", "User-Agent": "Visio-Portal"}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_ssl_context(), network_backend=backend) as pool,
            pool.stream(
                method,
                target,
                headers=list((own | dict(headers or {})).items()),
                content=body,
                extensions={"timeout": limits},
            ) as answer,
        ):
            yield answer
    except httpcore.TimeoutException as error:
        raise TooSlow(_("The server did not answer in time.")) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise NotAnswered(_("The server cannot be reached.")) from error


def _receive(answer: httpcore.Response, into: BinaryIO, max_bytes: int, deadline: float) -> Fetched:
    """Write an answer's body as it comes; raises TooLarge, TooSlow, and NotAnswered."""
    stated = httpx.Headers(answer.headers)
    if answer.status != httpx.codes.OK:
        message = _("The server answered with error %(status)s.") % {"status": answer.status}
        raise NotAnswered(message, status=answer.status)
    if stated.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        # Nobody asked for it: a small body that unpacks to a huge one is the only use of it here.
        raise NotAnswered(_("The server sent a compressed answer that nobody asked for."), status=answer.status)
    length = stated.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    size_bytes, digest = 0, hashlib.sha256()
    for chunk in answer.iter_stream():
        size_bytes += len(chunk)
        if size_bytes > max_bytes:
            raise _too_large(max_bytes)
        digest.update(chunk)
        into.write(chunk)
        _remaining(deadline, None)
    return Fetched(size_bytes, digest.hexdigest(), stated.get("content-type", "").split(";")[0].strip().lower())


def _next_address(url: str, answer: httpcore.Response) -> str:
    location = httpx.Headers(answer.headers).get("location", "")
    try:
        return str(httpx.URL(url).join(location))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise AddressRefused(_("This address leads to one that cannot be read.")) from error


def _remaining(deadline: float, timeout: float | None) -> float:
    """Return the seconds that a step may take; raises TooSlow once the deadline has passed."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TooSlow(_("The server did not answer in time."))
    return remaining if timeout is None else min(remaining, timeout)


def _matches(host: str, pattern: str) -> bool:
    host = host.lower().rstrip(".")
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(_("The file is larger than %(size)s bytes.") % {"size": max_bytes})


@lru_cache(maxsize=1)
def _ssl_context() -> SSLContext:
    return httpx.create_ssl_context()
