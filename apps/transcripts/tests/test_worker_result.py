"""How a job ends: result or failure."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.tenants.scoping import tenant_scope
from apps.transcripts import jobs
from apps.transcripts.jobs import INGEST_TASK, MAX_ATTEMPTS, Status
from apps.transcripts.models import TranscriptionJob
from apps.transcripts.tests.job_rows import actions, age, reload
from apps.transcripts.tests.protocol import RESULT, FakeBroker, Worker, code
from media_worker import contract

pytestmark = pytest.mark.django_db


# --- Result


def test_result_ends_the_job_and_is_kept(
    message: dict[str, Any],
    job: TranscriptionJob,
    broker: FakeBroker,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    worker = Worker(message)
    worker.claim()

    with django_capture_on_commit_callbacks(execute=True):
        assert worker.complete(RESULT).status_code == 200

    ended = reload(job)
    assert (ended.status, ended.fraction) == (Status.SUCCEEDED, 1)
    assert ended.result_file is not None and ended.result_file.size_bytes == len(RESULT)
    assert broker.sent(INGEST_TASK) == [{"tenant_id": str(job.tenant_id), "job_id": str(job.id)}]
    assert actions(job) == ["job.queued", "job.claimed", "job.succeeded"]


def test_result_of_several_parts_is_joined(message: dict[str, Any], job: TranscriptionJob) -> None:
    content = RESULT + b" " * contract.PART_BYTES
    worker = Worker(message)
    worker.claim()

    assert worker.complete(content).status_code == 200

    ended = reload(job)
    assert ended.result_file is not None and ended.result_file.size_bytes == len(content)


def test_completion_may_be_repeated(message: dict[str, Any], job: TranscriptionJob) -> None:
    worker = Worker(message)
    worker.claim()
    parts = worker.put_result(RESULT)

    answers = [worker.state(RESULT, parts).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert actions(job).count("job.succeeded") == 1


def test_wrong_digest_is_refused_and_may_be_put_right(message: dict[str, Any], job: TranscriptionJob) -> None:
    worker = Worker(message)
    worker.claim()

    assert code(worker.complete(RESULT, sha256="0" * 64)) == (422, "digest_mismatch")

    assert reload(job).status == Status.RUNNING
    assert worker.complete(RESULT).status_code == 200


def test_missing_part_is_refused(message: dict[str, Any], job: TranscriptionJob) -> None:
    worker = Worker(message)
    worker.claim()
    parts = worker.put_result(RESULT)
    parts.append({**parts[0], "number": 2})

    assert code(worker.state(RESULT, parts, size_bytes=2 * len(RESULT))) == (422, "digest_mismatch")
    assert reload(job).status == Status.RUNNING


# --- Failure


def test_failure_that_cannot_be_helped_ends_the_job(message: dict[str, Any], job: TranscriptionJob) -> None:
    worker = Worker(message)
    worker.claim()

    assert worker.fail().status_code == 200
    assert worker.fail().status_code == 200  # the first answer was lost

    ended = reload(job)
    assert (ended.status, ended.failure_code) == (Status.FAILED, "no_audio_in_file")
    assert actions(job).count("job.failed") == 1


def test_failure_that_may_pass_is_tried_again_after_a_pause(
    message: dict[str, Any], job: TranscriptionJob, broker: FakeBroker, commit: Callable[..., Any]
) -> None:
    worker = Worker(message)
    worker.claim()

    worker.fail(code="source_unavailable", retryable=True)

    commit(jobs.tend_jobs, tenant_id=job.tenant_id)
    assert len(broker.sent()) == 1
    age(job)
    commit(jobs.tend_jobs, tenant_id=job.tenant_id)
    assert broker.sent()[-1]["attempt"] == 2


def test_failure_that_may_pass_ends_the_job_at_the_last_attempt(message: dict[str, Any], job: TranscriptionJob) -> None:
    with tenant_scope(job.tenant_id):
        TranscriptionJob.objects.update(attempt=MAX_ATTEMPTS)
    worker = Worker({**message, "attempt": MAX_ATTEMPTS})
    worker.claim()

    worker.fail(code="out_of_memory", retryable=True)

    assert reload(job).status == Status.FAILED
