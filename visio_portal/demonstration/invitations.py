"""The demonstration's mailboxes, and what people answered to each ministry's next meeting."""

from datetime import datetime, timedelta

from django.utils import timezone

from apps.rooms.invitations import outbox
from apps.rooms.invitations.answering import Reply, take_answer
from apps.rooms.models import Answer, Attendee, Mail, Mailbox, Meeting, Occurrence, PendingAnswer
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_rows, load_tenants

# By position among the meeting's people; whoever comes later has not answered yet.
ANSWERS = (
    (Answer.ACCEPTED, ""),
    (Answer.TENTATIVE, "Je sors d’une autre réunion, j’aurai dix minutes de retard."),
    (Answer.DECLINED, "En mission à Strasbourg ce jour-là."),
)
LOST = ("archives@prefecture-centre.example", "Service des archives")
DELAY = timedelta(minutes=30)  # by which a guest would have the meeting begin later
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
            meeting = _next_meeting(tenant)
            if meeting is not None:
                _invite(meeting)


def _next_meeting(tenant: Tenant) -> Meeting | None:
    """Return the next one of the meetings that the ministry's data begin with."""
    titles = [row["title"] for row in load_rows("meetings") if row["tenant"] == tenant.slug]
    coming = Occurrence.objects.filter(start_at__gt=timezone.now() + timedelta(hours=1), status="confirmed")
    related = coming.select_related("meeting__organizer__user", "meeting__tenant", "meeting__room")
    occurrence = related.filter(meeting__title__in=titles[:1]).order_by("start_at").first()
    return occurrence.meeting if occurrence is not None else None


def _invite(meeting: Meeting) -> None:
    Attendee.objects.create(tenant=meeting.tenant, meeting=meeting, email=LOST[0], name=LOST[1])
    outbox.announce_scheduled(meeting=meeting, by=meeting.organizer)
    lost = Mail.objects.filter(address=LOST[0], announcement__meeting=meeting)
    lost.update(status=Mail.Status.NOT_DELIVERED, reason=REASON)
    people = list(meeting.attendees.exclude(email=LOST[0]).order_by("email"))
    now = timezone.now()
    for attendee, (answer, comment) in zip(people[: len(people) - 1] or people, ANSWERS, strict=False):
        take_answer(attendee=attendee, reply=Reply(answer, meeting.sequence, now, comment))
    _let_wait(meeting, people[-1], now)


def _let_wait(meeting: Meeting, absent: Attendee, now: datetime) -> None:
    """Have a secretary answer from an address of her own, and somebody who may come propose another time."""
    PendingAnswer.objects.create(
        tenant=meeting.tenant,
        meeting=meeting,
        attendee=absent,
        from_address="secretariat@cabinet.example",
        from_name="Secrétariat du cabinet",
        answer=Answer.ACCEPTED,
        reason=PendingAnswer.Reason.OTHER_ADDRESS,
        stamped_at=now,
        message_id=f"demonstration-{meeting.id}@cabinet.example",
    )
    late = meeting.attendees.filter(answer=Answer.TENTATIVE).first()
    occurrence = meeting.occurrences.filter(start_at__gt=now + timedelta(hours=1), status="confirmed").first()
    if late is not None and occurrence is not None:
        PendingAnswer.objects.create(
            tenant=meeting.tenant,
            meeting=meeting,
            occurrence=occurrence if meeting.is_series else None,
            attendee=late,
            from_address=late.email,
            from_name=late.name,
            answer=Answer.TENTATIVE,
            comment="Une demi-heure plus tard, je serais là dès le début.",
            reason=PendingAnswer.Reason.COUNTER,
            proposed_start_at=occurrence.start_at + DELAY,
            proposed_end_at=occurrence.end_at + DELAY,
            stamped_at=now,
            message_id=f"demonstration-{occurrence.id}@cabinet.example",
        )
