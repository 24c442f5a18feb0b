"""Uploads from start to use, on both stores; deleting, and what is removed by itself."""

import io
import uuid
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.files import links, operations, tasks
from apps.files.folder import FolderStore
from apps.files.models import PART_SIZE_BYTES, DiscardedObject, Purpose, StoredFile, Upload, UploadPart
from apps.files.objects import Body, DigestMismatch, NoSuchObject, ObjectStore, StoreUnavailable, new_key
from apps.files.s3 import S3Store
from apps.files.tests.factories import body_of, sha256_of, stored_file
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory

pytestmark = pytest.mark.django_db

CONTENT = body_of(PART_SIZE_BYTES) + body_of(1000, 2)


class Part(NamedTuple):
    """A part as a worker states it."""

    number: int
    size_bytes: int
    sha256: str


def start(member: Membership, size_bytes: int | None = len(CONTENT), **fields: Any) -> Upload:
    known: dict[str, Any] = {
        "tenant_id": member.tenant_id,
        "user_id": member.user_id,
        "purpose": Purpose.RECORDING,
        "name": "C:\\Users\\moi\\réunion.webm",
        "media_type": "Audio/WebM; codecs=opus",
        "size_bytes": size_bytes,
    }
    return operations.start_upload(**(known | fields))


def part_of(content: bytes, number: int) -> bytes:
    return content[(number - 1) * PART_SIZE_BYTES : number * PART_SIZE_BYTES]


def send(upload: Upload, number: int, content: bytes = CONTENT) -> UploadPart:
    body = part_of(content, number)
    return operations.receive_part(upload=upload, number=number, body=io.BytesIO(body), sha256=sha256_of(body))


def complete(member: Membership) -> tuple[Upload, StoredFile]:
    upload = start(member)
    send(upload, 2)
    send(upload, 1)
    return upload, operations.complete_upload(upload=upload)


def test_upload_becomes_a_file(store: ObjectStore, member: Membership) -> None:
    upload, file = complete(member)
    assert (file.name, file.media_type) == ("réunion.webm", "audio/webm")
    assert (file.size_bytes, file.sha256) == (len(CONTENT), sha256_of(CONTENT))
    assert file.key.startswith(f"{member.tenant_id}/recording/")
    with operations.open_stored_file(file) as stream:
        assert stream.read() == CONTENT
    assert operations.complete_upload(upload=upload) == file


def test_complete_says_which_parts_are_missing(folder: FolderStore, member: Membership) -> None:
    upload = start(member)
    send(upload, 2)
    with pytest.raises(operations.UploadIncomplete) as caught:
        operations.complete_upload(upload=upload)
    assert caught.value.numbers == [1]


def test_part_lost_by_the_disk_is_asked_for_again(folder: FolderStore, member: Membership) -> None:
    upload = start(member)
    send(upload, 1)
    send(upload, 2)
    (folder._parts_folder(upload.key) / "2").write_bytes(b"")
    with pytest.raises(operations.UploadIncomplete) as caught:
        operations.complete_upload(upload=upload)
    assert caught.value.numbers == [2]
    with tenant_scope(member.tenant_id):
        assert [part.number for part in upload.parts.all()] == [1]
    send(upload, 2)
    assert operations.complete_upload(upload=upload).sha256 == sha256_of(CONTENT)


def test_part_sent_again_replaces_the_former(folder: FolderStore, member: Membership) -> None:
    upload = start(member, 4)
    for content in (b"old.", b"new.", b"new."):
        send(upload, 1, content)
    with tenant_scope(member.tenant_id):
        assert upload.parts.get().sha256 == sha256_of(b"new.")
    assert operations.complete_upload(upload=upload).sha256 == sha256_of(b"new.")


@pytest.mark.parametrize("number", [0, 3, 2**31])
def test_part_beyond_the_file_is_refused(folder: FolderStore, member: Membership, number: int) -> None:
    with pytest.raises(operations.WrongPart):
        operations.receive_part(upload=start(member), number=number, body=io.BytesIO(b"x"))


