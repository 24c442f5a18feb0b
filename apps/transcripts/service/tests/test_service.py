"""What happens to an order of Visio's, from its request over real HTTP to the callback."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from pytest_django.live_server_helper import LiveServer

from apps.rooms.models import Conference, Meeting, Occurrence
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import ApiToken, JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token
from apps.transcripts import tasks
from apps.transcripts.models import ServiceJob, Speaker, TranscriptionJob, TranscriptionService
from apps.transcripts.service import callbacks, fetches
from apps.transcripts.service import operations as service
from apps.transcripts.service.fetches import fetch_recording
from apps.transcripts.service.operations import CALLBACK_TASK, FETCH_TASK, FETCHES_MAX, tend_service
from apps.transcripts.service.tests.factories import ServiceFactory, ServiceJobFactory
from apps.transcripts.service.tests.test_orders import BODY, METADATA
from apps.transcripts.tests.factories import TranscriptFactory
from apps.transcripts.tests.media_files import write_media
from apps.transcripts.tests.protocol import FakeBroker, Worker, golden
from visio_portal.tests.web import Handler, Server

ADDRESS = "/api/v2/async-jobs/transcribe"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "sound.ogg"
    return write_media(Path(path), container="ogg", codec="libopus", seconds=1).read_bytes()


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create(user__email="claire.vasseur@transition-numerique.gouv.fr")


@pytest.fixture
def setup(member: Membership, visio: Server) -> TranscriptionService:
    return ServiceFactory.create(tenant=member.tenant, hosts=["127.0.0.1"], callback_url=f"{visio.url}/hook/")


@pytest.fixture
def key(member: Membership, setup: TranscriptionService) -> str:
    _token, secret = api_token(member, ApiToken.Scope.TRANSCRIPTION)
    return secret


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


class TestFetch:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "corrupted_audio_file"),
            (b"no sound at all" * 100, "corrupted_audio_file"),
        ],
        ids=["empty", "text"],
    )
    def test_file_that_is_no_recording_fails(
        self, visio: Server, key: str, member: Membership, content: bytes, code: str
    ) -> None:
        holds(visio, content)
        job = order(key, visio, member)

        assert not fetch(job)

        assert ask(key, str(job.id)).json() == {
            "job_id": str(job.id),
            "type": "transcript",
            "status": "failure",
            "error_code": code,
        }

    def test_too_large_a_file_fails(
        self, visio: Server, key: str, member: Membership, setup: TranscriptionService
    ) -> None:
        with tenant_scope(member.tenant_id):
            TranscriptionService.objects.update(size_limit_mb=1)
        holds(visio, b"x" * (1024 * 1024 + 1))
        job = order(key, visio, member)

        fetch(job)

        assert job_of(member).error_code == "media_duration_too_long"

    def test_address_that_expired_fails_at_once(self, visio: Server, key: str, member: Membership) -> None:
        holds(visio, b"", status=403)
        job = order(key, visio, member)

        fetch(job)

        assert job_of(member).error_code == "unknown_error"

    def test_server_that_is_down_is_asked_again(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        holds(visio, b"", status=503)
        job = order(key, visio, member)
        fetch(job)
        assert job_of(member).status == ServiceJob.Status.ACCEPTED
        assert not fetch(job)  # not due yet
        holds(visio, sound)
        change(job, fetch_at=timezone.now())

        assert fetch(job)

        assert job_of(member).recording is not None

    def test_server_that_stays_down_fails(self, visio: Server, key: str, member: Membership) -> None:
        holds(visio, b"", status=503)
        job = order(key, visio, member)

        for _attempt in range(FETCHES_MAX):
            change(job, fetch_at=timezone.now())
            fetch(job)

        assert job_of(member).status == ServiceJob.Status.FAILED

    def test_download_that_nobody_ended_is_begun_again_but_not_for_ever(
        self, broker: FakeBroker, key: str, visio: Server, member: Membership, sound: bytes
    ) -> None:
        job = order(key, visio, member)
        past = timezone.now() - timedelta(seconds=1)
        change(job, status=ServiceJob.Status.FETCHING, fetch_attempts=1, fetch_at=past)
        holds(visio, sound)
        assert fetch(job)

        change(job, status=ServiceJob.Status.FETCHING, fetch_attempts=FETCHES_MAX, fetch_at=past)
        tend_service(tenant_id=member.tenant_id)

        assert job_of(member).status == ServiceJob.Status.FAILED

    def test_few_are_fetched_at_once(
        self,
        broker: FakeBroker,
        visio: Server,
        key: str,
        member: Membership,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        for number in range(4):
            order(key, visio, member, name=f"{number}.ogg")

        with django_capture_on_commit_callbacks(execute=True):
            tend_service(tenant_id=member.tenant_id)

        assert len(broker.sent(FETCH_TASK)) == service.FETCHED_AT_ONCE

    def test_addresses_are_encrypted_and_forgotten(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        holds(visio, sound)
        job = order(key, visio, member)
        assert job.source_url.startswith(visio.url)

        fetch(job)

        assert (job_of(member).source_url, job_of(member).metadata_url) == ("", "")

    def test_late_download_leaves_nothing(
        self,
        broker: FakeBroker,
        visio: Server,
        key: str,
        member: Membership,
        sound: bytes,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        holds(visio, sound)
        job = order(key, visio, member)
        look_into = fetches._look_into

        def overtaken(*arguments: Any) -> Any:
            change(job, fetch_attempts=2)  # another task has begun it anew
            return look_into(*arguments)

        monkeypatch.setattr(fetches, "_look_into", overtaken)

        assert not fetch(job)

        assert job_of(member).recording is None


class TestPlace:
    """Which meeting a recording of 9:00 to 10:00 UTC is of."""

    def meeting(self, member: Membership, start: time, minutes: int = 60, **fields: Any) -> Meeting:
        return MeetingFactory.create(
            organizer=member,
            starts_on=START.date(),
            start_time=start,
            time_zone="Europe/Paris",
            duration_minutes=minutes,
            **fields,
        )

    def fetched(self, visio: Server, key: str, member: Membership, sound: bytes, **changes: Any) -> ServiceJob:
        holds(visio, sound)
        assert fetch(order(key, visio, member, **changes))
        return job_of(member)

    def test_is_the_own_one_at_that_time(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        self.meeting(member, time(8))
        wanted = self.meeting(member, time(9, 50), minutes=90)
        self.meeting(MembershipFactory.create(tenant=member.tenant), time(10))

        job = self.fetched(visio, key, member, sound)

        assert job.recording.meeting_id == wanted.id
        assert job.recording.occurrence.meeting_id == wanted.id

    def test_is_a_co_organisers_too(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        wanted = self.meeting(MembershipFactory.create(tenant=member.tenant), time(10))
        AttendeeFactory.create(meeting=wanted, membership=member, role="co_organizer")

        assert self.fetched(visio, key, member, sound).recording.meeting_id == wanted.id

    def test_is_the_one_of_visios_room(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        wanted = self.meeting(MembershipFactory.create(tenant=member.tenant), time(10))
        AttendeeFactory.create(meeting=wanted, membership=member)
        self.meeting(member, time(10))
        with tenant_scope(member.tenant_id):
            Conference.objects.create(
                tenant=member.tenant, meeting=wanted, slug="qbz-mfpk-wyv", owner_email="x@y.fr", access_level="trusted"
            )

        assert self.fetched(visio, key, member, sound).recording.meeting_id == wanted.id

    def test_room_of_strangers_gives_nothing(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        other = self.meeting(MembershipFactory.create(tenant=member.tenant), time(10))
        with tenant_scope(member.tenant_id):
            Conference.objects.create(
                tenant=member.tenant, meeting=other, slug="qbz-mfpk-wyv", owner_email="x@y.fr", access_level="trusted"
            )

        assert self.fetched(visio, key, member, sound).recording.meeting_id != other.id

    @pytest.mark.parametrize("status", [Occurrence.Status.CANCELLED, Occurrence.Status.HELD])
    def test_is_none_that_does_not_take_place(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes, status: str
    ) -> None:
        meeting = self.meeting(member, time(10))
        with tenant_scope(member.tenant_id):
            meeting.occurrences.update(status=status)

        assert self.fetched(visio, key, member, sound).recording.meeting_id != meeting.id

    def test_meeting_that_was_never_scheduled_is_entered(
        self, broker: FakeBroker, visio: Server, key: str, member: Membership, sound: bytes
    ) -> None:
        meeting = self.fetched(visio, key, member, sound).recording.meeting

        assert (meeting.organizer_id, meeting.title) == (member.id, "Réunion « qbz-mfpk-wyv » du 23 novembre")
        assert (meeting.wall_start, meeting.duration_minutes) == (datetime(2026, 11, 23, 10, 0), 60)
        assert meeting.is_transcribed


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


class TestTranscript:
    def done(self, member: Membership) -> ServiceJob:
        transcript = TranscriptFactory.create(recording__meeting__organizer=member)
        return ServiceJobFactory.create(
            member=member, recording=transcript.recording, status=ServiceJob.Status.SUCCEEDED
        )

    def address(self, key: str, job: ServiceJob) -> str:
        address: str = ask(key, str(job.id)).json()["transcription_data_url"]
        return address.partition("8000")[2]

    def test_shows_names_that_people_gave(self, visio: Server, key: str, member: Membership) -> None:
        job = self.done(member)
        with tenant_scope(member.tenant_id):
            Speaker.objects.filter(label="SPK01").update(name="Claire Vasseur")

        body = Client().get(self.address(key, job)).json()

        assert [segment["speaker"] for segment in body["segments"]] == ["Claire Vasseur", "SPK02", "Claire Vasseur"]

    def test_address_that_was_changed_or_is_old_opens_nothing(
        self, visio: Server, key: str, member: Membership, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = self.address(key, self.done(member))

        assert Client().get(address[:-1] + "_").status_code == 403
        monkeypatch.setattr("apps.transcripts.service.answers.LINK_LIFETIME_S", -1)
        assert Client().get(address).status_code == 403

    def test_address_of_a_deleted_recording_is_dead(self, visio: Server, key: str, member: Membership) -> None:
        job = self.done(member)
        address = self.address(key, job)
        change(job, recording=None)

        assert Client().get(address).status_code == 404
