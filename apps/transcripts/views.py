"""Pages of transcripts."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.tenants.models import TenantRequest
from apps.transcripts.states import state_of, with_states
from visio_portal.paging import page_of


@require_safe
def transcript_list(request: TenantRequest) -> HttpResponse:
    title = request.GET.get("q", "")[:200].replace("\0", "")
    recordings = request.tenant.recordings.visible_to(request.membership).filter(meeting__title__icontains=title)
    page = page_of(request, with_states(recordings, request.membership).select_related("meeting", "occurrence"))
    context = {"title": title, "page_obj": page, "states": [state_of(recording) for recording in page]}
    return render(request, "transcripts/transcript_list.html", context)
