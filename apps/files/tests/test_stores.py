"""What every object store promises, tried on the folder and on S3 over HTTP."""

import errno
import io
import os
import shutil
import stat
import time
import uuid
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest

from apps.files.folder import LEFTOVER_AGE_S, FolderStore
from apps.files.models import PART_SIZE_BYTES, Purpose
from apps.files.objects import (
    BadKey,
    Body,
    BodyTooLarge,
    DamagedParts,
    DigestMismatch,
    NoSuchMultipart,
    NoSuchObject,
    ObjectStore,
    StorageFull,
    StoreUnavailable,
    WrongSize,
    new_key,
    stated_sha256,
    tenant_of_key,
)
from apps.files.s3 import S3Store
from apps.files.tests.factories import body_of, content_digest, sha256_of

TENANT = uuid.UUID("7d0a26c1-1111-4222-8333-444455556666")


class Part(NamedTuple):
    number: int
    size_bytes: int
    sha256: str


def new() -> str:
    return new_key(TENANT, Purpose.RECORDING)


def body(content: bytes, **expected: object) -> Body:
    return Body(io.BytesIO(content), **({"max_bytes": len(content)} | expected))  # type: ignore[arg-type]


def part(number: int, content: bytes) -> Part:
    return Part(number, len(content), sha256_of(content))


def test_object_is_read_back_from_anywhere(store: ObjectStore) -> None:
    key, content = new(), body_of(3_000_000)
    digest = store.put(key, body(content), media_type="audio/webm")
    assert digest == (len(content), sha256_of(content))
    assert store.size(key) == len(content)
    with store.open(key) as stream:
        assert stream.read(10) == content[:10]
        stream.seek(2_000_000)
        assert stream.read(5) == content[2_000_000:2_000_005]
        stream.seek(-7, io.SEEK_END)
        assert stream.read() == content[-7:]


def test_put_replaces_the_object(store: ObjectStore) -> None:
    key = new()
    store.put(key, body(b"first, and longer"), media_type="text/plain")
    store.put(key, body(b"second"), media_type="text/plain")
    with store.open(key) as stream:
        assert stream.read() == b"second"


def test_parts_in_any_order_make_the_whole(store: ObjectStore) -> None:
    contents = [body_of(PART_SIZE_BYTES, 1), body_of(PART_SIZE_BYTES, 2), body_of(1234, 3)]
    multipart = store.start_multipart(new(), media_type="audio/webm", size_bytes=sum(map(len, contents)))
    for number in (3, 1, 2, 1):  # one of them twice
        store.put_part(multipart, number, body(contents[number - 1]))
    parts = [part(number, content) for number, content in enumerate(contents, 1)]
    with pytest.raises(NoSuchObject):
        store.size(multipart.key)
    whole = b"".join(contents)
    for _ in range(2):  # a client that got no answer asks again
        assert store.complete_multipart(multipart, parts) == (len(whole), sha256_of(whole))
    store.abort_multipart(multipart)
    store.abort_multipart(multipart)
    with store.open(multipart.key) as stream:
        assert stream.read() == whole


def test_missing_and_damaged_parts_are_named(store: ObjectStore) -> None:
    multipart = store.start_multipart(new(), media_type="audio/webm", size_bytes=20)
    store.put_part(multipart, 1, body(b"only one"))
    with pytest.raises(DamagedParts) as caught:
        store.complete_multipart(multipart, [part(1, b"only one"), part(2, b"nowhere")])
    assert caught.value.numbers == [2]
    with pytest.raises(DamagedParts) as caught:
        store.complete_multipart(multipart, [part(1, b"ONLY ONE")])
    assert caught.value.numbers == [1]
    with pytest.raises(NoSuchObject):
        store.size(multipart.key)


def test_aborted_upload_takes_no_parts(store: ObjectStore) -> None:
    multipart = store.start_multipart(new(), media_type="audio/webm", size_bytes=4)
    store.abort_multipart(multipart)
    if not isinstance(store, S3Store):  # moto answers 500 where S3 says NoSuchUpload
        with pytest.raises(NoSuchMultipart):
            store.put_part(multipart, 1, body(b"late"))
    with pytest.raises(NoSuchMultipart):
        store.complete_multipart(multipart, [part(1, b"late")])


@pytest.mark.parametrize(
    ("expected", "error"),
    [
        ({"max_bytes": 3}, BodyTooLarge),
        ({"exact_bytes": 3}, BodyTooLarge),
        ({"exact_bytes": 5}, WrongSize),
        ({"sha256": "0" * 64}, DigestMismatch),
    ],
)
def test_refused_part_leaves_the_former_one(
    store: ObjectStore, expected: dict[str, object], error: type[Exception]
) -> None:
    multipart = store.start_multipart(new(), media_type="audio/webm", size_bytes=4)
    store.put_part(multipart, 1, body(b"good"))
    with pytest.raises(error):
        store.put_part(multipart, 1, body(b"evil", **expected))
    assert store.complete_multipart(multipart, [part(1, b"good")]).size_bytes == 4


