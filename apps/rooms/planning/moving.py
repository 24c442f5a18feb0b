"""Moving meetings over from Teams or Zoom: read and previewed first, then scheduled all or none, under new UIDs."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.invitations import outbox
from apps.rooms.models import CalendarImport, ImportedOriginal, Meeting, Notify
from apps.rooms.models.meetings import recurrence_id_of
from apps.rooms.operations import Invitee, MeetingPlan, OccurrencePlan, change_occurrence, schedule_meeting
from apps.rooms.operations.scheduling import check_may_act
from apps.rooms.planning.old_tools import OldMeeting, read_calendar
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership

Status = CalendarImport.Status


class MovedAlready(Conflict):
    """The file's meetings were moved over already."""

    def __init__(self) -> None:
        super().__init__(_("These meetings were moved over already."))


def preview_file(*, by: Membership, organizers: Collection[Membership], name: str, content: bytes) -> CalendarImport:
    """Read a calendar file and keep what it holds for the preview. Raises UnreadableFile.

    ``organizers`` are those in whose name the member may schedule. Nothing is scheduled yet.
    """
    zone = by.tenant.zone
    known = {member.user.email for member in organizers}
    meetings = read_calendar(content, now=timezone.now(), zone=zone)
    return CalendarImport.objects.create(
        tenant_id=by.tenant_id,
        by=by,
        file_name=name[:255],
        sha256=hashlib.sha256(content).hexdigest(),
        entries=[_checked(meeting, known).to_json() for meeting in meetings],
    )


def meetings_of(imported: CalendarImport) -> list[OldMeeting]:
    """Return what the preview shows."""
    return [OldMeeting.from_json(entry) for entry in imported.entries]


def move_over(
    *, by: Membership, imported: CalendarImport, chosen: Collection[int], organizers: Collection[Membership]
) -> list[Meeting]:
    """Schedule the chosen meetings of a preview (by their places in it) and invite their people, all or none.

    Raises MovedAlready, and NotAdmitted where the rules forbid one of them.
    """
    by_address = {member.user.email: member for member in organizers}
    moved = []
    with transaction.atomic():
        mine = CalendarImport.objects.filter(id=imported.id, status=Status.PREVIEWED)
        if not mine.update(status=Status.DONE):
            raise MovedAlready
        for number, old in enumerate(meetings_of(imported)):
            if number in chosen and not old.problem:
                moved.append(_schedule(by, by_address.get(old.organizer, by), imported, old))
        record_by(by, "meetings.moved_over", imported, count=len(moved))
    return moved


def mark_cancelled(*, by: Membership, imported: CalendarImport, original_id: UUID, is_cancelled: bool) -> None:
    """Note whether an original is cancelled in the old tool, as its organiser says."""
    originals = ImportedOriginal.objects.filter(id=original_id, imported_by=imported)
    originals.update(cancelled_at=timezone.now() if is_cancelled else None)


def _checked(old: OldMeeting, organizers: Collection[str]) -> OldMeeting:
    if old.organizer and old.organizer not in organizers and not old.problem:
        problem = _("%(who)s organises it: only its organiser moves it over.") % {"who": old.organizer}
        return OldMeeting.from_json(old.to_json() | {"problem": problem})
    return old


def _schedule(by: Membership, organizer: Membership, imported: CalendarImport, old: OldMeeting) -> Meeting:
    check_may_act(by, organizer)
    plan = MeetingPlan(
        title=old.title,
        agenda=old.agenda,
        starts_on=old.wall_start.date(),
        start_time=old.wall_start.time(),
        duration_minutes=old.minutes,
        time_zone=old.time_zone,
        rrule=old.rrule,
        excluded=frozenset(datetime.fromisoformat(wall) for wall in old.excluded),
        invitees=tuple(Invitee(address, name) for address, name in old.people if address != organizer.user.email),
    )
    meeting = schedule_meeting(by=by, plan=plan, organizer=organizer, notify=Notify.NOBODY)
    for change in old.changed:
        row = meeting.occurrences.get(recurrence_id=recurrence_id_of(datetime.fromisoformat(change.was)))
        start = datetime.fromisoformat(change.start)
        wanted = OccurrencePlan(start.date(), start.time(), change.minutes)
        change_occurrence(occurrence=row, by=by, plan=wanted, notify=Notify.NOBODY)
    ImportedOriginal.objects.create(
        tenant_id=by.tenant_id, imported_by=imported, meeting=meeting, uid=old.uid, title=old.title, tool=old.tool
    )
    outbox.announce_scheduled(meeting=meeting, by=by)
    return meeting
