"""Single dates taken out of a series, or put back."""

from collections.abc import Container
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from apps.rooms.models import Meeting, Occurrence
from apps.rooms.models.meetings import wall_of
from apps.rooms.operations.plans import MeetingPlan, excluded_of
from apps.rooms.places import admission
from apps.tenants.models import Membership


class Strikes(NamedTuple):
    """Coming occurrences that are to be taken out of a series, and those to be put back; both changed, unsaved."""

    struck: list[Occurrence]
    restored: list[Occurrence]


def excluded_by(plan: MeetingPlan, meeting: Meeting) -> frozenset[datetime]:
    """Return the wall times that a plan takes out of a series; those of before stay out, whatever the hour is now."""
    if plan.excluded is not None:
        return plan.excluded
    return frozenset(datetime.combine(wall.date(), plan.start_time) for wall in excluded_of(meeting))


def strikes_of(meeting: Meeting, excluded: Container[datetime]) -> Strikes:
    """Return which coming occurrences have to change so that those excluded do not take place."""
    strikes, now = Strikes([], []), timezone.now()
    with_meeting = meeting.cancelled_at
    for row in meeting.occurrences.filter(end_at__gt=now):
        is_cancelled = row.status == Occurrence.Status.CANCELLED
        if wall_of(row.recurrence_id) in excluded:
            if not is_cancelled:
                row.status, row.is_changed, row.cancelled_at = Occurrence.Status.CANCELLED, True, now
                strikes.struck.append(row)
        elif is_cancelled and row.is_changed and (with_meeting is None or row.cancelled_at != with_meeting):
            row.status, row.cancelled_at, row.is_changed = Occurrence.Status.CONFIRMED, None, _differs(row, meeting)
            strikes.restored.append(row)
    return strikes


def strike(meeting: Meeting, excluded: Container[datetime], *, by: Membership) -> bool:
    """Take those dates, and no others, out of a series; return whether that changed anything."""
    struck, restored = strikes_of(meeting, excluded)
    admission.admit(meeting=meeting, by=by, occurrences=restored, changed=())
    Occurrence.objects.bulk_update([*struck, *restored], ["status", "is_changed", "cancelled_at"])
    return bool(struck or restored)


def _differs(row: Occurrence, meeting: Meeting) -> bool:
    is_elsewhen = row.wall_start != wall_of(row.recurrence_id) or row.duration_minutes != meeting.duration_minutes
    return is_elsewhen or row.room_id != meeting.room_id or bool(row.title or row.agenda)
