"""Who may see and edit meetings, recordings and transcripts: one table."""

import pytest

from apps.rooms.models import Attendee, Meeting
from apps.rooms.tests.factories import AttendeeFactory
from apps.tenants.models import Membership, Role, Tenant, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, UnitFactory
from apps.transcripts.consumers import may_follow_job, may_follow_transcript
from apps.transcripts.models import Recording, Transcript, TranscriptReader
from apps.transcripts.tests.factories import TranscriptFactory

pytestmark = pytest.mark.django_db

NAMED, ATTENDEES, UNIT = Meeting.Audience.NAMED, Meeting.Audience.ATTENDEES, Meeting.Audience.UNIT
DRAFT, APPROVED = Transcript.Status.DRAFT, Transcript.Status.APPROVED

# person, audience, status → sees the meeting, hears the recording, reads the transcript, corrects the transcript
TABLE = [
    ("organiser", NAMED, DRAFT, "meeting recording transcript correct"),
    ("organiser", NAMED, APPROVED, "meeting recording transcript"),
    ("co-organiser", NAMED, DRAFT, "meeting recording transcript correct"),
    ("co-organiser", NAMED, APPROVED, "meeting recording transcript"),
    ("named reader", NAMED, DRAFT, "recording transcript"),
    ("named reader", NAMED, APPROVED, "recording transcript"),
    ("reviewer", NAMED, DRAFT, "recording transcript correct"),
    ("reviewer", NAMED, APPROVED, "recording transcript"),
    ("attendee", NAMED, APPROVED, "meeting"),
    ("attendee", ATTENDEES, DRAFT, "meeting"),
    ("attendee", ATTENDEES, APPROVED, "meeting recording transcript"),
    ("attendee", UNIT, APPROVED, "meeting"),
    ("colleague of the unit", NAMED, APPROVED, ""),
    ("colleague of the unit", ATTENDEES, APPROVED, ""),
    ("colleague of the unit", UNIT, DRAFT, ""),
    ("colleague of the unit", UNIT, APPROVED, "recording transcript"),
    ("colleague of another unit", UNIT, APPROVED, ""),
    ("member without a unit", UNIT, APPROVED, ""),
    *[
        (role, audience, APPROVED, "")
        for role in ("admin", "auditor", "procurement", "operator")
        for audience in (NAMED, ATTENDEES, UNIT)
    ],
]


@pytest.fixture
def transcript() -> Transcript:
    """A transcript whose organiser belongs to a unit."""
    unit = UnitFactory.create()
    organizer = MembershipFactory.create(tenant=unit.tenant, unit=unit)
    return TranscriptFactory.create(recording__meeting__organizer=organizer)


def person(name: str, transcript: Transcript) -> Membership:
    meeting: Meeting = transcript.recording.meeting
    tenant: Tenant = transcript.tenant
    organizer: Membership = meeting.organizer
    own_unit: Unit | None = organizer.unit
    if name == "organiser":
        return organizer
    if name in Role.values:
        return MembershipFactory.create(tenant=tenant, roles=[name])
    if name == "colleague of the unit":
        return MembershipFactory.create(tenant=tenant, unit=own_unit)
    if name == "colleague of another unit":
        return MembershipFactory.create(tenant=tenant, unit=UnitFactory.create(tenant=tenant))
    member = MembershipFactory.create(tenant=tenant)
    if name == "co-organiser":
        AttendeeFactory.create(meeting=meeting, membership=member, role=Attendee.Role.CO_ORGANIZER)
    if name == "attendee":
        AttendeeFactory.create(meeting=meeting, membership=member)
    with tenant_scope(tenant.id):
        if name == "named reader":
            TranscriptReader.objects.create(tenant=tenant, transcript=transcript, membership=member)
        if name == "reviewer":
            Transcript.objects.filter(pk=transcript.pk).update(reviewer=member)
    return member


@pytest.mark.parametrize(("name", "audience", "status", "expected"), TABLE)
def test_visibility(name: str, audience: str, status: str, expected: str, transcript: Transcript) -> None:
    member = person(name, transcript)
    with tenant_scope(transcript.tenant_id):
        Meeting.objects.update(transcript_audience=audience)
        Transcript.objects.update(status=status)

        allowed = {
            "meeting": Meeting.objects.visible_to(member).exists(),
            "recording": Recording.objects.visible_to(member).exists(),
            "transcript": Transcript.objects.visible_to(member).exists(),
            "correct": Transcript.objects.editable_by(member).exists(),
        }
        assert [what for what, is_allowed in allowed.items() if is_allowed] == expected.split()
        assert may_follow_transcript(member, transcript.id) is allowed["transcript"]
        assert may_follow_job(member, transcript.job_id) is allowed["recording"]


@pytest.mark.parametrize("name", ["organiser", "co-organiser", "named reader", "attendee"])
def test_only_organisers_edit_recordings(name: str, transcript: Transcript) -> None:
    member = person(name, transcript)

    with tenant_scope(transcript.tenant_id):
        is_allowed = Recording.objects.editable_by(member).exists()

    assert is_allowed is name.endswith("organiser")


def test_nothing_is_visible_from_another_ministry(transcript: Transcript) -> None:
    stranger = MembershipFactory.create()

    with tenant_scope(stranger.tenant_id):
        assert not Meeting.objects.exists()
        assert not Recording.objects.exists()
        assert not Transcript.objects.exists()


def test_each_object_is_seen_once_however_many_reasons_there_are(transcript: Transcript) -> None:
    organizer = transcript.recording.meeting.organizer
    for name in ("attendee", "named reader"):
        person(name, transcript)
    AttendeeFactory.create(meeting=transcript.recording.meeting, membership=organizer)
    with tenant_scope(transcript.tenant_id):
        TranscriptReader.objects.create(tenant=transcript.tenant, transcript=transcript, membership=organizer)

        assert Meeting.objects.visible_to(organizer).count() == 1
        assert Recording.objects.visible_to(organizer).count() == 1
        assert Transcript.objects.visible_to(organizer).count() == 1
