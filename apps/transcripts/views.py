"""Pages of transcripts."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.rooms.models import Meeting
from apps.tenants.journal import record_read
from apps.tenants.models import TenantRequest
from apps.transcripts import operations
from apps.transcripts.forms import SpeakerForm
from apps.transcripts.models import Speaker, Transcript
from apps.transcripts.states import states_of
from apps.transcripts.voices import Span, stretches_of, voices_of
from visio_portal.paging import page_of

LINES_PER_PART = 200
# The browser has to fetch and decode a whole recording to draw it.
DRAWN_S, DRAWN_BYTES = 20 * 60, 40 * 1024 * 1024


@require_safe
def transcript_list(request: TenantRequest) -> HttpResponse:
    title = request.GET.get("q", "")[:200].replace("\0", "")
    recordings = request.tenant.recordings.visible_to(request.membership).filter(meeting__title__icontains=title)
    page = page_of(request, recordings.select_related("meeting", "occurrence"))
    states = states_of(page.object_list, request.membership)
    return render(request, "transcripts/transcript_list.html", {"title": title, "page_obj": page, "states": states})


@require_safe
def transcript_detail(request: TenantRequest, transcript_id: UUID) -> HttpResponse:
    transcript, may_correct = _find(request, transcript_id)
    record_read(request.membership, "transcript.read", transcript, version=transcript.version)
    recording = transcript.recording
    speakers = list(transcript.speakers.all())
    spans = [Span(*row) for row in transcript.segments.values_list("speaker_id", "start_s", "end_s")]
    track = recording.tracks.select_related("file").first()
    context = {
        "transcript": transcript,
        "recording": recording,
        "meeting": recording.meeting,
        "track": track,
        "is_drawn": track and track.file.size_bytes <= DRAWN_BYTES and recording.duration_s <= DRAWN_S,
        "voices": voices_of(speakers, spans),
        "stretches": stretches_of(speakers, spans, recording.duration_s),
        "people": _people(recording.meeting) if may_correct else [],
        "is_editor": may_correct,
        "formats": operations.ExportFormat,
        **_lines(request, transcript, speakers),
    }
    return render(request, "transcripts/transcript_detail.html", context)


@require_safe
def transcript_lines(request: TenantRequest, transcript_id: UUID) -> HttpResponse:
    """Render the next lines, as the page reaches them."""
    transcript, _may_correct = _find(request, transcript_id)
    record_read(request.membership, "transcript.read", transcript, version=transcript.version)
    context = {"transcript": transcript, **_lines(request, transcript, list(transcript.speakers.all()))}
    return render(request, "transcripts/lines.html", context)


@require_safe
def transcript_names(request: TenantRequest, transcript_id: UUID) -> HttpResponse:
    """Render the voices' names for every place of an open page where they stand."""
    transcript, _may_correct = _find(request, transcript_id)
    return render(request, "transcripts/names.html", {"speakers": transcript.speakers.all()})


@require_http_methods(["GET", "HEAD", "POST"])
def speaker_rename(request: TenantRequest, transcript_id: UUID, speaker_id: UUID) -> HttpResponse:
    transcript, may_correct = _find(request, transcript_id)
    if not may_correct:
        raise PermissionDenied(_("You may read this transcript, but not correct it."))
    speaker = get_object_or_404(transcript.speakers, id=speaker_id)
    if "close" in request.GET:  # the form in the page is left
        context = {"transcript": transcript, "speaker": speaker, "just_renamed": True}
        return render(request, "transcripts/rename_link.html", context)
    initial = {"name": speaker.name, "seen_name": speaker.name}
    form = SpeakerForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_valid():
        return _speaker_form(request, transcript, speaker, form, 422 if form.is_bound else 200)
    if not _rename(request, transcript, speaker, form):
        return _speaker_form(request, transcript, speaker, form, 409)
    if not request.headers.get("HX-Request"):
        return redirect("transcripts:transcript_detail", request.tenant.slug, transcript.id)
    return render(request, "transcripts/speaker_renamed.html", {"transcript": transcript, "speaker": speaker})


@require_safe
def transcript_export(request: TenantRequest, transcript_id: UUID, export_format: str) -> HttpResponse:
    transcript, _may_correct = _find(request, transcript_id)
    if export_format not in operations.ExportFormat.values:
        raise Http404("No such format.")
    export = operations.export_transcript(
        membership=request.membership,
        transcript=transcript,
        export_format=operations.ExportFormat(export_format),
    )
    disposition = content_disposition_header(True, export.name) or "attachment"
    return HttpResponse(export.content, content_type=export.media_type, headers={"Content-Disposition": disposition})


def _find(request: TenantRequest, transcript_id: UUID) -> tuple[Transcript, bool]:
    """Return a transcript that the member may read, and whether it is also theirs to correct."""
    editable = Transcript.objects.editable_by(request.membership).filter(id=OuterRef("id"))
    transcripts = request.tenant.transcripts.visible_to(request.membership).annotate(may_correct=Exists(editable))
    related = transcripts.select_related("recording__meeting__organizer__user", "recording__occurrence")
    transcript = get_object_or_404(related, id=transcript_id)
    return transcript, bool(getattr(transcript, "may_correct", False))


def _lines(request: TenantRequest, transcript: Transcript, speakers: list[Speaker]) -> dict[str, Any]:
    """Return one part of the text, from line ``?from=``, and where the next one starts."""
    start = request.GET.get("from", "0")
    if not (start.isascii() and start.isdigit() and len(start) < 9):
        raise Http404("No such line.")
    known: dict[UUID | None, Speaker] = {speaker.id: speaker for speaker in speakers}
    segments = transcript.segments.filter(position__gte=int(start)).defer("words")[: LINES_PER_PART + 1]
    lines = [(segment, known.get(segment.speaker_id)) for segment in segments]
    following = lines[LINES_PER_PART][0].position if len(lines) > LINES_PER_PART else None
    return {"lines": lines[:LINES_PER_PART], "starts_at": int(start), "following": following}


def _people(meeting: Meeting) -> list[str]:
    """Return who may have spoken: names to choose from."""
    attendees = [str(attendee) for attendee in meeting.attendees.all()]
    return sorted({str(meeting.organizer), *attendees})


def _rename(request: TenantRequest, transcript: Transcript, speaker: Speaker, form: SpeakerForm) -> bool:
    """Rename a voice unless somebody else did since the form was opened; its name is then the newer one."""
    if form.cleaned_data["seen_name"] != speaker.name:
        return False
    try:
        operations.rename_speaker(
            membership=request.membership,
            transcript=transcript,
            speaker=speaker,
            name=form.cleaned_data["name"],
            expected_version=transcript.version,  # others may have named other voices since the form was opened
        )
    except operations.TranscriptChanged:
        speaker.refresh_from_db()
        return False
    speaker.refresh_from_db()
    return True


def _speaker_form(
    request: TenantRequest, transcript: Transcript, speaker: Speaker, form: SpeakerForm, status: int
) -> HttpResponse:
    """Show the form of a voice's name: alone for HTMX, else as a page of its own."""
    context = {
        "form": form,
        "transcript": transcript,
        "speaker": speaker,
        "meeting": transcript.recording.meeting,
        "people": _people(transcript.recording.meeting),
        "is_conflict": status == 409,
    }
    template = "speaker_form" if request.headers.get("HX-Request") else "speaker_page"
    return render(request, f"transcripts/{template}.html", context, status=status)
