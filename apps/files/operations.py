"""What is done with stored files: uploads in parts, taking them into use, reading and deleting.

A person's upload and a worker's result take the same way: ``start_upload``, parts, ``complete_upload``, and
``take_upload`` in the transaction of whoever uses the file. Functions that wait on the store say so: call
them outside a tenant's transaction (they enter the tenant for each step by themselves).

The worker's result, for instance::

    upload = start_upload(tenant_id=…, purpose=Purpose.RESULT, name="result.json", media_type="application/json")
    job.result_upload = upload                      # a nullable key, SET_NULL
    addresses = result_part_links(upload, 16)       # of apps.files.links; renewed by calling it again
    complete_upload(upload=upload, parts=completion.parts, sha256=completion.sha256)
    with tenant_scope(…):
        job.result_file = take_upload(tenant_id=…, upload_id=upload.id, purpose=Purpose.RESULT)
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.files.models import DiscardedObject, Purpose, StoredFile, Upload, UploadPart
from apps.files.naming import clean_media_type, clean_name
from apps.files.objects import (
    Body,
    DamagedParts,
    DigestMismatch,
    Multipart,
    NoSuchMultipart,
    NoSuchObject,
    ObjectDigest,
    PartDigest,
    Readable,
    new_key,
)
from apps.files.store import object_store
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

MIB = 1024 * 1024
MAX_BYTES = {
    Purpose.RECORDING: 2048 * MIB,
    Purpose.IMPORT: 512 * MIB,
    Purpose.RESULT: 256 * MIB,
    Purpose.PARTIAL: 8 * MIB,
    Purpose.EXPORT: 2048 * MIB,
    Purpose.DOCUMENT: 20 * MIB,
}
UPLOAD_LIFETIME = timedelta(days=2)  # after the last part of a person's upload


class UploadTooLarge(Exception):
    """The announced size is more than its purpose allows."""


class UploadEmpty(Exception):
    """The announced size is 0."""


class WrongPart(Exception):
    """An upload of this size has no part of that number."""


class UploadClosed(Exception):
    """The upload takes no parts any more: it is complete, given up or expired."""


class UploadIncomplete(Exception):
    """Parts are missing, or were damaged and have to be sent again: ``numbers``."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(f"Parts {list(numbers)} are missing.")
        self.numbers = list(numbers)


class UploadNotReady(Exception):
    """There is no such upload of this person that is complete and not yet in use."""


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
    if size_bytes is not None and size_bytes < 1:
        raise UploadEmpty("There is nothing to upload.")
    if size_bytes is not None and size_bytes > MAX_BYTES[purpose]:
        raise UploadTooLarge(f"At most {MAX_BYTES[purpose]} bytes are allowed.")
    media_type = clean_media_type(media_type)
    multipart = object_store().start_multipart(
        new_key(tenant_id, purpose), media_type=media_type, size_bytes=size_bytes or 0
    )
    with tenant_scope(tenant_id):
        return Upload.objects.create(
            tenant_id=tenant_id,
            user_id=user_id,
            purpose=purpose,
            name=clean_name(name),
            media_type=media_type,
            size_bytes=size_bytes,
            key=multipart.key,
            multipart_id=multipart.multipart_id,
            expires_at=timezone.now() + UPLOAD_LIFETIME,
        )


def receive_part(*, upload: Upload, number: int, body: Readable, sha256: str = "") -> UploadPart:
    """Store part ``number`` (from 1) of a person's upload; the same part again replaces it. Waits on the store.

    ``sha256`` is the hexadecimal digest that the sender states; empty: not stated. Raises WrongPart for a
    number that the upload does not have, BodyTooLarge, WrongSize, DigestMismatch, UploadClosed, StorageFull.
    """
    if upload.status != Upload.Status.OPEN or upload.expires_at <= timezone.now():
        raise UploadClosed("This upload takes no parts any more.")
    size_bytes = upload.part_size_bytes(number)
    if size_bytes is None:
        raise WrongPart(f"This upload has no part {number}.")
    measured = Body(body, max_bytes=size_bytes, exact_bytes=size_bytes, sha256=sha256)
    try:
        digest = object_store().put_part(multipart_of(upload), number, measured)
    except NoSuchMultipart as error:
        raise UploadClosed("This upload takes no parts any more.") from error
    part = UploadPart(tenant_id=upload.tenant_id, upload=upload, number=number, **digest._asdict())
    with tenant_scope(upload.tenant_id):
        if not Upload.objects.open().filter(pk=upload.pk).update(expires_at=timezone.now() + UPLOAD_LIFETIME):
            raise UploadClosed("This upload takes no parts any more.")
        UploadPart.objects.bulk_create(
            [part],
            update_conflicts=True,
            unique_fields=["tenant", "upload", "number"],
            update_fields=["size_bytes", "sha256"],
        )
    return part


