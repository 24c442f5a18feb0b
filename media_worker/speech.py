"""Recognise words and their times with Whisper (faster-whisper, CTranslate2)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from media_worker import offline  # noqa: F401  prepares the imports below

# isort: split
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.tokenizer import _LANGUAGE_CODES
from faster_whisper.transcribe import Segment as WhisperSegment
from faster_whisper.transcribe import Word as WhisperWord

from .audio import SAMPLE_RATE, Samples, Sound

WINDOW_S = 15 * 60
"""Sound is recognised in windows of this length, which bounds the memory for its features."""
CUT_SEARCH_S = 20
CUT_FRAME_S = 0.5
CPU_BATCH = 4
"""Chunks of up to 30 s at once: a request to stop waits for one batch."""
CUDA_BATCH = 16
LANGUAGES = frozenset(_LANGUAGE_CODES)
"""Codes that Whisper knows, mostly ISO 639-1."""
SILENCE_PROBABILITY = 0.6
SILENCE_LOG_PROBABILITY = -1.0


@dataclass(frozen=True)
class TimedWord:
    """A word with its punctuation, its times in seconds and the recogniser's confidence."""

    text: str
    start: float
    end: float
    score: float


@dataclass(frozen=True)
class Speech:
    """What was said in a recording; language is ISO 639-1, None where nothing was said."""

    language: str | None
    words: tuple[TimedWord, ...]


@dataclass(frozen=True)
class Recogniser:
    pipeline: BatchedInferencePipeline
    batch_size: int


def load_recogniser(folder: Path, *, device: str) -> Recogniser:
    """Load Whisper from a folder: int8 on "cpu", float16 on "cuda"."""
    is_cuda = device == "cuda"
    model = WhisperModel(
        str(folder),
        device=device,
        compute_type="float16" if is_cuda else "int8",
        cpu_threads=len(os.sched_getaffinity(0)),
        local_files_only=True,
    )
    return Recogniser(BatchedInferencePipeline(model), CUDA_BATCH if is_cuda else CPU_BATCH)


def recognise(
    recogniser: Recogniser,
    sound: Sound,
    *,
    language: str | None,
    vocabulary: Sequence[str],
    report: Callable[[float], None],
) -> Speech:
    """Recognise the words of a recording in the order of their times.

    language is detected from the first window that holds speech where it is None. report takes
    the fraction that is done and may raise to stop.
    """
    words: list[TimedWord] = []
    for start, end in windows(sound.samples):
        segments, info = recogniser.pipeline.transcribe(
            np.ascontiguousarray(sound.samples[start:end]),
            language=language,
            batch_size=recogniser.batch_size,
            word_timestamps=True,
            without_timestamps=False,  # otherwise three quarters of the speech can be lost
            language_detection_segments=4,
            hotwords=", ".join(vocabulary) or None,
        )
        heard = list(_words(segments, start / SAMPLE_RATE, len(sound.samples), report))
        if heard:
            language = info.language
        words += heard
        report(end / len(sound.samples))
    return Speech(language if words else None, tuple(sorted(words, key=lambda word: word.start)))


def _words(
    segments: Iterator[WhisperSegment], offset_s: float, total: int, report: Callable[[float], None]
) -> Iterator[TimedWord]:
    for segment in segments:
        report(min(1.0, (offset_s + segment.end) * SAMPLE_RATE / total))
        if is_silence(segment):
            continue
        for word in whole_words(segment.words or ()):
            start, end = offset_s + word.start, offset_s + word.end
            yield TimedWord(word.text, start, max(start, end), word.score)


def whole_words(pieces: Sequence[WhisperWord]) -> list[TimedWord]:
    """Join pieces to words: a piece without a space before it continues the word ("l" "'ordre")."""
    words: list[TimedWord] = []
    for piece in pieces:
        text = piece.word.strip()
        if not text:
            continue
        start, end, score = float(piece.start), float(piece.end), float(piece.probability)
        if words and not piece.word.startswith(" "):
            last = words.pop()
            words.append(TimedWord(last.text + text, last.start, end, min(last.score, score)))
        else:
            words.append(TimedWord(text, start, end, score))
    return words


def is_silence(segment: WhisperSegment) -> bool:
    """Tell whether a segment is a phrase that the model made of silence."""
    return bool(segment.no_speech_prob > SILENCE_PROBABILITY and segment.avg_logprob < SILENCE_LOG_PROBABILITY)


def windows(samples: Samples) -> list[tuple[int, int]]:
    """Split samples into windows of at most WINDOW_S, cut where it is most quiet."""
    bounds = [0]
    while len(samples) - bounds[-1] > WINDOW_S * SAMPLE_RATE:
        latest = bounds[-1] + WINDOW_S * SAMPLE_RATE
        earliest = latest - CUT_SEARCH_S * SAMPLE_RATE
        frame = int(CUT_FRAME_S * SAMPLE_RATE)
        energies = np.square(samples[earliest:latest]).reshape(-1, frame).sum(axis=1)
        bounds.append(earliest + int(energies.argmin()) * frame + frame // 2)
    return list(zip(bounds, [*bounds[1:], len(samples)], strict=True))
