"""What a meeting's page shows and does about its invitations."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.rooms.invitations.forms import AddressForm, DecisionForm
from apps.rooms.invitations.operations import correct_and_resend, mails_of, settle_pending_answer
from apps.rooms.invitations.overview import answers_of
from apps.rooms.models import Meeting, PendingAnswer
from apps.tenants.models import TenantRequest
from visio_portal.forms import form_page, posted


@require_safe
def answers(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    """Show the part of a meeting's page that follows the answers."""
    meeting = _visible(request, meeting_id)
    context = answers_of(meeting, is_editor=_may_schedule(request, meeting))
    return render(request, "rooms/invitations/answers.html", context)


@require_safe
def mail_list(request: TenantRequest, meeting_id: UUID) -> HttpResponse:
    meeting = _schedulable(request, meeting_id)
    context = {"meeting": meeting, "announcements": mails_of(meeting)}
    return render(request, "rooms/invitations/mail_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def mail_correct(request: TenantRequest, meeting_id: UUID, attendee_id: UUID) -> HttpResponse:
    """Ask for the right address of somebody who got no mail, and send the invitation again."""
    meeting = _schedulable(request, meeting_id)
    attendee = get_object_or_404(meeting.attendees.select_related("meeting__organizer__user"), id=attendee_id)
    form = AddressForm(posted(request), attendee=attendee)
    if form.is_valid():
        correct_and_resend(by=request.membership, attendee=attendee, email=form.cleaned_data["email"])
        messages.success(request, _("The invitation is sent again."))
        return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)
    lost = attendee.mails.order_by("-created_at").first()
    template = "rooms/invitations/mail_correct.html"
    return form_page(request, template, form, meeting=meeting, attendee=attendee, lost=lost)


@require_POST
def pending_settle(request: TenantRequest, meeting_id: UUID, pending_id: UUID) -> HttpResponse:
    """Confirm or dismiss an answer that waits."""
    meeting = _schedulable(request, meeting_id)
    waiting = meeting.pending_answers.select_related("attendee", "occurrence", "meeting__organizer__user")
    pending = get_object_or_404(waiting, id=pending_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Confirm the answer, or dismiss it."))
    elif settle_pending_answer(
        by=request.membership, pending=pending, decision=PendingAnswer.Status(form.cleaned_data["decision"])
    ):
        messages.success(request, _("Done: the answer is dealt with."))
    else:
        messages.info(request, _("Somebody else has dealt with this answer already."))
    return redirect("rooms:meeting_detail", request.tenant.slug, meeting.id)


def _visible(request: TenantRequest, meeting_id: UUID) -> Meeting:
    meetings = request.tenant.meetings.visible_to(request.membership).select_related("organizer__user")
    meeting: Meeting = get_object_or_404(meetings, id=meeting_id)
    return meeting


def _schedulable(request: TenantRequest, meeting_id: UUID) -> Meeting:
    """Return the meeting; 404 for a stranger, 403 for somebody who only attends it."""
    meeting = _visible(request, meeting_id)
    if not _may_schedule(request, meeting):
        raise PermissionDenied(_("Only those who schedule this meeting may do this."))
    return meeting


def _may_schedule(request: TenantRequest, meeting: Meeting) -> bool:
    return Meeting.objects.schedulable_by(request.membership).filter(id=meeting.id).exists()
