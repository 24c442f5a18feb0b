"""What Visio does with the transcription service: it orders, holds the recording, asks and is called back."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.test import Client

from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import ServiceJob
from apps.transcripts.service import callbacks
from apps.transcripts.service.fetches import fetch_recording
from apps.transcripts.service.tests.test_orders import BODY, METADATA
from visio_portal.tests.web import Handler, Server

ADDRESS = "/api/v2/async-jobs/transcribe"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def holds(visio: Server, recording: bytes, **others: Any) -> None:
    """Let Visio hold a recording and its metadata, and take callbacks."""

    def answer(handler: Handler) -> None:
        if handler.path.startswith("/hook/"):
            handler.say(others.get("hook", 200), b"{}")
        elif handler.path.endswith(".json"):
            handler.say(200, json.dumps(others.get("metadata", METADATA)).encode())
        else:
            handler.say(others.get("status", 200), recording)

    visio.answer = answer


def body_for(visio: Server, name: str = "1.ogg", **changes: Any) -> dict[str, Any]:
    addresses = {"cloud_storage_url": f"{visio.url}/recordings/{name}?X-Amz-Signature={uuid4()}"}
    metadata = BODY["metadata"] | {"cloud_storage_url": f"{visio.url}/metadata/1-metadata.json"}
    return BODY | addresses | {"metadata": metadata} | changes


def send(key: str, body: Any, address: str = ADDRESS) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client().post(address, content, content_type="application/json", headers=headers)


def ask(key: str, job_id: str) -> Any:
    return Client().get(f"{ADDRESS}/{job_id}", headers={"Authorization": f"Bearer {key}"})


def job_of(member: Membership) -> ServiceJob:
    with tenant_scope(member.tenant_id):
        return ServiceJob.objects.select_related("recording__meeting", "recording__occurrence").latest("created_at")


def fetch(job: ServiceJob) -> bool:
    return fetch_recording(tenant_id=job.tenant_id, job_id=job.id)


def call_back(job: ServiceJob) -> bool:
    return callbacks.call_back(tenant_id=job.tenant_id, job_id=job.id)


def order(key: str, visio: Server, member: Membership, **changes: Any) -> ServiceJob:
    answer = send(key, body_for(visio, **changes))
    assert answer.status_code == 200, answer.content
    return job_of(member)


def change(job: ServiceJob, **values: Any) -> None:
    with tenant_scope(job.tenant_id):
        ServiceJob.objects.filter(pk=job.pk).update(**values)


def hooks(visio: Server) -> list[dict[str, str]]:
    return [headers for path, headers in visio.requests if path.startswith("/hook/")]
