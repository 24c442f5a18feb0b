"""Talk to the portal: claim a job, fetch its tracks, report, and hand in the result."""

from __future__ import annotations

import functools
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import httpx

from .contract import (
    PART_BYTES,
    Action,
    ClaimRequest,
    Completion,
    ContractError,
    Failure,
    FailureCode,
    Links,
    PartUpload,
    Progress,
    ProgressReply,
    Refusal,
    Stage,
    Track,
    TranscriptionRequest,
    TranscriptionResult,
    WorkerIdentity,
)

logger = logging.getLogger(__name__)

REQUEST_LIMIT_S = 30.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
GIVE_UP_S = 15 * 60.0
"""For so long a request is tried again while the portal cannot be reached."""
FAILURE_GIVE_UP_S = 2 * 60.0
PASSING_STATUSES = {408, 425, 429, 500, 502, 503, 504}
DOWNLOAD_BLOCK_BYTES = 256 * 1024


class ClaimRefusedError(Exception):
    """The job is not for this worker: the message is dropped."""


class StoppedError(Exception):
    """The portal wants no more of this run; action says whether it was cancelled or superseded."""

    def __init__(self, action: Action) -> None:
        super().__init__(action.value)
        self.action = action


class PortalError(Exception):
    """The portal could not be reached for too long, or answered what the contract does not know."""


class SourceError(Exception):
    """A track cannot be fetched."""


def claim_job(
    http: httpx.Client,
    *,
    claim_url: str,
    claim_secret: str,
    attempt: int,
    run: UUID,
    worker: WorkerIdentity,
) -> TranscriptionRequest:
    """Claim a job; raise ClaimRefusedError where it belongs to another run or is over.

    Raise PortalError where the portal stays out of reach.
    """
    body = ClaimRequest(attempt=attempt, run=run, worker=worker).to_bytes()
    waiting = threading.Event()
    for is_last in _attempts(waiting.wait, GIVE_UP_S):
        response = _try_request(http, "POST", claim_url, body, claim_secret)
        if response is None or response.status_code in PASSING_STATUSES:
            if is_last:
                break
            continue
        if response.status_code == httpx.codes.OK:
            return TranscriptionRequest.from_json(response.content)
        if response.status_code in {401, 403, 404, 409, 410}:
            raise ClaimRefusedError(f"{response.status_code} {refusal_code(response) or ''}".strip())
        raise PortalError(f"the claim was answered with {response.status_code}")
    raise PortalError("the portal could not be reached for the claim")


def refusal_code(response: httpx.Response) -> str | None:
    """Return the code in the body of a refusal, None where there is none."""
    try:
        body = response.json()
    except ValueError:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, str) else None


def _attempts(wait: Callable[[float], bool], give_up_s: float) -> Iterator[bool]:
    """Yield before each attempt whether it is the last, with growing pauses between them.

    wait(seconds) returns True where there is no use in going on.
    """
    deadline = time.monotonic() + give_up_s
    pause_s = FIRST_PAUSE_S
    while True:
        is_last = time.monotonic() + pause_s >= deadline
        yield is_last
        if is_last or wait(pause_s):
            return
        pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)


