"""Lend a file to a child process, piece by piece: it reads and seeks, and holds no handle of anything.

The borrower asks with an offset and a size (8 and 4 bytes, big-endian); the lender sends the number of bytes that it
has there (4 bytes), and the bytes. A size of 0 ends the loan, and the borrower's answer follows to the end.
"""

import io
import os
import struct
from typing import Any, BinaryIO

PIECE_BYTES = 1024 * 1024  # the most that is sent at once: one request to an object store
ANSWER_BYTES = 4096  # the most that is taken for an answer
ASK = struct.Struct(">QI")
LENGTH = struct.Struct(">I")


class LentFile(io.RawIOBase):
    """The borrower's side: a seekable file of so many bytes."""

    def __init__(self, size_bytes: int, *, asks: BinaryIO, pieces: BinaryIO) -> None:
        self._size_bytes, self._position = size_bytes, 0
        self._asks, self._pieces = asks, pieces

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size_bytes}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        size = min(len(buffer), PIECE_BYTES, self._size_bytes - self._position)
        if size <= 0:
            return 0
        self._asks.write(ASK.pack(self._position, size))
        self._asks.flush()
        (length,) = LENGTH.unpack(self._pieces.read(LENGTH.size))
        buffer[:length] = self._pieces.read(length)
        self._position += length
        return int(length)

    def answer(self, content: bytes) -> None:
        """End the loan."""
        self._asks.write(ASK.pack(0, 0) + content)
        self._asks.flush()


def lend(file: BinaryIO, *, asks: BinaryIO, pieces: BinaryIO) -> bytes:
    """Serve a borrower until its answer, and return that; empty where the borrower ended without one."""
    while len(ask := asks.read(ASK.size)) == ASK.size:
        offset, size = ASK.unpack(ask)
        if size == 0:
            return asks.read(ANSWER_BYTES)
        file.seek(min(offset, 2**63 - 1))  # the borrower may be in a stranger's hands
        content = file.read(min(size, PIECE_BYTES))
        pieces.write(LENGTH.pack(len(content)))
        pieces.write(content)
        pieces.flush()
    return b""
