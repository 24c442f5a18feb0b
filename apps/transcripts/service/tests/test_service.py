"""What happens to an order of Visio's, from its request over real HTTP to the callback."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.tenants.models import ApiToken, JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token
from apps.transcripts import tasks
from apps.transcripts.models import ServiceJob, TranscriptionJob, TranscriptionService
from apps.transcripts.service import callbacks
from apps.transcripts.service.operations import CALLBACK_TASK, FETCH_TASK, tend_service
from apps.transcripts.service.tests.factories import ServiceJobFactory
from apps.transcripts.service.tests.test_orders import BODY
from apps.transcripts.service.tests.visio import (
    ADDRESS,
    ask,
    body_for,
    call_back,
    change,
    fetch,
    holds,
    hooks,
    job_of,
    order,
    send,
)
from apps.transcripts.tests.protocol import FakeBroker, Worker, golden
from visio_portal.tests.web import Server

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_order_becomes_a_named_transcript_and_visio_is_told(
    live_server: LiveServer,
    settings: Settings,
    broker: FakeBroker,
    visio: Server,
    key: str,
    member: Membership,
    sound: bytes,
) -> None:
    """The whole way, over real HTTP: Visio orders, the worker transcribes, Visio hears of it and reads the text."""
    settings.PORTAL_PUBLIC_URL = settings.PORTAL_INTERNAL_URL = live_server.url
    holds(visio, sound)
    web = httpx.Client(base_url=live_server.url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    with web:
        accepted = web.post(f"{ADDRESS}/", json=body_for(visio))
        job_id = accepted.json()["job_id"]
        assert accepted.json() == {"job_id": job_id, "type": "transcript", "status": "pending"}
        tasks.fetch_ordered(**broker.sent(FETCH_TASK)[0])
        worker = Worker(broker.sent()[0])
        request = worker.claim().json()
        assert [event["name"] for event in request["events"]] == ["Claire Vasseur"] * 2
        assert web.get(f"{ADDRESS}/{job_id}").json()["status"] == "pending"
        result = golden("transcription_result")
        worker.complete(json.dumps(result).encode())
        tasks.ingest_result(**broker.sent("transcripts.ingest_result")[0])
        tend_service(tenant_id=member.tenant_id)
        tasks.call_back(**broker.sent(CALLBACK_TASK)[0])
        [told] = hooks(visio)
        assert told["Authorization"] == "Bearer key-of-visio"
        message = json.loads(told["body"])
        text = httpx.get(message.pop("transcription_data_url")).json()
        assert message == {"job_id": job_id, "type": "transcript", "status": "success"}
        assert web.get(f"{ADDRESS}/{job_id}/").json()["status"] == "success"

    assert [segment["text"] for segment in text["segments"]] == [segment["text"] for segment in result["segments"]]
    first = result["segments"][0]
    named = {speaker["label"]: speaker["name"] or speaker["label"] for speaker in result["speakers"]}
    assert text["segments"][0]["speaker"] == named[first["speaker"]]
    words = [word | {"speaker": named[first["speaker"]]} for word in first["words"]]
    assert text["segments"][0]["words"] == words
    assert text["word_segments"] == []
    with tenant_scope(member.tenant_id):
        actions = list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))
    assert [action for action in actions if action.startswith("service_job.")] == [
        "service_job.accepted",
        "service_job.succeeded",
        "service_job.called_back",
    ]
    assert "transcript.delivered" in actions


def test_names_come_from_who_spoke_when(
    broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
) -> None:
    holds(visio, sound)
    job = order(key, visio, member)

    assert fetch(job)

    assert job_of(member).speech_events[0]["name"] == "Claire Vasseur"


@pytest.mark.parametrize("metadata", [[], {"events": "x"}, {"events": [], "participants": []}], ids=range(3))
def test_unreadable_metadata_cost_the_names_alone(
    broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes, metadata: Any
) -> None:
    holds(visio, sound, metadata=metadata)
    job = order(key, visio, member)

    assert fetch(job)

    assert job_of(member).speech_events == []


class TestOrder:
    def test_same_recording_gives_the_same_job(self, visio: Server, key: str, member: Membership) -> None:
        first, second = send(key, body_for(visio)), send(key, body_for(visio))

        assert first.json() == second.json()
        with tenant_scope(member.tenant_id):
            assert ServiceJob.objects.count() == 1

    def test_recording_that_failed_may_be_ordered_again(self, visio: Server, key: str, member: Membership) -> None:
        job = order(key, visio, member)
        change(job, status=ServiceJob.Status.FAILED)

        assert send(key, body_for(visio)).json()["job_id"] != str(job.id)

    def test_recording_that_is_done_is_called_back_once_more(self, visio: Server, key: str, member: Membership) -> None:
        job = order(key, visio, member)
        change(job, status=ServiceJob.Status.SUCCEEDED)

        assert send(key, body_for(visio)).json()["status"] == "success"
        assert job_of(member).callback_at is not None

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"cloud_storage_url": "https://elsewhere.example.fr/1.ogg"}, 422),
            ({"cloud_storage_url": "file:///etc/passwd"}, 422),
            ({"metadata": BODY["metadata"] | {"cloud_storage_url": "http://169.254.169.254/"}}, 422),
            ({"user_email": "stranger@example.fr"}, 422),
            ({"user_sub": "", "user_email": None}, 422),
            ({"user_sub": "\ud800"}, 422),
            ({"language": "x" * 70_000}, 413),
        ],
        ids=["host", "file", "metadata", "stranger", "nobody", "surrogate", "size"],
    )
    def test_wrong_order_is_refused(self, visio: Server, key: str, change: dict[str, Any], status: int) -> None:
        answer = send(key, body_for(visio, **change))

        assert answer.status_code == status
        assert answer.json()["detail"]

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"[" * 60_000, b"\xff"], ids=range(6))
    def test_body_that_is_no_order_is_refused(self, visio: Server, key: str, content: bytes) -> None:
        assert send(key, content).status_code == 422

    def test_person_is_found_by_their_identifier(self, visio: Server, key: str, member: Membership) -> None:
        member.user.sub, member.user.idp_id = "f3a1", "idp"
        member.user.save()

        assert order(key, visio, member, user_email=None).member_id == member.id

    def test_ministry_without_the_service_refuses(self, visio: Server, member: Membership) -> None:
        _token, secret = api_token(member, ApiToken.Scope.TRANSCRIPTION)

        assert send(secret, body_for(visio)).status_code == 422

    def test_key_must_be_for_this(self, visio: Server, member: Membership) -> None:
        _token, secret = api_token(member, ApiToken.Scope.TRANSCRIPTS_READ)

        assert send(secret, body_for(visio)).status_code == 403
        assert send("", body_for(visio)).status_code == 401
        assert send("vp_wrong", body_for(visio)).status_code == 401

    def test_key_outlives_who_made_it(self, visio: Server, setup: TranscriptionService, member: Membership) -> None:
        admin = MembershipFactory.create(tenant=member.tenant, ended_at=timezone.now())
        _token, secret = api_token(admin, ApiToken.Scope.TRANSCRIPTION)

        assert send(secret, body_for(visio)).status_code == 200

    def test_key_opens_nothing_else(self, key: str) -> None:
        for path in ("/api/v1/meetings/", "/api/v1/transcripts/"):
            assert Client().get(path, headers={"Authorization": f"Bearer {key}"}).status_code == 403

    def test_job_of_another_ministry_is_unknown(self, visio: Server, key: str) -> None:
        assert ask(key, str(ServiceJobFactory.create().id)).status_code == 404
        assert ask(key, str(uuid4())).status_code == 404


class TestEnd:
    def running(self, key: str, visio: Server, member: Membership, sound: bytes) -> ServiceJob:
        holds(visio, sound)
        assert fetch(order(key, visio, member))
        return job_of(member)

    @pytest.mark.parametrize(
        ("code", "told"),
        [
            ("no_audio_in_file", "no_audio_in_file"),
            ("media_duration_too_long", "media_duration_too_long"),
            ("corrupted_audio_file", "corrupted_audio_file"),
            ("worker_lost", "unknown_error"),
            ("out_of_memory", "unknown_error"),
        ],
    )
    def test_failure_is_told_with_the_contracts_code(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes, code: str, told: str
    ) -> None:
        job = self.running(key, visio, member, sound)
        with tenant_scope(member.tenant_id):
            TranscriptionJob.objects.update(status=TranscriptionJob.Status.FAILED, failure_code=code)

        tend_service(tenant_id=member.tenant_id)
        assert call_back(job)

        [headers] = hooks(visio)
        assert json.loads(headers["body"])["error_code"] == told

    def test_cancelled_job_is_a_failure(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        self.running(key, visio, member, sound)
        with tenant_scope(member.tenant_id):
            TranscriptionJob.objects.update(status=TranscriptionJob.Status.CANCELLED)

        tend_service(tenant_id=member.tenant_id)

        assert job_of(member).error_code == "unknown_error"

    def test_callback_is_tried_again_with_growing_pauses(self, visio: Server, setup: TranscriptionService) -> None:
        job = ServiceJobFactory.create(
            tenant=setup.tenant,
            member=MembershipFactory.create(tenant=setup.tenant),
            status=ServiceJob.Status.FAILED,
            error_code="unknown_error",
            callback_at=timezone.now(),
        )
        holds(visio, b"", hook=503)
        pauses = []
        while True:
            assert not call_back(job)
            with tenant_scope(job.tenant_id):
                row = ServiceJob.objects.get(pk=job.pk)
            if row.callback_at is None:
                break
            pauses.append(row.callback_at - timezone.now())
            assert "503" in row.callback_error
            change(job, callback_at=timezone.now())

        assert len(hooks(visio)) == len(callbacks.PAUSES) + 1
        assert pauses == sorted(pauses)
        with tenant_scope(job.tenant_id):
            assert JournalEvent.objects.filter(action="service_job.callback_given_up").exists()

    def test_callback_is_sent_once(self, visio: Server, setup: TranscriptionService) -> None:
        job = ServiceJobFactory.create(
            tenant=setup.tenant,
            member=MembershipFactory.create(tenant=setup.tenant),
            status=ServiceJob.Status.FAILED,
            error_code="unknown_error",
            callback_at=timezone.now(),
        )

        assert [call_back(job), call_back(job)] == [True, False]

        assert len(hooks(visio)) == 1

    def test_ministry_without_an_address_is_not_called(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        with tenant_scope(member.tenant_id):
            TranscriptionService.objects.update(callback_url="")
        holds(visio, b"")
        job = order(key, visio, member)

        fetch(job)

        assert job_of(member).callback_at is None
