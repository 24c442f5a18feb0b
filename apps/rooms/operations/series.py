"""What organisers do with one occurrence of a series."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.rooms.conferences.operations import prepare_conference
from apps.rooms.invitations import outbox
from apps.rooms.models import Announcement, Meeting, Notify, Occurrence
from apps.rooms.models.meetings import recurrence_id_of, wall_of
from apps.rooms.operations.booking import RoomTaken, booking, occurrences_at, place
from apps.rooms.operations.plans import OccurrencePlan
from apps.rooms.operations.scheduling import MeetingChanged, cancel_meeting, end_series_before, journal_meeting, moves
from apps.rooms.places import admission
from apps.rooms.recurrence import expand, parse_rule
from apps.rooms.wall_time import resolve
from apps.tenants.journal import record
from apps.tenants.models import Membership


def change_occurrence(
    *, occurrence: Occurrence, by: Membership, plan: OccurrencePlan, notify: Notify = Notify.ALL
) -> None:
    """Move one occurrence of a series, or give it a text of its own.

    Raises NonexistentTime, NotAdmitted, RoomTaken, and MeetingChanged when it was cancelled meanwhile.
    """
    meeting = occurrence.meeting
    resolve(plan.starts_on, plan.start_time, meeting.zone)
    changed = sorted(name for name, value in vars(plan).items() if getattr(occurrence, name) != value)
    if not changed:
        return
    rooms = [occurrence.room, plan.room]
    place(occurrence, datetime.combine(plan.starts_on, plan.start_time), plan.duration_minutes)
    occurrence.room, occurrence.title, occurrence.agenda = plan.room, plan.title, plan.agenda
    occurrence.is_changed, occurrence.sequence = True, max(occurrence.sequence, meeting.sequence) + 1
    if moves(changed):
        occurrence.moved_at = timezone.now()
    admission.admit(meeting=meeting, by=by, occurrences=[occurrence], changed=())
    with booking(rooms, [occurrence]):
        present = Occurrence.objects.filter(id=occurrence.id).exclude(status=Occurrence.Status.CANCELLED)
        if not present.select_for_update().exists():
            raise MeetingChanged
        occurrence.save()
        _touch(meeting)
        journal_meeting(by, "meeting.occurrence_changed", meeting, occurrence=str(occurrence.id), changed=changed)
        prepare_conference(meeting, occurrence.room)
        outbox.announce_occurrence(occurrence=occurrence, by=by, is_moved=moves(changed), notify=notify)


def cancel_occurrence(*, occurrence: Occurrence, by: Membership, notify: Notify = Notify.ALL) -> None:
    """Cancel one occurrence of a series. Raises MeetingChanged if it was cancelled already."""
    with transaction.atomic():
        _turn(occurrence, Occurrence.Status.CANCELLED)
        journal_meeting(by, "meeting.occurrence_cancelled", occurrence.meeting, occurrence=str(occurrence.id))
        outbox.announce_occurrence(occurrence=occurrence, by=by, notify=notify)


def restore_occurrence(*, occurrence: Occurrence, by: Membership, notify: Notify = Notify.ALL) -> None:
    """Take back the cancellation of one occurrence. Raises MeetingChanged, NotAdmitted, and RoomTaken."""
    wanted = Occurrence.objects.get(id=occurrence.id)
    wanted.status = Occurrence.Status.CONFIRMED
    admission.admit(meeting=occurrence.meeting, by=by, occurrences=[wanted], changed=())
    with booking([occurrence.room], [wanted]):
        _turn(occurrence, Occurrence.Status(wanted.status))
        journal_meeting(by, "meeting.occurrence_restored", occurrence.meeting, occurrence=str(occurrence.id))
        outbox.announce_occurrence(occurrence=occurrence, by=by, notify=notify)


def cancel_following(*, occurrence: Occurrence, by: Membership, notify: Notify = Notify.ALL) -> None:
    """End a series before one of its occurrences. Raises MeetingChanged where nothing was left to cancel."""
    meeting: Meeting = occurrence.meeting
    wall = wall_of(occurrence.recurrence_id)
    if wall <= meeting.wall_start:
        cancel_meeting(meeting=meeting, by=by, notify=notify)
        return
    with transaction.atomic():
        coming = meeting.occurrences.filter(recurrence_id__gte=occurrence.recurrence_id)
        if not coming.exclude(status=Occurrence.Status.CANCELLED).select_for_update().exists():
            raise MeetingChanged
        end_series_before(meeting, wall)
        _touch(meeting)
        journal_meeting(by, "meeting.series_ended", meeting, before=occurrence.recurrence_id)
        outbox.announce_shortened(meeting=meeting, by=by, notify=notify)


def extend_series(*, meeting: Meeting) -> list[Occurrence]:
    """Add the occurrences of an open-ended series that came within two years, and return them.

    Where the room is taken by then, or its rules forbid it, the occurrence is added without a room, marked as changed.
    """
    latest = meeting.occurrences.order_by("recurrence_id").last()
    if not meeting.rrule or latest is None or meeting.cancelled_at is not None:
        return []
    since = timezone.now().astimezone(meeting.zone).replace(tzinfo=None)
    times = expand(parse_rule(meeting.rrule, meeting.zone), meeting.wall_start, since=since).times
    added = occurrences_at(meeting, [wall for wall in times if recurrence_id_of(wall) > latest.recurrence_id])
    with transaction.atomic():
        for occurrence in added:
            _add(occurrence)
        if added:
            record("meeting.series_extended", tenant_id=meeting.tenant_id, actor_id=None, subject=meeting)
        if any(occurrence.is_changed for occurrence in added):
            _tell_lost_room(meeting)
    return added


def extend_open_series() -> int:
    """Prolong every series of the entered tenant that has no end; return how many dates were added."""
    endless = Meeting.objects.filter(cancelled_at=None, rrule__gt="").exclude(rrule__contains="UNTIL=")
    meetings = endless.exclude(rrule__contains="COUNT=").select_related("organizer__user", "organizer__tenant", "room")
    return sum(len(extend_series(meeting=meeting)) for meeting in meetings)


def _add(occurrence: Occurrence) -> None:
    try:
        admission.admit(meeting=occurrence.meeting, by=None, occurrences=[occurrence], changed=())
        with booking([occurrence.room], [occurrence]):
            occurrence.save(force_insert=True)
    except (RoomTaken, admission.NotAdmitted):
        occurrence.room, occurrence.is_changed = None, True
        occurrence.save(force_insert=True)


def _tell_lost_room(meeting: Meeting) -> None:
    receiver = outbox.organizer_of(meeting)
    with override(receiver.language):
        note = _("The series goes on; on some of the new dates its room is not free or may not be booked.")
    outbox.announce_plainly(meeting=meeting, kind=Announcement.Kind.NOTICE, receivers=[receiver], note=note)


def _turn(occurrence: Occurrence, status: Occurrence.Status) -> None:
    meeting = occurrence.meeting
    sequence = max(occurrence.sequence, meeting.sequence) + 1
    rows = Occurrence.objects.filter(id=occurrence.id).exclude(status=status)
    now = timezone.now() if status == Occurrence.Status.CANCELLED else None
    if not rows.update(status=status, is_changed=True, sequence=sequence, cancelled_at=now):
        raise MeetingChanged
    _touch(meeting)
    occurrence.refresh_from_db()


def _touch(meeting: Meeting) -> None:
    Meeting.objects.filter(id=meeting.id).update(updated_at=timezone.now())
