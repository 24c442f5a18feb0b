"""What really lies in the broker's queue after a commit."""

import base64
import json
from typing import Any

import pytest
import redis
from celery import Celery
from django.conf import settings

from apps.tenants.scoping import tenant_scope
from apps.transcripts import jobs
from apps.transcripts.models import TranscriptionJob
from apps.transcripts.tests.factories import RecordingFactory
from media_worker.contract import QUEUE_NAME, TASK_NAME


@pytest.fixture
def queue() -> Any:
    """Valkey, with an empty queue for the media workers."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(QUEUE_NAME)
        yield client
        client.delete(QUEUE_NAME)


@pytest.mark.django_db(transaction=True)
def test_message_of_a_job_waits_in_the_media_queue(queue: Any) -> None:
    recording = RecordingFactory.create()
    with tenant_scope(recording.tenant_id):
        job = jobs.queue_transcription(recording=recording)
        assert queue.llen(QUEUE_NAME) == 0  # not before the commit

    (raw,) = queue.lrange(QUEUE_NAME, 0, -1)

    message = json.loads(raw)
    _args, kwargs, _embed = json.loads(base64.b64decode(message["body"]))
    assert message["headers"]["task"] == TASK_NAME
    assert set(kwargs) == {"job", "attempt", "claim_url", "claim_secret"}
    assert kwargs["claim_url"].endswith(f"/worker/v1/{recording.tenant.slug}/jobs/{job.id}/claim")
    assert kwargs["claim_secret"] not in json.dumps(message["headers"])
    assert message["headers"]["expires"] is not None


@pytest.mark.django_db(transaction=True)
def test_queueing_succeeds_while_no_broker_answers(queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = RecordingFactory.create()
    monkeypatch.setattr("visio_portal.broker.current_app", _app_without_a_broker())

    with tenant_scope(recording.tenant_id):
        jobs.queue_transcription(recording=recording)

    with tenant_scope(recording.tenant_id):
        assert TranscriptionJob.objects.get().status == jobs.Status.QUEUED
    assert queue.llen(QUEUE_NAME) == 0


def _app_without_a_broker() -> Any:

    return Celery("nowhere", broker="redis://127.0.0.1:1/0", set_as_current=False)
