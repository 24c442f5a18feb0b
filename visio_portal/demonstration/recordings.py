"""The demonstration's recording, handed in the way a person does it: in parts, checked, then queued."""

from datetime import date
from pathlib import Path
from uuid import UUID

from apps.files.models import Purpose
from apps.files.operations import complete_upload, receive_part, start_upload
from apps.rooms.models import Meeting
from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import Recording
from apps.transcripts.operations import add_recording
from visio_portal.demonstration.tenants import member_of

RECORDING = Path(__file__).parent / "media" / "reunion_fr.webm"


def seed_recording(today: date) -> None:
    """Add a real recording to the last cabinet meeting, once; the media worker transcribes it."""
    tenant = Tenant.objects.get(slug="territoires")
    with tenant_scope(tenant.id):
        if Recording.objects.exists():
            return
        organizer = member_of(tenant, "helene-marchand")
        meeting = Meeting.objects.filter(organizer=organizer, starts_on__lt=today).latest("starts_on")
    add_recording(membership=organizer, meeting=meeting, upload_id=_upload(organizer), language="fr", speakers=None)


def _upload(member: Membership) -> UUID:
    upload = start_upload(
        tenant_id=member.tenant_id,
        purpose=Purpose.RECORDING,
        name=RECORDING.name,
        media_type="audio/webm",
        size_bytes=RECORDING.stat().st_size,
        user_id=member.user_id,
    )
    with RECORDING.open("rb") as body:
        receive_part(upload=upload, number=1, body=body)
    complete_upload(upload=upload)
    return upload.id