def _try_request(http: httpx.Client, method: str, url: str, content: bytes, token: str | None) -> httpx.Response | None:
    """Send one request; return None where the network failed."""
    headers = {"Content-Type": "application/json" if token else "application/octet-stream"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        return http.request(method, url, content=content, headers=headers, timeout=REQUEST_LIMIT_S)
    except httpx.HTTPError as error:
        logger.warning("%s failed: %s", method, type(error).__name__)
        return None


def _part_link(index: int, links: Links) -> str:
    return links.result_parts[index]


class Run:
    """One run of a job: its heartbeat, its links and its end. Use as a context manager."""

    def __init__(self, http: httpx.Client, request: TranscriptionRequest, *, interval_s: float) -> None:
        self.request = request
        self._http = http
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._links = request.links
        self._sequence = 0
        self._progress = (Stage.DECODE, 0.0, 0.0)
        self.stopped: Action | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Run:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join(REQUEST_LIMIT_S)

    @property
    def links(self) -> Links:
        with self._lock:
            return self._links

    def report(self, stage: Stage, fraction: float, stage_fraction: float) -> None:
        """Note the progress for the next heartbeat; raise StoppedError where the run is to end."""
        with self._lock:
            self._progress = (stage, min(1.0, fraction), min(1.0, stage_fraction))
        self.check()

    def check(self) -> None:
        """Raise StoppedError where the portal has cancelled or superseded the run."""
        if self.stopped is not None:
            raise StoppedError(self.stopped)

    def _beat(self) -> None:
        self.beat()
        while not self._over.wait(self._interval_s):
            self.beat()

    def beat(self) -> None:
        """Post the progress once and take over the answer; a lost network is no fault."""
        with self._lock:
            stage, fraction, stage_fraction = self._progress
        message = Progress(self.request.run, self._next(), stage, fraction, stage_fraction)
        response = _try_request(self._http, "POST", self.links.progress, message.to_bytes(), self.request.run_token)
        if response is None:
            return
        if response.status_code in {401, 404, 409, 410}:
            self._stop(Action.SUPERSEDED)
        elif response.status_code == httpx.codes.OK:
            self._obey(response)
        else:
            logger.warning("the progress was answered with %s", response.status_code)

    def _obey(self, response: httpx.Response) -> None:
        try:
            reply = ProgressReply.from_json(response.content)
        except ContractError as error:
            logger.warning("the answer to the progress is not understood: %s", error)
            return
        with self._lock:
            self._links = reply.links
        if reply.action is not Action.CONTINUE:
            self._stop(reply.action)

    def _stop(self, action: Action) -> None:
        if self.stopped is None:
            self.stopped = action
            self._over.set()

    def _next(self) -> int:
        with self._lock:
            self._sequence += 1
            return self._sequence

    def _send(
        self,
        method: str,
        url: Callable[[Links], str],
        body: Callable[[], bytes],
        *,
        is_signed: bool,
        give_up_s: float = GIVE_UP_S,
    ) -> httpx.Response:
        """Send until the portal answers with more than a passing fault; raise PortalError.

        A signed link that has expired is renewed by a heartbeat before the next attempt.
        """
        token = None if is_signed else self.request.run_token
        response = None
        for _is_last in _attempts(self._over.wait, give_up_s):
            response = _try_request(self._http, method, url(self.links), body(), token)
            if response is None or response.status_code in PASSING_STATUSES:
                continue
            if not is_signed or response.status_code not in {401, 403, 404, 410}:
                return response
            self.beat()
            self.check()
        self.check()
        status = "nothing" if response is None else response.status_code
        raise PortalError(f"{method} was answered with {status}")

    def fetch_track(self, track: Track, path: Path) -> None:
        """Fetch a track into a file, going on where a lost connection left it.

        Raise SourceError where it cannot be had, StoppedError where the run is to end.
        """
        with path.open("wb") as target:
            for is_last in _attempts(self._over.wait, GIVE_UP_S):
                try:
                    self._fetch_rest(track, target)
                except httpx.HTTPError as error:
                    logger.warning("fetching a track failed: %s", type(error).__name__)
                if target.tell() == track.size_bytes:
                    return
                if is_last:
                    break
        self.check()
        raise SourceError(f"only {path.stat().st_size} of {track.size_bytes} bytes could be fetched")

    def _fetch_rest(self, track: Track, target: BinaryIO) -> None:
        have = target.tell()
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._http.stream("GET", track.url, headers=headers, timeout=REQUEST_LIMIT_S) as response:
            if response.status_code in PASSING_STATUSES:
                return
            if response.status_code not in {200, 206}:
                raise SourceError(f"the track was answered with {response.status_code}")
            if response.status_code == httpx.codes.OK and have:
                target.seek(0)
                target.truncate()
            for block in response.iter_bytes(DOWNLOAD_BLOCK_BYTES):
                self.check()
                target.write(block)
                if target.tell() > track.size_bytes:
                    raise SourceError("the track is longer than announced")

    def get_partial(self) -> bytes | None:
        """Return what a former run kept, None where there is none or it cannot be had."""
        url = self.links.partial_get
        if url is None:
            return None
        response = _try_request(self._http, "GET", url, b"", None)
        if response is None or response.status_code != httpx.codes.OK:
            return None
        return response.content

    def put_partial(self, packed: bytes) -> None:
        """Keep finished stages with the portal; without success the work goes on."""
        if len(packed) > PART_BYTES:
            logger.warning("the partial result is too large to be kept")
            return
        response = _try_request(self._http, "PUT", self.links.partial_put, packed, None)
        if response is not None and not response.is_success:
            logger.warning("the partial result was answered with %s", response.status_code)

    def complete(self, result: TranscriptionResult) -> None:
        """Hand in the result; raise StoppedError or PortalError where it is not taken."""
        content = result.to_bytes()
        for _ in range(2):
            parts = self._put_parts(content)
            response = self._send(
                "POST",
                lambda links: links.complete,
                functools.partial(self._completion, content, parts),
                is_signed=False,
            )
            code = refusal_code(response)
            if response.is_success or code == Refusal.FINISHED:
                return
            if code != Refusal.DIGEST_MISMATCH:
                break
        if response.status_code in {401, 404, 409, 410}:
            raise StoppedError(Action.SUPERSEDED)
        raise PortalError(f"the result was answered with {response.status_code}")

    def _completion(self, content: bytes, parts: tuple[PartUpload, ...]) -> bytes:
        digest = hashlib.sha256(content).hexdigest()
        run = self.request.run
        return Completion(run, self._next(), digest, len(content), parts).to_bytes()

    def _put_parts(self, content: bytes) -> tuple[PartUpload, ...]:
        pieces = [content[i : i + PART_BYTES] for i in range(0, len(content), PART_BYTES)]
        if len(pieces) > len(self.links.result_parts):
            raise PortalError(f"the result needs {len(pieces)} parts, more than there are links")
        parts = []
        for index, piece in enumerate(pieces):
            self.check()
            response = self._send(
                "PUT",
                functools.partial(_part_link, index),
                functools.partial(bytes, piece),
                is_signed=True,
            )
            if not response.is_success:
                raise PortalError(f"part {index + 1} was answered with {response.status_code}")
            parts.append(PartUpload(index + 1, len(piece), hashlib.sha256(piece).hexdigest()))
        return tuple(parts)

    def fail(self, code: FailureCode, *, is_retryable: bool, detail: str) -> None:
        """Tell the portal that the run ends without result; its refusal changes nothing."""
        self._over.clear()
        run = self.request.run
        self._send(
            "POST",
            lambda links: links.fail,
            lambda: Failure(run, self._next(), code, is_retryable, detail).to_bytes(),
            is_signed=False,
            give_up_s=FAILURE_GIVE_UP_S,
        )