def complete_upload(*, upload: Upload, parts: Sequence[PartDigest] | None = None, sha256: str = "") -> StoredFile:
    """Join the parts into one stored file; calling it again returns the same file. Waits on the store.

    ``parts`` are what a worker states (None: the rows of received parts); ``sha256`` is the whole's digest,
    where the sender knows it. Raises UploadIncomplete (with the missing numbers), UploadTooLarge,
    DigestMismatch, UploadClosed, StorageFull.
    """
    if file := _completed_file(upload):
        return file
    known = _received_parts(upload) if parts is None else parts
    _check_parts(upload, known)
    try:
        digest = object_store().complete_multipart(multipart_of(upload), known)
    except NoSuchMultipart as error:
        if file := _completed_file(upload):
            return file
        raise UploadClosed("This upload takes no parts any more.") from error
    except DamagedParts as error:
        with tenant_scope(upload.tenant_id):
            UploadPart.objects.filter(upload=upload, number__in=error.numbers).delete()
        raise UploadIncomplete(error.numbers) from error
    if sha256 not in ("", digest.sha256):
        _forget_object(upload)
        raise DigestMismatch("The whole does not have the digest that was stated.")
    file = _record_file(upload, digest)
    object_store().abort_multipart(multipart_of(upload))
    return file


def abort_upload(*, upload: Upload) -> None:
    """Give up an upload, and remove its parts or the file that nobody took into use. Waits on the store."""
    with tenant_scope(upload.tenant_id):
        row = Upload.objects.select_for_update(of=["self"]).select_related("stored_file").filter(pk=upload.pk).first()
        if row is None:
            return
        file: StoredFile | None = row.stored_file
        row.delete()
        if file is not None:
            delete_stored_file(file)
    object_store().abort_multipart(multipart_of(upload))


def take_upload(
    *, tenant_id: UUID, upload_id: UUID, purpose: Purpose, membership: Membership | None = None
) -> StoredFile:
    """Take the file of a complete upload into use, once; call it in the transaction that refers to the file.

    ``membership`` is the person who uploaded it; None for a worker's. Raises UploadNotReady where there is no
    such upload of theirs, or it is not complete, or it has been taken or removed.
    """
    with tenant_scope(tenant_id):
        upload = (
            Upload.objects.select_for_update(of=["self"])
            .select_related("stored_file")
            .filter(pk=upload_id, purpose=purpose, user_id=membership.user_id if membership else None)
            .first()
        )
        file: StoredFile | None = upload.stored_file if upload else None
        if upload is None or file is None:
            raise UploadNotReady("This upload is not complete, or is in use already.")
        upload.delete()
        return file


def store_file(*, tenant_id: UUID, purpose: Purpose, name: str, media_type: str, body: Readable) -> StoredFile:
    """Store a file that the portal itself made or holds (an export, demonstration data). Waits on the store."""
    key, media_type = new_key(tenant_id, purpose), clean_media_type(media_type)
    digest = object_store().put(key, Body(body, max_bytes=MAX_BYTES[purpose]), media_type=media_type)
    with tenant_scope(tenant_id):
        return StoredFile.objects.create(
            tenant_id=tenant_id, key=key, name=clean_name(name), media_type=media_type, **digest._asdict()
        )


def open_stored_file(file: StoredFile) -> BinaryIO:
    """Open a file for reading; the stream is seekable and fetches what is read. Waits on the store.

    Raises NoSuchObject where the bytes are gone.
    """
    return object_store().open(file.key)


