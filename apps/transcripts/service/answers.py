"""What the service says to Visio: the state of a job, and the transcript behind a signed address."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from apps.transcripts.models import Segment, ServiceJob, Speaker, Transcript

LINK_LIFETIME_S = 24 * 60 * 60  # as Visio's own addresses
SALT = "apps.transcripts.service"

# The contract's codes, by the portal's and the worker's.
NO_AUDIO, TOO_LONG, CORRUPTED, UNKNOWN = (
    "no_audio_in_file",
    "media_duration_too_long",
    "corrupted_audio_file",
    "unknown_error",
)
ERROR_CODES = {
    NO_AUDIO: NO_AUDIO,
    "no_audio": NO_AUDIO,
    TOO_LONG: TOO_LONG,
    "too_long": TOO_LONG,
    "too_large": TOO_LONG,
    CORRUPTED: CORRUPTED,
    "empty": CORRUPTED,
    "not_media": CORRUPTED,
    "truncated": CORRUPTED,
}


class LinkInvalid(Exception):
    """The address was not made by the portal, or has expired."""


def error_code_of(code: str) -> str:
    """Return the contract's code for one of the portal's or the worker's."""
    return ERROR_CODES.get(code, UNKNOWN)


def answer_of(job: ServiceJob) -> dict[str, str]:
    """Return the state of a job as the contract has it."""
    answer = {"job_id": str(job.id), "type": "transcript", "status": "pending"}
    if job.status == ServiceJob.Status.SUCCEEDED:
        return answer | {"status": "success", "transcription_data_url": transcript_address(job)}
    if job.status == ServiceJob.Status.FAILED:
        return answer | {"status": "failure", "error_code": job.error_code}
    return answer


def transcript_address(job: ServiceJob) -> str:
    """Return a signed address that gives the transcript's JSON for a day."""
    token = signing.dumps({"tenant": str(job.tenant_id), "job": str(job.id)}, salt=SALT)
    return f"{settings.PORTAL_PUBLIC_URL}{reverse('service:transcript', kwargs={'token': token})}"


def read_token(token: str) -> tuple[UUID, UUID]:
    """Return tenant and job of a signed address; raises LinkInvalid."""
    try:
        content = signing.loads(token, salt=SALT, max_age=LINK_LIFETIME_S)
    except signing.BadSignature as error:  # SignatureExpired is one
        raise LinkInvalid("This address is wrong or has expired.") from error
    return UUID(content["tenant"]), UUID(content["job"])


def transcript_body(transcript: Transcript) -> dict[str, Any]:
    """Return a transcript as the contract has it, as it is now: times in seconds, voices by name where known."""
    names = {speaker.id: speaker.name or speaker.label for speaker in Speaker.objects.filter(transcript=transcript)}
    segments = Segment.objects.filter(transcript=transcript).values_list(
        "start_s", "end_s", "text", "speaker_id", "words"
    )
    return {
        "segments": [
            {
                "start": start_s,
                "end": end_s,
                "text": text,
                "speaker": names.get(speaker_id),
                "words": _words(words, names.get(speaker_id)),
            }
            for start_s, end_s, text, speaker_id, words in segments.iterator(chunk_size=1000)
        ],
        "word_segments": [],
    }


def _words(words: Iterable[dict[str, Any]], speaker: str | None) -> list[dict[str, Any]]:
    return [{**word, "speaker": speaker} for word in words]
