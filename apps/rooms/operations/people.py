"""Who is invited: recognising members, and keeping a meeting's attendees what the plan says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.rooms.departements import zone_of
from apps.rooms.models import Attendee, Meeting
from apps.rooms.operations.plans import Invitee
from apps.tenants.models import Membership


@dataclass(frozen=True)
class PeopleChange:
    """Who joined, who left (rows that are deleted by now), and whose role changed."""

    added: tuple[Attendee, ...] = ()
    removed: tuple[Attendee, ...] = ()
    moved: tuple[Attendee, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved)


def recognise(invitees: Sequence[Invitee], *, tenant_id: Any) -> dict[str, Membership]:
    """Return the active members among the invitees, by address."""
    emails = {invitee.email for invitee in invitees}
    members = Membership.objects.active().filter(tenant_id=tenant_id, user__email__in=emails)
    return {member.user.email: member for member in members.select_related("user", "unit", "tenant")}


def set_attendees(meeting: Meeting, invitees: Sequence[Invitee]) -> PeopleChange:
    """Make the attendees those invited, keeping the rows of those who stay."""
    members = recognise(invitees, tenant_id=meeting.tenant_id)
    wanted = {
        invitee.email: _attendee(meeting, invitee, members.get(invitee.email))
        for invitee in invitees
        if invitee.email != meeting.organizer.user.email
    }
    present = {attendee.email: attendee for attendee in meeting.attendees.all()}
    removed = [attendee for email, attendee in present.items() if email not in wanted]
    added = [attendee for email, attendee in wanted.items() if email not in present]
    moved = [attendee for email, attendee in present.items() if email in wanted and _move(attendee, wanted[email])]
    if removed:
        meeting.attendees.filter(id__in=[attendee.id for attendee in removed]).delete()
    Attendee.objects.bulk_update(moved, ["role", "membership"])
    Attendee.objects.bulk_create(added)
    return PeopleChange(tuple(added), tuple(removed), tuple(moved))


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
        language=member.user.language if member else "fr",
        time_zone=zone_of(member) if member else "",
    )
