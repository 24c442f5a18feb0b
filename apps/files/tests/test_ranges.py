"""What a Range header asks for, against a plain model of RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.files.ranges import ByteRange, UnsatisfiableRange, parse_range

SIZES = st.integers(0, 1 << 40)
PLACES = st.integers(0, 1 << 41)


@given(size=SIZES, first=PLACES, last=PLACES)
def test_range_gives_the_bytes_that_exist(size: int, first: int, last: int) -> None:
    header = f"bytes={first}-{last}"
    wanted = range(first, last + 1)
    there = range(max(first, 0), min(last, size - 1) + 1)
    if not wanted:
        assert parse_range(header, size) is None
    elif not there:
        with pytest.raises(UnsatisfiableRange):
            parse_range(header, size)
    else:
        assert parse_range(header, size) == ByteRange(there[0], there[-1])


@given(size=SIZES, first=PLACES)
def test_range_without_end_goes_to_the_last_byte(size: int, first: int) -> None:
    if first >= size:
        with pytest.raises(UnsatisfiableRange):
            parse_range(f"bytes={first}-", size)
    else:
        assert parse_range(f"bytes={first}-", size) == ByteRange(first, size - 1)


@given(size=SIZES, count=PLACES)
def test_suffix_gives_the_last_bytes(size: int, count: int) -> None:
    if size == 0 or count == 0:
        with pytest.raises(UnsatisfiableRange):
            parse_range(f"bytes=-{count}", size)
    else:
        asked = parse_range(f"bytes=-{count}", size)
        assert asked is not None
        assert asked.last == size - 1
        assert asked.size_bytes == min(count, size)


@given(header=st.text(max_size=40), size=SIZES)
def test_range_never_leaves_the_object(header: str, size: int) -> None:
    for text in (header, f"bytes={header}"):
        try:
            asked = parse_range(text, size)
        except UnsatisfiableRange:
            continue
        if asked is not None:
            assert 0 <= asked.first <= asked.last < size


@pytest.mark.parametrize(
    "header", ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "items=0-1", "bytes=0-1,3-4", "bytes=a-b", "bytes=٣-٤"]
)
def test_range_that_is_none_is_left_aside(header: str) -> None:
    assert parse_range(header, 100) is None


def test_range_of_absurd_length_is_outside() -> None:
    with pytest.raises(UnsatisfiableRange):
        parse_range(f"bytes={'9' * 5000}-", 100)
    assert parse_range(f"bytes={'0' * 5000}7-8", 100) == ByteRange(7, 8)
