"""How an order's recording is fetched, and the meeting that it is of."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.rooms.models import Conference, Meeting, Occurrence
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory
from apps.transcripts.models import ServiceJob, TranscriptionService
from apps.transcripts.service import fetches
from apps.transcripts.service import operations as service
from apps.transcripts.service.operations import FETCH_TASK, FETCHES_MAX, tend_service
from apps.transcripts.service.tests.visio import START, ask, change, fetch, holds, job_of, order
from apps.transcripts.tests.protocol import FakeBroker
from visio_portal.tests.web import Server

pytestmark = pytest.mark.django_db


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
