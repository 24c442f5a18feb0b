"""One tenant with a person of each role and a row in every table: what the policy tests look at."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from apps.files.models import DiscardedObject, Upload, UploadPart
from apps.licensing.models import Contract, ContractLine, Product
from apps.rooms.models import Meeting
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory, RoomFactory
from apps.tenants import journal
from apps.tenants.models import Headcount, Membership, Role, Tenant, TenantFigure, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UnitFactory
from apps.transcripts.models import Recording, Transcript, TranscriptionJob, TranscriptReader
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
    meeting = MeetingFactory.create(organizer=organizer, room=RoomFactory.create(tenant=tenant))
    AttendeeFactory.create(meeting=meeting)
    recording = RecordingFactory.create(meeting=meeting)
    transcript = TranscriptFactory.create(recording=recording)
    with tenant_scope(tenant.id):
        TranscriptReader.objects.create(
            tenant=tenant, transcript=transcript, membership=MembershipFactory.create(tenant=tenant)
        )
        add_figures(tenant)
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
            contract=add_contract(tenant),
        )


def add_figures(tenant: Tenant) -> None:
    """Add a headcount and a figure for the operator."""
    Headcount.objects.create(tenant=tenant, starts_on=date(2026, 1, 1), agents=8400, source="Bilan social")
    TenantFigure.objects.create(tenant=tenant, day=date(2026, 1, 1), measure="meetings", population=120, value=12)


def add_upload(member: Membership) -> Upload:
    """Add an upload of which one part has arrived."""
    upload = Upload.objects.create(
        tenant=member.tenant,
        user_id=member.user_id,
        purpose="recording",
        name="reunion.webm",
        size_bytes=20_000_000,
        key=f"{member.tenant_id}/essai",
        expires_at=timezone.now() + timedelta(days=1),
    )
    UploadPart.objects.create(tenant=member.tenant, upload=upload, number=1, size_bytes=1, sha256="0" * 64)
    DiscardedObject.objects.create(tenant=member.tenant, key=f"{member.tenant_id}/ancien")
    return upload


def add_contract(tenant: Tenant) -> Contract:
    """Add a contract of 100 stand-alone seats."""
    product, _is_new = Product.objects.get_or_create(
        publisher="Zoom", name="Pro", defaults={"kind": Product.Kind.STANDALONE}
    )
    contract = Contract.objects.create(
        tenant=tenant,
        name="Zoom",
        supplier_name="Revendeur",
        supplier_siret="99902020900014",
        framework=Contract.Framework.UGAP,
        starts_on=date(2026, 1, 1),
        term_months=12,
        notice_days=60,
        reduction=Contract.Reduction.END_OF_TERM,
        renewal=Contract.Renewal.TACIT,
    )
    ContractLine.objects.create(
        tenant=tenant, contract=contract, product=product, seats=100, unit_price_eur=Decimal("11.90")
    )
    return contract
