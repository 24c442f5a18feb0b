"""The worker's side of the protocol against a portal on a local port."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from media_worker import client, job
from media_worker.audio import MediaError
from media_worker.client import ClaimRefusedError, PortalError, Run, SourceError, StoppedError
from media_worker.contract import (
    PART_BYTES,
    Action,
    FailureCode,
    Stage,
    TranscriptionResult,
    WorkerIdentity,
)
from media_worker.tests.portal import JOB, SECRET, Portal, serve_portal

WORKER = WorkerIdentity("media@test", "0", {})
SILENCE = TranscriptionResult(None, 1.0, (), (), {}, {})
PATIENCE_S = 30  # on a slow machine


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    monkeypatch.setattr(client, "FIRST_PAUSE_S", 0.01)
    with serve_portal() as portal:
        yield portal


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as http:
        yield http


def start(http: httpx.Client, portal: Portal, *, secret: str = SECRET, interval_s: float = 60) -> Run:
    request = client.claim_job(
        http,
        claim_url=f"{portal.address}/claim",
        claim_secret=secret,
        attempt=1,
        run=uuid4(),
        worker=WORKER,
    )
    return Run(http, request, interval_s=interval_s)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_claim_survives_a_portal_that_restarts(portal: Portal, http: httpx.Client) -> None:
    portal.refusals["claim"] = [0, 502, 503]

    run = start(http, portal)

    assert run.request.job == JOB
    assert portal.claims[0].run == run.request.run


def test_old_secret_is_refused(portal: Portal, http: httpx.Client) -> None:
    with pytest.raises(ClaimRefusedError, match="401"):
        start(http, portal, secret="old")


def test_claim_of_another_run_is_refused(portal: Portal, http: httpx.Client) -> None:
    portal.claim_status = 409

    with pytest.raises(ClaimRefusedError, match="409 already_claimed"):
        start(http, portal)


def test_claim_gives_up_where_no_portal_answers(
    portal: Portal, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "GIVE_UP_S", 0.1)
    portal.refusals["claim"] = [503] * 50

    with pytest.raises(PortalError, match="could not be reached"):
        start(http, portal)


def test_heartbeat_reports_rising_progress(portal: Portal, http: httpx.Client) -> None:
    with start(http, portal, interval_s=0.02) as run:
        run.report(Stage.SPEECH, 0.25, 0.5)
        wait_for(lambda: len(portal.progress) >= 3)

    sequences = [progress.sequence for progress in portal.progress]
    assert sequences == sorted(set(sequences))
    assert portal.progress[-1].stage is Stage.SPEECH
    assert portal.progress[-1].fraction == 0.25


def test_lost_network_does_not_end_a_run(portal: Portal, http: httpx.Client) -> None:
    portal.refusals["progress"] = [0, 500, 0]

    with start(http, portal, interval_s=0.02) as run:
        wait_for(lambda: len(portal.progress) >= 1)
        run.check()


@pytest.mark.parametrize("action", [Action.CANCEL, Action.SUPERSEDED])
def test_run_stops_when_the_portal_asks(portal: Portal, http: httpx.Client, action: Action) -> None:
    with start(http, portal, interval_s=0.02) as run:
        portal.action = action
        wait_for(lambda: run.stopped is not None)
        with pytest.raises(StoppedError) as caught:
            run.report(Stage.SPEECH, 0.1, 0.1)

    assert caught.value.action is action


def test_unknown_run_counts_as_superseded(portal: Portal, http: httpx.Client) -> None:
    portal.refusals["progress"] = [409]

    with start(http, portal) as run:
        wait_for(lambda: run.stopped is Action.SUPERSEDED)


def test_track_is_fetched_on_after_a_lost_connection(portal: Portal, http: httpx.Client, tmp_path: Path) -> None:
    portal.refusals["track"] = [0, 503]
    run = start(http, portal)

    run.fetch_track(run.request.tracks[0], tmp_path / "track")

    assert (tmp_path / "track").read_bytes() == portal.track


@pytest.mark.parametrize("status", [403, 404, 410])
def test_track_that_is_gone_is_a_source_error(portal: Portal, http: httpx.Client, tmp_path: Path, status: int) -> None:
    portal.refusals["track"] = [status]
    run = start(http, portal)

    with pytest.raises(SourceError, match=str(status)):
        run.fetch_track(run.request.tracks[0], tmp_path / "track")


def test_track_longer_than_announced_is_refused(portal: Portal, http: httpx.Client, tmp_path: Path) -> None:
    portal.announced_bytes = 10
    run = start(http, portal)

    with pytest.raises(SourceError, match="longer"):
        run.fetch_track(run.request.tracks[0], tmp_path / "track")


def test_result_is_handed_in_by_parts(portal: Portal, http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PART_BYTES", 64)
    portal.refusals["parts"] = [0, 503]
    portal.refusals["complete"] = [500]

    start(http, portal).complete(SILENCE)

    content = b"".join(portal.parts[number] for number in sorted(portal.parts))
    assert TranscriptionResult.from_json(content) == SILENCE
    assert len(portal.parts) == 2
    assert portal.completions[0].sha256 == hashlib.sha256(content).hexdigest()


def test_expired_links_are_renewed_by_a_heartbeat(portal: Portal, http: httpx.Client) -> None:
    run = start(http, portal)
    portal.signature += 1

    run.complete(SILENCE)

    assert len(portal.completions) == 1


def test_signed_links_carry_no_bearer_token(portal: Portal, http: httpx.Client) -> None:
    run = start(http, portal)

    run.put_partial(b"x")
    run.complete(SILENCE)

    tokens = dict(portal.authorisations)
    assert tokens["parts"] is None
    assert tokens["partial"] is None
    assert tokens["complete"] == "Bearer run-token"


def test_damaged_upload_is_repeated_once(portal: Portal, http: httpx.Client) -> None:
    portal.refusals["complete"] = [422]

    start(http, portal).complete(SILENCE)

    assert portal.requests.count("PUT parts/1") == 2
    assert len(portal.completions) == 1


def test_upload_that_stays_damaged_is_given_up(portal: Portal, http: httpx.Client) -> None:
    portal.refusals["complete"] = [422, 422]

    with pytest.raises(PortalError, match="422"):
        start(http, portal).complete(SILENCE)


def test_superseded_result_is_dropped(portal: Portal, http: httpx.Client) -> None:
    portal.refusals["complete"] = [409]

    with pytest.raises(StoppedError):
        start(http, portal).complete(SILENCE)


def test_partial_too_large_is_not_sent(portal: Portal, http: httpx.Client) -> None:
    start(http, portal).put_partial(b"x" * (PART_BYTES + 1))

    assert portal.partial is None


def test_partial_of_a_former_run_is_fetched(portal: Portal, http: httpx.Client) -> None:
    assert start(http, portal).get_partial() is None

    portal.partial = b"kept"

    assert start(http, portal).get_partial() == b"kept"


class FakeManifest:
    def references(self) -> dict[str, Any]:
        return {}


class FakeEngine:
    manifest = FakeManifest()


def do_job(portal: Portal, http: httpx.Client, *, secret: str = SECRET) -> None:
    claim = job.Claim(JOB, 1, f"{portal.address}/claim", secret)
    load: Any = FakeEngine
    job.do_job(http, claim, worker=WORKER, load=load, heartbeat_s=0.02)


def test_job_ends_with_its_result(portal: Portal, http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "transcribe", lambda *arguments, **options: SILENCE)

    do_job(portal, http)

    assert len(portal.completions) == 1
    assert not portal.failures


def test_job_with_an_old_secret_is_dropped_quietly(portal: Portal, http: httpx.Client) -> None:
    do_job(portal, http, secret="old")

    assert portal.requests == ["POST claim"]


@pytest.mark.parametrize(
    ("error", "code", "is_retryable"),
    [
        (MediaError(FailureCode.NO_AUDIO_IN_FILE, "x"), FailureCode.NO_AUDIO_IN_FILE, False),
        (MemoryError(), FailureCode.OUT_OF_MEMORY, True),
        (RuntimeError("CUDA out of memory"), FailureCode.OUT_OF_MEMORY, True),
        (ZeroDivisionError("Claire Dupont"), FailureCode.UNKNOWN_ERROR, True),
    ],
)
def test_job_tells_the_portal_why_it_failed(
    portal: Portal,
    http: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    code: FailureCode,
    is_retryable: bool,
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise error

    monkeypatch.setattr(job, "transcribe", fail)

    do_job(portal, http)

    assert [(failure.code, failure.retryable) for failure in portal.failures] == [(code, is_retryable)]
    assert "Claire" not in portal.failures[0].detail


def test_job_without_source_fails_as_such(portal: Portal, http: httpx.Client) -> None:
    portal.refusals["track"] = [404]

    do_job(portal, http)

    assert portal.failures[0].code is FailureCode.SOURCE_UNAVAILABLE


@pytest.mark.parametrize(("action", "codes"), [(Action.CANCEL, [FailureCode.CANCELLED]), (Action.SUPERSEDED, [])])
def test_job_stops_within_a_moment(
    portal: Portal,
    http: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
    codes: list[FailureCode],
) -> None:
    def work(*_arguments: Any, report: Callable[..., None], **_options: Any) -> None:
        portal.action = action
        deadline = time.monotonic() + 2 * PATIENCE_S
        while time.monotonic() < deadline:
            report(Stage.SPEECH, 0.1, 0.1)
            time.sleep(0.01)

    monkeypatch.setattr(job, "transcribe", work)
    began = time.monotonic()

    do_job(portal, http)

    assert time.monotonic() - began < PATIENCE_S
    assert [failure.code for failure in portal.failures] == codes
    assert not portal.completions
