"""What people do with recordings and transcripts.

``add_recording`` waits on the store and the disk: call it outside a tenant's transaction. All others run inside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.files import operations as files
from apps.files.models import Purpose, StoredFile, Upload
from apps.rooms.models import Attendee, Meeting, Occurrence
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by, record_read
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.transcripts import jobs
from apps.transcripts.exports.document import TranscriptDocument, document_of
from apps.transcripts.failures import MediaRefused
from apps.transcripts.media import MediaInfo, probe
from apps.transcripts.models import Recording, RecordingTrack, Revision, Segment, Speaker, Transcript, TranscriptionJob
from visio_portal.realtime import publish


class UploadNotReady(Exception):
    """There is no complete upload of the member's under this id; the text is for the person."""


class TranscriptChanged(Conflict):
    """The transcript has a newer version than the one that the person saw, or may no longer be corrected."""


class ExportFormat(models.TextChoices):
    VTT = "vtt", gettext_lazy("WebVTT subtitles")
    DOCX = "docx", gettext_lazy("Word document (DOCX)")


# Each is loaded at its first export: lxml's 7 MB are not for every process.
WRITERS = {
    ExportFormat.VTT: "apps.transcripts.exports.webvtt.to_webvtt",
    ExportFormat.DOCX: "apps.transcripts.exports.docx.to_docx",
}
MEDIA_TYPES = {
    ExportFormat.VTT: "text/vtt",
    ExportFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True)
class Export:
    """A file to download."""

    content: bytes
    name: str
    media_type: str


@dataclass(frozen=True)
class TranscriptText:
    """What the page of a transcript shows: voices in the order of their first words, and lines in time.

    Each line's ``speaker`` is one of ``speakers`` (or None) and costs no query; ``words`` are not loaded.
    """

    speakers: list[Speaker]
    lines: list[Segment]


def add_recording(
    *,
    membership: Membership,
    meeting: Meeting,
    upload_id: UUID,
    occurrence: Occurrence | None = None,
    language: str = "",
    speakers: int | None = None,
) -> Recording:
    """Check an uploaded file, make it a recording of the meeting, and queue its transcription.

    ``upload_id`` is a complete upload of the member's (purpose RECORDING); ``language`` ISO 639-1, empty to
    let it be found; ``speakers`` their number where known; without an ``occurrence`` it is of the last one that has
    begun. Enters the tenant by itself: call it in a view that
    ``enters_tenant_itself``; a file of 2 GB takes about a second. The same upload again gives the same
    recording. Raises MediaRefused with the reason (the file is then deleted), UploadNotReady.
    """
    with tenant_scope(membership.tenant_id):
        if known := _recording_of(membership, upload_id):
            return known
        file = _uploaded_file(membership, upload_id)
    try:
        info = _look_into(file)
    except MediaRefused as refusal:
        _refuse_upload(membership, meeting, upload_id, refusal)
        raise
    try:
        with tenant_scope(membership.tenant_id):
            file = files.take_upload(
                tenant_id=membership.tenant_id,
                upload_id=upload_id,
                purpose=Purpose.RECORDING,
                membership=membership,
            )
            recording = create_recording(
                membership=membership,
                meeting=meeting,
                tracks=[(file, info, None)],
                occurrence=occurrence,
                language=language,
                speakers=speakers,
            )
            Recording.objects.filter(pk=recording.pk).update(upload_id=upload_id)
            return recording
    except files.UploadNotReady as error:  # the same request came twice at once
        with tenant_scope(membership.tenant_id):
            if known := _recording_of(membership, upload_id):
                return known
        raise UploadNotReady(_("The upload is not complete. Choose the file again.")) from error


def begun_dates(meeting: Meeting) -> QuerySet[Occurrence]:
    """Return the dates that a recording can be of by now, the newest first."""
    return _held(meeting).filter(start_at__lte=timezone.now()).order_by("-start_at")


def create_recording(
    *,
    membership: Membership,
    meeting: Meeting,
    tracks: Sequence[tuple[StoredFile, MediaInfo, Attendee | None]],
    occurrence: Occurrence | None = None,
    language: str = "",
    speakers: int | None = None,
) -> Recording:
    """Make stored files that were looked into the tracks of a recording, and queue its transcription.

    Without an ``occurrence`` it is of the last one that has begun.
    """
    recording = Recording.objects.create(
        tenant=membership.tenant,
        meeting=meeting,
        occurrence=occurrence or _last_occurrence(meeting),
        uploaded_by=membership,
        language=language,
        speaker_count=speakers,
        duration_s=max(info.duration_s for _file, info, _attendee in tracks),
    )
    for number, (file, info, attendee) in enumerate(tracks, start=1):
        StoredFile.objects.filter(pk=file.pk).update(media_type=info.media_type)  # what it is, not what was said
        RecordingTrack.objects.create(
            tenant=membership.tenant, recording=recording, number=number, file=file, attendee=attendee
        )
    sizes = {"tracks": len(tracks), "duration_s": round(recording.duration_s, 1)}
    record_by(membership, "recording.added", recording, **sizes)
    jobs.queue_transcription(recording=recording, membership=membership)
    return recording


def retry_transcription(*, membership: Membership, recording: Recording) -> TranscriptionJob:
    """Queue another job for a recording whose job failed or was cancelled. Raises Conflict otherwise."""
    if Transcript.objects.filter(recording=recording).exists():
        raise jobs.JobUnavailable(_("This recording has been transcribed already."))
    return jobs.queue_transcription(recording=recording, membership=membership)


