"""Recordings, jobs and transcripts for tests."""

import factory

from apps.files.models import Purpose, StoredFile
from apps.files.objects import new_key
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.tests.factories import TenantFactory, TenantOwnedFactory
from apps.transcripts.models import (
    Recording,
    RecordingTrack,
    Revision,
    Segment,
    Speaker,
    Transcript,
    TranscriptionJob,
)

LINES = [
    ("SPK01", 0.6, 2.0, "Bonjour à toutes et à tous."),
    ("SPK02", 2.4, 4.0, "Merci, <b>commençons</b> & avançons."),
    ("SPK01", 4.5, 6.0, "Très bien."),
]


class StoredFileFactory(TenantOwnedFactory[StoredFile]):
    """A row alone: nothing lies in the store under its key."""

    class Meta:
        model = StoredFile

    tenant = factory.SubFactory(TenantFactory)
    key = factory.LazyAttribute(lambda file: new_key(file.tenant.id, Purpose.RECORDING))
    name = "reunion.webm"
    media_type = "audio/webm"
    size_bytes = 621_575


class RecordingFactory(TenantOwnedFactory[Recording]):
    """A recording of one track; its organiser uploaded it."""

    class Meta:
        model = Recording

    meeting = factory.SubFactory(MeetingFactory)
    tenant = factory.SelfAttribute("meeting.tenant")
    uploaded_by = factory.SelfAttribute("meeting.organizer")
    language = "fr"
    duration_s = 144.9

    @classmethod
    def complete(cls, row: Recording) -> None:
        file = StoredFileFactory.create(tenant=row.tenant)
        RecordingTrack.objects.create(tenant=row.tenant, recording=row, file=file)


class JobFactory(TenantOwnedFactory[TranscriptionJob]):
    class Meta:
        model = TranscriptionJob

    recording = factory.SubFactory(RecordingFactory)
    tenant = factory.SelfAttribute("recording.tenant")
    partial_key = factory.LazyAttribute(lambda job: new_key(job.tenant.id, Purpose.PARTIAL))


class TranscriptFactory(TenantOwnedFactory[Transcript]):
    """A draft of three lines by two voices, as the recogniser left it."""

    class Meta:
        model = Transcript

    recording = factory.SubFactory(RecordingFactory)
    tenant = factory.SelfAttribute("recording.tenant")
    job = factory.SubFactory(
        JobFactory, recording=factory.SelfAttribute("..recording"), status=TranscriptionJob.Status.SUCCEEDED
    )
    language = "fr"

    @classmethod
    def complete(cls, row: Transcript) -> None:
        speakers = {
            label: Speaker.objects.create(tenant=row.tenant, transcript=row, label=label, position=position)
            for position, label in enumerate(["SPK01", "SPK02"], start=1)
        }
        for position, (label, start_s, end_s, text) in enumerate(LINES):
            Segment.objects.create(
                tenant=row.tenant,
                transcript=row,
                position=position,
                speaker=speakers[label],
                start_s=start_s,
                end_s=end_s,
                text=text,
            )
        Revision.objects.create(tenant=row.tenant, transcript=row, number=0, kind="recognised")
