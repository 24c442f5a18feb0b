"""Whether a booking is admitted: it keeps the rules in force, or awaits a manager of the room, or is refused."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.rooms.models import Attendee, Meeting, Occurrence, Room
from apps.rooms.operations import booking, people, plans
from apps.rooms.places import rules
from apps.rooms.places.policies import Policies, RoomPolicy
from apps.rooms.places.rules import Bookers, Definition, Effective
from apps.tenants.conflicts import Conflict
from apps.tenants.models import Membership
from visio_portal.dates import written

DATES_NAMED = 3  # dates that a message names; the rest is counted
CLOSED_ROOM = "closed_room"  # the code of a room that is out of use


@dataclass(frozen=True)
class Broken:
    """A rule that a booking breaks: its stable name, what is wrong in plain words, and the field to change."""

    rule: str
    message: str
    field: str = "room"


class NotAdmitted(Conflict):
    """Rules in force refuse the meeting or its room; ``broken`` has one entry for each rule."""

    status = 422
    code = "not_admitted"

    def __init__(self, broken: Sequence[Broken]) -> None:
        super().__init__(" ".join(item.message for item in broken))
        self.broken = tuple(broken)

    @property
    def fields(self) -> dict[str, list[dict[str, str]]]:
        """Return what is wrong by field, as the API tells it."""
        found: dict[str, list[dict[str, str]]] = defaultdict(list)
        for item in self.broken:
            found[item.field].append({"code": item.rule, "detail": item.message})
        return dict(found)


def admit(
    *,
    meeting: Meeting,
    by: Membership | None,
    occurrences: Sequence[Occurrence],
    invitees: Sequence[plans.Invitee] = (),
    changed: Collection[str] | None = None,
    replaced: Sequence[Occurrence] = (),
) -> None:
    """Check a booking that is about to be written against the rules; what awaits a manager becomes TENTATIVE.

    ``meeting`` (unsaved, or as it will be) says organiser, settings and zone; ``occurrences`` are the unsaved rows
    of a booking. Those ahead that take a room or a time anew are looked at and get their status: polls' HELD ones
    keep it, rows that stay where they are keep the one that they have. ``changed`` names the meeting's columns that
    change (None: it is new). ``replaced`` are rows of another meeting that these take the place of: what has the same
    room and time stays as well. ``by`` is who books, None the portal itself.
    Raises NotAdmitted, and RoomTaken for a request of a time that another meeting has already.
    """
    ahead = list(_booked_anew(meeting, occurrences, replaced))
    policies = Policies(meeting.organizer.tenant)
    broken = list(_broken_settings(policies, meeting, changed))
    broken += _broken_guests(policies, meeting, invitees)
    requests: list[Occurrence] = []
    for room in _rooms_of(ahead).values():
        booked = [row for row in ahead if row.room_id == room.id]
        policy, is_manager = policies.of_room(room), _is_manager(room, (meeting.organizer, by))
        broken += broken_by(policies, room, policy, meeting.organizer, booked, is_manager=is_manager)
        if policy.confirmation.value and room.managers.all() and not is_manager:
            requests += [row for row in booked if row.status != Occurrence.Status.HELD]
    if broken:
        raise NotAdmitted(broken)
    if taken := [row for row in booking.in_the_way_of(requests) if row.meeting_id != meeting.id]:
        raise booking.RoomTaken(taken)
    for row in requests:
        row.status = Occurrence.Status.TENTATIVE


def _booked_anew(
    meeting: Meeting, occurrences: Sequence[Occurrence], replaced: Sequence[Occurrence]
) -> Iterator[Occurrence]:
    """Yield the coming occurrences that are new or moved, as if nothing stood in their way."""
    sure = (Occurrence.Status.CONFIRMED, Occurrence.Status.TENTATIVE)
    rows = Occurrence.objects.filter(meeting=meeting.id, status__in=sure)
    stored = {row.recurrence_id: row for row in [*replaced, *rows] if row.status in sure}
    now = timezone.now()
    for row in occurrences:
        if row.end_at <= now or row.status == Occurrence.Status.CANCELLED:
            continue
        before = stored.get(row.recurrence_id)
        if before and (before.room_id, before.start_at, before.end_at) == (row.room_id, row.start_at, row.end_at):
            row.status = before.status
            continue
        if row.status == Occurrence.Status.TENTATIVE:
            row.status = Occurrence.Status.CONFIRMED
        yield row


def broken_by(
    policies: Policies,
    room: Room,
    policy: RoomPolicy,
    organizer: Membership,
    occurrences: Sequence[Occurrence],
    *,
    is_manager: bool = False,
) -> Iterator[Broken]:
    """Yield the rules of a room that bookings of it by an organiser break, each once with its dates."""
    if room.closed_at is not None:
        yield Broken(CLOSED_ROOM, _("%(room)s is out of use.") % {"room": room.name})
    if not is_manager and not may_book(policies, room, policy, organizer.unit_id):
        yield _refusal(rules.BOOKERS, room, policy.bookers, _("%(room)s may be booked by %(value)s."))
    zone = policies.zone_of(room)
    for definition, decided, sentence, is_kept in limits(policy, zone):
        wrong = [row for row in occurrences if not is_kept(row)]
        if wrong:
            yield _refusal(definition, room, decided, sentence, dates_of(wrong, zone))


def may_book(policies: Policies, room: Room, policy: RoomPolicy, unit_id: UUID | None) -> bool:
    """Return whether a member of a unit who does not manage the room may book it."""
    if policy.bookers.value is Bookers.UNIT and room.unit_id is not None:
        return room.unit_id in policies.path(unit_id)
    return policy.bookers.value is not Bookers.MANAGERS


def dates_of(occurrences: Sequence[Occurrence], zone: ZoneInfo) -> str:
    """Name the first dates of occurrences in a zone, and count the others."""
    days = sorted({row.start_at.astimezone(zone).date() for row in occurrences})
    named = ", ".join(written(day) for day in days[:DATES_NAMED])
    rest = len(days) - DATES_NAMED
    if rest <= 0:
        return named
    return ngettext("%(days)s and %(rest)s more", "%(days)s and %(rest)s more", rest) % {"days": named, "rest": rest}


def limits(
    policy: RoomPolicy, zone: ZoneInfo
) -> Iterator[tuple[Definition[Any], Effective[Any], str, Callable[[Occurrence], bool]]]:
    """Yield each limit of a room: its rule, what counts, the sentence to say, and whether an occurrence keeps it."""
    today = timezone.now().astimezone(zone).date()
    days, minutes = policy.days_ahead.value, policy.max_minutes.value
    yield (
        rules.DAYS_AHEAD,
        policy.days_ahead,
        _("%(room)s can be booked at most %(value)s ahead: not on %(dates)s."),
        lambda row: not days or (_wall(row, zone)[0].date() - today).days <= days,
    )
    yield (
        rules.MAX_MINUTES,
        policy.max_minutes,
        _("%(room)s can be booked for %(value)s at most."),
        lambda row: not minutes or row.duration_minutes <= minutes,
    )
    yield (
        rules.HOURS,
        policy.hours,
        _("%(room)s can be booked at these hours: %(value)s. Outside them: %(dates)s."),
        lambda row: policy.hours.value.hold(*_wall(row, zone)),
    )
    yield (
        rules.CLOSURES,
        policy.closures,
        _("%(room)s is closed on %(dates)s."),
        lambda row: not any(closure.touches(*_wall(row, zone)) for closure in policy.closures.value),
    )


def _wall(row: Occurrence, zone: ZoneInfo) -> tuple[datetime, datetime]:
    start, end = row.start_at.astimezone(zone), row.end_at.astimezone(zone)
    return start.replace(tzinfo=None), end.replace(tzinfo=None)


def _refusal(
    definition: Definition[Any], room: Room, decided: Effective[Any], sentence: str, dates: str = ""
) -> Broken:
    told = sentence % {"room": room.name, "value": decided.text, "dates": dates}
    return Broken(definition.name, f"{told} {decided.origin}")


def _broken_settings(policies: Policies, meeting: Meeting, changed: Collection[str] | None) -> Iterator[Broken]:
    """Yield the locked settings that a meeting would not have; those that it has already and keeps are let be."""
    for name, decided in policies.of_meeting(meeting.organizer.unit_id).locked().items():
        if (changed is None or name in changed) and getattr(meeting, name) != decided.value:
            definition = rules.MEETING_FIELDS[name]
            told = _("“%(rule)s” is “%(value)s” for your meetings.") % {"rule": definition.label, "value": decided.text}
            yield Broken(definition.name, f"{told} {decided.origin}", name)


def _broken_guests(policies: Policies, meeting: Meeting, invitees: Sequence[plans.Invitee]) -> Iterator[Broken]:
    """Yield people from outside whom nobody may invite; those who are invited already are let be."""
    guests = policies.of_meeting(meeting.organizer.unit_id).guests
    if not invitees or guests.value or not guests.is_enforced:
        return
    members = people.recognise(invitees, tenant_id=meeting.tenant_id)
    known = set(Attendee.objects.filter(meeting=meeting.id).values_list("email", flat=True))
    strangers = [who.email for who in invitees if who.email not in members and who.email not in known]
    if strangers:
        told = _("Nobody from outside the ministry may be invited: %(who)s.") % {"who": ", ".join(strangers[:5])}
        yield Broken(rules.GUESTS.name, f"{told} {guests.origin}", "attendees")


def _rooms_of(occurrences: Iterable[Occurrence]) -> dict[UUID, Room]:
    """Return the rooms that occurrences book, with their managers."""
    ids = {row.room_id for row in occurrences if row.room_id is not None}
    return {room.id: room for room in Room.objects.filter(id__in=ids).prefetch_related("managers")} if ids else {}


def _is_manager(room: Room, who: Iterable[Membership | None]) -> bool:
    managers = {manager.membership_id for manager in room.managers.all()}
    return any(member is not None and member.id in managers for member in who)