def test_missing_object_is_said_and_deleting_it_is_no_error(store: ObjectStore) -> None:
    key = new()
    with pytest.raises(NoSuchObject):
        store.size(key)
    with pytest.raises(NoSuchObject):
        store.open(key)
    store.delete(key)
    store.put(key, body(b"here"), media_type="text/plain")
    store.delete(key)
    with pytest.raises(NoSuchObject):
        store.size(key)


NOT_KEYS = (
    "",
    "/etc/passwd",
    "../secret",
    f"{TENANT}/recording/../../../etc/passwd",
    f"{TENANT}/../{TENANT}",
    f"{TENANT}/recording/{TENANT}\n",
    f"{TENANT}/recording/{TENANT}/",
    f"{TENANT}/recording/{TENANT}.parts",
)


def test_nothing_but_a_key_reaches_the_store(store: ObjectStore) -> None:
    for key in NOT_KEYS:
        for use in (store.open, store.size, store.delete):
            with pytest.raises(BadKey):
                use(key)
        with pytest.raises(BadKey):
            store.put(key, body(b"x"), media_type="text/plain")


def test_key_tells_its_tenant() -> None:
    assert tenant_of_key(new()) == TENANT


# --- The folder ---------------------------------------------------------------------------------------


def test_folder_is_private(folder: FolderStore, storage_dir: Path) -> None:
    folder.put(new(), body(b"x"), media_type="text/plain")
    folder.put_part(folder.start_multipart(new(), media_type="", size_bytes=1), 1, body(b"x"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in storage_dir.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in [storage_dir, *storage_dir.rglob("*")] if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})


def fail_with_full_disk(*args: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_keeps_nothing(folder: FolderStore, storage_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    multipart = folder.start_multipart(new(), media_type="", size_bytes=8)
    folder.put_part(multipart, 1, body(b"kept"))
    monkeypatch.setattr(Body, "read", fail_with_full_disk)
    with pytest.raises(StorageFull):
        folder.put_part(multipart, 2, body(b"lost"))
    with pytest.raises(StorageFull):
        folder.put(new(), body(b"lost"), media_type="text/plain")
    with pytest.raises(StorageFull):
        folder.complete_multipart(multipart, [part(1, b"kept")])
    assert [path.name for path in storage_dir.rglob("*") if path.is_file()] == ["1"]


def test_upload_that_cannot_fit_is_refused_at_the_start(
    folder: FolderStore, storage_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=1_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    folder.start_multipart(new(), media_type="", size_bytes=400_000_000)
    with pytest.raises(StorageFull):
        folder.start_multipart(new(), media_type="", size_bytes=600_000_000)
    assert len(list(storage_dir.rglob("*.parts"))) == 1


def test_what_a_dead_process_left_is_removed(folder: FolderStore, storage_dir: Path) -> None:
    key = new()
    folder.put(key, body(b"whole"), media_type="text/plain")
    old = time.time() - LEFTOVER_AGE_S - 60
    place = (storage_dir / key).parent
    for name in (".half.1234", ".fresh.1234"):
        (place / name).write_bytes(b"half")
    os.utime(place / ".half.1234", (old, old))
    os.utime(storage_dir / key, (old, old))
    assert folder.remove_leftovers() == 1
    assert sorted(path.name for path in place.iterdir()) == sorted([".fresh.1234", key.split("/")[-1]])


# --- S3 -----------------------------------------------------------------------------------------------


def test_s3_that_does_not_answer_is_said() -> None:
    nowhere = "http://127.0.0.1:9"
    store = S3Store(
        bucket="b", endpoint=nowhere, internal_endpoint=nowhere, access_key="a", secret_key="s", region="fr-par"
    )
    with pytest.raises(StoreUnavailable):
        store.size(new())


# --- Digests ------------------------------------------------------------------------------------------


def test_stated_digest_is_read() -> None:
    assert stated_sha256(content_digest(b"x")) == sha256_of(b"x")
    assert stated_sha256(f"sha-512=:abc=:, {content_digest(b'x')}") == sha256_of(b"x")
    assert stated_sha256("") == stated_sha256("sha-512=:abc=:") == ""


@pytest.mark.parametrize("header", ["sha-256=:%%%:", "sha-256=:YWJj:", "sha-256="])
def test_digest_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(DigestMismatch):
        stated_sha256(header)
