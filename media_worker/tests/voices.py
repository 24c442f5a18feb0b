"""Invented words, turns and voice embeddings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from media_worker.diarization import Embeddings
from media_worker.speech import TimedWord

DIMENSION = 64


def say(text: str, *, start: float, word_s: float = 0.4) -> list[TimedWord]:
    """Speak a text without pauses from a time on."""
    return [TimedWord(word, start + i * word_s, start + (i + 1) * word_s, 0.9) for i, word in enumerate(text.split())]


def voice_prints(speakers: Iterable[int], *, noise: float = 0.05, seed: int = 7) -> Embeddings:
    """One unit vector per unit; those of one speaker differ by noise, different ones are far apart."""
    random = np.random.default_rng(seed)
    voices = random.normal(size=(10, DIMENSION))
    voices /= np.linalg.norm(voices, axis=1, keepdims=True)
    rows = np.array([voices[speaker] for speaker in speakers])
    rows = rows + noise * random.normal(size=rows.shape)
    prints: Embeddings = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return prints
