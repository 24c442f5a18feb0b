"""Meetings for tests: one hour on a fixed day in Paris, with their occurrence."""

from datetime import date, time

import factory

from apps.rooms.models import Attendee, Meeting, Occurrence, Room
from apps.rooms.models.meetings import recurrence_id_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, TenantOwnedFactory


class RoomFactory(TenantOwnedFactory[Room]):
    class Meta:
        model = Room

    tenant = factory.SubFactory(TenantFactory)
    kind = Room.Kind.EQUIPPED
    name = factory.Sequence(lambda n: f"Salle {n}")


class MeetingFactory(TenantOwnedFactory[Meeting]):
    """A meeting with its one occurrence (``meeting.occurrences.get()``)."""

    class Meta:
        model = Meeting

    organizer = factory.SubFactory(MembershipFactory)
    tenant = factory.SelfAttribute("organizer.tenant")
    title = factory.Sequence(lambda n: f"Comité de pilotage {n}")
    starts_on = date(2026, 3, 10)
    start_time = time(14, 0)
    duration_minutes = 60

    @classmethod
    def complete(cls, row: Meeting) -> None:
        start_at, end_at = row.bounds()
        Occurrence.objects.create(
            tenant=row.tenant,
            meeting=row,
            room=row.room,
            recurrence_id=recurrence_id_of(row.wall_start),
            starts_on=row.starts_on,
            start_time=row.start_time,
            duration_minutes=row.duration_minutes,
            start_at=start_at,
            end_at=end_at,
        )


class AttendeeFactory(TenantOwnedFactory[Attendee]):
    """A member who attends; ``role=Attendee.Role.CO_ORGANIZER`` makes a co-organiser."""

    class Meta:
        model = Attendee

    meeting = factory.SubFactory(MeetingFactory)
    tenant = factory.SelfAttribute("meeting.tenant")
    membership = factory.SubFactory(MembershipFactory, tenant=factory.SelfAttribute("..tenant"))
    name = factory.LazyAttribute(lambda attendee: attendee.membership.user.full_name)
    email = factory.LazyAttribute(lambda attendee: attendee.membership.user.email)
    role = Attendee.Role.ATTENDEE
