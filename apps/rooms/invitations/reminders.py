"""Reminders: one mail before each occurrence, to everybody who has not declined."""

from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from apps.rooms.invitations import outbox
from apps.rooms.invitations.mailboxes import mailbox_of
from apps.rooms.models import Announcement, Answer, Occurrence
from apps.tenants.scoping import tenant_scope

BATCH = 100  # occurrences of one run; the next one comes in five minutes


def send_reminders(*, tenant_id: UUID) -> int:
    """Remind of what begins within the ministry's hours, once each, and return of how many occurrences.

    Who was invited within these hours needs no reminder.
    """
    with tenant_scope(tenant_id):
        mailbox = mailbox_of(tenant_id)
        if mailbox is None or mailbox.reminder_hours is None:
            return 0
        now, before = timezone.now(), timedelta(hours=mailbox.reminder_hours)
        due = Occurrence.objects.filter(
            status=Occurrence.Status.CONFIRMED,
            start_at__gt=now,
            start_at__lte=now + before,
            reminded_at=None,
            meeting__created_at__lt=F("start_at") - before,
        )
        locked = due.select_for_update(of=("self",), skip_locked=True)
        occurrences = list(locked.select_related("meeting__organizer__user").order_by("start_at")[:BATCH])
        for occurrence in occurrences:
            _remind(occurrence)
        Occurrence.objects.filter(id__in=[row.id for row in occurrences]).update(reminded_at=now)
    return len(occurrences)


def _remind(occurrence: Occurrence) -> None:
    meeting = occurrence.meeting
    single = {row.attendee_id: row.answer for row in occurrence.answers.all()}
    coming = [
        outbox.receiver_of(person)
        for person in meeting.attendees.all()
        if single.get(person.id, person.answer) != Answer.DECLINED
    ]
    outbox.announce_plainly(
        meeting=meeting,
        kind=Announcement.Kind.REMINDER,
        receivers=[outbox.organizer_of(meeting), *coming],
        occurrence=occurrence,
    )
