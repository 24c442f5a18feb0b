"""Tell whether a media file is cut short, from the sizes that its outermost boxes state.

FFmpeg takes what is there for the whole, so this looks by itself. Formats that are written as a stream state no
sizes (a browser's WebM, WAV from a pipe): there is no telling, and what is there is taken.
"""

import os
import struct
from typing import BinaryIO

EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"  # RFC 8794, RFC 9559
LARGEST_OGG_PAGE = 65_307  # bytes, RFC 3533
BOXES_AT_MOST = 64  # an MP4 with more of them is fragmented: a stream


def looks_like_media(head: bytes) -> bool:
    """Return whether a file's first 16 bytes are those of an accepted format."""
    is_wav = head.startswith(b"RIFF") and head[8:12] == b"WAVE"
    return is_wav or head.startswith((EBML, b"OggS", b"ID3")) or head[4:8] == b"ftyp"


def is_cut_short(file: BinaryIO) -> bool:
    """Return whether a seekable file ends before the place that it states itself."""
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(16)
    if head.startswith(b"RIFF"):
        return _riff_end(head) > size_bytes + 1  # the padding byte of the last chunk is often left out
    if head.startswith(EBML):
        return _segment_end(file) > size_bytes
    if head.startswith(b"OggS"):
        return _ogg_end(file, size_bytes) != size_bytes
    if head[4:8] == b"ftyp":
        return _boxes_end(file, size_bytes) > size_bytes
    return False


def _riff_end(head: bytes) -> int:
    (stated,) = struct.unpack("<I", head[4:8])
    return 0 if stated == 0xFFFFFFFF else stated + 8


def _segment_end(file: BinaryIO) -> int:
    """Return where a Matroska segment says that it ends; 0 where it says nothing."""
    file.seek(4)
    header_bytes = _read_vint(file)
    file.seek(header_bytes or 0, os.SEEK_CUR)
    if file.read(4) != SEGMENT:
        return 0
    content_bytes = _read_vint(file)
    return 0 if content_bytes is None else file.tell() + content_bytes


def _read_vint(file: BinaryIO) -> int | None:
    """Read a variable-size integer of EBML; None where it means "unknown"."""
    first = file.read(1)
    length = 9 - first[0].bit_length() if first and first[0] else 0
    rest = file.read(length - 1) if length else b""
    if not length or len(rest) < length - 1:
        return None
    value_bits = 7 * length
    value = int.from_bytes(first + rest) & ((1 << value_bits) - 1)
    return None if value == (1 << value_bits) - 1 else value


def _ogg_end(file: BinaryIO, size_bytes: int) -> int:
    """Return where the last page ends: 27 bytes, the table of its segments' sizes, and the segments."""
    base = max(0, size_bytes - LARGEST_OGG_PAGE)
    file.seek(base)
    tail = file.read(LARGEST_OGG_PAGE)
    start = tail.rfind(b"OggS")
    if start < 0 or len(tail) <= start + 26:
        return 0
    table = tail[start + 27 : start + 27 + tail[start + 26]]
    return base + start + 27 + len(table) + sum(table)


def _boxes_end(file: BinaryIO, size_bytes: int) -> int:
    """Return where the last of the outermost boxes of an MP4 says that it ends (ISO/IEC 14496-12, 4.2)."""
    end = 0
    for _ in range(BOXES_AT_MOST):
        if end >= size_bytes:
            break
        file.seek(end)
        header = file.read(16)
        if len(header) < 8:
            return size_bytes + 1
        (box_bytes,) = struct.unpack(">I", header[:4])
        if box_bytes == 0:  # to the end of the file
            return size_bytes
        if box_bytes == 1 and len(header) == 16:
            (box_bytes,) = struct.unpack(">Q", header[8:])
        if box_bytes < 8:
            return size_bytes
        end += box_bytes
    return end
