"""What was answered in a poll, slot by slot and person by person."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from apps.rooms.models import Attendee, Occurrence, Poll, PollAnswer

Choice = PollAnswer.Choice


@dataclass(frozen=True)
class Column:
    """A slot, how many said what to it, and whether no other one suits more people."""

    slot: Occurrence
    counts: Mapping[str, int]
    is_best: bool

    @property
    def yes(self) -> int:
        return self.counts.get(Choice.YES, 0)

    @property
    def if_needed(self) -> int:
        return self.counts.get(Choice.IF_NEEDED, 0)

    @property
    def no(self) -> int:
        return self.counts.get(Choice.NO, 0)


@dataclass(frozen=True)
class Line:
    """A person and what they said to each slot, in the columns' order; empty where they said nothing."""

    attendee: Attendee
    choices: tuple[str, ...]

    @property
    def has_answered(self) -> bool:
        return any(self.choices)


@dataclass(frozen=True)
class Tally:
    """The whole table of a poll."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def answered(self) -> int:
        return sum(line.has_answered for line in self.lines)


def tally_of(poll: Poll) -> Tally:
    """Read a poll's answers in three queries."""
    slots = list(poll.meeting.occurrences.select_related("room", "meeting").order_by("start_at"))
    people = list(poll.meeting.attendees.all())
    said: dict[tuple[UUID, UUID], str] = {
        (answer.attendee_id, answer.slot_id): answer.choice for answer in PollAnswer.objects.filter(slot__in=slots)
    }
    counts = {slot.id: Counter(said.get((person.id, slot.id), "") for person in people) for slot in slots}
    ranks = {
        slot.id: (count[Choice.YES], count[Choice.YES] + count[Choice.IF_NEEDED])
        for slot, count in ((slot, counts[slot.id]) for slot in slots)
    }
    best = max(ranks.values(), default=(0, 0))
    return Tally(
        columns=tuple(Column(slot, counts[slot.id], best != (0, 0) and ranks[slot.id] == best) for slot in slots),
        lines=tuple(Line(person, tuple(said.get((person.id, slot.id), "") for slot in slots)) for person in people),
    )
