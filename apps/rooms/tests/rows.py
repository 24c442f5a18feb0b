"""A row of every table of the app around one meeting, for the tests that look at all tables."""

from datetime import date
from uuid import uuid4

from django.utils import timezone

from apps.rooms.models import (
    Announcement,
    Answer,
    Attendee,
    AttendeeGroup,
    BusyPeriod,
    CalendarFeed,
    CalendarImport,
    Conference,
    ConferenceEvent,
    Delegation,
    ExternalCalendar,
    GroupMember,
    ImportedOriginal,
    Mail,
    Mailbox,
    Meeting,
    MeetingTemplate,
    OccurrenceAnswer,
    PendingAnswer,
    PolicyRule,
    Poll,
    PollAnswer,
    RoomManager,
    RoomRefusal,
    VisioConnection,
)
from apps.tenants.models import Membership


def add_rows(meeting: Meeting, attendee: Attendee, colleague: Membership) -> None:
    """Add one row to each table that a meeting with a room and an attendee leaves empty; the tenant is entered."""
    tenant, occurrence = meeting.tenant, meeting.occurrences.get()
    organizer, now = meeting.organizer, timezone.now()
    RoomManager.objects.create(tenant=tenant, room=meeting.room, membership=colleague)
    RoomRefusal.objects.create(tenant=tenant, meeting=meeting, room=meeting.room, reason="Travaux")
    PolicyRule.objects.create(tenant=tenant, name="guests", value=True)
    Delegation.objects.create(tenant=tenant, principal=colleague, delegate=organizer, starts_on=date(2020, 1, 1))
    group = AttendeeGroup.objects.create(tenant=tenant, owner=organizer, name="Bureau")
    GroupMember.objects.create(tenant=tenant, group=group, email="groupe@example.fr")
    MeetingTemplate.objects.create(tenant=tenant, owner=organizer, name="Point hebdomadaire")
    Poll.objects.create(tenant=tenant, meeting=meeting, closes_at=now)
    PollAnswer.objects.create(tenant=tenant, slot=occurrence, attendee=attendee, choice=PollAnswer.Choice.YES)
    moved = CalendarImport.objects.create(tenant=tenant, by=organizer, file_name="agenda.ics", sha256="0" * 64)
    ImportedOriginal.objects.create(tenant=tenant, imported_by=moved, meeting=meeting, uid="x", title="x", tool="teams")
    add_mail_rows(meeting, attendee)
    OccurrenceAnswer.objects.create(
        tenant=tenant, occurrence=occurrence, attendee=attendee, answer=Answer.DECLINED, stamped_at=now
    )
    CalendarFeed.objects.create(tenant=tenant, membership=organizer, digest="0" * 64)
    calendar = ExternalCalendar.objects.create(tenant=tenant, membership=organizer, address="https://example.fr/a.ics")
    BusyPeriod.objects.create(tenant=tenant, calendar=calendar, start_at=now, end_at=now)
    VisioConnection.objects.create(tenant=tenant, base_url="http://127.0.0.1:9", client_id="x", client_secret="y")
    conference = Conference.objects.create(
        tenant=tenant, meeting=meeting, owner_email="a@example.fr", access_level="trusted"
    )
    ConferenceEvent.objects.create(
        tenant=tenant, conference=conference, event_id="e1", name="room_started", happened_at=now
    )


def add_mail_rows(meeting: Meeting, attendee: Attendee) -> None:
    """Add the portal mailbox, an announcement with its mail, and an answer that waits."""
    tenant, now = meeting.tenant, timezone.now()
    Mailbox.objects.create(tenant=tenant, address="visio@example.fr")
    announcement = Announcement.objects.create(tenant=tenant, meeting=meeting, kind=Announcement.Kind.REQUEST)
    Mail.objects.create(
        tenant=tenant, announcement=announcement, attendee=attendee, address=attendee.email, message_id=str(uuid4())
    )
    PendingAnswer.objects.create(
        tenant=tenant,
        meeting=meeting,
        from_address="b@example.fr",
        answer=Answer.ACCEPTED,
        reason=PendingAnswer.Reason.OTHER_ADDRESS,
        stamped_at=now,
        message_id=str(uuid4()),
    )
