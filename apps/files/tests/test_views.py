"""Uploads over HTTP, signed links, and files given in ranges."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import AsyncRequestFactory, Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from apps.files import links, operations
from apps.files.folder import FolderStore
from apps.files.grants import Grant, sign_grant
from apps.files.models import PART_SIZE_BYTES, Purpose, StoredFile, Upload
from apps.files.objects import StorageFull, new_key
from apps.files.responses import StoredFileResponse, serve_stored_file
from apps.files.s3 import S3Store
from apps.files.store import object_store
from apps.files.tests.factories import body_of, content_digest, sha256_of, stored_file
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

CONTENT = body_of(PART_SIZE_BYTES) + body_of(500, 2)


@pytest.fixture
def web(member: Membership) -> Client:
    return client_of(member)


def create(web: Client, member: Membership, **fields: Any) -> Any:
    body = {"purpose": "recording", "name": "réunion.webm", "media_type": "audio/webm", "size_bytes": len(CONTENT)}
    return web.post(
        reverse("uploads:create", args=[member.tenant.slug]), body | fields, content_type="application/json"
    )


def put(web: Client, url: str, content: bytes, digest: str | None = None) -> Any:
    headers = {"Content-Digest": content_digest(content) if digest is None else digest}
    return web.put(url, content, content_type="application/octet-stream", headers=headers)


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, json.loads(response.content)["code"]


def test_upload_is_resumed_and_completed(folder: FolderStore, web: Client, member: Membership) -> None:
    state = create(web, member).json()
    assert (state["part_size_bytes"], state["part_count"], state["parts"]) == (PART_SIZE_BYTES, 2, [])
    url = state["url"]
    assert put(web, f"{url}parts/2", CONTENT[PART_SIZE_BYTES:]).status_code == 200
    assert code_of(web.post(f"{url}complete")) == (409, "incomplete")
    state = web.get(url).json()  # the page was reloaded
    assert (state["status"], state["parts"]) == ("open", [2])
    assert put(web, f"{url}parts/1", CONTENT[:PART_SIZE_BYTES]).json()["sha256"] == sha256_of(CONTENT[:PART_SIZE_BYTES])
    done = web.post(f"{url}complete")
    assert (done.status_code, done.json()["sha256"]) == (200, sha256_of(CONTENT))
    assert web.post(f"{url}complete").json() == done.json()
    assert web.get(url).json()["status"] == "complete"
    assert code_of(put(web, f"{url}parts/1", CONTENT[:PART_SIZE_BYTES])) == (409, "closed")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"purpose": "result"}, (400, "bad_request")),
        ({"purpose": None}, (400, "bad_request")),
        ({"purpose": []}, (400, "bad_request")),
        ({"size_bytes": "12"}, (400, "bad_request")),
        ({"size_bytes": True}, (400, "bad_request")),
        ({"name": 7}, (400, "bad_request")),
        ({"size_bytes": 0}, (422, "empty")),
        ({"size_bytes": 10**18}, (413, "too_large")),
    ],
)
def test_upload_that_cannot_be_is_refused(
    web: Client, member: Membership, fields: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert code_of(create(web, member, **fields)) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"a": "' + b"x" * 20_000 + b'"}'])
def test_body_that_is_no_json_is_refused(web: Client, member: Membership, body: bytes) -> None:
    url = reverse("uploads:create", args=[member.tenant.slug])
    assert code_of(web.post(url, body, content_type="application/json")) == (400, "bad_request")


def test_damaged_part_is_refused(folder: FolderStore, web: Client, member: Membership) -> None:
    url = create(web, member, size_bytes=4).json()["url"] + "parts/1"
    assert code_of(put(web, url, b"good", content_digest(b"evil"))) == (422, "digest_mismatch")
    assert code_of(put(web, url, b"good", "sha-256=:?:")) == (422, "digest_mismatch")
    assert code_of(put(web, url, b"goo")) == (422, "wrong_size")
    assert code_of(put(web, url, b"goods")) == (413, "body_too_large")
    assert code_of(put(web, url.replace("parts/1", "parts/2"), b"good")) == (422, "wrong_part")
    assert put(web, url, b"good", "").status_code == 200


def test_full_disk_is_said(
    folder: FolderStore, web: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise StorageFull

    url = create(web, member, size_bytes=4).json()["url"]
    monkeypatch.setattr(FolderStore, "put_part", fail)
    monkeypatch.setattr(FolderStore, "start_multipart", lambda *args, **kwargs: fail())
    assert code_of(put(web, f"{url}parts/1", b"good")) == (507, "storage_full")
    assert code_of(create(web, member)) == (507, "storage_full")
    assert web.get(url).json()["parts"] == []


def test_upload_is_given_up(folder: FolderStore, web: Client, member: Membership) -> None:
    url = create(web, member).json()["url"]
    assert web.delete(url).status_code == 204
    assert web.get(url).status_code == 404


def test_upload_is_its_owners_alone(folder: FolderStore, web: Client, member: Membership) -> None:
    url = create(web, member, size_bytes=4).json()["url"]
    elsewhere = MembershipFactory.create(user=member.user)
    own_elsewhere = url.replace(member.tenant.slug, elsewhere.tenant.slug)
    colleague = client_of(MembershipFactory.create(tenant=member.tenant))
    stranger = client_of(MembershipFactory.create())
    for browser, address in ((colleague, url), (stranger, url), (web, own_elsewhere)):
        assert browser.get(address).status_code == 404
        assert browser.delete(address).status_code == 404
        assert put(browser, f"{address}parts/1", b"good").status_code == 404
        assert browser.post(f"{address}complete").status_code == 404
    assert put(Client(), f"{url}parts/1", b"good").status_code == 302
    with tenant_scope(member.tenant_id):
        assert Upload.objects.get().parts.count() == 0


def test_uploads_need_the_csrf_token(folder: FolderStore, web: Client, member: Membership) -> None:
    url = create(web, member, size_bytes=4).json()["url"]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = web.cookies
    assert put(strict, f"{url}parts/1", b"good").status_code == 403
    assert strict.delete(url).status_code == 403
    assert create(strict, member).status_code == 403


# --- Signed links ---------------------------------------------------------------------------------------


@pytest.fixture
def file(folder: FolderStore, member: Membership) -> StoredFile:
    return stored_file(member.tenant_id, CONTENT)


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def content_of(response: HttpResponseBase) -> bytes:
    assert isinstance(response, StreamingHttpResponse)
    content = response.getvalue()
    response.close()
    return content


def test_link_gives_the_object_without_an_account(file: StoredFile, client: Client) -> None:
    url = path_of(links.read_link(file))
    whole = client.get(url)
    assert (whole.status_code, whole["Content-Length"]) == (200, str(len(CONTENT)))
    assert (whole["Content-Type"], whole["X-Content-Type-Options"]) == ("audio/webm", "nosniff")
    assert content_of(whole) == CONTENT
    head = client.head(url)
    assert (head.status_code, head["Content-Length"], head["Accept-Ranges"]) == (200, str(len(CONTENT)), "bytes")
    assert content_of(head) == b""
    part = client.get(url, headers={"Range": "bytes=-10"})
    assert (part.status_code, content_of(part)) == (206, CONTENT[-10:])


def test_link_uses_the_address_of_whom_it_is_for(file: StoredFile, settings: Settings) -> None:
    settings.PORTAL_INTERNAL_URL, settings.PORTAL_PUBLIC_URL = "http://portal:8000", "https://portal.example"
    object_store.cache_clear()
    assert links.read_link(file).startswith("http://portal:8000/files/")
    assert links.read_link(file, internal=False).startswith("https://portal.example/files/")


def test_link_takes_one_object(folder: FolderStore, member: Membership, client: Client) -> None:
    key = new_key(member.tenant_id, Purpose.PARTIAL)
    url = path_of(links.object_write_link(key, max_bytes=8))
    assert put(client, url, b"partial").status_code == 204
    assert put(client, url, b"again").status_code == 204
    assert code_of(put(client, url, b"too large")) == (413, "body_too_large")
    assert code_of(put(client, url, b"bad", content_digest(b"good"))) == (422, "digest_mismatch")
    assert content_of(client.get(path_of(links.object_read_link(key)))) == b"again"


def test_link_takes_a_part(folder: FolderStore, member: Membership, client: Client) -> None:
    upload = operations.start_upload(tenant_id=member.tenant_id, purpose=Purpose.RESULT, name="result.json")
    first, second = map(path_of, links.result_part_links(upload, 2))
    assert put(client, first, b"one").status_code == 204
    assert client.get(first).status_code == 405
    operations.abort_upload(upload=upload)
    assert code_of(put(client, second, b"two")) == (409, "closed")


def test_link_allows_its_method_alone(file: StoredFile, client: Client) -> None:
    url = path_of(links.read_link(file))
    for refused in (client.put(url, b"x"), client.post(url), client.delete(url)):
        assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")
    writing = path_of(links.object_write_link(file.key, max_bytes=4))
    assert client.get(writing).status_code == client.head(writing).status_code == 405


def test_link_that_is_changed_or_expired_is_refused(
    file: StoredFile, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = path_of(links.read_link(file))
    other = sign_grant(Grant("GET", new_key(file.tenant_id, Purpose.RECORDING), 60))
    payload, _, signature = url.removeprefix("/files/").partition(":")
    forged = f"{other.partition(':')[0]}:{signature}"
    for token in (payload, forged, f"{payload}:", "x", f"{payload}:{signature}x"):
        assert client.get(f"/files/{token}").status_code == 403
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + links.LINK_LIFETIME_S + 1)
    assert client.get(url).status_code == 403


def test_link_to_a_deleted_object_finds_nothing(file: StoredFile, client: Client) -> None:
    url = path_of(links.read_link(file))
    operations.discard_object(file.key)
    assert client.get(url).status_code == 404


# --- Files for people -----------------------------------------------------------------------------------


class Served(NamedTuple):
    """An answer, read and closed as a server does."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


