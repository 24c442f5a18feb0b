"""What is done with stored files: uploads in parts, reading, deleting, and links for those outside.

A person's upload and a worker's result take the same way: ``start_upload``, parts, ``complete_upload``, and
``take_upload`` in the transaction of whoever uses the file. Functions that wait on the store say so: call
them outside a tenant's transaction (they enter the tenant for each step by themselves).

The worker's result, for instance::

    upload = start_upload(tenant_id=…, purpose=Purpose.RESULT, name="result.json", media_type="application/json")
    job.result_upload = upload                      # a nullable key, SET_NULL
    links = result_part_links(upload, 16)           # renewed by calling it again
    file = complete_upload(upload=upload, parts=completion.parts, sha256=completion.sha256)
    with tenant_scope(…):
        job.result_file = take_upload(tenant_id=…, upload_id=upload.id, purpose=Purpose.RESULT)
"""

from collections.abc import Sequence
from typing import BinaryIO, Protocol
from uuid import UUID

from apps.files.models import Purpose, StoredFile, Upload, UploadPart
from apps.tenants.models import Membership


class PartDigest(Protocol):
    """What is known of a part: an UploadPart row, or what a worker says that it has put."""

    @property
    def number(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def start_upload(
    *,
    tenant_id: UUID,
    purpose: Purpose,
    name: str,
    media_type: str = "",
    size_bytes: int | None = None,
    user_id: UUID | None = None,
) -> Upload:
    """Open an upload of ``size_bytes`` (None: not known yet, a worker's result). Waits on the store.

    Raises UploadTooLarge or UploadEmpty for a size that the purpose does not allow, StorageFull where the
    store has no room for it.
    """
    raise NotImplementedError


def receive_part(*, upload: Upload, number: int, body: BinaryIO, sha256: str = "") -> UploadPart:
    """Store part ``number`` (from 1) of a person's upload; the same part again replaces it. Waits on the store.

    ``sha256`` is the hexadecimal digest that the sender states; empty: not stated. Raises WrongPart for a
    number or size that does not belong, DigestMismatch, UploadClosed, StorageFull.
    """
    raise NotImplementedError


def complete_upload(*, upload: Upload, parts: Sequence[PartDigest] | None = None, sha256: str = "") -> StoredFile:
    """Join the parts into one stored file; calling it again returns the same file. Waits on the store.

    ``parts`` are what a worker states (None: the rows of received parts); ``sha256`` is the whole's digest,
    where the sender knows it. Raises UploadIncomplete (with the missing numbers), DigestMismatch, UploadClosed.
    """
    raise NotImplementedError


def abort_upload(*, upload: Upload) -> None:
    """Give up an open upload and remove its parts. Waits on the store."""
    raise NotImplementedError


def take_upload(
    *, tenant_id: UUID, upload_id: UUID, purpose: Purpose, membership: Membership | None = None
) -> StoredFile:
    """Take the file of a complete upload into use, once; call it in the transaction that refers to the file.

    ``membership`` is the person who uploaded it; None for a worker's. Raises UploadNotReady where there is no
    such upload of theirs, or it is not complete, or it has been taken or removed.
    """
    raise NotImplementedError


def store_file(*, tenant_id: UUID, purpose: Purpose, name: str, media_type: str, body: BinaryIO) -> StoredFile:
    """Store a file that the portal itself made or holds (an export, demonstration data). Waits on the store."""
    raise NotImplementedError


def open_stored_file(file: StoredFile) -> BinaryIO:
    """Open a file for reading; the stream is seekable and fetches only what is read. Waits on the store."""
    raise NotImplementedError


def delete_stored_file(file: StoredFile) -> None:
    """Delete a file's row now and its bytes once the transaction is committed.

    A store that does not answer then is asked again by the hourly task. Raises ProtectedError while a row
    refers to the file.
    """
    raise NotImplementedError


def new_key(tenant_id: UUID, purpose: Purpose) -> str:
    """Return a fresh key for an object without a row (a worker's partial result)."""
    raise NotImplementedError


def read_link(file: StoredFile, *, internal: bool = True) -> str:
    """Return a signed address that gives the file (GET, HEAD, Range) until it expires.

    ``internal`` addresses are for workers, the others for browsers.
    """
    raise NotImplementedError


def object_read_link(key: str, *, internal: bool = True) -> str:
    """Return a signed address that gives the object under ``key``."""
    raise NotImplementedError


def object_write_link(key: str, *, max_bytes: int, internal: bool = True) -> str:
    """Return a signed address that takes one object of at most ``max_bytes`` with PUT, replacing what is there."""
    raise NotImplementedError


def has_object(key: str) -> bool:
    """Return whether an object lies under ``key``. Waits on the store."""
    raise NotImplementedError


def discard_object(key: str) -> None:
    """Delete an object without a row (a partial result), now. Waits on the store."""
    raise NotImplementedError


def result_part_links(upload: Upload, count: int, *, internal: bool = True) -> tuple[str, ...]:
    """Return signed addresses that take parts 1 to ``count`` of an upload with PUT."""
    raise NotImplementedError


def purge_uploads(*, tenant_id: UUID) -> int:
    """Remove expired uploads with what they left in the store, and deleted objects still there; return how many."""
    raise NotImplementedError
