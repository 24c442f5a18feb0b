"""Find who speaks when with pyannote.audio, and embed voices."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_worker import offline  # noqa: F401  prepares the imports below

# isort: split
import numpy as np
import torch
from numpy.typing import NDArray
from pyannote.audio import Model, Pipeline

from .audio import SAMPLE_RATE, Sound
from .checkpoints import load_checkpoint

Embeddings = NDArray[np.float32]

SHORTEST_VOICE_S = 0.5
"""Spans shorter than this are widened to it before their voice is embedded."""
STEP_SHARES = {"segmentation": (0.0, 0.3), "embeddings": (0.3, 1.0)}


@dataclass(frozen=True)
class Turn:
    """A stretch in which one voice speaks; speaker is a label without meaning beyond equality."""

    start: float
    end: float
    speaker: str


@dataclass(frozen=True)
class Diarizer:
    pipeline: Pipeline
    embedder: Model
    device: torch.device


def load_diarizer(folder: Path, *, embedding: Path, device: str) -> Diarizer:
    """Load a local pyannote pipeline and its embedding model; raise ModelsError.

    Every checkpoint below the folder is first loaded without the right to run code.
    """
    for path in sorted(folder.rglob("*.bin")):
        load_checkpoint(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about training features and older checkpoints
        pipeline = Pipeline.from_pretrained(folder)
        embedder = Model.from_pretrained(embedding)
    if pipeline is None or embedder is None:
        raise RuntimeError(f"pyannote.audio found no pipeline in {folder}")
    target = torch.device(device)
    return Diarizer(pipeline.to(target), embedder.eval().to(target), target)


def diarize(
    diarizer: Diarizer, sound: Sound, *, speakers: int | None, report: Callable[[float], None]
) -> tuple[Turn, ...]:
    """Return the turns of a recording, one voice at a time, in the order of their times.

    speakers is their number where it is known. report takes the fraction that is done and may
    raise to stop.
    """
    file = {"waveform": torch.from_numpy(sound.samples)[None], "sample_rate": SAMPLE_RATE}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about statistics of very short stretches
        output: Any = diarizer.pipeline(file, num_speakers=speakers, hook=_hook(report))
    tracks = output.exclusive_speaker_diarization.itertracks(yield_label=True)
    return tuple(Turn(float(span.start), float(span.end), str(label)) for span, _, label in tracks)


def _hook(report: Callable[[float], None]) -> Callable[..., None]:
    """Turn the progress of pyannote's two long steps into one fraction."""

    def hook(step: str, _artefact: Any, **progress: Any) -> None:
        completed, total = progress.get("completed"), progress.get("total")
        if step in STEP_SHARES and completed is not None and total:
            low, high = STEP_SHARES[step]
            report(low + (high - low) * completed / total)

    return hook


def embed_voices(
    diarizer: Diarizer,
    sound: Sound,
    spans: Sequence[tuple[float, float]],
    *,
    report: Callable[[float], None],
) -> Embeddings:
    """Embed the voice of each span (start, end in seconds) as a unit vector: (spans, dimension)."""
    rows = []
    for done, (start, end) in enumerate(spans):
        first, last = _sample_span(start, end, len(sound.samples))
        waveform = torch.from_numpy(np.array(sound.samples[first:last]))[None, None]
        with torch.inference_mode():
            rows.append(diarizer.embedder(waveform.to(diarizer.device))[0].cpu().numpy())
        report(done / len(spans))
    embeddings = np.asarray(rows, dtype=np.float32).reshape(len(spans), -1)
    lengths = np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-9)
    units: Embeddings = (embeddings / lengths).astype(np.float32)
    return units


def _sample_span(start: float, end: float, total: int) -> tuple[int, int]:
    """Return the samples of a span, widened about its middle to SHORTEST_VOICE_S."""
    missing = max(0.0, SHORTEST_VOICE_S - (end - start)) / 2
    shortest = int(SHORTEST_VOICE_S * SAMPLE_RATE)
    first = max(0, min(int((start - missing) * SAMPLE_RATE), total - shortest))
    return first, min(total, max(int((end + missing) * SAMPLE_RATE), first + shortest))
