"""Date polls: a meeting whose slots hold their room until one of them is chosen.

A poll is a meeting whose occurrences are HELD; its attendees answer slot by slot, without an account. A room that a
manager confirms is asked for when the date is chosen. Rooms are let go some days after the answers are due.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.conferences.operations import prepare_conference
from apps.rooms.invitations import outbox
from apps.rooms.models import Announcement, Attendee, Meeting, Notify, Occurrence, Poll, PollAnswer
from apps.rooms.operations.booking import booking, occurrences_at
from apps.rooms.operations.people import set_attendees
from apps.rooms.operations.plans import MeetingPlan
from apps.rooms.operations.scheduling import check_may_act, journal_meeting
from apps.rooms.places import admission
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record
from apps.tenants.models import Membership
from visio_portal.realtime import publish

SLOTS_MAX = 20
HOLD_AFTER_CLOSING = timedelta(days=3)


class PollClosed(Conflict):
    """The poll takes no more answers: its date is chosen, it was cancelled, or its time is over."""

    def __init__(self) -> None:
        super().__init__(_("This poll takes no more answers."))


@dataclass(frozen=True)
class PollPlan:
    """What is asked: a meeting, whose date is the first of ``slots`` (naive wall times of its zone, in order)."""

    meeting: MeetingPlan
    slots: tuple[datetime, ...]
    closes_at: datetime


def open_poll(*, by: Membership, plan: PollPlan, organizer: Membership | None = None) -> Poll:
    """Ask the attendees which slot suits them, and hold the room for each slot.

    Raises PermissionDenied without a delegation, NotAdmitted, and RoomTaken.
    """
    organizer = organizer or by
    check_may_act(by, organizer)
    meeting = Meeting(
        tenant_id=by.tenant_id,
        organizer=organizer,
        scheduled_by=None if by.id == organizer.id else by,
        **plan.meeting.fields(),
    )
    slots = occurrences_at(meeting, plan.slots, status=Occurrence.Status.CONFIRMED)
    admission.admit(meeting=meeting, by=by, occurrences=slots, invitees=plan.meeting.invitees)
    for slot in slots:
        if slot.status == Occurrence.Status.TENTATIVE:  # its manager is asked once the date is chosen
            slot.room = None
        slot.status = Occurrence.Status.HELD
    with booking([plan.meeting.room], slots):
        meeting.save(force_insert=True)
        Occurrence.objects.bulk_create(slots)
        set_attendees(meeting, plan.meeting.invitees)
        poll = Poll.objects.create(tenant_id=by.tenant_id, meeting=meeting, closes_at=plan.closes_at)
        journal_meeting(by, "poll.opened", meeting, slots=len(slots))
        _ask(meeting, by, meeting.attendees.all())
    return poll


def answer_poll(*, poll: Poll, attendee: Attendee, choices: Mapping[UUID, PollAnswer.Choice]) -> None:
    """Keep what an attendee says about slots, by the slots' ids; later answers replace earlier ones.

    Raises PollClosed.
    """
    with transaction.atomic():
        present = Poll.objects.filter(id=poll.id, status=Poll.Status.OPEN, closes_at__gt=timezone.now())
        if not present.select_for_update().exists():
            raise PollClosed
        slots = poll.meeting.occurrences.filter(status=Occurrence.Status.HELD, id__in=choices)
        PollAnswer.objects.bulk_create(
            [
                PollAnswer(
                    tenant_id=poll.tenant_id,
                    slot=slot,
                    attendee=attendee,
                    choice=choices[slot.id],
                    answered_at=timezone.now(),
                )
                for slot in slots
            ],
            update_conflicts=True,
            unique_fields=["tenant", "slot", "attendee"],
            update_fields=["choice", "answered_at"],
        )
        publish(poll.tenant_id, f"meeting:{poll.meeting_id}", {"changed": "poll"})


def choose_slot(*, poll: Poll, slot: Occurrence, by: Membership) -> Meeting:
    """Make a slot the meeting's date, let the others' rooms go, and invite everybody.

    Raises PollClosed after a lost race, NotAdmitted, and RoomTaken where the room was not held.
    """
    meeting: Meeting = poll.meeting
    chosen = _as_booked(slot, meeting)
    admission.admit(meeting=meeting, by=by, occurrences=[chosen], changed=())
    with booking([meeting.room], [chosen]):
        _close(poll, Poll.Status.CHOSEN)
        meeting.occurrences.exclude(id=slot.id).delete()
        chosen.save(update_fields=["status", "room"])
        now = timezone.now()
        wall = {"starts_on": chosen.starts_on, "start_time": chosen.start_time}
        Meeting.objects.filter(id=meeting.id).update(**wall, updated_at=now)
        meeting.refresh_from_db()
        journal_meeting(by, "poll.chosen", meeting, slot=chosen.recurrence_id)
        prepare_conference(meeting)
        outbox.announce_scheduled(meeting=meeting, by=by, notify=Notify.ALL)
    return meeting


def cancel_poll(*, poll: Poll, by: Membership) -> None:
    """Give the meeting up before a date was chosen, and tell those who were asked. Raises PollClosed."""
    meeting = poll.meeting
    with transaction.atomic():
        _close(poll, Poll.Status.CANCELLED)
        now = timezone.now()
        meeting.occurrences.update(status=Occurrence.Status.CANCELLED, cancelled_at=now)
        Meeting.objects.filter(id=meeting.id).update(cancelled_at=now, updated_at=now)
        journal_meeting(by, "poll.cancelled", meeting)
        outbox.announce_plainly(
            meeting=meeting,
            kind=Announcement.Kind.NOTICE,
            receivers=[outbox.receiver_of(person) for person in meeting.attendees.all()],
            by=by,
            note=_("This meeting is not going to take place: no date was found. You need not answer any more."),
        )


def remind_undecided(*, poll: Poll, by: Membership) -> int:
    """Write once more to those who have said nothing yet; return to how many. Raises PollClosed."""
    if not poll.is_open:
        raise PollClosed
    silent = list(poll.meeting.attendees.filter(poll_answers=None))
    with transaction.atomic():
        _ask(poll.meeting, by, silent)
    return len(silent)


def release_rooms(*, poll: Poll) -> bool:
    """Let the rooms of a poll go that nobody decided in time; return whether there were any."""
    with transaction.atomic():
        held = poll.meeting.occurrences.filter(status=Occurrence.Status.HELD, room__isnull=False)
        if not held.update(room=None):
            return False
        record("poll.rooms_released", tenant_id=poll.tenant_id, actor_id=None, subject=poll.meeting)
        outbox.announce_plainly(
            meeting=poll.meeting,
            kind=Announcement.Kind.NOTICE,
            receivers=[outbox.organizer_of(poll.meeting)],
            note=_("No date was chosen, so the room is no longer held for this poll. You can still choose a date."),
        )
    return True


def release_due_rooms(now: datetime) -> int:
    """Let the rooms go of every poll of the entered tenant whose time is over; return of how many."""
    due = Poll.objects.filter(status=Poll.Status.OPEN, closes_at__lt=now - HOLD_AFTER_CLOSING)
    return sum(release_rooms(poll=poll) for poll in due.select_related("meeting__organizer__user", "meeting__tenant"))


def _as_booked(slot: Occurrence, meeting: Meeting) -> Occurrence:
    slot.status, slot.room = Occurrence.Status.CONFIRMED, meeting.room
    return slot


def _ask(meeting: Meeting, by: Membership, people: Iterable[Attendee]) -> None:
    receivers: Sequence[outbox.Receiver] = [outbox.receiver_of(person) for person in people]
    outbox.announce_plainly(meeting=meeting, kind=Announcement.Kind.POLL, receivers=receivers, by=by)


def _close(poll: Poll, status: Poll.Status) -> None:
    if not Poll.objects.filter(id=poll.id, status=Poll.Status.OPEN).update(status=status):
        raise PollClosed
    poll.status = status
    publish(poll.tenant_id, f"meeting:{poll.meeting_id}", {"changed": "poll"})
