"""Signed addresses for those outside: workers, and browsers where objects lie in S3.

They lead to ``/files/<token>`` of the portal, or to S3 itself; either way they expire and allow one thing.
"""

from apps.files.grants import Grant
from apps.files.models import PART_SIZE_BYTES, StoredFile, Upload
from apps.files.naming import is_playable
from apps.files.store import object_store

LINK_LIFETIME_S = 60 * 60  # a worker gets fresh ones with each answer to its progress
# A browser's player keeps to the address that it was sent to, for as long as somebody listens.
PLAYER_LIFETIME_S = 4 * 60 * 60


def read_link(file: StoredFile, *, internal: bool = True) -> str:
    """Return a signed address that gives the file (GET, HEAD, Range) until it expires.

    ``internal`` addresses are for workers, the others for browsers.
    """
    grant = Grant("GET", file.key, LINK_LIFETIME_S, media_type=file.media_type)
    return object_store().link(grant, internal=internal)


def browser_link(file: StoredFile, *, as_attachment: bool) -> str:
    """Return a signed address that a person's browser may be sent to, with the file's name for downloads."""
    grant = Grant(
        "GET",
        file.key,
        PLAYER_LIFETIME_S,
        media_type=file.media_type,
        name=file.name,
        is_attachment=as_attachment or not is_playable(file.media_type),
    )
    return object_store().link(grant, internal=False)


def object_read_link(key: str, *, internal: bool = True) -> str:
    """Return a signed address that gives the object under ``key``."""
    return object_store().link(Grant("GET", key, LINK_LIFETIME_S), internal=internal)


def object_write_link(key: str, *, max_bytes: int, internal: bool = True) -> str:
    """Return a signed address that takes one object of at most ``max_bytes`` with PUT, replacing what is there."""
    return object_store().link(Grant("PUT", key, LINK_LIFETIME_S, max_bytes=max_bytes), internal=internal)


def result_part_links(upload: Upload, count: int, *, internal: bool = True) -> tuple[str, ...]:
    """Return signed addresses that take parts 1 to ``count`` of an upload with PUT."""
    grants = (
        Grant(
            "PUT",
            upload.key,
            LINK_LIFETIME_S,
            max_bytes=PART_SIZE_BYTES,
            part=number,
            multipart_id=upload.multipart_id,
        )
        for number in range(1, count + 1)
    )
    return tuple(object_store().link(grant, internal=internal) for grant in grants)
