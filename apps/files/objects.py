"""What the object stores have in common: keys, bodies that are measured on their way, and their errors."""

import base64
import binascii
import hashlib
import re
import uuid
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple, Protocol
from uuid import UUID

from apps.files.grants import Grant
from apps.files.models import Purpose

CHUNK_BYTES = 256 * 1024

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
KEY = re.compile(rf"({_UUID})/[a-z]{{1,16}}/{_UUID}")


class StoreError(Exception):
    """Base of what a store can refuse."""


class BadKey(StoreError):
    """The key is not <tenant id>/<purpose>/<uuid>."""


class NoSuchObject(StoreError):
    """Nothing lies under the key."""


class NoSuchMultipart(StoreError):
    """The parts' upload was never started, is complete or was given up."""


class StorageFull(StoreError):
    """The store has no room left; nothing of the body was kept."""


class StoreUnavailable(StoreError):
    """The store does not answer."""


class BodyTooLarge(StoreError):
    """A body went on after the size that it may have; nothing of it was kept."""


class WrongSize(StoreError):
    """A body ended before the size that it must have; nothing of it was kept."""


class DigestMismatch(StoreError):
    """A body is not what its sender said; nothing of it was kept."""


class DamagedParts(StoreError):
    """Some parts are missing or are not what was received; ``numbers`` says which."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(f"Parts {list(numbers)} are missing or damaged.")
        self.numbers = list(numbers)


class ObjectDigest(NamedTuple):
    """Size and hexadecimal SHA-256 of a body."""

    size_bytes: int
    sha256: str


class PartDigest(Protocol):
    """What is known of a part: an UploadPart row, or what a worker says that it has put."""

    @property
    def number(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def sha256(self) -> str: ...


class Readable(Protocol):
    """A request or a file: what a body is read from."""

    def read(self, size: int, /) -> bytes: ...


class Multipart(NamedTuple):
    """An object on its way in, part by part; ``multipart_id`` is the store's own name for it, or empty."""

    key: str
    multipart_id: str


class Body:
    """A body that is measured and hashed while it is read; ``finish`` says whether it is the one expected."""

    def __init__(self, source: Readable, *, max_bytes: int, exact_bytes: int | None = None, sha256: str = "") -> None:
        self._source = source
        self._max_bytes = max_bytes if exact_bytes is None else exact_bytes
        self._exact_bytes = exact_bytes
        self._sha256 = sha256
        self._hash = hashlib.sha256()
        self._size_bytes = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes (-1: all); raises BodyTooLarge beyond what is allowed."""
        chunk = self._source.read(size)
        self._size_bytes += len(chunk)
        if self._size_bytes > self._max_bytes:
            raise BodyTooLarge(f"A body of at most {self._max_bytes} bytes was expected.")
        self._hash.update(chunk)
        return chunk

    def chunks(self) -> Iterator[bytes]:
        """Give the whole body, then check it as ``finish`` does."""
        while chunk := self.read(CHUNK_BYTES):
            yield chunk
        self.finish()

    def finish(self) -> ObjectDigest:
        """Return what was read; raises WrongSize or DigestMismatch where it is not what was expected."""
        digest = ObjectDigest(self._size_bytes, self._hash.hexdigest())
        if self._exact_bytes not in (None, digest.size_bytes):
            raise WrongSize(f"{self._exact_bytes} bytes were expected, {digest.size_bytes} came.")
        if self._sha256 not in ("", digest.sha256):
            raise DigestMismatch("The body does not have the digest that was stated.")
        return digest


class ObjectStore(Protocol):
    """Where objects lie. Every object appears whole or not at all; keys come from ``new_key``."""

    is_reached_by_links: bool  # its links lead to the store itself, not to the portal

    def start_multipart(self, key: str, *, media_type: str, size_bytes: int) -> Multipart:
        """Open an object that comes in parts; raises StorageFull where ``size_bytes`` do not fit."""
        ...

    def put_part(self, multipart: Multipart, number: int, body: Body) -> ObjectDigest:
        """Store a part, replacing one of the same number; raises NoSuchMultipart."""
        ...

    def complete_multipart(self, multipart: Multipart, parts: Sequence[PartDigest]) -> ObjectDigest:
        """Join the parts (in the order given) into the object and return its digest.

        Every part is compared with the stated digest: raises DamagedParts. The parts stay until
        ``abort_multipart``, so that this can be repeated.
        """
        ...

    def abort_multipart(self, multipart: Multipart) -> None:
        """Remove the parts; nothing happens where there are none."""
        ...

    def put(self, key: str, body: Body, *, media_type: str) -> ObjectDigest:
        """Store a whole object, replacing what is there."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Return a seekable stream of the object, which fetches what is read; raises NoSuchObject."""
        ...

    def size(self, key: str) -> int:
        """Return the object's size in bytes; raises NoSuchObject."""
        ...

    def delete(self, key: str) -> None:
        """Delete the object; nothing happens where there is none."""
        ...

    def link(self, grant: Grant, *, internal: bool) -> str:
        """Return an absolute address that allows what the grant says until it expires."""
        ...

    def remove_leftovers(self) -> int:
        """Remove what processes that died have left half written; return how much it was."""
        ...


def new_key(tenant_id: UUID, purpose: Purpose) -> str:
    """Return a fresh key: <tenant id>/<purpose>/<uuid>."""
    return f"{tenant_id}/{purpose.value}/{uuid.uuid4()}"


def tenant_of_key(key: str) -> UUID:
    """Return the tenant that a key belongs to; raises BadKey for anything that is not a key."""
    match = KEY.fullmatch(key)
    if match is None:
        raise BadKey(f"Not a key of an object: {key!r}.")
    return UUID(match[1])


def stated_sha256(content_digest: str) -> str:
    """Return the hexadecimal SHA-256 of a Content-Digest header (RFC 9530), empty where it states none.

    Raises DigestMismatch for a SHA-256 that cannot be read.
    """
    for item in content_digest.split(","):
        name, _, value = item.strip().partition("=")
        if name.lower() != "sha-256":
            continue
        try:
            digest = base64.b64decode(value.strip().strip(":"), validate=True)
        except binascii.Error as error:
            raise DigestMismatch("The stated digest is not base64.") from error
        if len(digest) != hashlib.sha256().digest_size:
            raise DigestMismatch("The stated digest is not a SHA-256.")
        return digest.hex()
    return ""
