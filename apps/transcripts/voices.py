"""Who speaks how much, and when: what the page of a transcript shows beside the text."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from apps.transcripts.models import Speaker

EXCERPTS = 3  # per voice: enough to recognise somebody
EXCERPT_S = 8.0
SLOTS = 300  # of the picture


class Span(NamedTuple):
    """When somebody speaks, in seconds; without a speaker where no voice was found."""

    speaker_id: UUID | None
    start_s: float
    end_s: float


class Stretch(NamedTuple):
    """A run of slots of the picture in which one voice speaks most; ``start`` from 0."""

    start: int
    length: int
    speaker: Speaker


@dataclass(frozen=True)
class Voice:
    """A speaker, how long it speaks (seconds, and 0 to 100 of all speech), and where it is heard best."""

    speaker: Speaker
    spoken_s: float
    percent: int
    excerpts: tuple[Span, ...]


def voices_of(speakers: Sequence[Speaker], spans: Sequence[Span]) -> list[Voice]:
    """Return each speaker's share of the speech, and excerpts from its longest lines in order of time."""
    own: dict[UUID | None, list[Span]] = defaultdict(list)
    for span in spans:
        own[span.speaker_id].append(span)
    total = sum(_length(span) for span in spans) or 1.0
    return [_voice(speaker, own[speaker.id], total) for speaker in speakers]


def stretches_of(speakers: Sequence[Speaker], spans: Sequence[Span], duration_s: float) -> list[Stretch]:
    """Return the picture of who speaks when, as at most SLOTS stretches over the whole duration."""
    slot_s = duration_s / SLOTS
    heard: list[dict[UUID, float]] = [defaultdict(float) for _ in range(SLOTS)]
    for span in spans:
        if span.speaker_id is None:
            continue
        first = min(SLOTS - 1, int(span.start_s / slot_s))
        last = min(SLOTS - 1, int(span.end_s / slot_s))
        for slot in range(first, last + 1):
            overlap = min(span.end_s, (slot + 1) * slot_s) - max(span.start_s, slot * slot_s)
            heard[slot][span.speaker_id] += max(0.0, overlap)
    loudest = [max(slot, key=slot.__getitem__) if slot and max(slot.values()) > 0 else None for slot in heard]
    return _runs(loudest, {speaker.id: speaker for speaker in speakers})


def _voice(speaker: Speaker, spans: Sequence[Span], total_s: float) -> Voice:
    spoken_s = sum(_length(span) for span in spans)
    longest = sorted(sorted(spans, key=_length, reverse=True)[:EXCERPTS], key=lambda span: span.start_s)
    excerpts = tuple(span._replace(end_s=min(span.end_s, span.start_s + EXCERPT_S)) for span in longest)
    return Voice(speaker, spoken_s, round(100 * spoken_s / total_s), excerpts)


def _runs(slots: Sequence[UUID | None], speakers: dict[UUID, Speaker]) -> list[Stretch]:
    runs: list[Stretch] = []
    for place, speaker_id in enumerate(slots):
        if speaker_id is None:
            continue
        last = runs[-1] if runs else None
        if last and last.speaker.id == speaker_id and last.start + last.length == place:
            runs[-1] = last._replace(length=last.length + 1)
        else:
            runs.append(Stretch(place, 1, speakers[speaker_id]))
    return runs


def _length(span: Span) -> float:
    return span.end_s - span.start_s
