"""What organisers do with whole meetings; the occurrences always follow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.conferences.operations import prepare_conference
from apps.rooms.invitations import outbox
from apps.rooms.models import Meeting, Notify, Occurrence
from apps.rooms.models.meetings import recurrence_id_of, wall_of
from apps.rooms.operations.booking import booking, occurrences_at, place
from apps.rooms.operations.people import set_attendees
from apps.rooms.operations.plans import MeetingPlan, may_act_for
from apps.rooms.operations.strikes import excluded_by, strike, strikes_of
from apps.rooms.places import admission
from apps.rooms.recurrence import parse_rule, rest_of
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership
from visio_portal.realtime import publish

# A change of one of these moves people or rooms; every other one corrects the text.
MOVING = ("starts_on", "start_time", "duration_minutes", "time_zone", "rrule", "room")


class MeetingChanged(Conflict):
    """Somebody else changed, cancelled or restored the meeting in the meantime."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else changed this meeting in the meantime; your change was not kept."))


def schedule_meeting(
    *,
    by: Membership,
    plan: MeetingPlan,
    organizer: Membership | None = None,
    follows: Meeting | None = None,
    replaced: Sequence[Occurrence] = (),
    notify: Notify = Notify.ALL,
) -> Meeting:
    """Create a meeting with its occurrences and attendees, organised by ``by`` or by whom they stand in for.

    ``replaced`` are rows that it takes the place of; where room and time stay, so does a manager's confirmation.
    Raises PermissionDenied without a delegation, NonexistentTime, RuleError, StartOutsideRule, NotAdmitted, and
    RoomTaken.
    """
    organizer = organizer or by
    check_may_act(by, organizer)
    times = plan.expansion().times
    meeting = Meeting(
        tenant=organizer.tenant,
        organizer=organizer,
        scheduled_by=None if by.id == organizer.id else by,
        follows=follows,
        **plan.fields(),
    )
    occurrences = occurrences_at(meeting, times, excluded=plan.excluded or ())
    admission.admit(meeting=meeting, by=by, occurrences=occurrences, invitees=plan.invitees, replaced=replaced)
    with booking([plan.room], occurrences):
        meeting.save(force_insert=True)
        Occurrence.objects.bulk_create(occurrences)
        set_attendees(meeting, plan.invitees)
        journal_meeting(by, "meeting.scheduled", meeting)
        prepare_conference(meeting)
        outbox.announce_scheduled(meeting=meeting, by=by, notify=notify)
    return meeting


def reschedule_meeting(
    *,
    meeting: Meeting,
    by: Membership,
    plan: MeetingPlan,
    seen_at: datetime | None = None,
    notify: Notify = Notify.ALL,
) -> Meeting:
    """Replace what was decided about a meeting, and return the one that has its coming occurrences.

    What happened stays: a series that has begun and is moved ends, and another one follows it. A correction of the
    text moves nothing. ``seen_at`` is the ``updated_at`` that the editor saw. Raises MeetingChanged when it is no
    longer that, NotAdmitted, RoomTaken, and what the plan raises.
    """
    plan.expansion()
    changed = changes_between(meeting, plan)
    if meeting.is_series and moves(changed) and (following := next_after_past(meeting)):
        later = _from_now_on(plan, meeting, following)
        return change_following(occurrence=following, by=by, plan=later, seen_at=seen_at, notify=notify)
    _write_plan(meeting, by, plan, changed, seen_at, notify)
    return meeting


def change_following(
    *,
    occurrence: Occurrence,
    by: Membership,
    plan: MeetingPlan,
    seen_at: datetime | None = None,
    notify: Notify = Notify.ALL,
) -> Meeting:
    """Change this occurrence of a series and all that follow: the series ends before it, and another one starts.

    Dates that were taken out stay out; single changes made to later occurrences are given up. Returns the new
    meeting. Raises as reschedule_meeting.
    """
    meeting: Meeting = occurrence.meeting
    wall = wall_of(occurrence.recurrence_id)
    if wall <= meeting.wall_start:
        _write_plan(meeting, by, plan, changes_between(meeting, plan), seen_at, notify)
        return meeting
    with booking([meeting.room, plan.room], ()):  # rooms before the meeting, as everywhere
        _claim(meeting, seen_at)
        plan = replace(plan, excluded=excluded_by(plan, meeting))
        replaced = list(meeting.occurrences.filter(recurrence_id__gte=occurrence.recurrence_id))
        end_series_before(meeting, wall)
        journal_meeting(by, "meeting.series_ended", meeting, before=occurrence.recurrence_id)
        outbox.announce_shortened(meeting=meeting, by=by, notify=notify)
        return schedule_meeting(
            by=by, plan=plan, organizer=meeting.organizer, follows=meeting, replaced=replaced, notify=notify
        )


