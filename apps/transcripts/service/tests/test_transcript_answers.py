"""What Visio is told of a transcript."""

import pytest
from django.test import Client

from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import ServiceJob, Speaker
from apps.transcripts.service.tests.factories import ServiceJobFactory
from apps.transcripts.service.tests.visio import ask, change
from apps.transcripts.tests.factories import TranscriptFactory
from visio_portal.tests.web import Server

pytestmark = pytest.mark.django_db


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
