"""Pages of recordings, and of the jobs that transcribe them."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.files.models import StoredFile
from apps.files.responses import serve_stored_file
from apps.rooms.models import Meeting
from apps.tenants.journal import record_read
from apps.tenants.models import TenantRequest
from apps.tenants.permissions import enters_tenant_itself
from apps.tenants.scoping import tenant_scope
from apps.transcripts import operations
from apps.transcripts.failures import MediaRefused
from apps.transcripts.forms import RecordingForm
from apps.transcripts.models import Recording
from apps.transcripts.states import RecordingState, states_of
from visio_portal.forms import posted


@require_http_methods(["GET", "HEAD", "POST"])
@enters_tenant_itself
def recording_create(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Take an uploaded file as the meeting's recording; looking into it waits on the store."""
    with tenant_scope(request.tenant.id):
        meeting = _editable_meeting(request, meeting_id)
        form = RecordingForm(posted(request), meeting=meeting, initial={"occurrence": request.GET.get("occurrence")})
        is_valid = form.is_valid()
    if is_valid:
        data = form.cleaned_data
        try:
            recording = operations.add_recording(
                membership=request.membership,
                meeting=meeting,
                upload_id=data["upload"],
                occurrence=data.get("occurrence"),
                language=data["language"],
                speakers=data["speakers"],
            )
        except (MediaRefused, operations.UploadNotReady) as error:
            form.add_error("upload", str(error))
        else:
            return redirect("transcripts:recording_detail", request.tenant.slug, recording.id)
    with tenant_scope(request.tenant.id):
        context = {"form": form, "meeting": meeting}
        return render(request, "transcripts/recording_form.html", context, status=422 if form.is_bound else 200)


@require_safe
def recording_detail(request: TenantRequest, recording_id: UUID) -> HttpResponse:
    """Show how far a recording's transcription is; a page to wait on."""
    state = _visible_state(request, recording_id)
    context = {"state": state, "is_editor": _edits(request, state.recording)}
    return render(request, "transcripts/recording_detail.html", context)


@require_safe
def recording_progress(request: TenantRequest, recording_id: UUID) -> HttpResponse:
    """Render the progress alone; ``seen`` is the phase that the page shows, so that only a new one is said aloud."""
    state = _visible_state(request, recording_id)
    is_news = request.GET.get("seen", "") != state.phase
    context = {"state": state, "is_editor": _edits(request, state.recording), "is_news": is_news}
    return render(request, "transcripts/progress.html", context)


@require_safe
@enters_tenant_itself
def recording_sound(request: TenantRequest, recording_id: UUID, number: int) -> HttpResponseBase:
    """Give one track to the browser's player, in ranges."""
    with tenant_scope(request.tenant.id):
        recording = get_object_or_404(request.tenant.recordings.visible_to(request.membership), id=recording_id)
        file = get_object_or_404(StoredFile, recording_tracks__recording=recording, recording_tracks__number=number)
        record_read(request.membership, "recording.heard", recording)
    return serve_stored_file(request, file)


@require_http_methods(["GET", "HEAD", "POST"])
def transcription_cancel(request: TenantRequest, recording_id: UUID) -> HttpResponse:
    state = _editable_state(request, recording_id)
    if request.method != "POST":
        return render(request, "transcripts/transcription_cancel.html", {"state": state})
    if state.job is None:
        raise Http404("Nothing to cancel.")
    operations.cancel_transcription(membership=request.membership, job=state.job)
    messages.success(request, _("The transcription is cancelled. The recording is kept."))
    return redirect("transcripts:recording_detail", request.tenant.slug, recording_id)


@require_POST
def transcription_retry(request: TenantRequest, recording_id: UUID) -> HttpResponse:
    state = _editable_state(request, recording_id)
    operations.retry_transcription(membership=request.membership, recording=state.recording)
    return redirect("transcripts:recording_detail", request.tenant.slug, recording_id)


def _editable_meeting(request: TenantRequest, meeting_id: UUID) -> Meeting:
    """Return the meeting; 404 for a stranger, 403 for somebody who only attends it."""
    meeting = get_object_or_404(request.tenant.meetings.visible_to(request.membership), id=meeting_id)
    if not Meeting.objects.editable_by(request.membership).filter(id=meeting_id).exists():
        raise PermissionDenied(_("Only the organiser and the co-organisers may add a recording."))
    return meeting


def _visible_state(request: TenantRequest, recording_id: UUID) -> RecordingState:
    recordings = request.tenant.recordings.visible_to(request.membership).filter(id=recording_id)
    states = states_of(recordings.select_related("meeting", "occurrence"), request.membership)
    if not states:
        raise Http404("No such recording.")
    return states[0]


def _editable_state(request: TenantRequest, recording_id: UUID) -> RecordingState:
    state = _visible_state(request, recording_id)
    if not _edits(request, state.recording):
        raise PermissionDenied(_("Only the organiser and the co-organisers may do this."))
    return state


def _edits(request: TenantRequest, recording: Recording) -> bool:
    return Recording.objects.editable_by(request.membership).filter(id=recording.id).exists()
