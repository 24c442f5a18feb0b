"""Many workers receive one message at the same time: one gets the job."""

import threading
from typing import Any

import pytest
from django.db import connection

from apps.tenants.scoping import tenant_scope
from apps.transcripts import jobs
from apps.transcripts.jobs import Status
from apps.transcripts.models import TranscriptionJob
from apps.transcripts.tests.factories import RecordingFactory
from apps.transcripts.tests.protocol import FakeBroker, Worker


@pytest.mark.django_db(transaction=True)
def test_one_of_many_concurrent_claims_wins(broker: FakeBroker) -> None:
    recording = RecordingFactory.create()
    with tenant_scope(recording.tenant_id):
        jobs.queue_transcription(recording=recording)
    workers = [Worker(broker.sent()[0]) for _ in range(8)]
    barrier, answers = threading.Barrier(len(workers)), dict[str, Any]()

    def claim(worker: Worker) -> None:
        barrier.wait()
        answers[worker.run] = worker.claim()
        connection.close()

    threads = [threading.Thread(target=claim, args=[worker]) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    winners = [run for run, answer in answers.items() if answer.status_code == 200]
    refused = {answer.json()["code"] for answer in answers.values() if answer.status_code == 409}
    with tenant_scope(recording.tenant_id):
        job = TranscriptionJob.objects.get()
    assert winners == [str(job.run_id)]
    assert refused == {"already_claimed"}
    assert job.status == Status.RUNNING
