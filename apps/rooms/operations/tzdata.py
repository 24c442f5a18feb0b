"""When the rules of a zone change: wall times stay, the instants that follow from them are computed anew."""

from django.db import transaction
from django.utils import timezone

from apps.rooms.models import Meeting, Occurrence
from apps.rooms.operations.booking import RoomTaken, booking, place
from apps.tenants.journal import record


def recompute_meeting(*, meeting: Meeting) -> list[Occurrence]:
    """Resolve the coming wall times of a meeting by the zone's rules of today, and return what moved.

    An occurrence whose room is taken at the right time keeps that time and loses the room, marked as changed. The
    journal says what moved; nobody is written to, since calendars follow the same rules.
    """
    coming = meeting.occurrences.filter(end_at__gt=timezone.now()).exclude(status=Occurrence.Status.CANCELLED)
    moved = []
    with transaction.atomic():
        for occurrence in coming.select_related("room"):
            before = occurrence.start_at
            occurrence.meeting = meeting
            place(occurrence, occurrence.wall_start, occurrence.duration_minutes)
            if occurrence.start_at != before:
                _save(occurrence)
                moved.append(occurrence)
        if moved:
            data = {"occurrences": [str(occurrence.id) for occurrence in moved], "zone": meeting.time_zone}
            record("meeting.recomputed", tenant_id=meeting.tenant_id, actor_id=None, subject=meeting, data=data)
    return moved


def _save(occurrence: Occurrence) -> None:
    names = ["start_at", "end_at", "room", "is_changed"]
    try:
        with booking([occurrence.room], [occurrence]):
            occurrence.save(update_fields=names)
    except RoomTaken:
        occurrence.room, occurrence.is_changed = None, True
        occurrence.save(update_fields=names)
