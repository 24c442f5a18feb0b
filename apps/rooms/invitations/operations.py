"""What those who schedule a meeting do about its invitations."""

from django.db import transaction
from django.db.models import Count, F, Prefetch

from apps.rooms.invitations import outbox
from apps.rooms.invitations.answering import Reply, take_answer
from apps.rooms.models import Announcement, Answer, Attendee, Mail, Meeting, PendingAnswer
from apps.tenants.journal import record_by
from apps.tenants.models import Membership

ANNOUNCEMENTS_SHOWN, MAILS_SHOWN = 50, 100


def correct_and_resend(*, by: Membership, attendee: Attendee, email: str) -> None:
    """Give an invited person another address, or the same once more, and send the invitation again.

    The links of former mails are of no use any more: they may lie in a stranger's mailbox.
    """
    with transaction.atomic():
        is_corrected = email != attendee.email
        Attendee.objects.filter(id=attendee.id).update(email=email, link_version=F("link_version") + 1)
        attendee.refresh_from_db()
        _give_up_waiting(attendee)
        outbox.invite_again(meeting=attendee.meeting, attendee=attendee, by=by)
        record_by(by, "invitation.sent_again", attendee.meeting, is_corrected=is_corrected)


def _give_up_waiting(attendee: Attendee) -> None:
    """Take back what was still to be sent to the former address."""
    Mail.objects.filter(attendee=attendee, status=Mail.Status.QUEUED).delete()


def settle_pending_answer(*, by: Membership, pending: PendingAnswer, decision: PendingAnswer.Status) -> bool:
    """Confirm or dismiss an answer that waits; return False where somebody else did it already.

    A confirmed one counts for the person whom it was taken for; where nobody of that address is invited, its sender
    is invited by it.
    """
    with transaction.atomic():
        waiting = PendingAnswer.objects.filter(id=pending.id, status=PendingAnswer.Status.WAITING)
        if not waiting.update(status=decision):
            return False
        if decision == PendingAnswer.Status.CONFIRMED:
            attendee = pending.attendee or _invite_sender(pending)
            reply = Reply(Answer(pending.answer), pending.sequence, pending.stamped_at, pending.comment)
            take_answer(attendee=attendee, reply=reply, occurrence=pending.occurrence)
        record_by(by, f"answer.{decision}", pending.meeting)
        outbox.send_soon(pending.meeting)
    return True


def _invite_sender(pending: PendingAnswer) -> Attendee:
    attendee, _is_new = Attendee.objects.get_or_create(
        tenant_id=pending.tenant_id,
        meeting_id=pending.meeting_id,
        email=pending.from_address,
        defaults={"name": pending.from_name},
    )
    found: Attendee = attendee
    return found


def mails_of(meeting: Meeting) -> list[Announcement]:
    """Return what was said about a meeting, the newest first: each with ``count`` of its mails and the first ``shown``.

    Those that were not delivered come first.
    """
    first = Mail.objects.order_by("status", "address")[:MAILS_SHOWN]  # in the alphabet too
    told = meeting.announcements.annotate(count=Count("mails")).filter(count__gt=0).select_related("by__user")
    return list(told.prefetch_related(Prefetch("mails", queryset=first, to_attr="shown"))[:ANNOUNCEMENTS_SHOWN])
