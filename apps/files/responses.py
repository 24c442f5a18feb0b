"""Giving stored objects to browsers and workers, in ranges and without holding them in memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, parse_etags

from apps.files.links import browser_link
from apps.files.models import StoredFile
from apps.files.naming import is_playable
from apps.files.objects import CHUNK_BYTES, NoSuchObject
from apps.files.ranges import ByteRange, UnsatisfiableRange, parse_range
from apps.files.store import object_store


class StoredFileResponse(StreamingHttpResponse):
    """An open object, or the range of it that the request asks for (206), as the server needs it.

    Under ASGI it is read in threads, chunk by chunk; under WSGI it is an ordinary iterator. Nothing of it
    needs the database, so it may run after the tenant's transaction.
    """

    def __init__(
        self, request: HttpRequest, stream: BinaryIO, *, size_bytes: int, etag: str, byte_range: ByteRange | None
    ) -> None:
        span = byte_range or ByteRange(0, size_bytes - 1)
        left = 0 if request.method == "HEAD" else span.size_bytes
        stream.seek(span.first)
        is_asgi = isinstance(request, ASGIRequest)
        content = chunks_async(stream, left) if is_asgi else chunks(stream, left)
        super().__init__(content, status=206 if byte_range else 200)
        self.stream = stream
        self["Content-Length"] = str(span.size_bytes)
        self["Accept-Ranges"] = "bytes"
        self["ETag"] = etag
        if byte_range:
            self["Content-Range"] = f"bytes {span.first}-{span.last}/{size_bytes}"

    def close(self) -> None:
        self.stream.close()
        super().close()


def serve_stored_file(request: HttpRequest, file: StoredFile, *, as_attachment: bool = False) -> HttpResponseBase:
    """Answer a person's request with a file that they may read (the view has checked it).

    What a browser cannot play is always a download. With S3 the browser is sent there. Raises Http404 where
    the bytes are gone.
    """
    if object_store().is_reached_by_links:
        redirect = HttpResponseRedirect(browser_link(file, as_attachment=as_attachment))
        patch_cache_control(redirect, no_store=True)
        return redirect
    response = serve_object(request, file.key, media_type=file.media_type, etag=f'"{file.id}"')
    if response.status_code in (200, 206):
        is_download = as_attachment or not is_playable(file.media_type)
        response["Content-Disposition"] = content_disposition_header(is_download, file.name) or "inline"
    return response


def serve_object(request: HttpRequest, key: str, *, media_type: str, etag: str = "") -> HttpResponseBase:
    """Answer GET and HEAD with an object: 200, 206, 304 or 416. Raises Http404 where there is none."""
    store = object_store()
    try:
        size_bytes = store.size(key)
        stream = store.open(key)
    except NoSuchObject as error:
        raise Http404 from error
    try:
        byte_range = requested_range(request, size_bytes, etag)
    except UnsatisfiableRange:
        stream.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size_bytes}"})
    response: HttpResponseBase
    if etag and etag in parse_etags(request.headers.get("If-None-Match", "")):
        stream.close()
        response = HttpResponse(status=304, headers={"ETag": etag})
    else:
        response = StoredFileResponse(request, stream, size_bytes=size_bytes, etag=etag, byte_range=byte_range)
        response["Content-Type"] = media_type or "application/octet-stream"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def requested_range(request: HttpRequest, size_bytes: int, etag: str) -> ByteRange | None:
    """Return the range that a GET asks for, unless its If-Range names another version."""
    header = request.headers.get("Range", "")
    if request.method != "GET" or not header:
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    return parse_range(header, size_bytes)


def chunks(stream: BinaryIO, left: int) -> Iterator[bytes]:
    """Read ``left`` bytes from where the stream stands."""
    while left and (chunk := stream.read(min(CHUNK_BYTES, left))):
        left -= len(chunk)
        yield chunk


async def chunks_async(stream: BinaryIO, left: int) -> AsyncIterator[bytes]:
    """Read ``left`` bytes from where the stream stands, in threads."""
    while left and (chunk := await asyncio.to_thread(stream.read, min(CHUNK_BYTES, left))):
        left -= len(chunk)
        yield chunk
