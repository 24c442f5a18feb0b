"""Look into an uploaded file, without decoding it, before anybody waits for its transcript."""

import json
import math
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import structlog

from apps.transcripts.endings import is_cut_short, looks_like_media
from apps.transcripts.failures import MediaRefused
from apps.transcripts.lending import lend

MAX_BYTES = 2 * 1024**3
MAX_DURATION_S = 12 * 60 * 60
TIME_LIMIT_S = 25  # a recording without a stated length is read to its end: 2 GB took 2 s from a local disk
TOLERANCE_S = 2.0  # the end that is found may be so much earlier than the stated one

MEDIA_TYPES = {  # demuxer → without and with pictures
    "matroska,webm": ("audio/webm", "video/webm"),
    "ogg": ("audio/ogg", "video/ogg"),
    "mp3": ("audio/mpeg", "audio/mpeg"),
    "mov,mp4,m4a,3gp,3g2,mj2": ("audio/mp4", "video/mp4"),
    "wav": ("audio/wav", "audio/wav"),
}

# FFmpeg runs apart (see inspection.py): it needs 16 MB, and strangers' files are not to meet the portal's secrets.
INSPECTION = (sys.executable, "-m", "apps.transcripts.inspection")
BASE_DIR = Path(__file__).resolve().parents[2]
PASSED_ON = ("LD_LIBRARY_PATH", "MALLOC_ARENA_MAX")  # all that it gets of the environment

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MediaInfo:
    duration_s: float
    codec: str  # FFmpeg's name of the first audio track's codec, such as opus
    media_type: str


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
    answer = _inspect(file, size_bytes=size_bytes, time_limit_s=time_limit_s)
    try:
        return _judge(json.loads(answer or b"null"))
    except (ValueError, RecursionError) as error:  # what is no JSON, or far too deep
        raise MediaRefused("truncated" if is_known else "not_media") from error


def _judge(findings: object) -> MediaInfo:
    """Take or refuse what the inspection found; ValueError where it could not make anything of the file."""
    match findings:
        case {"format": str(name), "codec": codec, "has_pictures": bool(has_pictures), "found_s": float(found_s)}:
            stated_s = cast(dict[str, object], findings).get("stated_s")
        case _:
            raise ValueError("no findings")
    if name not in MEDIA_TYPES:
        raise MediaRefused("not_media")
    if not isinstance(codec, str):
        raise MediaRefused("no_audio" if has_pictures else "truncated")
    length_s = stated_s if isinstance(stated_s, float) else found_s
    if not (0 < length_s <= found_s + TOLERANCE_S and 0 < found_s < math.inf):
        raise MediaRefused("truncated")
    if found_s > MAX_DURATION_S:
        raise MediaRefused("too_long")
    return MediaInfo(duration_s=length_s, codec=codec, media_type=MEDIA_TYPES[name][has_pictures])


def _inspect(file: BinaryIO, *, size_bytes: int, time_limit_s: float) -> bytes:
    """Return what the inspection answers, in JSON; nothing where the file brought it down."""
    deadline = time.monotonic() + time_limit_s
    answer = b""
    try:
        with subprocess.Popen(  # noqa: S603 -- our own module
            [*INSPECTION, str(size_bytes)],
            cwd=BASE_DIR,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # FFmpeg quotes the file
        ) as process:
            clock = threading.Timer(time_limit_s, process.kill)
            clock.start()
            try:
                answer = lend(file, asks=cast(BinaryIO, process.stdout), pieces=cast(BinaryIO, process.stdin))
            finally:
                clock.cancel()
                process.kill()
    except BrokenPipeError:  # it ended while it was given a piece
        answer = b""
    if not answer and time.monotonic() >= deadline:
        raise MediaRefused("too_slow")
    if not answer:
        log.warning("inspection_failed", size_bytes=size_bytes, exit_status=process.returncode)
    return answer
