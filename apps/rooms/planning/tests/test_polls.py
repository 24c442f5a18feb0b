"""Date polls: asking holds the rooms, answers count, choosing invites."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.rooms.models import Attendee, Mail, Occurrence, Poll, PollAnswer, Room
from apps.rooms.operations import RoomTaken, schedule_meeting
from apps.rooms.planning.polls import (
    PollClosed,
    answer_poll,
    cancel_poll,
    choose_slot,
    open_poll,
    release_due_rooms,
    remind_undecided,
)
from apps.rooms.planning.tallies import tally_of
from apps.rooms.planning.tests.conftest import GUEST, poll_plan
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

YES, NO = PollAnswer.Choice.YES, PollAnswer.Choice.NO


def guest_of(poll: Poll) -> Attendee:
    return Attendee.objects.get(meeting=poll.meeting, email=GUEST)


def test_open_poll_holds_the_room_for_each_slot(organizer: Membership, room: Room, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        taken = poll_plan(room).meeting

        with pytest.raises(RoomTaken):
            schedule_meeting(by=organizer, plan=taken)


def test_open_poll_asks_everybody_by_mail(organizer: Membership, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        mail = Mail.objects.get()

        assert (mail.address, mail.announcement.kind) == (GUEST, "poll")


def test_open_poll_refuses_a_taken_room_whole(organizer: Membership, room: Room) -> None:
    with tenant_scope(organizer.tenant_id):
        schedule_meeting(by=organizer, plan=poll_plan(room).meeting)

        with pytest.raises(RoomTaken):
            open_poll(by=organizer, plan=poll_plan(room))
        assert not Poll.objects.exists()


def test_answer_poll_replaces_what_was_said_before(organizer: Membership, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        guest, (first, second) = guest_of(poll), poll.meeting.occurrences.all()
        answer_poll(poll=poll, attendee=guest, choices={first.id: YES, second.id: NO})

        answer_poll(poll=poll, attendee=guest, choices={first.id: NO, second.id: YES})

        columns = tally_of(poll).columns
        assert [(column.yes, column.no, column.is_best) for column in columns] == [(0, 1, False), (1, 0, True)]


def test_choose_slot_keeps_that_one_and_invites(organizer: Membership, room: Room, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        _first, second = poll.meeting.occurrences.all()

        meeting = choose_slot(poll=poll, slot=second, by=organizer)

        kept = meeting.occurrences.get()
        assert (kept.id, kept.status, kept.room) == (second.id, Occurrence.Status.CONFIRMED, room)
        assert (meeting.starts_on, meeting.start_time) == (second.starts_on, second.start_time)
        assert Mail.objects.filter(announcement__kind="request", announcement__method="REQUEST").count() == 2
        schedule_meeting(by=organizer, plan=poll_plan(room).meeting)  # the other slot's room is free again


def test_choose_slot_happens_once(organizer: Membership, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        first, second = poll.meeting.occurrences.all()
        choose_slot(poll=poll, slot=first, by=organizer)

        with pytest.raises(PollClosed):
            choose_slot(poll=Poll.objects.get(), slot=second, by=organizer)


def test_cancel_poll_tells_people_and_frees_the_room(organizer: Membership, room: Room, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        cancel_poll(poll=poll, by=organizer)

        assert Mail.objects.filter(announcement__kind="notice", address=GUEST).exists()
        schedule_meeting(by=organizer, plan=poll_plan(room).meeting)


def test_closed_poll_takes_no_answer(organizer: Membership, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        Poll.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
        slot = poll.meeting.occurrences.first()
        assert slot is not None

        with pytest.raises(PollClosed):
            answer_poll(poll=poll, attendee=guest_of(poll), choices={slot.id: YES})


def test_remind_undecided_writes_to_the_silent_alone(organizer: Membership, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        choices = {slot.id: YES for slot in poll.meeting.occurrences.all()}
        assert remind_undecided(poll=poll, by=organizer) == 1
        answer_poll(poll=poll, attendee=guest_of(poll), choices=choices)

        assert remind_undecided(poll=poll, by=organizer) == 0


def test_release_due_rooms_lets_them_go_once(organizer: Membership, room: Room, poll: Poll) -> None:
    with tenant_scope(organizer.tenant_id):
        later = poll.closes_at + timedelta(days=4)

        assert (release_due_rooms(later), release_due_rooms(later)) == (1, 0)
        schedule_meeting(by=organizer, plan=poll_plan(room).meeting)
