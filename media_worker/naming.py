"""Name voices after the participants whose speech the conference saw at the same times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from .contract import EventType, SpeechEvent
from .transcript import Segment

Spans = list[tuple[float, float]]

ACCEPTED_SHARE = 0.5
"""A voice takes a name where the participant was seen speaking for this share of its time."""


def speech_spans(events: Sequence[SpeechEvent], duration_s: float) -> dict[str, Spans]:
    """Return when each named participant spoke; events may repeat and be out of order."""
    spans: dict[str, Spans] = {}
    open_since: dict[str, float] = {}
    names = {event.participant_id: event.name for event in events if event.name}
    for event in sorted(events, key=lambda event: event.timestamp):
        name = names.get(event.participant_id)
        if name is None:
            continue
        if event.type is EventType.SPEECH_START:
            open_since.setdefault(name, event.timestamp)
        elif event.type is EventType.SPEECH_END and name in open_since:
            spans.setdefault(name, []).append((open_since.pop(name), event.timestamp))
    for name, start in open_since.items():
        spans.setdefault(name, []).append((start, max(start, duration_s)))
    return spans


def name_voices(segments: Sequence[Segment], spans: Mapping[str, Spans]) -> dict[str, tuple[str, float]]:
    """Return name and confidence (0 to 1) for each label that one participant's times explain.

    One name goes to one label (optimal assignment of the seconds that overlap).
    """
    labels = sorted({segment.speaker for segment in segments if segment.speaker})
    names = sorted(spans)
    seconds = np.zeros((len(labels), len(names)))
    totals = dict.fromkeys(labels, 0.0)
    for segment in segments:
        if segment.speaker is None:
            continue
        totals[segment.speaker] += segment.end - segment.start
        for column, name in enumerate(names):
            seconds[labels.index(segment.speaker), column] += sum(
                max(0.0, min(segment.end, end) - max(segment.start, start)) for start, end in spans[name]
            )
    rows, columns = linear_sum_assignment(seconds, maximize=True)
    named: dict[str, tuple[str, float]] = {}
    for row, column in zip(rows, columns, strict=True):
        share = seconds[row, column] / max(totals[labels[row]], 1e-9)
        if share >= ACCEPTED_SHARE:
            named[labels[row]] = (names[column], min(1.0, round(float(share), 3)))
    return named
