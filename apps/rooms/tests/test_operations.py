"""Scheduling, changing, cancelling: the occurrence follows, the journal tells."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from apps.rooms.models import Attendee, Meeting, Occurrence
from apps.rooms.operations import (
    Invitee,
    MeetingChanged,
    MeetingPlan,
    RoomTaken,
    cancel_meeting,
    reschedule_meeting,
    restore_meeting,
    schedule_meeting,
)
from apps.rooms.tests.factories import MeetingFactory, RoomFactory
from apps.rooms.wall_time import NonexistentTime
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer() -> Iterator[Membership]:
    membership = MembershipFactory.create()
    with tenant_scope(membership.tenant_id):
        yield membership


def plan(**changes: Any) -> MeetingPlan:
    fields: dict[str, Any] = {
        "title": "Point hebdomadaire",
        "starts_on": date(2026, 7, 1),
        "start_time": time(10, 0),
        "duration_minutes": 90,
        "time_zone": "Indian/Reunion",
    }
    return MeetingPlan(**(fields | changes))


def actions() -> list[str]:
    return list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))


def test_schedule_meeting_makes_its_occurrence(organizer: Membership) -> None:
    meeting = schedule_meeting(by=organizer, plan=plan())

    occurrence = meeting.occurrences.get()
    assert occurrence.start_at == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    assert occurrence.end_at - occurrence.start_at == timedelta(minutes=90)
    assert actions() == ["meeting.scheduled"]


def test_schedule_meeting_recognises_members_and_keeps_guests(organizer: Membership) -> None:
    colleague = MembershipFactory.create(tenant=organizer.tenant)
    former = MembershipFactory.create(tenant=organizer.tenant, ended_at=datetime(2026, 1, 1, tzinfo=UTC))
    invitees = (
        Invitee(colleague.user.email, role=Attendee.Role.CO_ORGANIZER),
        Invitee(former.user.email),
        Invitee("guest@example.org", "Guest"),
        Invitee(organizer.user.email),
    )

    meeting = schedule_meeting(by=organizer, plan=plan(invitees=invitees))

    people = {person.email: (person.membership_id, person.name, person.role) for person in meeting.attendees.all()}
    assert people == {
        colleague.user.email: (colleague.id, colleague.user.full_name, "co_organizer"),
        former.user.email: (None, "", "attendee"),
        "guest@example.org": (None, "Guest", "attendee"),
    }


def test_schedule_meeting_refuses_a_skipped_time(organizer: Membership) -> None:
    skipped = plan(starts_on=date(2026, 3, 29), start_time=time(2, 30), time_zone="Europe/Paris")
    with pytest.raises(NonexistentTime):
        schedule_meeting(by=organizer, plan=skipped)
    assert not Meeting.objects.exists()


def test_reschedule_meeting_moves_the_occurrence_and_says_what_changed(organizer: Membership) -> None:
    meeting = schedule_meeting(by=organizer, plan=plan(invitees=(Invitee("a@x.fr"), Invitee("b@x.fr"))))
    kept = meeting.attendees.get(email="b@x.fr")

    moved = plan(start_time=time(11, 0), invitees=(Invitee("b@x.fr"), Invitee("c@x.fr")))
    reschedule_meeting(meeting=meeting, by=organizer, plan=moved)

    assert meeting.occurrences.get().start_at == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    assert meeting.start_time == time(11, 0)
    assert set(meeting.attendees.values_list("email", flat=True)) == {"b@x.fr", "c@x.fr"}
    assert meeting.attendees.get(email="b@x.fr").id == kept.id
    assert JournalEvent.objects.get(action="meeting.rescheduled").data == {"changed": ["start_time", "attendees"]}


def test_reschedule_meeting_links_a_guest_who_became_a_member(organizer: Membership) -> None:
    meeting = schedule_meeting(by=organizer, plan=plan(invitees=(Invitee("later@example.gouv.fr"),)))
    member = MembershipFactory.create(tenant=organizer.tenant, user__email="later@example.gouv.fr")

    reschedule_meeting(meeting=meeting, by=organizer, plan=plan(invitees=(Invitee("later@example.gouv.fr"),)))

    assert meeting.attendees.get().membership_id == member.id


def test_reschedule_meeting_refuses_what_somebody_else_changed(organizer: Membership) -> None:
    meeting = schedule_meeting(by=organizer, plan=plan())
    seen_at = meeting.updated_at
    reschedule_meeting(meeting=meeting, by=organizer, plan=plan(title="Theirs"), seen_at=seen_at)

    with pytest.raises(MeetingChanged):
        reschedule_meeting(meeting=meeting, by=organizer, plan=plan(title="Mine"), seen_at=seen_at)
    assert Meeting.objects.get().title == "Theirs"


def test_reschedule_meeting_refuses_a_taken_room(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    MeetingFactory.create(organizer=organizer, room=room, start_time=time(14, 0))
    meeting = MeetingFactory.create(organizer=organizer, room=room, start_time=time(16, 0))

    wanted = plan(starts_on=meeting.starts_on, start_time=time(14, 30), time_zone="Europe/Paris", room=room)
    with pytest.raises(RoomTaken):
        reschedule_meeting(meeting=meeting, by=organizer, plan=wanted)
    meeting.refresh_from_db()
    assert meeting.start_time == time(16, 0)


def test_cancel_and_restore_meeting(organizer: Membership) -> None:
    meeting = schedule_meeting(by=organizer, plan=plan())

    cancel_meeting(meeting=meeting, by=organizer)
    assert meeting.occurrences.get().status == Occurrence.Status.CANCELLED
    with pytest.raises(MeetingChanged):
        cancel_meeting(meeting=meeting, by=organizer)

    restore_meeting(meeting=meeting, by=organizer)
    assert meeting.occurrences.get().status == Occurrence.Status.CONFIRMED
    with pytest.raises(MeetingChanged):
        restore_meeting(meeting=meeting, by=organizer)
    assert actions() == ["meeting.scheduled", "meeting.cancelled", "meeting.restored"]


def test_restore_meeting_refuses_when_its_room_was_given_away(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    meeting = MeetingFactory.create(organizer=organizer, room=room)
    cancel_meeting(meeting=meeting, by=organizer)
    MeetingFactory.create(organizer=organizer, room=room)

    with pytest.raises(RoomTaken):
        restore_meeting(meeting=meeting, by=organizer)