@pytest.mark.parametrize(
    ("size_bytes", "error"),
    [
        (0, operations.UploadEmpty),
        (-1, operations.UploadEmpty),
        (2 * 1024**3 + 1, operations.UploadTooLarge),
    ],
)
def test_size_is_checked_at_the_start(
    folder: FolderStore, member: Membership, size_bytes: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        start(member, size_bytes)


def test_given_up_upload_leaves_nothing(store: ObjectStore, member: Membership) -> None:
    upload = start(member)
    send(upload, 2)
    operations.abort_upload(upload=upload)
    operations.abort_upload(upload=upload)
    with pytest.raises(operations.UploadClosed):
        operations.complete_upload(upload=upload)
    with tenant_scope(member.tenant_id):
        assert not Upload.objects.exists()
        assert not UploadPart.objects.exists()


def test_expired_upload_takes_no_parts(folder: FolderStore, member: Membership) -> None:
    upload = start(member)
    upload.expires_at = timezone.now() - timedelta(seconds=1)
    with pytest.raises(operations.UploadClosed):
        send(upload, 1)


def test_part_moves_the_expiry_on(folder: FolderStore, member: Membership) -> None:
    upload = start(member)
    soon = timezone.now() + timedelta(minutes=5)
    with tenant_scope(member.tenant_id):
        Upload.objects.update(expires_at=soon)
    send(upload, 1)
    with tenant_scope(member.tenant_id):
        assert Upload.objects.get().expires_at > soon + timedelta(days=1)


# --- Taking into use ------------------------------------------------------------------------------------


def take(member: Membership, upload_id: uuid.UUID, purpose: Purpose = Purpose.RECORDING) -> StoredFile:
    return operations.take_upload(tenant_id=member.tenant_id, upload_id=upload_id, purpose=purpose, membership=member)


def test_upload_is_taken_once(folder: FolderStore, member: Membership) -> None:
    upload, file = complete(member)
    assert take(member, upload.id) == file
    with pytest.raises(operations.UploadNotReady):
        take(member, upload.id)


def test_taking_is_undone_with_its_transaction(folder: FolderStore, member: Membership) -> None:
    upload, file = complete(member)
    with pytest.raises(ZeroDivisionError), tenant_scope(member.tenant_id):
        take(member, upload.id)
        raise ZeroDivisionError
    assert take(member, upload.id) == file


def test_upload_is_taken_by_its_owner_for_its_purpose(folder: FolderStore, member: Membership) -> None:
    upload, _ = complete(member)
    colleague = MembershipFactory.create(tenant=member.tenant)
    elsewhere = MembershipFactory.create(user=member.user)
    with pytest.raises(operations.UploadNotReady):
        take(colleague, upload.id)
    with pytest.raises(operations.UploadNotReady):
        take(elsewhere, upload.id)
    with pytest.raises(operations.UploadNotReady):
        take(member, upload.id, Purpose.IMPORT)
    with pytest.raises(operations.UploadNotReady):
        take(member, start(member).id)


# --- A worker's result ----------------------------------------------------------------------------------


def test_worker_puts_a_result_through_links(s3: S3Store, member: Membership) -> None:
    upload = start(member, None, user_id=None, purpose=Purpose.RESULT)
    addresses = links.result_part_links(upload, 4)
    parts = []
    for number in (1, 2):
        content = part_of(CONTENT, number)
        assert httpx.put(addresses[number - 1], content=content).status_code == 200
        parts.append(Part(number, len(content), sha256_of(content)))
    operations.complete_upload(upload=upload, parts=parts, sha256=sha256_of(CONTENT))
    file = operations.take_upload(tenant_id=member.tenant_id, upload_id=upload.id, purpose=Purpose.RESULT)
    assert file.sha256 == sha256_of(CONTENT)


def test_result_with_another_digest_is_refused(folder: FolderStore, member: Membership) -> None:
    upload = start(member, None, user_id=None, purpose=Purpose.RESULT)
    folder.put_part(operations.multipart_of(upload), 1, Body(io.BytesIO(b"result"), max_bytes=100))
    parts = [Part(1, 6, sha256_of(b"result"))]
    with pytest.raises(DigestMismatch):
        operations.complete_upload(upload=upload, parts=parts, sha256=sha256_of(b"another"))
    with pytest.raises(NoSuchObject):
        folder.size(upload.key)
    assert operations.complete_upload(upload=upload, parts=parts, sha256=sha256_of(b"result")).size_bytes == 6


@pytest.mark.parametrize("numbers", [[], [1, 1], [2], [1, 3], [2, 1]])
def test_result_states_its_parts_in_order(folder: FolderStore, member: Membership, numbers: list[int]) -> None:
    upload = start(member, None, user_id=None, purpose=Purpose.RESULT)
    with pytest.raises((operations.WrongPart, operations.UploadIncomplete)):
        operations.complete_upload(upload=upload, parts=[Part(number, 1, "0" * 64) for number in numbers])


def test_links_give_and_take_objects(s3: S3Store, member: Membership) -> None:
    file = stored_file(member.tenant_id, b"0123456789")
    answer = httpx.get(links.read_link(file), headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (206, b"234", "audio/webm")
    public = links.browser_link(file, as_attachment=True)
    assert public.startswith("http://localhost:")
    assert httpx.get(public).headers["Content-Disposition"].startswith("attachment; filename*=utf-8''R%C3%A9union")
    key = new_key(member.tenant_id, Purpose.PARTIAL)
    assert not operations.has_object(key)
    assert httpx.put(links.object_write_link(key, max_bytes=100), content=b"partial").status_code == 200
    assert operations.has_object(key)
    assert httpx.get(links.object_read_link(key)).content == b"partial"
    operations.discard_object(key)
    assert not operations.has_object(key)


# --- Deleting -------------------------------------------------------------------------------------------


def test_deleted_file_loses_its_bytes_at_commit(
    store: ObjectStore, member: Membership, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    _, file = complete(member)
    key = file.key
    with django_capture_on_commit_callbacks(execute=True):
        operations.delete_stored_file(file)
        assert operations.has_object(key)
    assert not operations.has_object(key)
    with tenant_scope(member.tenant_id):
        assert not StoredFile.objects.exists()
        assert not DiscardedObject.objects.exists()


def test_deleting_that_is_undone_keeps_the_bytes(folder: FolderStore, member: Membership) -> None:
    file = stored_file(member.tenant_id, b"sound")
    with transaction.atomic(), tenant_scope(member.tenant_id):
        operations.delete_stored_file(file)
        transaction.set_rollback(True)
    assert operations.has_object(file.key)
    with tenant_scope(member.tenant_id):
        assert StoredFile.objects.exists()


def test_store_that_was_down_is_asked_again(
    folder: FolderStore,
    member: Membership,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def fail(self: FolderStore, key: str) -> None:
        raise StoreUnavailable

    file = stored_file(member.tenant_id, b"sound")
    key = file.key
    with monkeypatch.context() as patch:
        patch.setattr(FolderStore, "delete", fail)
        with django_capture_on_commit_callbacks(execute=True):
            operations.delete_stored_file(file)
    assert operations.has_object(key)
    assert operations.purge_uploads(tenant_id=member.tenant_id) == 1
    assert not operations.has_object(key)


def test_purge_removes_what_nobody_took(
    folder: FolderStore, member: Membership, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    unused, file = complete(member)
    unused_key = file.key
    taken, kept = complete(member)
    take(member, taken.id)
    half, running = start(member), start(member)
    send(half, 1)
    with tenant_scope(member.tenant_id):
        Upload.objects.filter(pk__in=[unused.pk, half.pk]).update(expires_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        assert operations.purge_uploads(tenant_id=member.tenant_id) == 2
    assert not operations.has_object(unused_key)
    assert operations.has_object(kept.key)
    assert not folder._parts_folder(half.key).exists()
    assert folder._parts_folder(running.key).exists()


def test_purge_asks_for_each_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    tenants = {str(TenantFactory.create().id) for _ in range(2)}
    asked = []
    monkeypatch.setattr(tasks.purge_tenant_uploads, "delay", lambda **kwargs: asked.append(kwargs["tenant_id"]))
    tasks.purge_uploads()
    assert set(asked) == tenants
