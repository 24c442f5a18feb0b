"""What a meeting's page says about its invitations."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from apps.rooms.models import Answer, Attendee, Mail, Meeting, OccurrenceAnswer, PendingAnswer

LIST_MAX = 200  # people shown by name; the counts are of all

ORDER = (Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED, Answer.NEEDS_ACTION)


@dataclass(frozen=True)
class Invited:
    """One person: the answer to the whole meeting, those to single dates, and the mail that did not arrive."""

    attendee: Attendee
    singles: list[OccurrenceAnswer]
    lost: Mail | None
    is_waiting: bool  # the last mail is still on its way


def answers_of(meeting: Meeting, *, is_editor: bool) -> dict[str, Any]:
    """Return the context of templates/rooms/invitations/answers.html."""
    future = OccurrenceAnswer.objects.filter(occurrence__end_at__gt=timezone.now()).select_related("occurrence")
    people = list(
        meeting.attendees.select_related("membership__unit").prefetch_related(
            Prefetch("occurrence_answers", queryset=future.order_by("occurrence__start_at"))
        )
    )
    lost, waiting = _mails(meeting) if is_editor else ({}, set())
    counts = Counter(person.answer for person in people)
    pending = meeting.pending_answers.filter(status=PendingAnswer.Status.WAITING)
    return {
        "meeting": meeting,
        "is_editor": is_editor,
        "counts": [(answer.value, answer.label, counts[answer]) for answer in ORDER if counts[answer]],
        "invited": [_invited(person, lost, waiting) for person in people[:LIST_MAX]],
        "left_out": max(0, len(people) - LIST_MAX),
        "pending": list(pending.select_related("attendee", "occurrence")) if is_editor else [],
    }


def _invited(person: Attendee, lost: dict[Any, Mail], waiting: set[Any]) -> Invited:
    return Invited(person, list(person.occurrence_answers.all()), lost.get(person.id), person.id in waiting)


def _mails(meeting: Meeting) -> tuple[dict[Any, Mail], set[Any]]:
    """Return the mails whose person did not get the last one, and those whose last one is on its way."""
    mails = Mail.objects.filter(announcement__meeting=meeting, attendee__isnull=False)
    newest = list(mails.order_by("attendee_id", "-created_at").distinct("attendee_id"))
    lost = {mail.attendee_id: mail for mail in newest if mail.status == Mail.Status.NOT_DELIVERED}
    return lost, {mail.attendee_id for mail in newest if mail.status == Mail.Status.QUEUED}
