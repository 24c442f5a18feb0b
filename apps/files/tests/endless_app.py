"""An ASGI application for the test of back pressure: it sends 200 MB and says on standard error how far it got."""

import sys
from typing import Any

from apps.files.pacing import PacedApplication

CHUNK = bytes(256 * 1024)
CHUNKS = 800


async def endless(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"audio/webm")]})
    for number in range(1, CHUNKS + 1):
        await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        print(number, file=sys.stderr, flush=True)  # noqa: T201
    await send({"type": "http.response.body"})


application = PacedApplication(endless)
