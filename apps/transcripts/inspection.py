"""Tell what a media file holds; a process of its own, so that FFmpeg meets a stranger's file with empty hands.

`probe` in media.py starts it: python -m apps.transcripts.inspection SIZE_BYTES, the file lent over standard input and
output. The answer is JSON: `format`, `codec`, `has_pictures`, `stated_s` and `found_s`, or null for what is no media.
"""

import io
import json
import resource
import sys
from dataclasses import asdict, dataclass
from typing import BinaryIO

import av
import av.subtitles.codeccontext  # PyAV imports these when it meets subtitles: too late here
import av.subtitles.stream
from av.container import InputContainer

from apps.transcripts.lending import PIECE_BYTES, LentFile

MEMORY_BYTES = 1024**3  # of addresses, of which FFmpeg and Python take half a one before any file
TAIL_S = 5  # so much before the stated end the reading starts
END = 2**60  # a time after every end: the demuxer goes to the last place that it finds

# FFmpeg's names; playlists and formats that refer to other files stay out.
DEMUXERS = "matroska,webm,ogg,mp3,mov,wav"


@dataclass(frozen=True)
class Findings:
    format: str  # FFmpeg's name of the demuxer
    codec: str | None  # of the first audio track
    has_pictures: bool
    stated_s: float | None  # the length that the file states
    found_s: float  # where the last packet ends; 0 where there is none, or no sound


def main() -> None:
    lent = LentFile(int(sys.argv[1]), asks=sys.stdout.buffer, pieces=sys.stdin.buffer)
    empty_hands()
    try:
        answer = asdict(inspect(io.BufferedReader(lent, PIECE_BYTES)))
    except av.FFmpegError:
        answer = None
    lent.answer(json.dumps(answer).encode())


def empty_hands() -> None:
    """Open no further file or socket, and take no endless memory, whatever the file makes of FFmpeg."""
    limits = {resource.RLIMIT_NOFILE: 0, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    if sys.platform == "linux":  # macOS does not take this one
        limits[resource.RLIMIT_AS] = MEMORY_BYTES
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))


def inspect(file: BinaryIO) -> Findings:
    """Read headers and the last packets; without a stated length (a browser's WebM) all packets."""
    with av.open(file, "r", container_options={"format_whitelist": DEMUXERS}) as container:
        tracks = [stream for stream in container.streams.audio if stream.codec_context is not None]
        stated_s = _stated_length(container, file)
        return Findings(
            format=container.format.name,
            codec=tracks[0].codec_context.name if tracks else None,
            has_pictures=bool(container.streams.video),
            stated_s=stated_s,
            found_s=_end_of(container, stated_s) if tracks else 0.0,
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


if __name__ == "__main__":
    main()
