"""Which of the portal's meetings a recording from Visio is of."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.rooms.models import Conference, Meeting, Occurrence
from apps.rooms.models.meetings import OccurrenceQuerySet
from apps.rooms.operations.booking import occurrences_at
from apps.tenants.journal import record
from apps.tenants.models import Membership
from apps.transcripts.models import ServiceJob

NEAR = timedelta(minutes=30)  # people start early and stay on
SHARED = 0.5  # of the shorter of recording and occurrence must coincide


class Place(NamedTuple):
    """Where a recording belongs."""

    meeting: Meeting
    occurrence: Occurrence


def place_of(job: ServiceJob, *, duration_s: float) -> Place:
    """Return the occurrence that a recording is of: by Visio's room, else by its time among the member's own.

    Where there is none, the meeting was never scheduled here: it is entered as one that took place.
    """
    ended_at = job.ended_at or timezone.now()
    started_at = job.started_at or ended_at - timedelta(seconds=duration_s)
    in_room = _occurrences_in(job.conference_slug, job.member) if job.conference_slug else Occurrence.objects.none()
    own = Occurrence.objects.filter(meeting__in=Meeting.objects.editable_by(job.member))
    found = _best(in_room, started_at, ended_at)
    if found is None and job.started_at is not None:
        found = _best(own, started_at, ended_at)
    if found is not None:
        return Place(found.meeting, found)
    return _enter_past_meeting(job, started_at, ended_at)


def _occurrences_in(slug: str, member: Membership) -> OccurrenceQuerySet:
    """Return the occurrences of meetings that have this room in Visio, of those that the member has a part in."""
    conferences = Conference.objects.filter(slug=slug)
    meetings = Meeting.objects.visible_to(member)
    of_meetings = Occurrence.objects.filter(meeting__in=meetings.filter(conferences__in=conferences))
    in_rooms = Occurrence.objects.filter(meeting__in=meetings, room__conferences__in=conferences)
    return (of_meetings | in_rooms).distinct()


def _best(occurrences: OccurrenceQuerySet, started_at: datetime, ended_at: datetime) -> Occurrence | None:
    """Return the occurrence that shares most time with a recording, if that is enough."""
    rows = occurrences.taking_place().exclude(status=Occurrence.Status.CANCELLED)
    near = rows.overlapping(started_at - NEAR, ended_at + NEAR).select_related("meeting")[:50]
    shares = [(_shared(occurrence, started_at, ended_at), occurrence) for occurrence in near]
    best = max(shares, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] >= SHARED else None


def _shared(occurrence: Occurrence, started_at: datetime, ended_at: datetime) -> float:
    """Return which part of the shorter of both they have in common, 0 to 1."""
    common = min(occurrence.end_at, ended_at) - max(occurrence.start_at, started_at)
    shorter = min(occurrence.end_at - occurrence.start_at, ended_at - started_at)
    return max(0.0, common / shorter) if shorter > timedelta(0) else 0.0


def _enter_past_meeting(job: ServiceJob, started_at: datetime, ended_at: datetime) -> Place:
    """Create a meeting that took place, with its one occurrence; nobody is invited and no room is booked."""
    member, tenant = job.member, job.tenant
    wall = started_at.astimezone(tenant.zone).replace(tzinfo=None, microsecond=0)
    minutes = -(-int((ended_at - started_at).total_seconds()) // 60)
    with translation.override(member.user.language):
        title = job.title or _("Recording of %(day)s") % {"day": f"{wall:%d/%m/%Y %H:%M}"}
    meeting = Meeting.objects.create(
        tenant=tenant,
        organizer=member,
        title=title,
        starts_on=wall.date(),
        start_time=wall.time(),
        time_zone=tenant.time_zone,
        duration_minutes=min(max(minutes, 5), 24 * 60),
        is_recorded=True,
        is_transcribed=True,
    )
    (occurrence,) = occurrences_at(meeting, [wall])
    occurrence.save()
    record("meeting.entered", tenant_id=tenant.id, actor_id=None, subject=meeting, data={"job": str(job.id)})
    return Place(meeting, occurrence)
