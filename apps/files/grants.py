"""What a signed ``/files/<token>`` allows: one method on one object (or part of one) until a time."""

import time
from dataclasses import asdict, dataclass
from typing import Literal

from django.core import signing

SALT = "apps.files.grants"
Method = Literal["GET", "PUT"]


class BadToken(Exception):
    """The token was not signed here, was changed, or has expired."""


@dataclass(frozen=True)
class Grant:
    """GET (also HEAD) or PUT of an object; with ``part``, of one part of it on its way in.

    ``media_type``, ``name`` and ``is_attachment`` are what a GET answers with; ``max_bytes`` is the most that a
    PUT may bring (a presigned address cannot enforce it: what counts is checked when the parts are joined).
    """

    method: Method
    key: str
    lifetime_s: int
    media_type: str = ""
    name: str = ""
    is_attachment: bool = False
    max_bytes: int = 0
    part: int = 0  # from 1; 0: the whole object
    multipart_id: str = ""


def sign_grant(grant: Grant) -> str:
    """Return the token of a grant, which starts to age now."""
    return signing.dumps(asdict(grant) | {"expires": int(time.time()) + grant.lifetime_s}, salt=SALT)


def read_token(token: str) -> Grant:
    """Return the grant of a token; raises BadToken."""
    try:
        fields = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise BadToken("The link was not made by this portal.") from error
    if fields.pop("expires") <= time.time():
        raise BadToken("The link has expired.")
    return Grant(**fields)
