"""Measure how well and how fast recordings become transcripts that say who said what.

Ours is compared with the usual composition in the same run: the same words, each given to the
pyannote turn that overlaps it most. Reference texts are normalised (case, accents, punctuation,
numbers). Run it alone: `.venv/bin/python benchmarks/transcription.py [--quick]`.
"""

from __future__ import annotations

import argparse
import importlib.resources
import json
import os
import re
import resource
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from media_worker import offline  # noqa: F401  prepares the imports below

# isort: split
import numpy as np
from pyannote.core import Annotation, Segment, Timeline
from pyannote.database.util import load_rttm
from pyannote.metrics.diarization import DiarizationErrorRate

from media_worker.assembly import assemble_models
from media_worker.audio import SAMPLE_RATE, decode_audio
from media_worker.diarization import Turn
from media_worker.models import has_models, models_folder
from media_worker.partial import Partial
from media_worker.pipeline import Engine, Options, Source, load_engine, transcribe
from media_worker.scoring import (
    join_by_speaker,
    normalise,
    read_turns,
    speaker_word_error_rate,
    word_error_rate,
)
from media_worker.speakers import turn_labels
from media_worker.speech import TimedWord

MEDIA = ROOT / "visio_portal/demonstration/media"
PAIRS = (("ministre", "prefet"), ("ministre", "conseillere"), ("directeur", "conseillere", "prefet"))
WER_LIMIT = 16.0
CPWER_LIMIT = 20.0


@dataclass(frozen=True)
class Recording:
    name: str
    path: Path
    language: str
    turns: Sequence[tuple[str, str]]
    reference: Annotation | None


@dataclass(frozen=True)
class Scores:
    """Percentages; DER without collar, overlapped speech scored. rtf is seconds per second of sound."""

    name: str
    speakers: int
    speakers_found: int
    wer: float
    cpwer: float
    naive_cpwer: float
    der: float | None
    naive_der: float | None
    rtf: dict[str, float]


def read_rttm(path: Path, recording: str) -> Annotation:
    by_recording: dict[str, Annotation] = load_rttm(path)  # type: ignore[no-untyped-call]
    return by_recording[recording]


def meeting() -> Recording:
    path = MEDIA / "reunion_fr.webm"
    turns = read_turns(MEDIA / "reunion_fr.txt")
    return Recording("reunion_fr", path, "fr", turns, read_rttm(MEDIA / "reunion_fr.rttm", "reunion_fr"))


def mixes(folder: Path) -> list[Recording]:
    """Mix participants' own tracks to meetings of two and three."""
    everything = read_turns(MEDIA / "reunion_fr.txt")
    recordings = []
    for names in PAIRS:
        tracks = [
            decode_audio(
                MEDIA / f"piste.{name}.webm",
                folder / f"{name}.f32",
                max_duration_s=3600,
                report=lambda fraction: None,
            ).samples
            for name in names
        ]
        length = min(len(track) for track in tracks)
        mixed = np.sum([track[:length] for track in tracks], axis=0)
        path = folder / f"{'+'.join(names)}.wav"
        with wave.open(str(path), "wb") as target:
            target.setnchannels(1)
            target.setsampwidth(2)
            target.setframerate(SAMPLE_RATE)
            target.writeframes((np.clip(mixed, -1, 1) * 32767).astype("<i2").tobytes())
        turns = [(speaker, text) for speaker, text in everything if speaker in names]
        whole = read_rttm(MEDIA / "reunion_fr.rttm", "reunion_fr")
        recordings.append(Recording(path.stem, path, "fr", turns, whole.subset(names)))
    return recordings


def telephone() -> Recording:
    """The real English call that pyannote.audio ships as its sample."""
    folder = Path(str(importlib.resources.files("pyannote.audio"))) / "sample"
    lines = [line.split(None, 5) for line in (folder / "sample.stm").read_text().splitlines()]
    turns = [(fields[2], re.sub(r"<[^>]*>", "", fields[5])) for fields in lines if len(fields) > 5]
    reference = read_rttm(folder / "sample.rttm", "sample")
    return Recording("pyannote sample", folder / "sample.wav", "en", turns, reference)


