"""Objects in S3 or what speaks like it: parts are S3's multipart, links are presigned addresses."""

import io
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.http import content_disposition_header

from apps.files.grants import Grant
from apps.files.objects import (
    Body,
    DamagedParts,
    Multipart,
    NoSuchMultipart,
    NoSuchObject,
    ObjectDigest,
    PartDigest,
    StorageFull,
    StoreUnavailable,
    tenant_of_key,
)

READ_AHEAD_BYTES = 1024 * 1024
MISSING_OBJECT = {"NoSuchKey", "404", "NotFound"}
FULL = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "507"}

CONFIG = Config(
    signature_version="s3v4",
    connect_timeout=5,
    read_timeout=60,
    retries={"max_attempts": 3, "mode": "standard"},
    s3={"addressing_style": "path"},  # one host name for certificates and for the CSP
    # The checksums that AWS alone understands are left out: other makers refuse them.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class S3Store:
    """Keeps each object under its key in one bucket."""

    is_reached_by_links = True

    def __init__(
        self, *, bucket: str, endpoint: str, internal_endpoint: str, access_key: str, secret_key: str, region: str
    ) -> None:
        self._bucket = bucket
        access = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key, "region_name": region}
        session = boto3.session.Session(**access)
        self._client = session.client("s3", endpoint_url=internal_endpoint or None, config=CONFIG)
        # Presigning contacts nobody, so the portal need not reach what browsers reach.
        public = session.client("s3", endpoint_url=endpoint or None, config=CONFIG)
        self._signers = {True: self._client, False: public}

    def start_multipart(self, key: str, *, media_type: str, size_bytes: int) -> Multipart:
        with translated_errors(key):
            answer = self._client.create_multipart_upload(**self._place(key), ContentType=media_type)
        return Multipart(key, answer["UploadId"])

    def put_part(self, multipart: Multipart, number: int, body: Body) -> ObjectDigest:
        content = b"".join(body.chunks())
        with translated_errors(multipart.key):
            self._client.upload_part(**self._upload(multipart), PartNumber=number, Body=content)
        return body.finish()

    def complete_multipart(self, multipart: Multipart, parts: Sequence[PartDigest]) -> ObjectDigest:
        try:
            received = self._received(multipart)
        except NoSuchMultipart:
            if not self._exists(multipart.key):
                raise
            # Joined by an earlier call, which got no further.
        else:
            if missing := [part.number for part in parts if received.get(part.number, ("", -1))[1] != part.size_bytes]:
                raise DamagedParts(missing)
            etags = [{"PartNumber": part.number, "ETag": received[part.number][0]} for part in parts]
            with translated_errors(multipart.key):
                self._client.complete_multipart_upload(**self._upload(multipart), MultipartUpload={"Parts": etags})
        return self._verified(multipart.key, parts)

    def abort_multipart(self, multipart: Multipart) -> None:
        try:
            with translated_errors(multipart.key):
                self._client.abort_multipart_upload(**self._upload(multipart))
        except NoSuchMultipart:
            return

    def put(self, key: str, body: Body, *, media_type: str) -> ObjectDigest:
        with translated_errors(key):
            self._client.upload_fileobj(body, **self._place(key), ExtraArgs={"ContentType": media_type})
        return body.finish()

    def remove_leftovers(self) -> int:
        """Find nothing to do: S3 shows only what is whole."""
        return 0

    def open(self, key: str) -> BinaryIO:
        reader = S3Reader(self._client, self._place(key), self.size(key))
        return cast(BinaryIO, io.BufferedReader(reader, READ_AHEAD_BYTES))

    def size(self, key: str) -> int:
        with translated_errors(key):
            return int(self._client.head_object(**self._place(key))["ContentLength"])

    def delete(self, key: str) -> None:
        with translated_errors(key):
            self._client.delete_object(**self._place(key))

    def link(self, grant: Grant, *, internal: bool) -> str:
        operation, parameters = self._signed_operation(grant)
        address = self._signers[internal].generate_presigned_url(
            operation, Params=self._place(grant.key) | parameters, ExpiresIn=grant.lifetime_s
        )
        return str(address)

    def _signed_operation(self, grant: Grant) -> tuple[str, dict[str, Any]]:
        if grant.part:
            return "upload_part", {"UploadId": grant.multipart_id, "PartNumber": grant.part}
        if grant.method == "PUT":
            return "put_object", {}
        parameters = {}
        if grant.media_type:
            parameters["ResponseContentType"] = grant.media_type
        if disposition := content_disposition_header(grant.is_attachment, grant.name):
            parameters["ResponseContentDisposition"] = disposition
        return "get_object", parameters

    def _exists(self, key: str) -> bool:
        try:
            self.size(key)
        except NoSuchObject:
            return False
        return True

    def _received(self, multipart: Multipart) -> dict[int, tuple[str, int]]:
        """Return S3's name and the size of each part that it holds, by number."""
        pages = self._client.get_paginator("list_parts").paginate(**self._upload(multipart))
        with translated_errors(multipart.key):
            return {
                part["PartNumber"]: (part["ETag"], part["Size"]) for page in pages for part in page.get("Parts", [])
            }

    def _verified(self, key: str, parts: Sequence[PartDigest]) -> ObjectDigest:
        """Read the joined object back and compare each part; a damaged object is deleted."""
        damaged = []
        with translated_errors(key):
            stream = self._client.get_object(**self._place(key))["Body"]
            whole = Body(stream, max_bytes=sum(part.size_bytes for part in parts))
            for part in parts:
                piece = Body(Slice(whole, part.size_bytes), max_bytes=part.size_bytes)
                deque(piece.chunks(), maxlen=0)  # read to the end, keep nothing
                if piece.finish() != (part.size_bytes, part.sha256):
                    damaged.append(part.number)
        if damaged:
            self.delete(key)
            raise DamagedParts(damaged)
        return whole.finish()

    def _place(self, key: str) -> dict[str, Any]:
        tenant_of_key(key)
        return {"Bucket": self._bucket, "Key": key}

    def _upload(self, multipart: Multipart) -> dict[str, Any]:
        return self._place(multipart.key) | {"UploadId": multipart.multipart_id}


class Slice:
    """The next bytes of a stream, up to a number of them."""

    def __init__(self, source: Body, size_bytes: int) -> None:
        self._source, self._left = source, size_bytes

    def read(self, size: int, /) -> bytes:
        chunk = self._source.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk


class S3Reader(io.RawIOBase):
    """A seekable stream of one object; each read asks for the range that it needs."""

    def __init__(self, client: Any, place: dict[str, Any], size_bytes: int) -> None:
        self._client, self._place, self._size_bytes = client, place, size_bytes
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        content = self._fetch(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def readall(self) -> bytes:
        return self._fetch(self._size_bytes)

    def _fetch(self, size: int) -> bytes:
        last = min(self._position + size, self._size_bytes) - 1
        if last < self._position:
            return b""
        with translated_errors(self._place["Key"]):
            answer = self._client.get_object(**self._place, Range=f"bytes={self._position}-{last}")
            content: bytes = answer["Body"].read()
        self._position += len(content)
        return content


@contextmanager
def translated_errors(key: str) -> Iterator[None]:
    """Turn what boto3 raises into the stores' own errors."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in MISSING_OBJECT:
            raise NoSuchObject(key) from error
        if code == "NoSuchUpload":
            raise NoSuchMultipart(key) from error
        if code in FULL:
            raise StorageFull("The object store has no room left.") from error
        raise StoreUnavailable(f"The object store refused: {code}.") from error
    except BotoCoreError as error:
        raise StoreUnavailable("The object store does not answer.") from error
