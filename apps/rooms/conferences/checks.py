"""Whether the conferences of coming meetings still answer, a day and a quarter of an hour before.

Visio may purge rooms, and a quarterly series must not lose its own.
What is due follows from the rows alone, so a check that was lost is made at the next beat, and none is made twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.rooms.adapters.visio import Visio, VisioError, VisioRoom
from apps.rooms.conferences import operations
from apps.rooms.conferences.failures import OF_THE_ROOM, OF_THE_WHOLE, Failure, failure_of
from apps.rooms.conferences.operations import client_of, connection_of, make_conference, note_answer
from apps.rooms.invitations import outbox
from apps.rooms.models import Announcement, Conference, Occurrence
from apps.tenants.scoping import tenant_scope

DAY_BEFORE, QUARTER_BEFORE = timedelta(hours=24), timedelta(minutes=15)
CHECKED_AT_A_TIME = 100  # per tenant and beat
TAKING_PLACE = (Occurrence.Status.CONFIRMED, Occurrence.Status.TENTATIVE)


@dataclass(frozen=True)
class Look:
    """A conference to look at, and when it was looked at before."""

    conference_id: UUID
    room_id: UUID
    owner: str
    url: str
    former: datetime | None
    visio: Visio


class Found(NamedTuple):
    """What a look found: the room, or what stands in the way in Visio's own words."""

    room: VisioRoom | None
    failure: Failure | None = None
    words: str = ""


def check_due_conferences(*, tenant_id: UUID) -> int:
    """Look at every conference whose check is due, while Visio answers; return how many. Waits on Visio."""
    with tenant_scope(tenant_id):
        ids = list(due_conferences(tenant_id, timezone.now())[:CHECKED_AT_A_TIME])
    for number, conference_id in enumerate(ids, start=1):
        if check_conference(tenant_id=tenant_id, conference_id=conference_id) in OF_THE_WHOLE:
            return number
    return len(ids)


def due_conferences(tenant_id: UUID, now: datetime) -> QuerySet[Conference, UUID]:
    """Return the ids of ready conferences with a check due: a day or 15 minutes before one of their occurrences."""
    ready = Conference.objects.filter(tenant_id=tenant_id, status=Conference.Status.READY)
    ids: QuerySet[Conference, UUID] = ready.filter(
        _is_due("meeting__occurrences__", now) | _is_due("room__occurrences__", now)
    ).values_list("id", flat=True)
    return ids.distinct()


def check_conference(*, tenant_id: UUID, conference_id: UUID) -> Failure | None:
    """Ask Visio for the room, in its owner's name and with a new token; replace what is lost. Waits on Visio.

    Returns what stood in the way. While Visio does not answer at all nothing is replaced, and the check stays due.
    """
    with tenant_scope(tenant_id):
        look = _claim(tenant_id, conference_id)
    if look is None:
        return None
    found = _look(look)
    with tenant_scope(tenant_id):
        new_id = _conclude(tenant_id, look, found)
    if new_id is not None:
        make_conference(tenant_id=tenant_id, conference_id=new_id)
    return found.failure


def _is_due(path: str, now: datetime) -> Q:
    start = f"{path}start_at"
    unchecked = Q(checked_at=None)
    for ahead in (DAY_BEFORE, QUARTER_BEFORE):
        unchecked |= Q(**{f"{start}__lte": now + ahead}, checked_at__lt=F(start) - ahead)
    coming = {f"{start}__gt": now, f"{start}__lte": now + DAY_BEFORE, f"{path}status__in": TAKING_PLACE}
    return Q(**coming) & unchecked


def _claim(tenant_id: UUID, conference_id: UUID) -> Look | None:
    connection = connection_of(tenant_id)
    rows = Conference.objects.filter(tenant_id=tenant_id, id=conference_id, status=Conference.Status.READY)
    conference = rows.first()
    if conference is None or conference.visio_id is None or connection is None:
        return None
    if not rows.filter(checked_at=conference.checked_at).update(checked_at=timezone.now()):
        return None
    return Look(
        conference_id=conference.id,
        room_id=conference.visio_id,
        owner=conference.owner_email,
        url=conference.url,
        former=conference.checked_at,
        visio=client_of(connection),
    )


def _look(look: Look) -> Found:
    try:
        look.visio.token(look.owner)
        return Found(look.visio.get_room(look.room_id, owner=look.owner))
    except VisioError as error:
        return Found(None, failure_of(error), str(error))


def _conclude(tenant_id: UUID, look: Look, found: Found) -> UUID | None:
    """Write what a look found; return the conference that takes the place of a lost one, if it is one."""
    rows = Conference.objects.filter(id=look.conference_id, status=Conference.Status.READY)
    if found.room is not None:
        values = {"url": found.room.url, "telephony": dict(found.room.telephony), "slug": found.room.slug}
        rows.update(given_level=found.room.access_level, **values)
        note_answer(tenant_id, "")
    elif found.failure in OF_THE_ROOM:
        conference = rows.select_related("meeting__organizer__user", "meeting__tenant", "room").first()
        new_id = operations.replace(conference, reason=found.failure) if conference else None
        if conference and new_id:
            _tell_organizers(conference)
        return new_id
    else:
        rows.update(checked_at=look.former)
        note_answer(tenant_id, found.words)
    return None


def _tell_organizers(conference: Conference) -> None:
    """Write to the organisers of the meetings of the coming day that their room in Visio was replaced."""
    for meeting in operations.meetings_of(conference, before=timezone.now() + DAY_BEFORE):
        receiver = outbox.organizer_of(meeting)
        with override(receiver.language):
            note = _(
                "The room in Visio of this meeting was lost. The portal replaces it behind the same join address: "
                "the invitations stay valid, and there is nothing to do."
            )
        outbox.announce_plainly(meeting=meeting, kind=Announcement.Kind.NOTICE, receivers=[receiver], note=note)
