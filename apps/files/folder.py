"""Objects in a folder: private files, which appear whole by a rename."""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.urls import reverse

from apps.files.grants import Grant, sign_grant
from apps.files.objects import (
    CHUNK_BYTES,
    Body,
    BodyTooLarge,
    DamagedParts,
    DigestMismatch,
    Multipart,
    NoSuchMultipart,
    NoSuchObject,
    ObjectDigest,
    PartDigest,
    StorageFull,
    WrongSize,
    tenant_of_key,
)

FULL = (errno.ENOSPC, errno.EDQUOT)
RESERVE_BYTES = 64 * 1024 * 1024  # what an upload must leave free
LEFTOVER_AGE_S = 24 * 60 * 60  # a file that is still being written is younger than this


class FolderStore:
    """Keeps the object <tenant>/<purpose>/<uuid> in the file of that name, its parts in <uuid>.parts/."""

    is_reached_by_links = False

    def __init__(self, root: Path, *, public_url: str, internal_url: str) -> None:
        self._root = root
        self._urls = {False: public_url, True: internal_url}

    def start_multipart(self, key: str, *, media_type: str, size_bytes: int) -> Multipart:
        folder = self._parts_folder(key)
        with refusing_full_disk():
            private_folders(folder, self._root)
            # The parts, and the whole that they become, lie side by side for a moment.
            if shutil.disk_usage(self._root).free < 2 * size_bytes + RESERVE_BYTES:
                folder.rmdir()
                raise StorageFull(f"There is no room for {size_bytes} bytes.")
        return Multipart(key, "")

    def put_part(self, multipart: Multipart, number: int, body: Body) -> ObjectDigest:
        try:
            write_whole(self._parts_folder(multipart.key) / str(number), body.chunks())
        except FileNotFoundError as error:
            raise NoSuchMultipart(multipart.key) from error
        return body.finish()

    def complete_multipart(self, multipart: Multipart, parts: Sequence[PartDigest]) -> ObjectDigest:
        path, folder = self._path(multipart.key), self._parts_folder(multipart.key)
        if not folder.is_dir():
            raise NoSuchMultipart(multipart.key)
        joined = Body(Joined(folder, parts), max_bytes=sum(part.size_bytes for part in parts))
        write_whole(path, joined.chunks(), lasting=True)
        return joined.finish()

    def abort_multipart(self, multipart: Multipart) -> None:
        folder = self._parts_folder(multipart.key)
        gone = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
        try:
            folder.rename(gone)  # from here on a late part finds no place
        except FileNotFoundError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    def put(self, key: str, body: Body, *, media_type: str) -> ObjectDigest:
        path = self._path(key)
        with refusing_full_disk():
            private_folders(path.parent, self._root)
        write_whole(path, body.chunks(), lasting=True)
        return body.finish()

    def open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NoSuchObject(key) from error

    def size(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError as error:
            raise NoSuchObject(key) from error

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def link(self, grant: Grant, *, internal: bool) -> str:
        return self._urls[internal] + reverse("files:object", kwargs={"token": sign_grant(grant)})

    def remove_leftovers(self) -> int:
        """Remove what a process that died has left half written; return how many files and folders."""
        oldest = time.time() - LEFTOVER_AGE_S
        leftovers = [path for path in self._root.rglob(".*") if path.lstat().st_mtime < oldest]
        for path in leftovers:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(leftovers)

    def _path(self, key: str) -> Path:
        tenant_of_key(key)  # nothing but a key becomes a path
        return self._root / key

    def _parts_folder(self, key: str) -> Path:
        path = self._path(key)
        return path.with_name(f"{path.name}.parts")


class Joined:
    """The parts of an upload read one after the other, each compared with its digest.

    The end raises DamagedParts where some are missing or differ, so that all of them are named at once.
    """

    def __init__(self, folder: Path, parts: Sequence[PartDigest]) -> None:
        self._chunks = self._read(folder, parts)

    def read(self, size: int, /) -> bytes:
        return next(self._chunks, b"")

    def _read(self, folder: Path, parts: Sequence[PartDigest]) -> Iterator[bytes]:
        damaged = []
        for part in parts:
            try:
                with (folder / str(part.number)).open("rb") as file:
                    yield from Body(
                        file, max_bytes=part.size_bytes, exact_bytes=part.size_bytes, sha256=part.sha256
                    ).chunks()
            except (FileNotFoundError, BodyTooLarge, WrongSize, DigestMismatch):
                damaged.append(part.number)
        if damaged:
            raise DamagedParts(damaged)


def write_whole(path: Path, chunks: Iterable[bytes], *, lasting: bool = False) -> None:
    """Write a private file that appears under its name only when it is whole; ``lasting`` survives a power cut.

    Raises StorageFull; whatever is raised, nothing of the body is kept.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with refusing_full_disk():
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", CHUNK_BYTES) as file:
                file.writelines(chunks)
                file.flush()
                if lasting:
                    os.fsync(file.fileno())
            temporary.replace(path)
            if lasting:
                sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folders(folder: Path, root: Path) -> None:
    """Make a folder below ``root``, and what is missing above it, for this account alone."""
    root.parent.mkdir(parents=True, exist_ok=True)
    missing = [folder, *folder.parents]
    for path in reversed(missing[: missing.index(root) + 1]):
        path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def refusing_full_disk() -> Iterator[None]:
    """Turn the system's word for a full disk or quota into StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull("The disk is full.") from error
        raise
