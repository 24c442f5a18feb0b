"""Bookings that await a room's manager: who decides them, and what follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.invitations import outbox
from apps.rooms.models import Announcement, Meeting, Notify, Occurrence, Room, RoomRefusal
from apps.rooms.operations.booking import booking, lock_rooms
from apps.rooms.places.availability import Span, availability, blocking
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership, Role
from visio_portal.realtime import publish

TENTATIVE, CONFIRMED = Occurrence.Status.TENTATIVE, Occurrence.Status.CONFIRMED


class RequestAnswered(Conflict):
    """Another manager answered the request, or the organiser gave it up."""

    def __init__(self) -> None:
        super().__init__(_("This request has been answered or withdrawn in the meantime."))


@dataclass
class RoomRequest:
    """A meeting that asks for a room, with the dates that it asks for; ``taken`` are those that others have by now."""

    meeting: Meeting
    room: Room
    occurrences: list[Occurrence] = field(default_factory=list)
    taken: list[Occurrence] = field(default_factory=list)

    @property
    def first(self) -> Occurrence:
        return self.occurrences[0]

    @property
    def has_free_dates(self) -> bool:
        return len(self.taken) < len(self.occurrences)


def awaiting(membership: Membership) -> QuerySet[Occurrence]:
    """Return the coming occurrences that await this member: in the rooms that they manage."""
    rooms = membership.managed_rooms.values("room_id")
    return Occurrence.objects.filter(room__in=rooms, status=TENTATIVE, end_at__gt=timezone.now())


def may_manage(membership: Membership, room: Room) -> bool:
    """Return whether the member looks after the room: as one of its managers, or as an administrator."""
    return membership.has_role(Role.ADMIN) or manages(membership, room)


def manages(membership: Membership, room: Room) -> bool:
    """Return whether the member is one of the room's managers."""
    return room.managers.filter(membership=membership).exists()


def requests_of(rows: QuerySet[Occurrence]) -> list[RoomRequest]:
    """Group occurrences that await a manager by meeting and room, the next ones first (two queries)."""
    found: dict[tuple[UUID, UUID | None], RoomRequest] = {}
    for row in rows.select_related("meeting__organizer__user", "meeting__organizer__unit", "room").order_by("start_at"):
        if row.room is not None:
            request = found.setdefault((row.meeting_id, row.room_id), RoomRequest(row.meeting, row.room))
            request.occurrences.append(row)
    _mark_taken(found.values())
    return list(found.values())


def confirm_request(*, meeting: Meeting, room: Room, by: Membership, only_free: bool = False) -> int:
    """Book the room for the dates that a meeting asks for; return how many.

    ``only_free`` leaves those that somebody else has by now as they are. Raises RequestAnswered, and RoomTaken
    with what is in the way.
    """
    with transaction.atomic():
        lock_rooms([room])
        wanted = list(_asked(meeting, room).select_for_update(of=("self",)))
        if only_free:
            wanted = _free(room, wanted)
        for row in wanted:
            row.status = CONFIRMED
        with booking([room], wanted):
            if not wanted or not _asked(meeting, room, wanted).update(status=CONFIRMED):
                raise RequestAnswered
            record_by(by, "room.booking_confirmed", meeting, room=str(room.id), dates=len(wanted))
        _touch(meeting)
        outbox.announce_change(meeting=meeting, by=by, is_moved=False, notify=Notify.ALL)
    return len(wanted)


def refuse_request(*, meeting: Meeting, room: Room, by: Membership, reason: str) -> RoomRefusal:
    """Leave a meeting without the room that it asks for; its organiser is told why. Raises RequestAnswered."""
    with transaction.atomic():
        lock_rooms([room])
        rows = list(_asked(meeting, room).select_for_update(of=("self",)))
        if not rows:
            raise RequestAnswered
        is_whole = meeting.room_id == room.id and not _booked(meeting, room).exists()
        _asked(meeting, room, rows).update(room=None, status=CONFIRMED)
        if is_whole:
            Meeting.objects.filter(id=meeting.id).update(room=None)
        elif meeting.is_series:  # the other dates keep the room
            meeting.occurrences.filter(id__in=[row.id for row in rows]).update(is_changed=True)
        refusal = RoomRefusal.objects.create(
            tenant_id=meeting.tenant_id, meeting=meeting, room=room, by=by, reason=reason, dates=len(rows)
        )
        record_by(by, "room.booking_refused", meeting, room=str(room.id), dates=len(rows))
        _touch(meeting)
        _tell_refused(meeting, by, refusal)
    return refusal


def _tell_refused(meeting: Meeting, by: Membership, refusal: RoomRefusal) -> None:
    """Tell everybody of the changed place, and the organiser why."""
    outbox.announce_change(meeting=meeting, by=by, is_moved=False, notify=Notify.ALL)
    told = _("The room %(room)s was refused: %(reason)s") % {"room": refusal.room.name, "reason": refusal.reason}
    receivers = [outbox.organizer_of(meeting)]
    outbox.announce_plainly(meeting=meeting, kind=Announcement.Kind.NOTICE, receivers=receivers, by=by, note=told)


def _asked(meeting: Meeting, room: Room, rows: Sequence[Occurrence] | None = None) -> QuerySet[Occurrence]:
    """Return the coming dates for which the meeting awaits the room, or those of ``rows`` that still do."""
    asked = Occurrence.objects.filter(meeting=meeting, room=room, status=TENTATIVE, end_at__gt=timezone.now())
    return asked if rows is None else asked.filter(id__in=[row.id for row in rows])


def _booked(meeting: Meeting, room: Room) -> QuerySet[Occurrence]:
    return meeting.occurrences.filter(room=room, status__in=Occurrence.BLOCKING, end_at__gt=timezone.now())


def _free(room: Room, rows: Sequence[Occurrence]) -> list[Occurrence]:
    request = RoomRequest(rows[0].meeting, room, list(rows)) if rows else None
    if request is None:
        return []
    _mark_taken([request])
    taken = {row.id for row in request.taken}
    return [row for row in rows if row.id not in taken]


def _mark_taken(found: Iterable[RoomRequest]) -> None:
    """Note for each request which of its dates another booking has, in one query."""
    wanted = list(found)
    if not wanted:
        return
    rows = [row for request in wanted for row in request.occurrences]
    first, last = min(row.start_at for row in rows), max(row.end_at for row in rows)
    spans = availability({request.room for request in wanted}, first, last)
    for request in wanted:
        held = blocking(spans[request.room.id])
        request.taken = [row for row in request.occurrences if _is_taken(held, row.start_at, row.end_at)]


def _is_taken(held: Iterable[Span], start_at: datetime, end_at: datetime) -> bool:
    return any(span.overlaps(start_at, end_at) for span in held)


def _touch(meeting: Meeting) -> None:
    """Let an editor who has the meeting open know that it changed, and calendars that this is newer."""
    Meeting.objects.filter(id=meeting.id).update(updated_at=timezone.now(), sequence=meeting.sequence + 1)
    meeting.refresh_from_db()
    publish(meeting.tenant_id, f"calendar:{meeting.tenant_id}", {"changed": "meeting"})
