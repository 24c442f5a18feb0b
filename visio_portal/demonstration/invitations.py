"""The demonstration's mailboxes, and what people answered to each ministry's next meeting."""

from datetime import timedelta

from django.utils import timezone

from apps.rooms.invitations import outbox
from apps.rooms.invitations.answering import Reply, take_answer
from apps.rooms.models import Answer, Attendee, Mail, Mailbox, Meeting, Occurrence, PendingAnswer
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_tenants

# By position among the meeting's people; whoever comes later has not answered yet.
ANSWERS = (
    (Answer.ACCEPTED, ""),
    (Answer.TENTATIVE, "Je sors d’une autre réunion, j’aurai dix minutes de retard."),
    (Answer.DECLINED, "En mission à Strasbourg ce jour-là."),
)
LOST = ("archives@prefecture-centre.example", "Service des archives")
REASON = "550 5.1.1 <archives@prefecture-centre.example>: Recipient address rejected: User unknown"


def seed_invitations() -> None:
    """Give each ministry its mailbox, invite to its next meeting, and answer in people's place, once."""
    for row in load_tenants():
        tenant = Tenant.objects.get(slug=row["slug"])
        with tenant_scope(tenant.id):
            if Mailbox.objects.exists() or not row["email_domains"]:
                continue
            domain = row["email_domains"][0]["domain"]
            Mailbox.objects.create(tenant=tenant, address=f"visio@{domain}")
            meeting = _next_meeting()
            if meeting is not None:
                _invite(meeting)


def _next_meeting() -> Meeting | None:
    """Return the next meeting to which several people are invited."""
    coming = Occurrence.objects.filter(start_at__gt=timezone.now() + timedelta(hours=1), status="confirmed")
    related = coming.select_related("meeting__organizer__user", "meeting__tenant", "meeting__room")
    for occurrence in related.order_by("start_at", "meeting__title")[:50]:
        if occurrence.meeting.attendees.count() >= 2:
            found: Meeting = occurrence.meeting
            return found
    return None


def _invite(meeting: Meeting) -> None:
    Attendee.objects.create(tenant=meeting.tenant, meeting=meeting, email=LOST[0], name=LOST[1])
    outbox.announce_scheduled(meeting=meeting, by=meeting.organizer)
    lost = Mail.objects.filter(address=LOST[0], announcement__meeting=meeting)
    lost.update(status=Mail.Status.NOT_DELIVERED, reason=REASON)
    people = list(meeting.attendees.exclude(email=LOST[0]).order_by("email"))
    now = timezone.now()
    for attendee, (answer, comment) in zip(people[: len(people) - 1] or people, ANSWERS, strict=False):
        take_answer(attendee=attendee, reply=Reply(answer, meeting.sequence, now, comment))
    PendingAnswer.objects.create(
        tenant=meeting.tenant,
        meeting=meeting,
        attendee=people[-1],
        from_address="secretariat@cabinet.example",
        from_name="Secrétariat du cabinet",
        answer=Answer.ACCEPTED,
        reason=PendingAnswer.Reason.OTHER_ADDRESS,
        stamped_at=now,
        message_id=f"demonstration-{meeting.id}@cabinet.example",
    )
