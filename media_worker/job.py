"""Do one job for the portal, from the claim to its result or failure."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from .audio import MediaError
from .client import ClaimRefusedError, Run, SourceError, StoppedError, claim_job
from .contract import Action, FailureCode, TranscriptionResult, WorkerIdentity
from .models import ModelsError, describe
from .partial import Partial, pack_partial, unpack_partial
from .pipeline import Engine, Options, Source, transcribe

logger = logging.getLogger(__name__)

HEARTBEAT_S = 3.0


@dataclass(frozen=True)
class Claim:
    """What a broker message holds."""

    job: UUID
    attempt: int
    url: str
    secret: str


def do_job(
    http: httpx.Client,
    claim: Claim,
    *,
    worker: WorkerIdentity,
    load: Callable[[], Engine],
    heartbeat_s: float = HEARTBEAT_S,
) -> None:
    """Claim a job and do it; load returns the engine of this process.

    A refused claim and a superseded run end quietly; every other end is told to the portal. Raise
    PortalError where the portal stays out of reach: it will dispatch the job again.
    """
    try:
        request = claim_job(
            http,
            claim_url=claim.url,
            claim_secret=claim.secret,
            attempt=claim.attempt,
            run=uuid4(),
            worker=worker,
        )
    except ClaimRefusedError as error:
        logger.info("job %s is not for this worker: %s", claim.job, error)
        return
    with Run(http, request, interval_s=heartbeat_s) as run:
        try:
            run.complete(_transcribe(run, load))
        except StoppedError as stopped:
            logger.info("job %s stopped: %s", claim.job, stopped)
            if stopped.action is Action.CANCEL:
                run.fail(FailureCode.CANCELLED, is_retryable=False, detail="cancelled on request")
        except Exception as error:  # whatever it was, the portal has to hear of it
            code, is_retryable, detail = classify(error)
            is_known = code is not FailureCode.UNKNOWN_ERROR
            logger.error("job %s failed: %s", claim.job, code, exc_info=None if is_known else error)
            run.fail(code, is_retryable=is_retryable, detail=detail)


def _transcribe(run: Run, load: Callable[[], Engine]) -> TranscriptionResult:
    request = run.request
    with tempfile.TemporaryDirectory(prefix="media-worker-") as name:
        scratch = Path(name)
        sources = []
        for number, track in enumerate(request.tracks):
            path = scratch / f"track-{number}"
            run.fetch_track(track, path)
            sources.append(Source(path, track.participant))
        engine = load()
        run.check()
        return transcribe(
            engine,
            sources,
            Options(request.language, request.speakers, request.vocabulary, request.events),
            scratch=scratch,
            report=run.report,
            partial=_former_partial(run, engine),
            keep=lambda partial: run.put_partial(pack_partial(partial)),
        )


def _former_partial(run: Run, engine: Engine) -> Partial | None:
    packed = run.get_partial()
    return None if packed is None else unpack_partial(packed, describe(engine.manifest))


def classify(error: Exception) -> tuple[FailureCode, bool, str]:
    """Return code, whether another attempt may succeed, and a detail without personal data."""
    match error:
        case MediaError():
            return error.code, False, str(error)
        case SourceError():
            return FailureCode.SOURCE_UNAVAILABLE, True, str(error)
        case ModelsError():
            return FailureCode.UNKNOWN_ERROR, True, "the worker's speech models are refused"
        case MemoryError():
            return FailureCode.OUT_OF_MEMORY, True, "out of memory"
        case RuntimeError() if "out of memory" in str(error).lower():
            return FailureCode.OUT_OF_MEMORY, True, "out of memory on the accelerator"
    return FailureCode.UNKNOWN_ERROR, True, type(error).__name__