def delete_stored_file(file: StoredFile) -> None:
    """Delete a file's row now and its bytes once the transaction is committed.

    A store that does not answer then is asked again by the hourly task. Raises ProtectedError while a row
    refers to the file.
    """
    with tenant_scope(file.tenant_id):
        Upload.objects.filter(stored_file=file).delete()
        discarded = DiscardedObject.objects.create(tenant_id=file.tenant_id, key=file.key)
        file.delete()
    transaction.on_commit(lambda: _delete_object(discarded), robust=True)


def has_object(key: str) -> bool:
    """Return whether an object lies under ``key``. Waits on the store."""
    try:
        object_store().size(key)
    except NoSuchObject:
        return False
    return True


def discard_object(key: str) -> None:
    """Delete an object that has no row (a partial result), now. Waits on the store."""
    object_store().delete(key)


def purge_uploads(*, tenant_id: UUID) -> int:
    """Remove expired uploads with what they left in the store, and deleted objects still there; return how many."""
    with tenant_scope(tenant_id):
        uploads = list(Upload.objects.expired())
        discarded = list(DiscardedObject.objects.all())
    for upload in uploads:
        abort_upload(upload=upload)
    for row in discarded:
        _delete_object(row)
    return len(uploads) + len(discarded)


def multipart_of(upload: Upload) -> Multipart:
    """Return the store's name for an upload."""
    return Multipart(upload.key, upload.multipart_id)


def _received_parts(upload: Upload) -> list[UploadPart]:
    with tenant_scope(upload.tenant_id):
        return list(upload.parts.all())


def _check_parts(upload: Upload, parts: Sequence[PartDigest]) -> None:
    """Raise UploadIncomplete or UploadTooLarge unless the parts are 1, 2, … to the last, and no more than allowed."""
    count = upload.part_count or len(parts)
    if missing := set(range(1, count + 1)) - {part.number for part in parts}:
        raise UploadIncomplete(sorted(missing))
    if not parts or [part.number for part in parts] != list(range(1, count + 1)):
        raise WrongPart("The parts are not 1, 2, … in their order.")
    if sum(part.size_bytes for part in parts) > MAX_BYTES[Purpose(upload.purpose)]:
        raise UploadTooLarge("The parts are larger than allowed.")


def _completed_file(upload: Upload) -> StoredFile | None:
    """Return the file of an upload that is complete by now; raises UploadClosed where the upload is gone."""
    with tenant_scope(upload.tenant_id):
        row = Upload.objects.select_related("stored_file").filter(pk=upload.pk).first()
    if row is None:
        raise UploadClosed("This upload was given up, has expired or is in use already.")
    file: StoredFile | None = row.stored_file
    return file


def _record_file(upload: Upload, digest: ObjectDigest) -> StoredFile:
    """Write the row of a joined file; the first of several calls at once wins, the others return its file."""
    try:
        with tenant_scope(upload.tenant_id):
            file = StoredFile.objects.create(
                tenant_id=upload.tenant_id,
                key=upload.key,
                name=upload.name,
                media_type=upload.media_type,
                **digest._asdict(),
            )
            is_first = Upload.objects.filter(pk=upload.pk, status=Upload.Status.OPEN).update(
                status=Upload.Status.COMPLETE, stored_file=file
            )
            if not is_first:
                raise UploadClosed("This upload was given up.")
            return file
    except (IntegrityError, UploadClosed):
        try:
            winner = _completed_file(upload)
        except UploadClosed:
            _forget_object(upload)
            raise
        if winner is None:
            raise
        return winner


def _forget_object(upload: Upload) -> None:
    """Delete the joined object of an upload, unless a file's row has it."""
    with tenant_scope(upload.tenant_id):
        is_file = StoredFile.objects.filter(key=upload.key).exists()
    if not is_file:
        object_store().delete(upload.key)


def _delete_object(discarded: DiscardedObject) -> None:
    """Delete the bytes of a deleted file, then the note that they must go."""
    object_store().delete(discarded.key)
    with tenant_scope(discarded.tenant_id):
        DiscardedObject.objects.filter(pk=discarded.pk).delete()