def serve(file: StoredFile, method: str = "GET", **headers: str) -> Served:
    request = RequestFactory().generic(method, "/", headers=headers)
    response = serve_stored_file(request, file)
    content = b""
    if isinstance(response, StoredFileResponse):
        content = response.getvalue()
        response.stream.close()
    return Served(response.status_code, response.headers, content)


def test_range_is_answered_with_206(file: StoredFile) -> None:
    status, headers, content = serve(file, Range="bytes=100-199")
    assert (status, headers["Content-Range"]) == (206, f"bytes 100-199/{len(CONTENT)}")
    assert (headers["Content-Length"], content) == ("100", CONTENT[100:200])


def test_range_outside_is_answered_with_416(file: StoredFile) -> None:
    status, headers, _ = serve(file, Range=f"bytes={len(CONTENT)}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")


def test_range_of_another_version_gives_the_whole(file: StoredFile) -> None:
    etag = serve(file).headers["ETag"]
    assert serve(file, Range="bytes=0-9", **{"If-Range": etag}).status_code == 206
    assert serve(file, Range="bytes=0-9", **{"If-Range": '"other"'}).status_code == 200
    assert serve(file, "HEAD", Range="bytes=0-9")[::2] == (200, b"")


def test_known_version_is_not_sent_again(file: StoredFile) -> None:
    assert serve(file, **{"If-None-Match": serve(file).headers["ETag"]}).status_code == 304


def test_what_is_not_sound_is_a_download(folder: FolderStore, member: Membership) -> None:
    page = stored_file(member.tenant_id, b"<script>", "text/html")
    assert serve(page).headers["Content-Disposition"].startswith("attachment;")
    sound = stored_file(member.tenant_id, b"sound", "audio/webm")
    assert serve(sound).headers["Content-Disposition"].startswith("inline;")


def test_asgi_reads_in_threads(file: StoredFile) -> None:
    async def read() -> bytes:
        response = serve_stored_file(AsyncRequestFactory().get("/", headers={"Range": "bytes=1-"}), file)
        assert isinstance(response, StoredFileResponse)
        assert response.is_async
        with response.stream:
            return b"".join([chunk async for chunk in response])

    assert asyncio.run(read()) == CONTENT[1:]


def test_s3_sends_the_browser_to_the_store(s3: S3Store, member: Membership) -> None:
    status, headers, _ = serve(stored_file(member.tenant_id, b"sound"))
    assert (status, headers["Cache-Control"]) == (302, "no-store")
    assert headers["Location"].startswith("http://localhost:")
