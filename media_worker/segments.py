"""Join words into segments of one speaker, short enough to be clicked and heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .speakers import SENTENCE_ENDS, UNIT_ENDS
from .speech import TimedWord
from .transcript import Segment, Word

PAUSE_S = 1.0
SHORTEST_S = 2.0
"""A sentence that ends earlier stays with the next one."""
LONG_S = 15.0
"""From this length on, a segment ends at any punctuation."""
LONGEST_S = 30.0


@dataclass(frozen=True)
class SpokenWord:
    word: TimedWord
    speaker: str


def join_words(spoken: Sequence[SpokenWord]) -> list[Segment]:
    """Join the words of one track, in the order of their times, into segments."""
    segments = []
    first = 0
    for index in range(1, len(spoken) + 1):
        if index == len(spoken) or _is_cut(spoken, first, index):
            segments.append(_segment(spoken[first:index]))
            first = index
    return segments


def _is_cut(spoken: Sequence[SpokenWord], first: int, index: int) -> bool:
    before, after = spoken[index - 1], spoken[index]
    length_s = before.word.end - spoken[first].word.start
    text = before.word.text
    return (
        before.speaker != after.speaker
        or after.word.start - before.word.end > PAUSE_S
        or (length_s >= SHORTEST_S and text.endswith(SENTENCE_ENDS))
        or (length_s >= LONG_S and text.endswith(UNIT_ENDS))
        or after.word.end - spoken[first].word.start > LONGEST_S
    )


def _segment(spoken: Sequence[SpokenWord]) -> Segment:
    words = tuple(
        Word(
            word=item.word.text,
            start=round(item.word.start, 3),
            end=round(item.word.end, 3),
            score=round(item.word.score, 3),
            speaker=item.speaker,
        )
        for item in spoken
    )
    start, end = spoken[0].word.start, max(item.word.end for item in spoken)
    text = " ".join(item.word.text for item in spoken)
    return Segment(round(start, 3), round(end, 3), text, spoken[0].speaker, words)
