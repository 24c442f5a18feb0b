"""A job at work: heartbeat, fence, cancellation, and lost workers."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.transcripts import jobs
from apps.transcripts.jobs import MAX_ATTEMPTS, Status
from apps.transcripts.models import Recording, TranscriptionJob
from apps.transcripts.tests.job_rows import actions, age, reload
from apps.transcripts.tests.protocol import RESULT, FakeBroker, Worker, code
from media_worker import contract

pytestmark = pytest.mark.django_db


# --- Progress


def test_progress_moves_the_job_and_renews_the_links(message: dict[str, Any], job: TranscriptionJob) -> None:
    worker = Worker(message)
    worker.claim()

    reply = contract.ProgressReply.from_json(worker.progress().content)

    assert reply.action is contract.Action.CONTINUE
    assert reply.links.result_parts
    moved = reload(job)
    assert (moved.stage, moved.fraction, moved.percent) == ("speech", 0.31, 31)


def test_progress_that_was_overtaken_changes_nothing(message: dict[str, Any], job: TranscriptionJob) -> None:
    worker = Worker(message)
    worker.claim()
    worker.progress(sequence=9, fraction=0.8)

    answer = worker.progress(sequence=8, fraction=0.2)

    assert answer.json()["action"] == "continue"
    assert reload(job).fraction == 0.8


def test_progress_needs_the_runs_own_token(message: dict[str, Any]) -> None:
    first = Worker(message)
    first.claim()
    first.token = "wrong"

    assert code(first.progress()) == (401, "unauthorized")


def test_cancelled_run_is_told_to_stop(
    message: dict[str, Any], job: TranscriptionJob, recording: Recording, commit: Callable[..., Any]
) -> None:
    worker = Worker(message)
    worker.claim()

    commit(jobs.cancel_job, job=job, membership=recording.uploaded_by)

    answer = worker.progress().json()
    assert answer["action"] == "cancel"
    assert answer["links"]["result_parts"] == []
    assert worker.fail(code="cancelled").status_code == 200
    assert reload(job).status == Status.CANCELLED
    with pytest.raises(jobs.JobUnavailable):
        commit(jobs.cancel_job, job=job, membership=recording.uploaded_by)


def test_result_of_a_cancelled_run_is_refused(
    message: dict[str, Any], job: TranscriptionJob, recording: Recording, commit: Callable[..., Any]
) -> None:
    worker = Worker(message)
    worker.claim()
    parts = worker.put_result(RESULT)
    commit(jobs.cancel_job, job=job, membership=recording.uploaded_by)

    assert code(worker.state(RESULT, parts)) == (409, "superseded")
    assert reload(job).status == Status.CANCELLED


# --- Lost workers


def test_silent_run_is_given_to_another_worker_as_the_next_attempt(
    message: dict[str, Any], job: TranscriptionJob, broker: FakeBroker, commit: Callable[..., Any]
) -> None:
    late = Worker(message)
    late.claim()
    late_parts = late.put_result(RESULT)
    age(job)

    commit(jobs.tend_jobs, tenant_id=job.tenant_id)

    second = Worker(broker.sent()[-1])
    assert second.message["attempt"] == 2
    assert late.progress().json()["action"] == "superseded"
    assert second.claim().status_code == 200
    assert code(late.state(RESULT, late_parts)) == (409, "superseded")
    assert code(late.fail(retryable=True)) == (409, "superseded")
    assert second.complete(RESULT).status_code == 200
    assert reload(job).status == Status.SUCCEEDED


def test_run_that_still_reports_is_left_alone(
    message: dict[str, Any], job: TranscriptionJob, commit: Callable[..., Any]
) -> None:
    worker = Worker(message)
    worker.claim()

    assert commit(jobs.recover_lost, tenant_id=job.tenant_id) == 0
    assert worker.progress().json()["action"] == "continue"


def test_job_fails_when_the_last_attempts_worker_is_lost(
    message: dict[str, Any], job: TranscriptionJob, broker: FakeBroker, commit: Callable[..., Any]
) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        worker = Worker(broker.sent()[-1])
        assert worker.message["attempt"] == attempt
        worker.claim()
        age(job)
        commit(jobs.tend_jobs, tenant_id=job.tenant_id)

    ended = reload(job)
    assert (ended.status, ended.failure_code, ended.attempt) == (Status.FAILED, "worker_lost", MAX_ATTEMPTS)
    assert ended.failure_reason
    assert len(broker.sent()) == MAX_ATTEMPTS
    assert actions(job).count("job.retried") == MAX_ATTEMPTS - 1


def test_next_attempt_finds_the_stages_that_were_finished(
    message: dict[str, Any], job: TranscriptionJob, broker: FakeBroker, commit: Callable[..., Any]
) -> None:
    first = Worker(message)
    first.claim()
    path = first.links["partial_put"].split("/files/")[1]
    first.client.put(f"/files/{path}", b"finished stages", content_type="application/octet-stream")
    age(job)
    commit(jobs.tend_jobs, tenant_id=job.tenant_id)

    second = Worker(broker.sent()[-1])
    second.claim()

    path = second.links["partial_get"].split("/files/")[1]
    answer = second.client.get(f"/files/{path}")
    assert b"".join(answer.streaming_content) == b"finished stages"  # type: ignore[attr-defined]
