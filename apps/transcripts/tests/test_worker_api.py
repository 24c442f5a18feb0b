"""The way of a job between portal and workers: claim, heartbeat, fence, result, failure, cancellation."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.tenants.models import JournalEvent
from apps.tenants.scoping import tenant_scope
from apps.transcripts import jobs
from apps.transcripts.jobs import INGEST_TASK, MAX_ATTEMPTS, Status
from apps.transcripts.models import Recording, TranscriptionJob
from apps.transcripts.tests.factories import JobFactory, RecordingFactory
from apps.transcripts.tests.protocol import FakeBroker, Worker, golden
from media_worker import contract

pytestmark = pytest.mark.django_db

RESULT = json.dumps(golden("transcription_result")).encode()
LONGER_THAN_A_CLAIM = timedelta(seconds=contract.CLAIM_EXPIRY_S + 1)


@pytest.fixture
def recording() -> Recording:
    return RecordingFactory.create()


@pytest.fixture
def commit(
    recording: Recording, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Callable[..., Any]:
    """Run an operation in the tenant, then what waits for the commit."""

    def run(operation: Callable[..., Any], **arguments: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True), tenant_scope(recording.tenant_id):
            return operation(**arguments)

    return run


@pytest.fixture
def message(broker: FakeBroker, recording: Recording, commit: Callable[..., Any]) -> dict[str, Any]:
    """What a worker receives of a fresh job."""
    commit(jobs.queue_transcription, recording=recording)
    (message,) = broker.sent()
    return message


@pytest.fixture
def job(message: dict[str, Any], recording: Recording) -> TranscriptionJob:
    with tenant_scope(recording.tenant_id):
        return TranscriptionJob.objects.get()


def reload(job: TranscriptionJob) -> TranscriptionJob:
    with tenant_scope(job.tenant_id):
        return TranscriptionJob.objects.select_related("result_file", "tenant").get(pk=job.pk)


def age(job: TranscriptionJob) -> None:
    """Let more than a minute pass for the job."""
    with tenant_scope(job.tenant_id):
        TranscriptionJob.objects.filter(pk=job.pk).update(
            dispatched_at=F("dispatched_at") - LONGER_THAN_A_CLAIM,
            heartbeat_at=F("heartbeat_at") - LONGER_THAN_A_CLAIM,
            finished_at=F("finished_at") - LONGER_THAN_A_CLAIM,
        )


def actions(job: TranscriptionJob) -> list[str]:
    with tenant_scope(job.tenant_id):
        return list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# --- Queueing and dispatch


def test_message_holds_nothing_but_the_way_to_claim(job: TranscriptionJob, message: dict[str, Any]) -> None:
    assert set(message) == {"job", "attempt", "claim_url", "claim_secret"}
    assert message["job"] == str(job.id)
    assert message["claim_secret"] not in str(vars(job))


def test_second_job_of_a_recording_is_refused_while_one_is_active(
    job: TranscriptionJob, recording: Recording, commit: Callable[..., Any]
) -> None:
    with pytest.raises(jobs.JobUnavailable):
        commit(jobs.queue_transcription, recording=recording)


def test_broker_that_is_down_fails_nothing_and_the_beat_sends_again(
    broker: FakeBroker, recording: Recording, commit: Callable[..., Any]
) -> None:
    broker.error = OperationalError("down")
    job = commit(jobs.queue_transcription, recording=recording)
    broker.error = None

    age(job)
    commit(jobs.release_waiting, tenant_id=recording.tenant_id)

    assert Worker(broker.sent()[0]).claim().status_code == 200


def test_dispatch_is_not_repeated_within_a_minute(
    job: TranscriptionJob, broker: FakeBroker, commit: Callable[..., Any]
) -> None:
    assert commit(jobs.release_waiting, tenant_id=job.tenant_id) == 0
    assert len(broker.sent()) == 1


def test_lost_message_is_sent_again_with_another_secret_and_the_same_attempt(
    job: TranscriptionJob, broker: FakeBroker, commit: Callable[..., Any]
) -> None:
    age(job)

    assert commit(jobs.release_waiting, tenant_id=job.tenant_id) == 1

    lost, sent = broker.sent()
    assert (lost["attempt"], sent["attempt"]) == (1, 1)
    assert code(Worker(lost).claim()) == (401, "unauthorized")
    assert Worker(sent).claim().status_code == 200


def test_waiting_jobs_are_released_a_few_at_a_time_oldest_first(
    job: TranscriptionJob, broker: FakeBroker, commit: Callable[..., Any]
) -> None:
    waiting = [
        JobFactory.create(recording__meeting__organizer__tenant=job.tenant) for _ in range(jobs.RELEASED_PER_TENANT + 2)
    ]

    commit(jobs.release_waiting, tenant_id=job.tenant_id)

    released = [str(row.id) for row in (job, *waiting)][: jobs.RELEASED_PER_TENANT]
    assert [sent["job"] for sent in broker.sent()] == released


# --- Claim


def test_claim_gives_the_work(message: dict[str, Any], job: TranscriptionJob) -> None:
    worker = Worker(message)

    answer = worker.claim()

    request = contract.TranscriptionRequest.from_json(answer.content)
    assert (request.job, request.attempt, str(request.run)) == (job.id, 1, worker.run)
    assert request.language == "fr"
    assert [track.size_bytes for track in request.tracks] == [621_575]
    assert request.links.partial_get is None
    claimed = reload(job)
    assert (claimed.status, str(claimed.run_id)) == (Status.RUNNING, worker.run)
    assert claimed.worker == "media@transcription-1 0.1.0"


def test_second_claim_is_refused_while_the_heartbeat_is_fresh(message: dict[str, Any], job: TranscriptionJob) -> None:
    first, second = Worker(message), Worker(message)
    first.claim()

    assert code(second.claim()) == (409, "already_claimed")
    assert str(reload(job).run_id) == first.run


def test_second_claim_takes_over_from_a_silent_run(message: dict[str, Any], job: TranscriptionJob) -> None:
    first, second = Worker(message), Worker(message)
    first.claim()
    age(job)

    assert second.claim().status_code == 200

    assert first.progress().json()["action"] == "superseded"
    assert second.progress().json()["action"] == "continue"
    assert str(reload(job).run_id) == second.run


def test_claim_whose_answer_was_lost_can_be_repeated(message: dict[str, Any], job: TranscriptionJob) -> None:
    worker = Worker(message)
    first, second = worker.claim(), worker.claim()

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["run_token"] == second.json()["run_token"]
    assert actions(job).count("job.claimed") == 1


def test_claim_after_the_end_is_refused(message: dict[str, Any]) -> None:
    worker = Worker(message)
    worker.claim()
    worker.complete(RESULT)

    assert code(Worker(message).claim()) == (409, "finished")


def test_claim_of_another_attempt_is_refused(message: dict[str, Any]) -> None:
    assert code(Worker(message).claim(attempt=2)) == (409, "superseded")


@pytest.mark.parametrize("secret", ["", "wrong", "é"])
def test_wrong_secret_is_refused(message: dict[str, Any], job: TranscriptionJob, secret: str) -> None:
    assert code(Worker({**message, "claim_secret": secret}).claim()) == (401, "unauthorized")
    assert reload(job).status == Status.QUEUED


def test_secret_opens_neither_another_job_nor_another_ministry(message: dict[str, Any], job: TranscriptionJob) -> None:
    other = JobFactory.create()
    here, elsewhere = message["claim_url"], other.tenant.slug

    for url in (here.replace(str(job.id), str(other.id)), here.replace(f"/{job.tenant.slug}/", f"/{elsewhere}/")):
        assert code(Worker({**message, "claim_url": url}).claim()) == (401, "unauthorized")


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


# --- Garbage

STEPS = ["claim", "progress", "complete", "fail"]
GARBAGE: list[Any] = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    {"version": 99},
    {"run": "x"},
    {"version": 1, "attempt": 10**30},
    {"sequence": 10**12},
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: str(garbage)[:20])
def test_garbage_is_answered_with_400(message: dict[str, Any], step: str, garbage: Any) -> None:
    worker = Worker(message)
    worker.claim()

    answer = worker.post(message["claim_url"].replace("claim", step), garbage, worker.token)

    assert code(answer) == (400, "bad_message")


def test_numbers_and_texts_that_no_column_holds_are_no_error(message: dict[str, Any]) -> None:
    worker = Worker(message)
    name = "nul\x00 half\ud800 " + "x" * 500
    assert worker.claim(worker=golden("claim_request")["worker"] | {"name": name}).status_code == 200

    assert code(worker.progress(sequence=10**12)) == (400, "bad_message")
    assert worker.complete(RESULT, sequence=10**12).status_code == 200


@pytest.mark.parametrize("step", STEPS)
def test_only_post_with_a_bearer_secret_is_taken(message: dict[str, Any], step: str) -> None:
    path = message["claim_url"].split("8000")[1].replace("claim", step)
    client = Worker(message).client

    assert client.get(path).status_code == 405
    assert client.put(path).status_code == 405
    assert code(client.post(path, b"{}", content_type="application/json")) == (401, "unauthorized")
