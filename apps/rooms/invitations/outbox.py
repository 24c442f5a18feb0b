"""What is said about a meeting, and to whom: announcements and their mails, written with what they tell.

The rows are made in the transaction of the change, and sent when it is committed: a mail server that is down never
stops a booking.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.rooms.conferences.joining import dial_in
from apps.rooms.invitations import ical
from apps.rooms.invitations.links import join_url
from apps.rooms.models import (
    Announcement,
    Answer,
    Attendee,
    Mail,
    Mailbox,
    Meeting,
    Notify,
    Occurrence,
    OccurrenceAnswer,
)
from apps.tenants.models import Membership
from visio_portal.broker import send_on_commit
from visio_portal.realtime import publish

SEND_TASK = "rooms.send_mails"
SEND_EXPIRES_AFTER = timedelta(minutes=5)  # the beat asks again each minute

Kind = Announcement.Kind


class Receiver(NamedTuple):
    """Somebody to write to; ``attendee`` is empty for the organiser and for those who were taken off the list."""

    address: str
    name: str
    language: str
    attendee: Attendee | None = None


def announce_scheduled(*, meeting: Meeting, by: Membership, notify: Notify = Notify.ALL) -> None:
    """Invite everybody to a new meeting, or to one whose cancellation was taken back."""
    if notify is not Notify.NOBODY and _has_future(meeting):
        source = source_of(meeting)
        _send(meeting, by, Kind.REQUEST, ical.request(source), _everybody(source))


def announce_change(
    *,
    meeting: Meeting,
    by: Membership,
    is_moved: bool,
    added: Sequence[Attendee] = (),
    removed: Sequence[Attendee] = (),
    notify: Notify = Notify.AFFECTED,
    note: str = "",
) -> None:
    """Tell of a changed meeting: new people get an invitation, those removed a cancellation.

    Everybody else hears of it where it was moved, or where ``notify`` says all. A move asks for answers anew.
    """
    if notify is Notify.NOBODY or not _has_future(meeting):
        return
    if removed and not is_moved:  # who is taken off the list must find it newer than the invitation
        meeting.sequence += 1
        Meeting.objects.filter(id=meeting.id).update(sequence=meeting.sequence)
    if is_moved:
        _forget_answers(meeting)
    if removed:
        text = ical.cancellation(source_of(meeting, removed))
        _send(meeting, by, Kind.CANCEL, text, [_removed(person) for person in removed], note=note)
    source = source_of(meeting)
    text, everybody = ical.request(source), _everybody(source)
    invited = {person.email for person in added}
    _send(meeting, by, Kind.REQUEST, text, [person for person in everybody if person.address in invited], note=note)
    if is_moved or notify is Notify.ALL:
        others = [person for person in everybody if person.address not in invited]
        _send(meeting, by, Kind.UPDATE, text, others, note=note)


def announce_shortened(*, meeting: Meeting, by: Membership, notify: Notify = Notify.ALL) -> None:
    """Tell that a series ends earlier, because another one follows it."""
    if notify is not Notify.NOBODY:
        source = source_of(meeting)
        _send(meeting, by, Kind.UPDATE, ical.request(source), _everybody(source))


def announce_cancelled(*, meeting: Meeting, by: Membership, notify: Notify = Notify.ALL, note: str = "") -> None:
    """Tell everybody that the meeting does not take place."""
    if notify is not Notify.NOBODY and _has_future(meeting):
        source = source_of(meeting)
        _send(meeting, by, Kind.CANCEL, ical.cancellation(source), _everybody(source), note=note)


def announce_occurrence(
    *,
    occurrence: Occurrence,
    by: Membership | None,
    is_moved: bool = True,
    notify: Notify = Notify.ALL,
    note: str = "",
) -> None:
    """Tell everybody of one date of a series, and of that alone: it was changed, cancelled or restored."""
    if notify is Notify.NOBODY or occurrence.end_at <= timezone.now():
        return
    meeting = occurrence.meeting
    if is_moved:
        OccurrenceAnswer.objects.filter(occurrence=occurrence).delete()
        Occurrence.objects.filter(id=occurrence.id).update(reminded_at=None)
    is_cancelled = occurrence.status == Occurrence.Status.CANCELLED
    write = ical.cancellation if is_cancelled else ical.request
    source = source_of(meeting)
    kind = Kind.CANCEL if is_cancelled else Kind.UPDATE
    _send(meeting, by, kind, write(source, only=occurrence), _everybody(source), occurrence=occurrence, note=note)


def invite_again(*, meeting: Meeting, attendee: Attendee, by: Membership) -> None:
    """Send one person the invitation as it is now, with new links."""
    _send(meeting, by, Kind.REQUEST, ical.request(source_of(meeting)), [receiver_of(attendee)])


def announce_plainly(
    *,
    meeting: Meeting,
    kind: Announcement.Kind,
    receivers: Iterable[Receiver],
    occurrence: Occurrence | None = None,
    by: Membership | None = None,
    note: str = "",
) -> None:
    """Write a mail without a calendar part: a reminder, a poll, a notice."""
    _send(meeting, by, kind, "", list(receivers), occurrence=occurrence, note=note)


def organizer_of(meeting: Meeting) -> Receiver:
    user = meeting.organizer.user
    return Receiver(user.email, user.full_name, user.language)


def receiver_of(attendee: Attendee) -> Receiver:
    return Receiver(attendee.email, attendee.name, attendee.language, attendee)


def sender_of(meeting: Meeting) -> str:
    """Return the address in From and ORGANIZER: the ministry's portal mailbox, or the portal's own."""
    address = Mailbox.objects.filter(tenant_id=meeting.tenant_id).values_list("address", flat=True).first()
    return address or settings.DEFAULT_FROM_EMAIL


def source_of(meeting: Meeting, attendees: Sequence[Attendee] | None = None) -> ical.Source:
    """Read what a calendar text about a meeting is made from."""
    special = Q(is_changed=True) | Q(status=Occurrence.Status.TENTATIVE)
    occurrences = list(meeting.occurrences.filter(special).select_related("room"))
    people = list(meeting.attendees.all()) if attendees is None else attendees
    said = OccurrenceAnswer.objects.filter(occurrence__in=occurrences)
    return ical.Source(
        meeting=meeting,
        sender=sender_of(meeting),
        join_url=join_url(meeting),
        stamped_at=timezone.now(),
        attendees=people,
        occurrences=occurrences,
        answers={(row.occurrence_id, row.attendee_id): row.answer for row in said} if occurrences else {},
        dial_in=dial_in(meeting),
    )


def _send(
    meeting: Meeting,
    by: Membership | None,
    kind: Announcement.Kind,
    calendar: str,
    receivers: Sequence[Receiver],
    *,
    occurrence: Occurrence | None = None,
    note: str = "",
) -> None:
    if not receivers:
        return
    method = "" if not calendar else "CANCEL" if kind == Kind.CANCEL else "REQUEST"
    announcement = Announcement.objects.create(
        tenant_id=meeting.tenant_id,
        meeting=meeting,
        occurrence=occurrence,
        by=by,
        kind=kind,
        method=method,
        sequence=meeting.sequence if occurrence is None else occurrence.sequence,
        calendar=calendar,
        note=note,
    )
    domain = sender_of(meeting).rpartition("@")[2]
    Mail.objects.bulk_create(
        Mail(
            tenant_id=meeting.tenant_id,
            announcement=announcement,
            attendee=receiver.attendee,
            address=receiver.address,
            name=receiver.name,
            language=receiver.language,
            message_id=f"{uuid4().hex}@{domain}",
        )
        for receiver in receivers
    )
    send_soon(meeting)


def send_soon(meeting: Meeting) -> None:
    """Have the waiting mails sent once the transaction is committed, and the meeting's open pages read anew."""
    publish(meeting.tenant_id, f"meeting:{meeting.id}", {"changed": "mails"})
    send_on_commit(SEND_TASK, expires_after=SEND_EXPIRES_AFTER, tenant_id=str(meeting.tenant_id))


def _everybody(source: ical.Source) -> list[Receiver]:
    return [organizer_of(source.meeting), *(receiver_of(person) for person in source.attendees)]


def _removed(attendee: Attendee) -> Receiver:
    return receiver_of(attendee)._replace(attendee=None)


def _has_future(meeting: Meeting) -> bool:
    """Return whether something of a meeting is still to come, cancelled or not: nobody is written to about the past."""
    return meeting.occurrences.filter(end_at__gt=timezone.now()).exists()


def _forget_answers(meeting: Meeting) -> None:
    """Ask anew: what people said was about another time. Replies to the former invitation come too late."""
    meeting.attendees.update(
        answer=Answer.NEEDS_ACTION, answer_comment="", answer_sequence=meeting.sequence, answer_stamped_at=None
    )
    OccurrenceAnswer.objects.filter(occurrence__meeting=meeting).delete()
    meeting.occurrences.filter(reminded_at__isnull=False).update(reminded_at=None)
