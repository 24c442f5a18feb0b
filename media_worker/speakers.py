"""Give every word its speaker, from the voices that are heard in the units of speech.

The words are cut into units at punctuation, pauses and turn changes. The units long enough to
show a voice are clustered into speakers; then the most likely course of speakers through all
units is found (Viterbi), where a change costs less after a full stop or a pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from .diarization import Embeddings, Turn
from .speech import TimedWord

UNIT_ENDS = (".", "?", "!", ",", ";", ":", "…")
SENTENCE_ENDS = (".", "?", "!", "…")
PAUSE_S = 0.25
LONGEST_UNIT_S = 12.0
CLUSTERED_S = 1.2
"""Units of at least this length are clustered."""
SPEAKER_S = 3.0
"""A cluster that speaks less than this in all is no speaker."""
REFINEMENTS = 4
SWITCH_COST = 0.30
SWITCH_COST_AT_BREAK = 0.06
FULL_WEIGHT_S = 1.5

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Unit:
    """A run of words[first:last] that one voice is taken to speak."""

    first: int
    last: int
    start: float
    end: float
    is_after_break: bool

    @property
    def duration_s(self) -> float:
        return self.end - self.start


def cut_units(words: Sequence[TimedWord], turns: Sequence[Turn]) -> list[Unit]:
    """Cut words into units after punctuation, at pauses and where the turn changes."""
    voices = turn_labels(words, turns)
    units: list[Unit] = []
    first = 0
    for index in range(1, len(words) + 1):
        if index < len(words) and not _is_cut(words, voices, first, index):
            continue
        is_after_break = first == 0 or _is_break(words[first - 1], words[first])
        units.append(Unit(first, index, words[first].start, words[index - 1].end, is_after_break))
        first = index
    return units


def _is_cut(words: Sequence[TimedWord], voices: Labels, first: int, index: int) -> bool:
    before, after = words[index - 1], words[index]
    return (
        before.text.endswith(UNIT_ENDS)
        or after.start - before.end > PAUSE_S
        or bool(voices[index] != voices[index - 1])
        or after.end - words[first].start > LONGEST_UNIT_S
    )


def _is_break(before: TimedWord, after: TimedWord) -> bool:
    return before.text.endswith(SENTENCE_ENDS) or after.start - before.end > PAUSE_S


def turn_labels(words: Sequence[TimedWord], turns: Sequence[Turn]) -> Labels:
    """Return for each word the number of the voice whose turn overlaps it most, or is nearest.

    Voices are numbered in the order in which they first speak; without turns all are 0.
    """
    if not turns:
        return np.zeros(len(words), dtype=np.int64)
    numbers: dict[str, int] = {}
    voices = np.array([numbers.setdefault(turn.speaker, len(numbers)) for turn in turns])
    starts = np.array([turn.start for turn in turns])
    ends = np.array([turn.end for turn in turns])
    labels = np.zeros(len(words), dtype=np.int64)
    for index, word in enumerate(words):
        overlap = np.minimum(ends, word.end) - np.maximum(starts, word.start)
        labels[index] = voices[int(overlap.argmax())]
    return labels


def cluster_voices(
    embeddings: Embeddings, durations: NDArray[np.float64], *, distance: float, speakers: int | None
) -> Embeddings:
    """Return one unit vector per speaker: (speakers, dimension).

    embeddings are unit vectors (units, dimension), durations their seconds. Voices nearer than the
    cosine distance are one speaker, unless their number is given.
    """
    if len(embeddings) == 1:
        return embeddings
    tree = linkage(embeddings.astype(np.float64), method="average", metric="cosine")
    if speakers is None:
        labels = fcluster(tree, distance, criterion="distance")
    else:
        labels = _labels_for_count(tree, durations, speakers)
    totals = np.bincount(labels, weights=durations)
    kept = [label for label in np.unique(labels) if totals[label] >= SPEAKER_S]
    if not kept:
        kept = [int(totals.argmax())]
    if speakers is not None:
        kept = sorted(kept, key=lambda label: -totals[label])[:speakers]
    return _refine(embeddings, durations, np.array([labels == label for label in kept]))


def _labels_for_count(tree: NDArray[np.float64], durations: NDArray[np.float64], speakers: int) -> Labels:
    """Cut the tree at the fewest clusters of which as many as wanted speak long enough."""
    for count in range(speakers, len(durations) + 1):
        labels: Labels = fcluster(tree, count, criterion="maxclust")
        if (np.bincount(labels, weights=durations) >= SPEAKER_S).sum() >= speakers:
            return labels
    fallback: Labels = fcluster(tree, speakers, criterion="maxclust")
    return fallback


def _refine(embeddings: Embeddings, durations: NDArray[np.float64], members: NDArray[np.bool_]) -> Embeddings:
    """Move centroids, weighted by duration, to the units that are nearest to them."""
    centroids = _centroids(embeddings, durations, members)
    for _ in range(REFINEMENTS):
        nearest = (embeddings @ centroids.T).argmax(axis=1)
        moved = np.array([nearest == number for number in range(len(centroids))])
        if not moved.any(axis=1).all():
            break
        centroids = _centroids(embeddings, durations, moved)
    return centroids


def _centroids(embeddings: Embeddings, durations: NDArray[np.float64], members: NDArray[np.bool_]) -> Embeddings:
    sums = (members * durations) @ embeddings
    centroids: Embeddings = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
    return centroids


def most_likely_course(
    similarities: NDArray[np.float64], weights: NDArray[np.float64], switch_costs: NDArray[np.float64]
) -> Labels:
    """Return the speaker of each unit on the course with the highest score (Viterbi).

    similarities (units, speakers) are counted by weights (units); a change of speaker before unit i
    costs switch_costs[i].
    """
    gains = similarities * weights[:, None]
    best = gains[0]
    origins = np.zeros(gains.shape, dtype=np.int64)
    for unit in range(1, len(gains)):
        leader = int(best.argmax())
        switched = best[leader] - switch_costs[unit]
        origins[unit] = np.where(best >= switched, np.arange(len(best)), leader)
        best = np.maximum(best, switched) + gains[unit]
    course = np.zeros(len(gains), dtype=np.int64)
    course[-1] = best.argmax()
    for unit in range(len(gains) - 1, 0, -1):
        course[unit - 1] = origins[unit, course[unit]]
    return course


def assign_speakers(units: Sequence[Unit], embeddings: Embeddings, *, distance: float, speakers: int | None) -> Labels:
    """Return the number of the speaker of each unit, numbered in the order of first speaking.

    embeddings are the unit vectors of all units. Without a unit of CLUSTERED_S, the longest decides.
    """
    durations = np.array([unit.duration_s for unit in units])
    is_long = durations >= min(CLUSTERED_S, float(durations.max()))
    centroids = cluster_voices(
        embeddings[is_long], np.maximum(durations[is_long], 0.01), distance=distance, speakers=speakers
    )
    similarities = (embeddings @ centroids.T).astype(np.float64)
    weights = np.minimum(1.0, durations / FULL_WEIGHT_S)
    costs = np.array([SWITCH_COST_AT_BREAK if unit.is_after_break else SWITCH_COST for unit in units])
    return number_by_appearance(most_likely_course(similarities, weights, costs))


def number_by_appearance(labels: Labels) -> Labels:
    """Renumber labels 0, 1, 2 ... in the order in which they first occur."""
    numbers: dict[int, int] = {}
    renumbered = [numbers.setdefault(int(label), len(numbers)) for label in labels]
    return np.array(renumbered, dtype=np.int64)
