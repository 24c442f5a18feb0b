"""How a meeting's room stands, on the pages of others."""

from typing import Any

from django import template
from django.utils import timezone

from apps.rooms.models import Meeting, Occurrence

register = template.Library()


@register.inclusion_tag("rooms/places/room_answer.html")
def room_answer(meeting: Meeting) -> dict[str, Any]:
    """Say which rooms of a meeting await a manager, and which one was refused and why, until another one is found."""
    coming = meeting.occurrences.filter(end_at__gt=timezone.now()).exclude(status=Occurrence.Status.CANCELLED)
    rows = coming.filter(status=Occurrence.Status.TENTATIVE, room__isnull=False)
    rooms = {row.room for row in rows.select_related("room").prefetch_related("room__managers__membership__user")}
    without = coming.filter(room=None).exists()
    refusals = meeting.room_refusals.select_related("room", "by__user").all()[:1] if without else ()
    awaited = [
        (room, [str(manager.membership.user) for manager in room.managers.all()]) for room in rooms if room is not None
    ]
    return {"awaited": sorted(awaited, key=lambda item: item[0].name), "refusals": refusals}
