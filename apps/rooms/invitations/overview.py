"""What a meeting's page says about its invitations."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from apps.rooms.models import Answer, Attendee, Mail, Meeting, Occurrence, OccurrenceAnswer, PendingAnswer

LIST_MAX = 200  # people shown by name; the counts are of all

ORDER = (Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED, Answer.NEEDS_ACTION)


@dataclass(frozen=True)
class Invited:
    """One person: the answer to the whole meeting, those to single dates, and the mail that did not arrive."""

    attendee: Attendee
    singles: list[OccurrenceAnswer]
    outdated: list[Occurrence]  # moved since the answer to the series, and not answered alone
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
    moved = list(coming_moved(meeting))
    lost, waiting = _mails(meeting) if is_editor else ({}, set())
    counts = Counter(person.answer for person in people)
    pending = meeting.pending_answers.filter(status=PendingAnswer.Status.WAITING)
    return {
        "meeting": meeting,
        "is_editor": is_editor,
        "counts": [(answer.value, answer.label, counts[answer]) for answer in ORDER if counts[answer]],
        "invited": [_invited(person, moved, lost, waiting) for person in people[:LIST_MAX]],
        "left_out": max(0, len(people) - LIST_MAX),
        "pending": list(pending.select_related("attendee", "occurrence")) if is_editor else [],
    }


def coming_moved(meeting: Meeting) -> QuerySet[Occurrence]:
    """Return the coming dates of a meeting that were moved alone."""
    moved = meeting.occurrences.filter(moved_at__isnull=False, end_at__gt=timezone.now())
    return moved.exclude(status=Occurrence.Status.CANCELLED).order_by("start_at")


def unanswered_since_move(occurrence: Occurrence) -> list[Attendee]:
    """Return who answered the series before a date of it was moved, and not since."""
    people = occurrence.meeting.attendees.exclude(occurrence_answers__occurrence=occurrence)
    return [person for person in people if person.has_answered_before_move(occurrence)]


def _invited(person: Attendee, moved: list[Occurrence], lost: dict[Any, Mail], waiting: set[Any]) -> Invited:
    singles = list(person.occurrence_answers.all())
    answered = {single.occurrence_id for single in singles}
    outdated = [row for row in moved if row.id not in answered and person.has_answered_before_move(row)]
    return Invited(person, singles, outdated, lost.get(person.id), person.id in waiting)


def _mails(meeting: Meeting) -> tuple[dict[Any, Mail], set[Any]]:
    """Return the mails whose person did not get the last one, and those whose last one is on its way."""
    mails = Mail.objects.filter(announcement__meeting=meeting, attendee__isnull=False)
    newest = list(mails.order_by("attendee_id", "-created_at").distinct("attendee_id"))
    lost = {mail.attendee_id: mail for mail in newest if mail.status == Mail.Status.NOT_DELIVERED}
    return lost, {mail.attendee_id for mail in newest if mail.status == Mail.Status.QUEUED}
