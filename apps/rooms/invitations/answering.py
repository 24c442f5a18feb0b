"""What invited people answer: the newest counts, whichever way it comes.

Answers are ordered by (SEQUENCE, DTSTAMP) as RFC 5546 section 2.1.5 has it: one that is older than what is known, or
that was given to a time which has been changed since, changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.rooms.models import Answer, Attendee, Occurrence, OccurrenceAnswer
from visio_portal.realtime import publish

COMMENT_MAX = 1000  # characters, as the columns


@dataclass(frozen=True)
class Reply:
    """An answer with what orders it: the sequence of what was answered to, and when it was written."""

    answer: Answer
    sequence: int
    stamped_at: datetime
    comment: str = ""


def take_answer(*, attendee: Attendee, reply: Reply, occurrence: Occurrence | None = None) -> bool:
    """Note an answer to the whole meeting, or to one date of it; return False where it comes too late."""
    with transaction.atomic():
        locked = Attendee.objects.select_for_update(of=("self",)).get(id=attendee.id)
        is_taken = _take_whole(locked, reply) if occurrence is None else _take_one(locked, occurrence, reply)
        if is_taken:
            publish(attendee.tenant_id, f"meeting:{attendee.meeting_id}", {"changed": "answers"})
    return is_taken


def _take_whole(attendee: Attendee, reply: Reply) -> bool:
    known = attendee.answer_sequence, attendee.answer_stamped_at
    if reply.sequence < known[0] or (known[1] and (reply.sequence, reply.stamped_at) <= (known[0], known[1])):
        return False
    Attendee.objects.filter(id=attendee.id).update(
        answer=reply.answer,
        answer_comment=reply.comment[:COMMENT_MAX],
        answer_sequence=reply.sequence,
        answer_stamped_at=reply.stamped_at,
    )
    attendee.occurrence_answers.filter(stamped_at__lt=reply.stamped_at).delete()  # it speaks for every date
    return True


def _take_one(attendee: Attendee, occurrence: Occurrence, reply: Reply) -> bool:
    if reply.sequence < occurrence.sequence:
        return False
    known = attendee.occurrence_answers.filter(occurrence=occurrence).first()
    if known is not None and (reply.sequence, reply.stamped_at) <= (known.sequence, known.stamped_at):
        return False
    OccurrenceAnswer.objects.update_or_create(
        tenant_id=attendee.tenant_id,
        occurrence=occurrence,
        attendee=attendee,
        defaults={
            "answer": reply.answer,
            "comment": reply.comment[:COMMENT_MAX],
            "sequence": reply.sequence,
            "stamped_at": reply.stamped_at,
        },
    )
    return True
