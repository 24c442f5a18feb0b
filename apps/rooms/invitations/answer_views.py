"""Answering from a mail's link, without an account: the signed link is the proof, and opening it changes nothing."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.rooms.conferences.joining import dial_in
from apps.rooms.invitations.answering import Reply, take_answer
from apps.rooms.invitations.forms import ALL_DATES, AnswerForm
from apps.rooms.invitations.links import BadLink, join_url, read_answer_token
from apps.rooms.models import Answer, Attendee, Occurrence
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.forms import form_page, posted

DATES_MAX = 60  # that an answer may be given to one by one


@login_not_required
@csrf_exempt  # the link's signature is the proof; no cookie is looked at
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, tenant_slug: str, token: str) -> HttpResponse:
    """Show what somebody is invited to, and take their answer."""
    tenant = get_object_or_404(Tenant.objects.ministries(), slug=tenant_slug)
    try:
        link = read_answer_token(token, tenant_slug)
    except BadLink as error:
        raise Http404 from error
    with tenant_scope(tenant.id):
        attendee = _attendee(link.attendee_id)
        has_chosen_language = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        with override(request.LANGUAGE_CODE if has_chosen_language else attendee.language):
            return _page(request, attendee, is_current=link.version == attendee.link_version)


def _attendee(attendee_id: UUID) -> Attendee:
    related = ("meeting__tenant", "meeting__organizer__user", "meeting__room")
    return get_object_or_404(Attendee.objects.select_related(*related), id=attendee_id)


def _page(request: HttpRequest, attendee: Attendee, *, is_current: bool) -> HttpResponse:
    now, meeting = timezone.now(), attendee.meeting
    coming = meeting.occurrences.filter(end_at__gt=now).exclude(status=Occurrence.Status.CANCELLED)
    dates = list(coming.order_by("start_at")[:DATES_MAX]) if is_current else []
    form = AnswerForm(posted(request), meeting=meeting, dates=dates, initial=_initial(request, attendee))
    if dates and form.is_valid():
        _take(attendee, form, now)
        return redirect(f"{request.path}?answered={form.cleaned_data.get('on', ALL_DATES)}")
    context = {
        "attendee": attendee,
        "meeting": meeting,
        "dates": dates,
        "first": dates[0] if dates else None,
        "is_current": is_current,
        "was_answered": "answered" in request.GET and request.method == "GET",
        "single_answers": list(attendee.occurrence_answers.filter(occurrence__in=dates).select_related("occurrence")),
        "join_url": join_url(meeting),
        "dial_in": dial_in(meeting),
    }
    status = 200 if is_current else 410
    return form_page(request, "rooms/invitations/answer.html", form, status=status, **context)


def _initial(request: HttpRequest, attendee: Attendee) -> dict[str, str]:
    known = attendee.answer if attendee.answer != Answer.NEEDS_ACTION else ""
    return {
        "answer": request.GET.get("answer", known),
        "on": request.GET.get("on") or request.GET.get("answered") or ALL_DATES,
        "comment": attendee.answer_comment,
    }


def _take(attendee: Attendee, form: AnswerForm, now: datetime) -> None:
    occurrence = form.occurrence()
    sequence = attendee.meeting.sequence
    reply = Reply(
        Answer(form.cleaned_data["answer"]),
        sequence=sequence if occurrence is None else max(sequence, occurrence.sequence),
        stamped_at=now,
        comment=form.cleaned_data["comment"],
    )
    take_answer(attendee=attendee, reply=reply, occurrence=occurrence)
