"""Make small media files of each accepted kind: a tone, with or without pictures."""

from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 48_000


def write_media(
    path: Path,
    *,
    container: str,
    codec: str = "",
    video_codec: str = "",
    seconds: int = 6,
    options: dict[str, str] | None = None,
) -> Path:
    """Write ``seconds`` of a tone (no sound without ``codec``), with noise as pictures where asked for."""
    with av.open(str(path), "w", format=container, options=options or {}) as output:
        sound = output.add_stream(codec, rate=RATE, layout="mono") if codec else None
        pictures = output.add_stream(video_codec, rate=10) if video_codec else None
        if pictures is not None:
            _write_pictures(output, pictures, seconds)
        if sound is not None:
            _write_tone(output, sound, seconds)
    return path


def _write_pictures(output: Any, stream: Any, seconds: int) -> None:
    stream.width = stream.height = 64
    stream.pix_fmt = "yuv420p"
    noise = np.random.default_rng(7)
    for index in range(seconds * 10):
        frame = av.VideoFrame.from_ndarray(noise.integers(0, 255, (64, 64, 3), dtype=np.uint8))
        frame.pts = index
        output.mux(stream.encode(frame))
    output.mux(stream.encode())


def _write_tone(output: Any, stream: Any, seconds: int) -> None:
    tone = (np.sin(np.arange(RATE * seconds) * 0.05) * 8000).astype(np.int16)
    for start in range(0, len(tone), 960):
        frame = av.AudioFrame.from_ndarray(tone[None, start : start + 960], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        output.mux(stream.encode(frame))
    output.mux(stream.encode())
