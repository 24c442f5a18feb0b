"""Conferences in Visio: asked for with a booking, made in the background, made again from the rows.

A booking writes a row and no more, so that Visio never stops one. A message wakes a worker up; whatever is lost is
found again by the beat. Functions that wait on Visio enter the tenant for each step by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.adapters.visio import RequestRefused, Visio, VisioError, VisioRoom
from apps.rooms.conferences.failures import OF_THE_OWNER, OF_THE_WHOLE, Failure, failure_of
from apps.rooms.models import Attendee, Conference, Meeting, Occurrence, Room, RoomManager, VisioConnection
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record, record_by
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from visio_portal.broker import send_on_commit
from visio_portal.realtime import publish

Status = Conference.Status

MAKE_TASK = "rooms.make_conference"
MESSAGE_LIFETIME = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MADE_AT_A_TIME = 50  # per tenant and beat
SOON = timedelta(hours=24)  # a meeting this near gets its conference even if nobody asked for it
PAGES_TOLD = 100
OWNERS_TRIED = 5  # beside the first


class NothingToTry(Conflict):
    """The conference is ready, or was replaced, in the meantime."""


@dataclass(frozen=True)
class Order:
    """What is needed to ask Visio for a room, read in one go: nothing of it is a row any more."""

    conference_id: UUID
    access_level: str
    owners: tuple[str, ...]  # in whose name it may be made, the first that Visio takes
    visio: Visio | None


def prepare_conference(meeting: Meeting, room: Room | None = None) -> None:
    """Ask for the conference of a meeting that is still to come, or of the lasting virtual room it meets in.

    What is there already stays; a changed access level makes a replacement, because Visio cannot change a room.
    ``room`` is that of one occurrence, where it has one of its own.
    """
    place = room or meeting.room
    if not meeting.occurrences.filter(end_at__gt=timezone.now()).exists():
        return
    if place is not None and place.kind == Room.Kind.VIRTUAL:
        prepare_room_conference(room=place, owner_email=meeting.organizer.user.email)
        return
    present = Conference.objects.in_use().filter(meeting=meeting).first()
    if present is None or present.access_level != meeting.access_level:
        if present is not None:
            retire(present)
        _ask_for(meeting=meeting, owner_email=meeting.organizer.user.email, access_level=meeting.access_level)


def prepare_room_conference(*, room: Room, owner_email: str) -> None:
    """Ask for the conference of a lasting virtual room, once; its first manager owns it, or else ``owner_email``."""
    if Conference.objects.in_use().filter(room=room).exists():
        return
    manager = room.managers.select_related("membership__user").first()
    owner = manager.membership.user.email if manager else owner_email
    _ask_for(room=room, owner_email=owner, access_level=Meeting.Access.TRUSTED)


def retire(conference: Conference, *, reason: Failure | None = None) -> bool:
    """Take a conference out of use; return False if somebody else did."""
    values: dict[str, Any] = {"status": Status.REPLACED}
    if reason is not None:
        values["failure_code"] = reason
    is_ours = Conference.objects.in_use().filter(id=conference.id).update(**values)
    if is_ours and conference.status == Status.READY:
        data = {"reason": reason.value if reason else "access_level"}
        record("conference.replaced", tenant_id=conference.tenant_id, actor_id=None, subject=conference, data=data)
    return bool(is_ours)


def replace(conference: Conference, *, reason: Failure) -> UUID | None:
    """Put an unmade conference in the place of one that is lost; return its id, None if somebody else did."""
    if not retire(conference, reason=reason):
        return None
    return _ask_for(
        meeting=conference.meeting,
        room=conference.room,
        owner_email=conference.owner_email,
        access_level=conference.access_level,
    )


def try_again(*, conference: Conference, by: Membership) -> None:
    """Ask Visio anew, now. Raises NothingToTry when the conference is no longer waiting."""
    if not Conference.objects.unmade().filter(id=conference.id).update(status=Status.PREPARING, due_at=timezone.now()):
        raise NothingToTry(_("The conference is ready in the meantime."))
    record_by(by, "conference.retried", conference)
    _wake(conference)
    tell_pages(conference)


def try_all_again(*, tenant_id: UUID) -> None:
    """Make everything that waits due now: the connection to Visio was changed."""
    Conference.objects.unmade().filter(tenant_id=tenant_id).update(due_at=timezone.now())


def make_conference(*, tenant_id: UUID, conference_id: UUID) -> Failure | None:
    """Ask Visio for the room of a conference that is due; return what stood in the way. Waits on Visio."""
    with tenant_scope(tenant_id):
        order = _claim(tenant_id, conference_id)
    if order is None:
        return None
    if order.visio is None:
        return _note_failure(tenant_id, order, Failure.NOT_CONNECTED, "")
    failure, words = Failure.UNKNOWN_USER, ""
    for place, owner in enumerate(order.owners):
        try:
            room = _make(order.visio, owner, order.access_level)
        except VisioError as error:
            found = failure_of(error)
            if place == 0 or found not in OF_THE_OWNER:  # what is told is what concerns the organiser
                failure, words = found, str(error)
            if found not in OF_THE_OWNER:
                break
        else:
            _note_room(tenant_id, order, owner, room)
            return None
    return _note_failure(tenant_id, order, failure, words)


def make_due_conferences(*, tenant_id: UUID) -> int:
    """Make the conferences that are due, until one fails for a reason that all share; return how many were tried."""
    with tenant_scope(tenant_id):
        prepare_missing(tenant_id)
        ids = list(_due(tenant_id).values_list("id", flat=True)[:MADE_AT_A_TIME])
    for number, conference_id in enumerate(ids, start=1):
        if make_conference(tenant_id=tenant_id, conference_id=conference_id) in OF_THE_WHOLE:
            return number
    return len(ids)


def prepare_missing(tenant_id: UUID) -> None:
    """Ask for the conferences of the meetings of the coming day that have none."""
    now = timezone.now()
    own = Conference.objects.in_use().filter(meeting=OuterRef("meeting"))
    lasting = Conference.objects.in_use().filter(room=OuterRef("room"))
    is_virtual = Q(room__kind=Room.Kind.VIRTUAL)
    coming = Occurrence.objects.filter(tenant_id=tenant_id, start_at__gt=now, start_at__lt=now + SOON)
    coming = coming.filter(status__in=(Occurrence.Status.CONFIRMED, Occurrence.Status.TENTATIVE))
    lacking = coming.filter(~is_virtual & ~Exists(own) | is_virtual & ~Exists(lasting))
    for occurrence in lacking.select_related("meeting__organizer__user", "meeting__room", "room")[:MADE_AT_A_TIME]:
        prepare_conference(occurrence.meeting, occurrence.room)


def connection_of(tenant_id: UUID) -> VisioConnection | None:
    """Return how the ministry's portal reaches its Visio."""
    return VisioConnection.objects.filter(tenant_id=tenant_id).first()


