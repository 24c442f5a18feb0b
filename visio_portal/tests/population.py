"""One tenant with a person of each role and a row in every table: what the policy tests look at."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from apps.files.models import PART_SIZE_BYTES, DiscardedObject, Purpose, Upload
from apps.files.operations import receive_part, start_upload, store_file
from apps.licensing.models import Contract
from apps.licensing.tests import rows as licensing_rows
from apps.rooms.models import Meeting
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory, RoomFactory
from apps.rooms.tests.rows import add_rows
from apps.tenants import journal
from apps.tenants.models import Headcount, Membership, Role, Tenant, TenantFigure, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UnitFactory
from apps.transcripts.models import Recording, Transcript, TranscriptionJob, TranscriptReader
from apps.transcripts.service.tests.factories import ServiceFactory, ServiceJobFactory
from apps.transcripts.tests.factories import RecordingFactory, TranscriptFactory


@dataclass(frozen=True)
class Population:
    """A tenant and its one object of each kind. ``colleague`` organises meetings, but none of these."""

    tenant: Tenant
    unit: Unit
    organizer: Membership
    colleague: Membership
    procurement: Membership
    auditor: Membership
    admin: Membership
    meeting: Meeting
    recording: Recording
    job: TranscriptionJob
    transcript: Transcript
    upload: Upload
    contract: Contract


def populate(slug: str) -> Population:
    """Create a tenant that has a row in every table."""
    tenant = TenantFactory.create(slug=slug)
    unit = UnitFactory.create(tenant=tenant)
    people = {
        "organizer": MembershipFactory.create(tenant=tenant, unit=unit),
        "colleague": MembershipFactory.create(tenant=tenant),
        **{
            role.value: MembershipFactory.create(tenant=tenant, roles=[role])
            for role in (Role.PROCUREMENT, Role.AUDITOR, Role.ADMIN)
        },
    }
    organizer = people["organizer"]
    meeting = MeetingFactory.create(
        organizer=organizer, room=RoomFactory.create(tenant=tenant), attendance_threshold=50
    )
    attendee = AttendeeFactory.create(meeting=meeting)
    recording = RecordingFactory.create(meeting=meeting)
    transcript = TranscriptFactory.create(recording=recording)
    ServiceFactory.create(tenant=tenant)
    ServiceJobFactory.create(member=organizer, recording=recording)
    with tenant_scope(tenant.id):
        TranscriptReader.objects.create(
            tenant=tenant, transcript=transcript, membership=MembershipFactory.create(tenant=tenant)
        )
        add_rows(meeting, attendee, people["colleague"])
        add_sound(recording)
        add_figures(tenant)
        contract = licensing_rows.add_contract(tenant)
        licensing_rows.add_rows(contract, people["procurement"], unit)
        journal.record_by(organizer, "meeting.scheduled", meeting)
        return Population(
            tenant=tenant,
            unit=unit,
            **people,
            meeting=meeting,
            recording=recording,
            job=transcript.job,
            transcript=transcript,
            upload=add_upload(organizer),
            contract=contract,
        )


def add_figures(tenant: Tenant) -> None:
    """Add a headcount and a figure for the operator."""
    Headcount.objects.create(tenant=tenant, starts_on=date(2026, 1, 1), agents=8400, source="Bilan social")
    TenantFigure.objects.create(tenant=tenant, day=date(2026, 1, 1), measure="meetings", population=120, value=12)


def add_upload(member: Membership) -> Upload:
    """Add an upload of which one part has arrived, and an object that waits to be deleted."""
    upload = start_upload(
        tenant_id=member.tenant_id,
        purpose=Purpose.RECORDING,
        name="reunion.webm",
        size_bytes=PART_SIZE_BYTES + 1,
        user_id=member.user_id,
    )
    receive_part(upload=upload, number=2, body=BytesIO(b"x"))
    DiscardedObject.objects.create(tenant=member.tenant, key=f"{member.tenant_id}/ancien")
    return upload


def add_sound(recording: Recording) -> None:
    """Give the recording's track bytes that can be listened to."""
    file = store_file(
        tenant_id=recording.tenant_id,
        purpose=Purpose.RECORDING,
        name="reunion.webm",
        media_type="audio/webm",
        body=BytesIO(b"sound"),
    )
    recording.tracks.update(file=file)
