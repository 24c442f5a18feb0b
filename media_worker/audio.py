"""Decode any recording to float32 mono at 16 kHz, as a stream."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from .contract import FailureCode

SAMPLE_RATE = 16_000
Samples = NDArray[np.float32]

FORMATS = "matroska,webm,ogg,mp3,mov,mp4,m4a,3gp,3g2,mj2,wav,w64,flac,aac,aiff,caf,avi,asf,mpegts,mpeg"
"""Demuxers that may open a file; playlists, which name other files, are not among them."""
OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}

GAP_S = 0.25
"""From this length on, a gap between the times of two frames is filled with silence."""
MISSING_S = 2.0
MISSING_SHARE = 0.05
"""A recording is truncated where more than both of these is missing of its declared duration."""
BAD_PACKET_SHARE = 0.1
UNKNOWN_RIFF_SIZE = 0xFFFF_FFFF
RIFF_SLACK_BYTES = 4096
LONGEST_OGG_PAGE_BYTES = 27 + 255 + 255 * 255


class MediaError(Exception):
    """A recording that cannot be transcribed; code is its reason in the contract."""

    def __init__(self, code: FailureCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Sound:
    """The samples of a recording: float32 mono at 16 kHz, -1 to 1, backed by a file."""

    samples: Samples

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def decode_audio(path: Path, scratch: Path, *, max_duration_s: float, report: Callable[[float], None]) -> Sound:
    """Decode the first audio stream of a file into a scratch file that backs the samples.

    Gaps in the stream's times become silence, so that times agree with what a player shows.
    report takes the fraction that is done. Raise MediaError for what is empty, no media, without
    audio, truncated or longer than max_duration_s; FileNotFoundError for a missing file.
    """
    check_audio(path, max_duration_s=max_duration_s)
    try:
        with av.open(str(path), options=OPTIONS) as container, scratch.open("wb") as target:
            decoding = _Decoding(container, target, max_duration_s)
            for fraction in decoding.run():
                report(fraction)
    except av.error.FFmpegError as error:
        raise _unreadable(error) from error
    decoding.check_is_whole()
    return Sound(np.memmap(scratch, dtype=np.float32, mode="c"))


def check_audio(path: Path, *, max_duration_s: float) -> None:
    """Raise MediaError where the head of a file already shows that it cannot be decoded."""
    if not path.stat().st_size:
        raise MediaError(FailureCode.CORRUPTED_AUDIO_FILE, "the file is empty")
    try:
        with av.open(str(path), options=OPTIONS) as container:
            _Decoding(container, io.BytesIO(), max_duration_s)
    except av.error.FFmpegError as error:
        raise _unreadable(error) from error
    if is_cut_short(path):
        raise MediaError(FailureCode.CORRUPTED_AUDIO_FILE, "the file is truncated")


def _unreadable(error: av.error.FFmpegError) -> MediaError:
    reason = f"the file cannot be read as sound or video ({error.strerror})"
    return MediaError(FailureCode.CORRUPTED_AUDIO_FILE, reason)


class _Decoding:
    """The decoding of one container into raw samples."""

    def __init__(self, container: av.container.InputContainer, target: BinaryIO, max_duration_s: float) -> None:
        if not container.streams.audio:
            raise MediaError(FailureCode.NO_AUDIO_IN_FILE, "the file holds no audio stream")
        self.container = container
        self.stream = container.streams.audio[0]
        self.target = target
        self.max_duration_s = max_duration_s
        self.resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        self.written = 0
        self.packets = 0
        self.bad_packets = 0
        self.first_time_s: float | None = None
        self.declared_s = _declared_duration(container, self.stream)
        self._check_length(self.declared_s or 0)

    @property
    def written_s(self) -> float:
        return self.written / SAMPLE_RATE

    def run(self) -> Iterator[float]:
        """Decode everything; yield the fraction that is done about once a minute of sound."""
        reported_s = 0.0
        for packet in self.container.demux(self.stream):
            self.packets += 1
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                self.bad_packets += 1
                continue
            for frame in frames:
                self._write_frame(frame)
            if self.written_s - reported_s >= 60:
                reported_s = self.written_s
                self._check_length(reported_s)
                yield min(1.0, reported_s / self.declared_s) if self.declared_s else 0.0
        for frame in self.resampler.resample(None):
            self._write(frame.to_ndarray())
        self._check_length(self.written_s)

    def _write_frame(self, frame: av.AudioFrame) -> None:
        if frame.time is not None:
            if self.first_time_s is None:
                self.first_time_s = frame.time
            gap_s = frame.time - self.first_time_s - self.written_s
            if gap_s > GAP_S:
                self._check_length(self.written_s + gap_s)
                self._write(np.zeros(int(gap_s * SAMPLE_RATE), dtype=np.float32))
        frame.pts = None
        for resampled in self.resampler.resample(frame):
            self._write(resampled.to_ndarray())

    def _write(self, samples: NDArray[Any]) -> None:
        self.target.write(np.ascontiguousarray(samples, dtype=np.float32).tobytes())
        self.written += samples.size

    def _check_length(self, duration_s: float) -> None:
        if duration_s > self.max_duration_s:
            raise MediaError(
                FailureCode.MEDIA_DURATION_TOO_LONG,
                f"the recording is longer than {self.max_duration_s:.0f} s",
            )

    def check_is_whole(self) -> None:
        """Raise MediaError where little or nothing of what was declared could be decoded."""
        if not self.written:
            code = FailureCode.CORRUPTED_AUDIO_FILE
            if not self.bad_packets:
                code = FailureCode.NO_AUDIO_IN_FILE
            raise MediaError(code, "no sound could be decoded")
        if self.bad_packets > BAD_PACKET_SHARE * self.packets:
            reason = f"{self.bad_packets} of {self.packets} packets are damaged"
            raise MediaError(FailureCode.CORRUPTED_AUDIO_FILE, reason)
        missing_s = (self.declared_s or 0) - self.written_s
        if missing_s > max(MISSING_S, MISSING_SHARE * (self.declared_s or 0)):
            reason = f"the file is truncated: {self.written_s:.0f} of {self.declared_s:.0f} s"
            raise MediaError(FailureCode.CORRUPTED_AUDIO_FILE, reason)


def _declared_duration(container: av.container.InputContainer, stream: av.AudioStream) -> float | None:
    """Return the duration in seconds that the audio stream, or else the container, declares."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return container.duration / av.time_base
    return None


def is_cut_short(path: Path) -> bool:
    """Tell whether a WAV or Ogg file ends before what its headers announce.

    FFmpeg takes the duration of these two from the size of the file, so it never misses anything.
    """
    with path.open("rb") as stream:
        magic = stream.read(8)
        size = stream.seek(0, io.SEEK_END)
        if magic.startswith(b"RIFF"):
            announced = int.from_bytes(magic[4:8], "little")
            return announced not in {0, UNKNOWN_RIFF_SIZE} and announced + 8 - size > RIFF_SLACK_BYTES
        if not magic.startswith(b"OggS"):
            return False
        stream.seek(max(0, size - LONGEST_OGG_PAGE_BYTES))
        tail = stream.read()
    return _ogg_page_end(tail, tail.rfind(b"OggS")) > len(tail)


def _ogg_page_end(data: bytes, start: int) -> int:
    """Return where the Ogg page that starts at an index ends (RFC 3533, section 6)."""
    header = data[start : start + 27]
    if start < 0 or len(header) < 27:
        return len(data) + 1
    lacing = data[start + 27 : start + 27 + header[26]]
    if len(lacing) < header[26]:
        return len(data) + 1
    return start + 27 + header[26] + sum(lacing)
