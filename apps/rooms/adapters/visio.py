"""Visio's external API: rooms made and looked at in the name of one user at a time.

Source: suitenumerique/meet 1.27, ``/external-api/v1.0/``. Trailing slashes are required; an error is ``{"detail"}``,
``{"error"}`` or the fields' own messages. There is no update and no delete.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from ssl import SSLContext
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx

BASE_PATH = "/external-api/v1.0"
TIMEOUT = httpx.Timeout(8.0, connect=4.0)  # seconds; a task waits for it, never a person
ANSWER_MAX_BYTES = 1024 * 1024
PAGES_MAX = 50
TEXT_MAX = 300  # characters of Visio's own words that are kept


class VisioError(Exception):
    """Visio did not do what was asked; the text is Visio's own, for the administrator."""


class VisioUnavailable(VisioError):
    """No answer in time, an error of Visio's own, or too many requests: another attempt may succeed."""


class CredentialsRefused(VisioError):
    """The client id or secret is wrong, or the application is not active (401)."""


class DomainNotAllowed(VisioError):
    """The application may not act for addresses of this domain (403)."""


class UnknownUser(VisioError):
    """Visio has no user with this address (404)."""


class ProvisionalUser(VisioError):
    """Visio knows the address, but its person has never signed in (409)."""


class NotAllowed(VisioError):
    """The user has no role in the room, or the application lacks the right to ask (403)."""


class RoomNotFound(VisioError):
    """There is no such room any more (404)."""


class RequestRefused(VisioError):
    """Visio does not accept what was asked, such as an access level (400)."""


@dataclass(frozen=True)
class VisioRoom:
    """A room as Visio describes it. LiveKit calls it by its id."""

    id: UUID
    slug: str
    url: str
    access_level: str
    telephony: Mapping[str, Any] = field(default_factory=dict)


TOKEN_REFUSALS: Mapping[int, type[VisioError]] = {
    400: RequestRefused,
    401: CredentialsRefused,
    403: DomainNotAllowed,
    404: UnknownUser,
    409: ProvisionalUser,
}
ROOM_REFUSALS: Mapping[int, type[VisioError]] = {
    400: RequestRefused,
    401: CredentialsRefused,
    403: NotAllowed,
    404: RoomNotFound,
}


class Visio:
    """One ministry's application at one Visio. Every method waits on the network: call none in a transaction.

    Tokens are kept by user in this object alone, so no secret reaches the cache; an object lives as long as a task.
    """

    def __init__(self, *, base_url: str, client_id: str, client_secret: str) -> None:
        self.base_url = clean_base_url(base_url)
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._tokens: dict[str, str] = {}

    def token(self, email: str) -> str:
        """Return a fresh token for a user.

        Raises CredentialsRefused, DomainNotAllowed, UnknownUser, ProvisionalUser, RequestRefused, VisioUnavailable.
        """
        body = {**self._credentials, "grant_type": "client_credentials", "scope": email}
        answer = self._ask("POST", "application/token/", TOKEN_REFUSALS, json=body)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise VisioUnavailable("Visio's answer holds no access_token.")
        self._tokens[email] = token
        return token

    def create_room(self, *, owner: str, access_level: str) -> VisioRoom:
        """Make a room that the user owns; raises what ``token`` raises, NotAllowed, and RequestRefused."""
        return self._room(self._ask_as(owner, "POST", "rooms/", json={"access_level": access_level}))

    def get_room(self, room_id: UUID, *, owner: str) -> VisioRoom:
        """Return a room in which the user has a role; raises what ``token`` raises, NotAllowed, and RoomNotFound."""
        return self._room(self._ask_as(owner, "GET", f"rooms/{room_id}/"))

    def rooms(self, *, owner: str) -> Iterator[VisioRoom]:
        """Yield the rooms in which the user has a role, page by page; raises what ``token`` raises."""
        for page in range(1, PAGES_MAX + 1):
            answer = self._ask_as(owner, "GET", "rooms/", params={"page": page})
            results = answer.get("results")
            if not isinstance(results, list):
                raise VisioUnavailable("Visio's answer holds no list of rooms.")
            yield from (self._room(result) for result in results)
            if not answer.get("next"):  # its address is not followed: it might lead elsewhere
                return

    def _ask_as(self, email: str, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Ask in a user's name; a token that Visio no longer takes is fetched anew once."""
        known = self._tokens.get(email)
        try:
            return self._ask(method, path, ROOM_REFUSALS, token=known or self.token(email), **options)
        except CredentialsRefused:
            if known is None:
                raise
        return self._ask(method, path, ROOM_REFUSALS, token=self.token(email), **options)

    def _ask(
        self, method: str, path: str, refusals: Mapping[int, type[VisioError]], *, token: str = "", **options: Any
    ) -> dict[str, Any]:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        with (
            _network_errors(),
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(method, f"{self.base_url}{BASE_PATH}/{path}", headers=headers, **options) as response,
        ):
            content = _read(response)
        answer = _json(content)
        if response.is_success and isinstance(answer, dict):
            return answer
        error = refusals.get(response.status_code, VisioUnavailable)
        raise error(_words(answer) or f"HTTP {response.status_code}")

    def _room(self, answer: Any) -> VisioRoom:
        try:
            room_id, slug = UUID(str(answer["id"])), str(answer["slug"])
        except (KeyError, TypeError, ValueError) as error:
            raise VisioUnavailable("Visio's answer is no room.") from error
        url = str(answer.get("url") or "")
        if urlsplit(url).scheme not in ("http", "https"):
            url = f"{self.base_url}/{quote(slug, safe='')}"
        telephony = answer.get("telephony")
        return VisioRoom(
            id=room_id,
            slug=slug[:255],
            url=url[:500],
            access_level=str(answer.get("access_level") or "")[:16],
            telephony=telephony if isinstance(telephony, dict) else {},
        )


def clean_base_url(text: str) -> str:
    """Return the origin and path of an address of Visio, without a slash at its end.

    Raises ValueError for anything but a plain http:// or https:// address.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http:// or https:// address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the address holds more than a host and a path")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


@lru_cache(maxsize=1)
def _authorities() -> SSLContext:
    """Return the certificates that vouch for Visio, read once: it takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def _network_errors() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise VisioUnavailable("Visio did not answer in time.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise VisioUnavailable(f"Visio could not be reached ({type(error).__name__}).") from error


def _read(response: httpx.Response) -> bytes:
    content = b""
    for piece in response.iter_bytes():
        content += piece
        if len(content) > ANSWER_MAX_BYTES:
            raise VisioUnavailable("Visio's answer is too long.")
    return content


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _words(answer: Any) -> str:
    """Return what an error says: ``detail``, ``error``, or the messages of the fields."""
    if not isinstance(answer, dict):
        return ""
    told = answer.get("detail") or answer.get("error")
    if not told:
        told = " ".join(f"{name}: {_first(messages)}" for name, messages in answer.items())
    return str(told)[:TEXT_MAX]


def _first(messages: Any) -> Any:
    return messages[0] if isinstance(messages, list) and messages else messages
