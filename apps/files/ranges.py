"""Byte ranges of HTTP (RFC 9110, section 14), single ones: what players and workers ask for."""

import re
from typing import NamedTuple

RANGE = re.compile(r"bytes=\s*([0-9]*)-([0-9]*)\s*", re.ASCII | re.IGNORECASE)
DIGITS = 18  # more than any size has


class ByteRange(NamedTuple):
    """The first and last byte, both included, counted from 0."""

    first: int
    last: int

    @property
    def size_bytes(self) -> int:
        return self.last - self.first + 1


class UnsatisfiableRange(Exception):
    """The range lies outside the object (416)."""


def parse_range(header: str, size_bytes: int) -> ByteRange | None:
    """Return the part of an object of ``size_bytes`` that a Range header asks for.

    None (answer with the whole) where it asks for no range, for several, or cannot be read, as the RFC allows.
    Raises UnsatisfiableRange.
    """
    match = RANGE.fullmatch(header)
    if match is None or match[1] == match[2] == "":
        return None
    first, last = (_number(text) for text in match.groups())
    if first is None:  # the last so many bytes
        wanted = min(last or 0, size_bytes)
        if wanted == 0:
            raise UnsatisfiableRange
        return ByteRange(size_bytes - wanted, size_bytes - 1)
    if last is not None and last < first:
        return None
    if first >= size_bytes:
        raise UnsatisfiableRange
    return ByteRange(first, size_bytes - 1 if last is None else min(last, size_bytes - 1))


def _number(text: str) -> int | None:
    """Return the number of some digits; one that is too long to be a place in any object is as good as 10^18."""
    digits = text.lstrip("0") or text[-1:]
    if not digits:
        return None
    return int(digits) if len(digits) <= DIGITS else 10**DIGITS