def measure(engine: Engine, recording: Recording) -> Scores:
    kept: list[Partial] = []
    with tempfile.TemporaryDirectory() as scratch:
        result = transcribe(
            engine,
            [Source(recording.path)],
            Options(language=recording.language),
            scratch=Path(scratch),
            report=show_progress(recording.name),
            keep=kept.append,
        )
    speech, turns = kept[-1].speech_of(0), kept[-1].turns_of(0)
    assert speech is not None and turns is not None
    reference = join_by_speaker(list(recording.turns), recording.language)
    whole = normalise(" ".join(text for _, text in recording.turns), recording.language)
    ours = [(segment.speaker or "", segment.text) for segment in result.segments]
    spans = [Turn(segment.start, segment.end, segment.speaker or "") for segment in result.segments]
    rtf = {stage: round(seconds / result.duration_s, 4) for stage, seconds in result.timings.items()}
    return Scores(
        name=recording.name,
        speakers=len(reference),
        speakers_found=len(result.speakers),
        wer=word_error_rate(whole, normalise(" ".join(text for _, text in ours), recording.language)),
        cpwer=speaker_word_error_rate(reference, join_by_speaker(ours, recording.language)),
        naive_cpwer=speaker_word_error_rate(reference, naive(speech.words, turns, recording.language)),
        der=diarization_error_rate(recording, spans, result.duration_s),
        naive_der=diarization_error_rate(recording, turns, result.duration_s),
        rtf=rtf,
    )


def naive(words: Sequence[TimedWord], turns: Sequence[Turn], language: str) -> dict[str, str]:
    """Give every word to the turn that overlaps it most."""
    labels = turn_labels(words, turns)
    return join_by_speaker([(str(label), word.text) for label, word in zip(labels, words, strict=True)], language)


def diarization_error_rate(recording: Recording, turns: Sequence[Turn], duration_s: float) -> float | None:
    if recording.reference is None:
        return None
    hypothesis = Annotation()
    for number, turn in enumerate(turns):
        hypothesis[Segment(turn.start, turn.end), number] = turn.speaker
    metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
    return 100 * float(metric(recording.reference, hypothesis, uem=Timeline([Segment(0, duration_s)])))


def show_progress(name: str) -> Callable[..., None]:
    def report(stage: object, fraction: float, _stage_fraction: float) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{name}: {fraction:4.0%} {stage!s:<12}")

    return report


def print_table(scores: Sequence[Scores]) -> None:
    heads = ("recording", "speakers", "WER", "cpWER", "naive", "DER", "naive", "RTF", "speech", "diariz.", "speakers")
    print("{:<30}{:>9}{:>7}{:>7}{:>7}{:>7}{:>7}{:>8}{:>8}{:>8}{:>9}".format(*heads))
    for row in scores:
        der, naive_der = (f"{value:.1f}" if value is not None else "-" for value in (row.der, row.naive_der))
        print(
            f"{row.name:<30}{f'{row.speakers_found}/{row.speakers}':>9}{row.wer:7.1f}{row.cpwer:7.1f}"
            f"{row.naive_cpwer:7.1f}{der:>7}{naive_der:>7}{sum(row.rtf.values()):8.3f}"
            f"{row.rtf['speech']:8.3f}{row.rtf['diarization']:8.3f}{row.rtf['speakers']:9.3f}"
        )


def missed_targets(scores: Sequence[Scores]) -> list[str]:
    first = scores[0]
    missed = []
    if first.wer > WER_LIMIT:
        missed.append(f"WER of {first.name} over {WER_LIMIT}")
    if first.cpwer > CPWER_LIMIT:
        missed.append(f"cpWER of {first.name} over {CPWER_LIMIT}")
    total, naive_total = sum(row.cpwer for row in scores), sum(row.naive_cpwer for row in scores)
    if total > naive_total:
        missed.append("cpWER worse than the naive composition's over all recordings")
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the demonstration's meeting alone")
    options = parser.parse_args()
    folder = models_folder()
    if not has_models(folder):
        assemble_models(folder, report=print)
    began = time.monotonic()
    engine = load_engine(folder)
    load_s = time.monotonic() - began
    with tempfile.TemporaryDirectory() as scratch:
        recordings = [meeting()]
        if not options.quick:
            recordings += [*mixes(Path(scratch)), telephone()]
        scores = [measure(engine, recording) for recording in recordings]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    load_1 = os.getloadavg()[0]
    print_table(scores)
    print(f"models loaded in {load_s:.1f} s; peak memory {peak_mb:.0f} MB; {len(os.sched_getaffinity(0))} cores")
    print(f"load average {load_1:.1f}: real-time factors count only on a quiet machine")
    missed = missed_targets(scores)
    for target in missed:
        print(f"MISSED: {target}")
    figures = {"recordings": [vars(row) for row in scores], "peak_mb": round(peak_mb), "load_s": round(load_s, 1)}
    print(json.dumps({**figures, "load_average": round(load_1, 2), "missed": missed}))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