def cancel_transcription(*, membership: Membership, job: TranscriptionJob) -> None:
    """Cancel a waiting or running job; the worker stops at its next message. Raises Conflict if it has ended."""
    jobs.cancel_job(job=job, membership=membership)


def read_transcript(*, membership: Membership, transcript: Transcript) -> TranscriptText:
    """Return the text for a page, and journal the read (once per person, transcript and hour)."""
    record_read(membership, "transcript.read", transcript, version=transcript.version)
    speakers = list(Speaker.objects.filter(transcript=transcript))
    by_id = {speaker.id: speaker for speaker in speakers}
    lines = list(Segment.objects.filter(transcript=transcript).defer("words"))
    for line in lines:
        line.speaker = by_id[line.speaker_id] if line.speaker_id else None
    return TranscriptText(speakers, lines)


def rename_speaker(
    *, membership: Membership, transcript: Transcript, speaker: Speaker, name: str, expected_version: int
) -> Revision:
    """Name a voice in all its lines; an empty name takes the name away.

    Raises TranscriptChanged where ``expected_version`` is not the newest any more, or the text is approved.
    """
    name = " ".join(name.split())
    changes = {"speaker": str(speaker.id), "label": speaker.label, "before": speaker.name, "after": name}
    with transaction.atomic():
        revision = _new_revision(membership, transcript, "speaker_renamed", changes, expected_version)
        Speaker.objects.filter(pk=speaker.pk, transcript=transcript).update(
            name=name, origin=Speaker.Origin.PERSON if name else Speaker.Origin.NONE, confidence=None
        )
        # The name itself is in the revision: the journal holds no names.
        record_by(membership, "speaker.renamed", transcript, version=revision.number, speaker=str(speaker.id))
    event = {"type": "speaker.renamed", "transcript": str(transcript.id), "version": revision.number}
    publish(transcript.tenant_id, f"transcript:{transcript.id}", event)
    return revision


def export_transcript(*, membership: Membership, transcript: Transcript, export_format: ExportFormat) -> Export:
    """Make a file of the transcript's current version, and journal the export.

    Its own words are in the transcript's language, so that a version always gives the same bytes.
    """
    write: Callable[[TranscriptDocument], bytes] = import_string(WRITERS[export_format])
    known = {code for code, _name in settings.LANGUAGES}
    # Locked, so that number and text are of one version.
    rows = Transcript.objects.select_for_update(of=["self"], no_key=True)
    transcript = rows.select_related("tenant", "recording__meeting", "recording__occurrence").get(pk=transcript.pk)
    with translation.override(transcript.language if transcript.language in known else settings.LANGUAGE_CODE):
        document = document_of(transcript)
        content = write(document)
    record_by(membership, "transcript.exported", transcript, format=export_format.value, version=transcript.version)
    stem = f"{document.started_at:%Y-%m-%d}-{slugify(document.title)[:60]}".rstrip("-")
    return Export(content, f"{stem}.{export_format.value}", MEDIA_TYPES[export_format])


def _recording_of(membership: Membership, upload_id: UUID) -> Recording | None:
    return Recording.objects.filter(upload_id=upload_id, uploaded_by=membership).first()


def _uploaded_file(membership: Membership, upload_id: UUID) -> StoredFile:
    upload = (
        Upload.objects.filter(pk=upload_id, user_id=membership.user_id, purpose=Purpose.RECORDING)
        .select_related("stored_file")
        .first()
    )
    file: StoredFile | None = upload.stored_file if upload else None
    if file is None:
        raise UploadNotReady(_("The upload is not complete. Choose the file again."))
    return file


def _look_into(file: StoredFile) -> MediaInfo:
    with files.open_stored_file(file) as stream:
        return probe(stream)


def _refuse_upload(membership: Membership, meeting: Meeting, upload_id: UUID, refusal: MediaRefused) -> None:
    """Delete a refused file and journal why."""
    with tenant_scope(membership.tenant_id):
        upload = Upload.objects.filter(pk=upload_id).first()
        record_by(membership, "recording.refused", meeting, code=refusal.code)
    if upload is not None:
        files.abort_upload(upload=upload)


def _last_occurrence(meeting: Meeting) -> Occurrence | None:
    """Return the occurrence that a recording made until now is of: the last that has begun, else the first."""
    return begun_dates(meeting).first() or _held(meeting).order_by("start_at").first()


def _held(meeting: Meeting) -> QuerySet[Occurrence]:
    return Occurrence.objects.filter(meeting=meeting).exclude(status=Occurrence.Status.CANCELLED)


def _new_revision(
    membership: Membership, transcript: Transcript, kind: str, changes: dict[str, str], expected_version: int
) -> Revision:
    """Make the next version, if the expected one is still the newest and may be corrected."""
    is_ours = Transcript.objects.filter(
        pk=transcript.pk,
        version=expected_version,
        status__in=[Transcript.Status.DRAFT, Transcript.Status.IN_REVIEW],
    ).update(version=F("version") + 1)
    if not is_ours:
        raise TranscriptChanged(_("Somebody else has changed this transcript in the meantime. Look at it again."))
    return Revision.objects.create(
        tenant_id=transcript.tenant_id,
        transcript=transcript,
        number=expected_version + 1,
        author=membership,
        kind=kind,
        changes=changes,
    )