def end_series_before(meeting: Meeting, wall: datetime) -> None:
    """Take the occurrences from a wall time on out of a series."""
    rule = parse_rule(meeting.rrule, meeting.zone).ending_before(wall)
    Meeting.objects.filter(id=meeting.id).update(rrule=rule.text(meeting.zone), sequence=meeting.sequence + 1)
    meeting.refresh_from_db()
    remove(list(meeting.occurrences.filter(recurrence_id__gte=recurrence_id_of(wall))))


def cancel_meeting(*, meeting: Meeting, by: Membership, notify: Notify = Notify.ALL) -> None:
    """Cancel all that is still to come of a meeting; it stays readable. Raises MeetingChanged if nothing was left."""
    now = timezone.now()
    with transaction.atomic():
        coming = meeting.occurrences.filter(end_at__gt=now) if meeting.is_series else meeting.occurrences.all()
        left = coming.exclude(status=Occurrence.Status.CANCELLED)
        if not left.update(status=Occurrence.Status.CANCELLED, cancelled_at=now):
            raise MeetingChanged
        sequence = meeting.next_sequence
        Meeting.objects.filter(id=meeting.id).update(cancelled_at=now, updated_at=now, sequence=sequence)
        journal_meeting(by, "meeting.cancelled", meeting)
        meeting.refresh_from_db()
        outbox.announce_cancelled(meeting=meeting, by=by, notify=notify)


def restore_meeting(*, meeting: Meeting, by: Membership, notify: Notify = Notify.ALL) -> None:
    """Take back a cancellation.

    Raises MeetingChanged if it was not cancelled, NotAdmitted if the rules forbid it, RoomTaken if its room is gone.
    """
    together = Q(status=Occurrence.Status.CANCELLED, cancelled_at=meeting.cancelled_at)
    cancelled = list(meeting.occurrences.filter(together, cancelled_at__isnull=False))
    for occurrence in cancelled:
        occurrence.status, occurrence.cancelled_at = Occurrence.Status.CONFIRMED, None
    admission.admit(meeting=meeting, by=by, occurrences=cancelled, changed=())
    with booking([meeting.room], cancelled):
        restored = Meeting.objects.filter(id=meeting.id, cancelled_at__isnull=False)
        if not restored.update(cancelled_at=None, updated_at=timezone.now(), sequence=meeting.sequence + 1):
            raise MeetingChanged
        Occurrence.objects.bulk_update(cancelled, ["status", "cancelled_at"])
        journal_meeting(by, "meeting.restored", meeting)
        meeting.refresh_from_db()
        outbox.announce_scheduled(meeting=meeting, by=by, notify=notify)


def changes_between(meeting: Meeting, plan: MeetingPlan) -> list[str]:
    """Return the names of the meeting's columns that the plan changes."""
    return sorted(name for name, value in plan.fields().items() if getattr(meeting, name) != value)


def moves(changed: Sequence[str]) -> bool:
    """Return whether a change moves people or rooms, more than a correction of the text."""
    return any(name in MOVING for name in changed)


def check_may_act(by: Membership, organizer: Membership) -> None:
    """Raise PermissionDenied unless ``by`` may schedule in the organiser's name."""
    if organizer.tenant_id != by.tenant_id or not may_act_for(by, organizer):
        raise PermissionDenied(_("You may not schedule in this person’s name."))


def journal_meeting(by: Membership, action: str, meeting: Meeting, **data: Any) -> None:
    """Record what somebody did with a meeting, and in whose name if not their own; open calendars hear of it."""
    if by.id != meeting.organizer_id:
        data["organizer"] = str(meeting.organizer.user_id)
    record_by(by, action, meeting, **data)
    publish(meeting.tenant_id, f"calendar:{meeting.tenant_id}", {"changed": "meeting"})


def remove(occurrences: Sequence[Occurrence]) -> None:
    """Delete occurrences; one that something else hangs on (a recording) stays, cancelled."""
    ids = [occurrence.id for occurrence in occurrences]
    try:
        with transaction.atomic():
            Occurrence.objects.filter(id__in=ids).delete()
    except ProtectedError as error:
        kept = {occurrence.id for occurrence in _occurrences_of(error)}
        Occurrence.objects.filter(id__in=kept).update(status=Occurrence.Status.CANCELLED, is_changed=True)
        Occurrence.objects.filter(id__in=set(ids) - kept).delete()


def _occurrences_of(error: ProtectedError) -> list[Occurrence]:
    rows = [getattr(row, "occurrence", None) for row in error.protected_objects]
    return [row for row in rows if isinstance(row, Occurrence)]


