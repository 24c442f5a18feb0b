"""Who may follow which topic over the WebSocket."""

from uuid import UUID

from apps.tenants.models import Membership
from apps.transcripts.models import Recording, Transcript, TranscriptionJob


def may_follow_job(membership: Membership, job_id: UUID) -> bool:
    """Let those follow a job who may see its recording."""
    recordings = Recording.objects.visible_to(membership)
    return TranscriptionJob.objects.filter(id=job_id, recording__in=recordings).exists()


def may_follow_transcript(membership: Membership, transcript_id: UUID) -> bool:
    """Let those follow a transcript who may read it."""
    return Transcript.objects.visible_to(membership).filter(id=transcript_id).exists()
