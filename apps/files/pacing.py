"""Back pressure for daphne, which takes every chunk at once and holds what a slow client has not read yet.

Twisted tells a registered producer when its buffer is full and when it has drained; the application's next
chunk waits for that. Other servers wait by themselves and are left alone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.web.http import Request
from zope.interface import implementer  # type: ignore[import-untyped]

Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Send], Awaitable[None]]


class PacedApplication:
    """Wraps an ASGI application for HTTP, so that its bodies come as fast as the client takes them."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        request = daphne_request(send)
        if request is None:
            await self._application(scope, receive, send)
            return
        pace = Pace(request, send)
        try:
            await self._application(scope, receive, pace.send)
        finally:
            pace.release()


@implementer(IPushProducer)
class Pace:
    """The producer that Twisted pauses and resumes, for one response."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self._may_go_on = asyncio.Event()
        self._may_go_on.set()
        self._is_registered = False

    async def send(self, message: dict[str, Any]) -> None:
        is_more_to_come = message.get("more_body", False)
        if is_more_to_come:
            self._register()
        elif message["type"] == "http.response.body":
            self.release()  # before daphne ends the request
        await self._send(message)
        if is_more_to_come:
            await self._may_go_on.wait()

    def release(self) -> None:
        """Let Twisted end the request without a producer."""
        if self._is_registered and self._request.channel is not None:
            self._request.unregisterProducer()  # type: ignore[no-untyped-call]
        self._is_registered = False

    def _register(self) -> None:
        if not self._is_registered and self._request.channel is not None:
            self._request.registerProducer(self, True)  # type: ignore[no-untyped-call]
            self._is_registered = True

    # The names are Twisted's.
    def pauseProducing(self) -> None:
        self._may_go_on.clear()

    def resumeProducing(self) -> None:
        self._may_go_on.set()

    def stopProducing(self) -> None:
        self._may_go_on.set()  # the client is gone: what is sent now goes nowhere


def daphne_request(send: Send) -> Request | None:
    """Return the Twisted request behind daphne's ``send``; None under another server."""
    if isinstance(send, partial) and send.args and isinstance(send.args[0], Request):
        return send.args[0]
    return None
