"""A small portal on a local port that follows the worker protocol and can misbehave on request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from media_worker.contract import (
    Action,
    ClaimRequest,
    Completion,
    Failure,
    Links,
    Progress,
    ProgressReply,
    Refusal,
    Track,
    TranscriptionRequest,
)

JOB = UUID("7f3c1c1e-5a0e-4a55-9d0b-3a4b6f1f2a10")
SECRET = "one-time-secret"
RUN_TOKEN = "run-token"


@dataclass
class Portal:
    """What the portal has, how it answers, and what it was told."""

    address: str = ""
    track: bytes = b"sound" * 1000
    announced_bytes: int | None = None
    partial: bytes | None = None
    action: Action = Action.CONTINUE
    claim_status: int = 200
    refusals: dict[str, list[int]] = field(default_factory=dict)
    """Statuses to answer first, by the first part of the path; 0 breaks the connection off."""
    signature: int = 0
    """Signed links carry it: raising it makes the former ones expire."""
    requests: list[str] = field(default_factory=list)
    claims: list[ClaimRequest] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    parts: dict[int, bytes] = field(default_factory=dict)
    completions: list[Completion] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    authorisations: list[tuple[str, str | None]] = field(default_factory=list)

    def links(self) -> Links:
        def signed(path: str) -> str:
            return f"{self.address}/{path}?signature={self.signature}"

        return Links(
            progress=f"{self.address}/progress",
            complete=f"{self.address}/complete",
            fail=f"{self.address}/fail",
            partial_get=signed("partial") if self.partial is not None else None,
            partial_put=signed("partial"),
            result_parts=(signed("parts/1"), signed("parts/2")),
        )

    def request(self, claim: ClaimRequest) -> TranscriptionRequest:
        size_bytes = self.announced_bytes or len(self.track)
        return TranscriptionRequest(
            job=JOB,
            attempt=claim.attempt,
            run=claim.run,
            run_token=RUN_TOKEN,
            tracks=(Track(f"{self.address}/track", size_bytes, None),),
            language="fr",
            speakers=None,
            vocabulary=(),
            events=(),
            links=self.links(),
        )


class _Handler(BaseHTTPRequestHandler):
    portal: Portal
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.lstrip("/").partition("?")
        what = path.split("/")[0]
        self.portal.requests.append(f"{self.command} {path}")
        self.portal.authorisations.append((what, self.headers.get("Authorization")))
        if refusals := self.portal.refusals.get(what):
            return self._refuse(refusals.pop(0), what)
        if query and query != f"signature={self.portal.signature}":
            return self._answer(403, b"")
        answer = getattr(self, f"_{self.command.lower()}_{what}")
        answer(body, path)

    def _refuse(self, status: int, what: str) -> None:
        if status == 422:
            return self._answer_code(status, Refusal.DIGEST_MISMATCH)
        if status:
            return self._answer(status, b"")
        if what == "track":  # half of the body, then nothing
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.portal.track)))
            self.end_headers()
            self.wfile.write(self.portal.track[: len(self.portal.track) // 2])
        self.close_connection = True

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer_code(self, status: int, code: str) -> None:
        self._answer(status, json.dumps({"code": code}).encode())

    def _post_claim(self, body: bytes, _path: str) -> None:
        if self.headers.get("Authorization") != f"Bearer {SECRET}":
            return self._answer(401, b"")
        if self.portal.claim_status != 200:
            return self._answer_code(self.portal.claim_status, "already_claimed")
        claim = ClaimRequest.from_json(body)
        self.portal.claims.append(claim)
        self._answer(200, self.portal.request(claim).to_bytes())

    def _get_track(self, _body: bytes, _path: str) -> None:
        wanted = self.headers.get("Range")
        if wanted is None:
            return self._answer(200, self.portal.track)
        self._answer(206, self.portal.track[int(wanted.removeprefix("bytes=").rstrip("-")) :])

    def _get_partial(self, _body: bytes, _path: str) -> None:
        self._answer(200, self.portal.partial or b"")

    def _put_partial(self, body: bytes, _path: str) -> None:
        self.portal.partial = body
        self._answer(204, b"")

    def _post_progress(self, body: bytes, _path: str) -> None:
        if self.headers.get("Authorization") != f"Bearer {RUN_TOKEN}":
            return self._answer(401, b"")
        self.portal.progress.append(Progress.from_json(body))
        self._answer(200, ProgressReply(self.portal.action, self.portal.links()).to_bytes())

    def _put_parts(self, body: bytes, path: str) -> None:
        self.portal.parts[int(path.split("/")[1])] = body
        self._answer(200, b"")

    def _post_complete(self, body: bytes, _path: str) -> None:
        self.portal.completions.append(Completion.from_json(body))
        self._answer(200, b"{}")

    def _post_fail(self, body: bytes, _path: str) -> None:
        self.portal.failures.append(Failure.from_json(body))
        self._answer(200, b"{}")


@contextmanager
def serve_portal() -> Iterator[Portal]:
    portal = Portal()
    handler: Any = type("Handler", (_Handler,), {"portal": portal})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    portal.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
