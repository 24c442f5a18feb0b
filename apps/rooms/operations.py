"""What organisers do with meetings; a meeting's occurrence always follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.models import Attendee, Meeting, Occurrence
from apps.rooms.wall_time import resolve
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership


@dataclass(frozen=True)
class Invitee:
    """Somebody to invite, by address; a member of the tenant is recognised by it."""

    email: str
    name: str = ""
    role: Attendee.Role = Attendee.Role.ATTENDEE


@dataclass(frozen=True)
class MeetingPlan:
    """What an organiser decides about a meeting. The wall time belongs to ``time_zone`` (an IANA key)."""

    title: str
    starts_on: date
    start_time: time
    duration_minutes: int
    time_zone: str = "Europe/Paris"
    agenda: str = ""
    transcript_audience: Meeting.Audience = Meeting.Audience.NAMED
    invitees: tuple[Invitee, ...] = ()

    def fields(self) -> dict[str, Any]:
        """Return the values of the meeting's own columns."""
        return {name: value for name, value in vars(self).items() if name != "invitees"}

    def bounds(self) -> tuple[datetime, datetime]:
        """Return start and end as instants; raises NonexistentTime for a time that the clocks skip."""
        start = resolve(self.starts_on, self.start_time, ZoneInfo(self.time_zone))
        return start, start + timedelta(minutes=self.duration_minutes)


class MeetingChanged(Conflict):
    """Somebody else changed, cancelled or restored the meeting in the meantime."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else changed this meeting in the meantime; your change was not kept."))


class RoomTaken(Conflict):
    """The meeting's room is held by another one at that time."""

    def __init__(self) -> None:
        super().__init__(_("The room is taken by another meeting at this time."))


def schedule_meeting(*, by: Membership, plan: MeetingPlan) -> Meeting:
    """Create a meeting that ``by`` organises, its occurrence and its attendees.

    Raises NonexistentTime for a wall time that the clocks skip.
    """
    start_at, end_at = plan.bounds()
    with transaction.atomic():
        meeting = Meeting.objects.create(tenant_id=by.tenant_id, organizer=by, **plan.fields())
        Occurrence.objects.create(tenant_id=by.tenant_id, meeting=meeting, start_at=start_at, end_at=end_at)
        _set_attendees(meeting, plan.invitees)
        record_by(by, "meeting.scheduled", meeting)
    return meeting


def reschedule_meeting(*, meeting: Meeting, by: Membership, plan: MeetingPlan, seen_at: datetime | None = None) -> None:
    """Replace what was decided about a meeting; its occurrence moves along.

    ``seen_at`` is the ``updated_at`` that the editor saw. Raises MeetingChanged when it is no longer that,
    RoomTaken, and NonexistentTime.
    """
    start_at, end_at = plan.bounds()
    fields = plan.fields()
    changed = sorted(name for name, value in fields.items() if getattr(meeting, name) != value)
    unchanged = Meeting.objects.filter(id=meeting.id, updated_at=seen_at or meeting.updated_at)
    try:
        with transaction.atomic():
            if not unchanged.update(**fields, updated_at=timezone.now()):
                raise MeetingChanged
            meeting.occurrences.update(start_at=start_at, end_at=end_at)
            if _set_attendees(meeting, plan.invitees):
                changed.append("attendees")
            record_by(by, "meeting.rescheduled", meeting, changed=changed)
    except IntegrityError as error:
        if not _is_double_booking(error):
            raise
        raise RoomTaken from error
    meeting.refresh_from_db()


def cancel_meeting(*, meeting: Meeting, by: Membership) -> None:
    """Cancel a meeting's occurrences; the meeting stays readable. Raises MeetingChanged if none was left."""
    with transaction.atomic():
        _move_occurrences(meeting, Occurrence.Status.CONFIRMED, Occurrence.Status.CANCELLED)
        record_by(by, "meeting.cancelled", meeting)


def restore_meeting(*, meeting: Meeting, by: Membership) -> None:
    """Take back a cancellation. Raises MeetingChanged if it was not cancelled, RoomTaken if its room is gone."""
    try:
        with transaction.atomic():
            _move_occurrences(meeting, Occurrence.Status.CANCELLED, Occurrence.Status.CONFIRMED)
            record_by(by, "meeting.restored", meeting)
    except IntegrityError as error:
        if not _is_double_booking(error):
            raise
        raise RoomTaken from error


def recognise(invitees: Sequence[Invitee], *, tenant_id: Any) -> dict[str, Membership]:
    """Return the active members among the invitees, by address."""
    emails = {invitee.email for invitee in invitees}
    members = Membership.objects.active().filter(tenant_id=tenant_id, user__email__in=emails)
    return {member.user.email: member for member in members.select_related("user", "unit")}


def _move_occurrences(meeting: Meeting, old: Occurrence.Status, new: Occurrence.Status) -> None:
    if not meeting.occurrences.filter(status=old).update(status=new):
        raise MeetingChanged
    Meeting.objects.filter(id=meeting.id).update(updated_at=timezone.now())


def _set_attendees(meeting: Meeting, invitees: Sequence[Invitee]) -> bool:
    """Make the attendees those invited, keeping the rows of those who stay; return whether any changed."""
    members = recognise(invitees, tenant_id=meeting.tenant_id)
    wanted = {
        invitee.email: _attendee(meeting, invitee, members.get(invitee.email))
        for invitee in invitees
        if invitee.email != meeting.organizer.user.email
    }
    present = {attendee.email: attendee for attendee in meeting.attendees.all()}
    gone = [attendee.id for email, attendee in present.items() if email not in wanted]
    added = [attendee for email, attendee in wanted.items() if email not in present]
    moved = [attendee for email, attendee in present.items() if email in wanted and _move(attendee, wanted[email])]
    if gone:
        meeting.attendees.filter(id__in=gone).delete()
    Attendee.objects.bulk_update(moved, ["role", "membership"])
    Attendee.objects.bulk_create(added)
    return bool(gone or added or moved)


def _move(attendee: Attendee, wanted: Attendee) -> bool:
    """Give an attendee the wanted role, and the membership if there is one by now; return whether it changed."""
    was = attendee.role, attendee.membership_id
    attendee.role = wanted.role
    attendee.membership_id = wanted.membership_id or attendee.membership_id
    return was != (attendee.role, attendee.membership_id)


def _attendee(meeting: Meeting, invitee: Invitee, member: Membership | None) -> Attendee:
    return Attendee(
        tenant_id=meeting.tenant_id,
        meeting=meeting,
        membership=member,
        name=member.user.full_name if member else invitee.name,
        email=invitee.email,
        role=invitee.role,
    )


def _is_double_booking(error: IntegrityError) -> bool:
    return "occurrence_no_double_booking" in str(error)
