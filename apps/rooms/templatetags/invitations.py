"""Invitations on a meeting's page: who answered what, which mails did not arrive, which answers wait."""

from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.rooms.invitations.ical import room_label
from apps.rooms.invitations.overview import answers_of
from apps.rooms.invitations.refusals import reason_in_words
from apps.rooms.models import Answer, Attendee, Meeting, Occurrence, PendingAnswer
from apps.rooms.templatetags.meetings import when
from visio_portal.dates import written

register = template.Library()

register.filter("room_name", room_label)
register.filter("in_plain_words", reason_in_words)


@register.filter
def when_in(occurrence: Occurrence, time_zone: str) -> str:
    """Return when an occurrence is, by the clocks of a zone that is given by its key."""
    return when(occurrence, ZoneInfo(time_zone))


@register.filter
def answered_before(attendee: Attendee, occurrence: Occurrence) -> str:
    """Say what somebody answered to a series before one of its dates was moved, and when that was."""
    if occurrence.moved_at is None:
        return ""
    words = {"day": written(occurrence.moved_at.astimezone(occurrence.meeting.zone), "j F")}
    match attendee.answer:
        case Answer.ACCEPTED:
            return _("accepted before the change of %(day)s") % words
        case Answer.TENTATIVE:
            return _("accepted tentatively before the change of %(day)s") % words
    return _("declined before the change of %(day)s") % words


@register.inclusion_tag("rooms/invitations/answers.html", takes_context=True)
def meeting_answers(context: template.Context, meeting: Meeting, is_editor: bool) -> dict[str, Any]:
    """Show who answered what; to those who schedule the meeting also what did not arrive and what waits."""
    return {"request": context["request"]} | answers_of(meeting, is_editor=is_editor)


@register.filter
def has_its_time(answer: PendingAnswer) -> bool:
    """Return whether the meeting takes place when the answer proposes by now."""
    if answer.proposed_start_at is None:
        return False
    dates = [answer.occurrence] if answer.occurrence is not None else answer.meeting.occurrences.all()
    proposed = answer.proposed_start_at, answer.proposed_end_at
    return any((date.start_at, date.end_at) == proposed for date in dates)


@register.simple_tag
def proposal_url(answer: PendingAnswer, meeting: Meeting) -> str:
    """Return the address of the form that changes the date to the proposed time, filled in with it.

    An answer to a whole series proposes hours, not a day.
    """
    if answer.proposed_start_at is None or answer.proposed_end_at is None:
        raise ValueError("This answer proposes no time.")
    start, end = (moment.astimezone(meeting.zone) for moment in (answer.proposed_start_at, answer.proposed_end_at))
    filled = QueryDict(mutable=True)
    if answer.occurrence is not None or not meeting.is_series:
        filled["starts_on"] = start.date().isoformat()
    filled["start_time"], filled["end_time"] = f"{start:%H:%M}", f"{end:%H:%M}"
    place: list[object] = [meeting.tenant.slug, meeting.id]
    name = "rooms:meeting_edit"
    if meeting.is_series and answer.occurrence is not None:
        name = "rooms:occurrence_edit"
        place.append(answer.occurrence.id)
    return f"{reverse(name, args=place)}?{filled.urlencode()}"