def client_of(connection: VisioConnection) -> Visio:
    """Return the adapter for a connection."""
    return Visio(base_url=connection.base_url, client_id=connection.client_id, client_secret=connection.client_secret)


def meetings_of(conference: Conference, *, before: datetime | None = None) -> Sequence[Meeting]:
    """Return the meetings that a conference serves and that are still to come, or begin before a time."""
    if conference.meeting is not None:
        return [conference.meeting]
    coming = Occurrence.objects.filter(room=conference.room, end_at__gt=timezone.now())
    coming = coming.exclude(status=Occurrence.Status.CANCELLED)
    if before is not None:
        coming = coming.filter(start_at__lt=before)
    meetings = Meeting.objects.filter(id__in=coming.values("meeting_id"))
    return list(meetings.select_related("organizer__user", "tenant")[:PAGES_TOLD])


def tell_pages(conference: Conference) -> None:
    """Have the pages of the conference's meetings read anew."""
    for meeting in meetings_of(conference):
        publish(meeting.tenant_id, f"meeting:{meeting.id}", {"changed": "conference"})


def _ask_for(
    *, owner_email: str, access_level: str, meeting: Meeting | None = None, room: Room | None = None
) -> UUID | None:
    """Write the row of a conference to make and wake a worker; None where another request was faster."""
    place = meeting or room
    if place is None:
        raise ValueError("a conference belongs to a meeting or to a room")
    wanted = Conference(
        tenant_id=place.tenant_id, meeting=meeting, room=room, owner_email=owner_email, access_level=access_level
    )
    Conference.objects.bulk_create([wanted], ignore_conflicts=True)
    if not Conference.objects.filter(id=wanted.id).exists():
        return None
    _wake(wanted)
    tell_pages(wanted)
    return wanted.id


def _wake(conference: Conference) -> None:
    send_on_commit(
        MAKE_TASK,
        expires_after=MESSAGE_LIFETIME,
        tenant_id=str(conference.tenant_id),
        conference_id=str(conference.id),
    )


