"""Invitations on a meeting's page: who answered what, which mails did not arrive, which answers wait."""

from typing import Any
from zoneinfo import ZoneInfo

from django import template

from apps.rooms.invitations.ical import room_label
from apps.rooms.invitations.overview import answers_of
from apps.rooms.invitations.refusals import reason_in_words
from apps.rooms.models import Meeting, Occurrence
from apps.rooms.templatetags.meetings import when

register = template.Library()

register.filter("room_name", room_label)
register.filter("in_plain_words", reason_in_words)


@register.filter
def when_in(occurrence: Occurrence, time_zone: str) -> str:
    """Return when an occurrence is, by the clocks of a zone that is given by its key."""
    return when(occurrence, ZoneInfo(time_zone))


@register.inclusion_tag("rooms/invitations/answers.html", takes_context=True)
def meeting_answers(context: template.Context, meeting: Meeting, is_editor: bool) -> dict[str, Any]:
    """Show who answered what; to those who schedule the meeting also what did not arrive and what waits."""
    return {"request": context["request"]} | answers_of(meeting, is_editor=is_editor)
