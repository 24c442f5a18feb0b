"""How a job reaches a worker: queueing, dispatch, claim."""

from collections.abc import Callable
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from apps.transcripts import jobs
from apps.transcripts.jobs import Status
from apps.transcripts.models import Recording, TranscriptionJob
from apps.transcripts.tests.factories import JobFactory
from apps.transcripts.tests.job_rows import actions, age, reload
from apps.transcripts.tests.protocol import RESULT, FakeBroker, Worker, code
from media_worker import contract

pytestmark = pytest.mark.django_db


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
