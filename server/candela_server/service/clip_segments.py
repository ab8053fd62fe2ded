"""Which frames of a movie are encoded together, and kept when they are finished."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from itertools import pairwise

__all__ = ["segment_ranges"]

_PIXELS = 48 * 1920 * 1080
_SECONDS = 1, 2  # of the movie, at least and at most; encoders begin anew every two seconds anyway


def segment_ranges(
    first: int, last: int, cuts: Collection[int], *, pixels: int, rate: Fraction
) -> Iterator[tuple[int, int]]:
    """First and last frame of every segment of the frames first..last, in order.

    cuts: frames at which a segment has to begin, which are not all in there. pixels: of a frame; of large
    ones a segment has fewer. rate: frames a second. An interrupt costs one segment at most, and where they
    end depends on the clip alone, so that a movie that was interrupted is the same in the end.
    """
    least, most = (max(1, round(rate * seconds)) for seconds in _SECONDS)
    length = min(max(_PIXELS // pixels, least), most)
    edges = sorted({first, last + 1, *(cut for cut in cuts if first < cut <= last)})
    for begin, end in pairwise(edges):
        for at in range(begin, end, length):
            yield at, min(at + length, end) - 1