def _due(tenant_id: UUID) -> Any:
    """Keep the unmade conferences whose time has come, and that somebody still needs."""
    now = timezone.now()
    coming = Occurrence.objects.exclude(status=Occurrence.Status.CANCELLED).filter(end_at__gt=now)
    is_needed = Q(room__isnull=False) | Exists(coming.filter(meeting=OuterRef("meeting")))
    return Conference.objects.unmade().filter(is_needed, tenant_id=tenant_id, due_at__lte=now).order_by("due_at")


def _claim(tenant_id: UUID, conference_id: UUID) -> Order | None:
    """Take the right to make a conference that is due, and say what to ask Visio for."""
    now = timezone.now()
    rows = Conference.objects.unmade().filter(tenant_id=tenant_id, id=conference_id, due_at__lte=now)
    conference = rows.select_related("meeting").first()
    if conference is None:
        return None
    attempts = conference.attempts + 1
    if not rows.update(attempts=F("attempts") + 1, due_at=now + pause_after(attempts)):
        return None
    connection = connection_of(tenant_id)
    return Order(
        conference_id=conference.id,
        access_level=conference.access_level,
        owners=_owners_of(conference),
        visio=client_of(connection) if connection else None,
    )


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after a number of attempts: twice as long each time, an hour at most."""
    doublings: int = 2 ** min(attempts - 1, 10)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def _owners_of(conference: Conference) -> tuple[str, ...]:
    """Return those who may own the room: who owned it, the organiser, the co-organisers or the room's managers."""
    if conference.meeting is not None:
        people = conference.meeting.attendees.filter(role=Attendee.Role.CO_ORGANIZER, membership__ended_at=None)
        others = people.values_list("email", flat=True)
    else:
        managers = RoomManager.objects.filter(room=conference.room, membership__ended_at=None)
        others = managers.values_list("membership__user__email", flat=True)
    return tuple(dict.fromkeys([conference.owner_email, *others[:OWNERS_TRIED]]))


def _make(visio: Visio, owner: str, access_level: str) -> VisioRoom:
    """Have the room made; where Visio refuses one open to anybody, one that signed-in people enter at once."""
    try:
        return visio.create_room(owner=owner, access_level=access_level)
    except RequestRefused:
        if access_level != Meeting.Access.PUBLIC:
            raise
    return visio.create_room(owner=owner, access_level=Meeting.Access.TRUSTED)


def _note_room(tenant_id: UUID, order: Order, owner: str, room: VisioRoom) -> None:
    now = timezone.now()
    with tenant_scope(tenant_id):
        is_ours = (
            Conference.objects.unmade()
            .filter(id=order.conference_id)
            .update(
                status=Status.READY,
                owner_email=owner,
                given_level=room.access_level or order.access_level,
                visio_id=room.id,
                slug=room.slug,
                url=room.url,
                telephony=dict(room.telephony),
                failure_code="",
                error="",
                checked_at=now,
            )
        )
        if is_ours:  # otherwise the room stays unused in Visio, which has no way to remove it
            conference = _with_places(order.conference_id)
            record("conference.prepared", tenant_id=tenant_id, actor_id=None, subject=conference)
            tell_pages(conference)
        note_answer(tenant_id, "")


def _note_failure(tenant_id: UUID, order: Order, failure: Failure, words: str) -> Failure:
    """Keep the reason; what passes by itself goes on being prepared."""
    status = Status.PREPARING if failure is Failure.UNAVAILABLE else Status.FAILED
    values: dict[str, Any] = {"status": status, "failure_code": failure, "error": words[:500]}
    if status is Status.FAILED:  # somebody has to do something first
        values["due_at"] = timezone.now() + LONGEST_PAUSE
    with tenant_scope(tenant_id):
        if Conference.objects.unmade().filter(id=order.conference_id).update(**values):
            tell_pages(_with_places(order.conference_id))
        if failure in OF_THE_WHOLE:
            note_answer(tenant_id, words or str(failure.label))
    return failure


def note_answer(tenant_id: UUID, error: str) -> None:
    """Keep how the last contact with Visio went, for the administrator."""
    VisioConnection.objects.filter(tenant_id=tenant_id).update(checked_at=timezone.now(), error=error[:500])


def _with_places(conference_id: UUID) -> Conference:
    return Conference.objects.select_related("meeting", "room").get(id=conference_id)