def _write_plan(
    meeting: Meeting,
    by: Membership,
    plan: MeetingPlan,
    changed: list[str],
    seen_at: datetime | None,
    notify: Notify,
) -> None:
    is_moved, excluded = moves(changed), excluded_by(plan, meeting)
    planned = _planned(meeting, plan)
    if is_moved:
        wanted = occurrences_at(planned, plan.expansion().times, excluded=excluded)
    else:
        wanted = strikes_of(meeting, excluded).restored
    admission.admit(meeting=planned, by=by, occurrences=wanted, invitees=plan.invitees, changed=changed)
    with booking([meeting.room, plan.room], wanted):
        _claim(meeting, seen_at)
        if is_moved:
            _move_occurrences(meeting, plan, wanted)
        if meeting.is_series and strike(meeting, excluded, by=by):
            changed = [*changed, "excluded"]
        sequence = meeting.sequence + 1 if is_moved or "excluded" in changed else meeting.sequence
        Meeting.objects.filter(id=meeting.id).update(**plan.fields(), sequence=sequence)
        people = set_attendees(meeting, plan.invitees)
        if people:
            changed = [*changed, "attendees"]
        journal_meeting(by, "meeting.rescheduled", meeting, changed=changed)
        is_moved = is_moved or "excluded" in changed
        meeting.refresh_from_db()
        prepare_conference(meeting)
        outbox.announce_change(
            meeting=meeting, by=by, is_moved=is_moved, added=people.added, removed=people.removed, notify=notify
        )


def _planned(meeting: Meeting, plan: MeetingPlan) -> Meeting:
    """Return an unsaved copy of the meeting as it will be."""
    return Meeting(id=meeting.id, tenant_id=meeting.tenant_id, organizer=meeting.organizer, **plan.fields())


def _move_occurrences(meeting: Meeting, plan: MeetingPlan, wanted: list[Occurrence]) -> None:
    """Make the occurrences those wanted; rows that stay keep their identity and their own changes."""
    present = {occurrence.recurrence_id: occurrence for occurrence in meeting.occurrences.all()}
    if len(wanted) == len(present) == 1:  # a single meeting moves: its recording stays with it
        (row,), (target,) = present.values(), wanted
        present = {target.recurrence_id: row}
        row.recurrence_id = target.recurrence_id
    aims = {occurrence.recurrence_id: occurrence for occurrence in wanted}
    remove([row for key, row in present.items() if key not in aims])
    stay = [row for key, row in present.items() if key in aims]
    for row in stay:
        _follow(row, aims[row.recurrence_id], meeting)
    names = ["recurrence_id", "starts_on", "start_time", "duration_minutes", "start_at", "end_at", "room", "status"]
    Occurrence.objects.bulk_update(stay, names)
    Occurrence.objects.bulk_create([row for key, row in aims.items() if key not in present])


def _follow(row: Occurrence, aim: Occurrence, former: Meeting) -> None:
    if row.room_id == former.room_id:
        row.room_id = aim.room_id
    if row.is_changed:  # it has a time of its own, in the zone that may be another one now
        row.meeting = aim.meeting
        place(row, row.wall_start, row.duration_minutes)
    else:
        row.meeting = aim.meeting
        place(row, aim.wall_start, aim.duration_minutes)
    if {row.status, aim.status} <= {Occurrence.Status.CONFIRMED, Occurrence.Status.TENTATIVE}:
        row.status = aim.status  # whether a room manager has to confirm it


def _claim(meeting: Meeting, seen_at: datetime | None) -> None:
    """Take the right to change the meeting; raises MeetingChanged when somebody else was faster."""
    unchanged = Meeting.objects.filter(id=meeting.id, updated_at=seen_at or meeting.updated_at)
    if not unchanged.update(updated_at=timezone.now()):
        raise MeetingChanged


def next_after_past(meeting: Meeting) -> Occurrence | None:
    """Return the next occurrence of a series that has begun already, if there is one."""
    now = timezone.now()
    if not meeting.occurrences.filter(start_at__lte=now).exclude(status=Occurrence.Status.CANCELLED).exists():
        return None
    return meeting.occurrences.filter(start_at__gt=now).select_related("meeting__organizer__user").first()


def _from_now_on(plan: MeetingPlan, meeting: Meeting, following: Occurrence) -> MeetingPlan:
    """Return the plan from the next time on; its first date was that of the whole series."""
    if plan.starts_on != meeting.starts_on:
        return plan
    now = timezone.now().astimezone(plan.zone).replace(tzinfo=None)
    first = next((wall for wall in plan.expansion().times if wall > now), following.wall_start)
    rule = rest_of(plan.rule, plan.wall_start, first) if plan.rule else None
    return replace(plan, starts_on=first.date(), rrule=rule.text(plan.zone) if rule else "")
