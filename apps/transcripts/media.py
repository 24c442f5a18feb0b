"""Look into an uploaded file, without decoding it, before anybody waits for its transcript."""

import os
import time
from dataclasses import dataclass
from typing import BinaryIO

import av
from av.container import InputContainer

from apps.transcripts.endings import is_cut_short, looks_like_media
from apps.transcripts.failures import MediaRefused

MAX_BYTES = 2 * 1024**3
MAX_DURATION_S = 12 * 60 * 60
TIME_LIMIT_S = 25  # a recording without a stated length is read to its end: 2 GB took 1 s from a local disk
TAIL_S = 5  # so much before the stated end the reading starts
TOLERANCE_S = 2.0  # the end that is found may be so much earlier than the stated one

# FFmpeg's names; playlists and formats that refer to other files stay out.
DEMUXERS = "matroska,webm,ogg,mp3,mov,wav"
END = 2**60  # a time after every end: the demuxer goes to the last place that it finds

MEDIA_TYPES = {  # demuxer → without and with pictures
    "matroska,webm": ("audio/webm", "video/webm"),
    "ogg": ("audio/ogg", "video/ogg"),
    "mp3": ("audio/mpeg", "audio/mpeg"),
    "mov,mp4,m4a,3gp,3g2,mj2": ("audio/mp4", "video/mp4"),
    "wav": ("audio/wav", "audio/wav"),
}


@dataclass(frozen=True)
class MediaInfo:
    duration_s: float
    codec: str  # FFmpeg's name of the first audio track's codec, such as opus
    media_type: str


class ClockedFile:
    """A file for the demuxer that stops answering when the time is over, wherever the demuxer is."""

    def __init__(self, file: BinaryIO, time_limit_s: float) -> None:
        self.file = file
        self.deadline = time.monotonic() + time_limit_s

    def read(self, size: int) -> bytes:
        if time.monotonic() > self.deadline:
            raise MediaRefused("too_slow")
        return self.file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()


def probe(file: BinaryIO, *, time_limit_s: float = TIME_LIMIT_S) -> MediaInfo:
    """Return what a seekable file holds, or raise MediaRefused with the reason.

    Headers and the last packets are read; only a recording that states no length (a browser's WebM) is run
    through to its end, in constant memory.
    """
    size_bytes = file.seek(0, os.SEEK_END)
    if size_bytes == 0:
        raise MediaRefused("empty")
    if size_bytes > MAX_BYTES:
        raise MediaRefused("too_large")
    file.seek(0)
    is_known = looks_like_media(file.read(16))
    if is_known and is_cut_short(file):
        raise MediaRefused("truncated")
    file.seek(0)
    try:
        with av.open(
            ClockedFile(file, time_limit_s), "r", container_options={"format_whitelist": DEMUXERS}
        ) as container:
            return _inspect(container, stated_s=_stated_length(container, file))
    except av.FFmpegError as error:
        raise MediaRefused("truncated" if is_known else "not_media") from error


def _inspect(container: InputContainer, *, stated_s: float | None) -> MediaInfo:
    tracks = [stream for stream in container.streams.audio if stream.codec_context is not None]
    if container.format.name not in MEDIA_TYPES:
        raise MediaRefused("not_media")
    if not tracks:
        raise MediaRefused("no_audio" if container.streams.video else "truncated")
    found_s = _end_of(container, stated_s)
    if found_s <= 0 or (stated_s and found_s < stated_s - TOLERANCE_S):
        raise MediaRefused("truncated")
    if found_s > MAX_DURATION_S:
        raise MediaRefused("too_long")
    audio_type, video_type = MEDIA_TYPES[container.format.name]
    return MediaInfo(
        duration_s=stated_s or found_s,
        codec=tracks[0].codec_context.name,
        media_type=video_type if container.streams.video else audio_type,
    )


def _end_of(container: InputContainer, stated_s: float | None) -> float:
    """Return where the last packet of any track ends, in seconds; 0 where there is none."""
    start = container.start_time or 0
    if stated_s is not None:
        container.seek(start + max(0, round((stated_s - TAIL_S) * av.time_base)))
    elif container.format.name != "mp3":  # FFmpeg finds no place by time in a bare MP3
        container.seek(END)
    ends = (
        float((packet.pts + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux()
        if packet.pts is not None and packet.time_base is not None
    )
    return max(ends, default=0.0) - start / av.time_base


def _stated_length(container: InputContainer, file: BinaryIO) -> float | None:
    """Return the length that the file states, in seconds; for a bare MP3 FFmpeg only guesses one."""
    if not container.duration or (container.format.name == "mp3" and not _counts_frames(file)):
        return None
    return container.duration / av.time_base


def _counts_frames(file: BinaryIO) -> bool:
    """Return whether an MP3's first frame holds the number of frames (the Xing, Info or VBRI header)."""
    position = file.tell()
    file.seek(0)
    head = file.read(10)
    tag_bytes = 0
    if head.startswith(b"ID3") and len(head) == 10:  # ID3v2: four bytes of seven bits each
        tag_bytes = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    file.seek(tag_bytes)
    first_frame = file.read(4096)
    file.seek(position)
    return any(name in first_frame for name in (b"Xing", b"Info", b"VBRI"))
