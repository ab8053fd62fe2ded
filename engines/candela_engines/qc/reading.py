"""Frames of any clip, one after the other, going on after those that cannot be read and past those that need
not be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import MediaError
from candela_engines.media.clip import Clip
from candela_engines.media.movie import Movie
from candela_engines.media.movie_rgb import Plane
from candela_engines.media.prefetch import ahead
from candela_engines.media.sequence import SequenceClip

__all__ = ["Kept", "Picture", "Read", "Unread", "read_files", "read_on"]

_AHEAD = 2


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A frame with its stored samples: planes of a movie, else (H, W, 3) codes. held: keeps the planes
    alive.
    """

    number: int
    planes: list[Plane] | None
    codes: NDArray[Any] | None
    held: object = None

    @property
    def luma(self) -> NDArray[Any]:
        """Luma, or the green of R'G'B'; (H, W)."""
        if self.planes is not None:
            return self.planes[0]
        assert self.codes is not None
        return self.codes[..., 1]


@dataclass(frozen=True, slots=True)
class Unread:
    """A frame that cannot be had, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A frame that is measured already, and was not decoded."""

    number: int


@dataclass(frozen=True, slots=True)
class Read:
    """One step of reading. fresh: no picture of the number before was read just before it. wanted: False of a
    frame that the next is only to be compared with.
    """

    item: Picture | Unread | Kept
    fresh: bool
    wanted: bool


def read_files(
    clip: Clip, numbers: Sequence[int], before: int | None, kept: Callable[[int], bool]
) -> Iterator[Read]:
    """Frames that have a file each; those that are `kept` are not decoded, but for one that the next is to be
    compared with. numbers: in order. before: the frame before the first, where there is one.

    kept is asked just before a frame would be decoded, on the thread that would.
    """

    def look(number: int) -> Picture | Unread | Kept:
        return Kept(number) if kept(number) else _one(clip, number)

    there = {*numbers, before}
    tried, last = None, None  # the last frame that was to be decoded, and that was
    for item in ahead(look, numbers, count=_AHEAD):
        if isinstance(item, Picture) and tried != item.number - 1 and item.number - 1 in there:
            other = _one(clip, item.number - 1)
            yield Read(other, True, False)
            last = other.number if isinstance(other, Picture) else None
        yield Read(item, last != item.number - 1, True)
        tried = None if isinstance(item, Kept) else item.number
        last = item.number if isinstance(item, Picture) else None


def _one(clip: Clip, number: int) -> Picture | Unread:
    try:
        return next(_pictures(clip, number, number))
    except MediaError as error:
        return Unread(number, str(error))


def read_on(clip: Clip, first: int, last: int) -> Iterator[Picture | Unread]:
    """Frames first..last that the clip has, in order. Missing numbers of a sequence are left out.

    After a frame that cannot be read the next is tried; after two in a row of a movie, the next key frame,
    and those between count as unread. What a truncated movie lost is not asked for.
    """
    missing = set(clip.info.missing)
    end = last if clip.info.cut_after is None else min(last, clip.info.cut_after)
    at, troubles = first, 0
    while at <= end:
        if at in missing:
            at += 1
            continue
        try:
            for picture in _pictures(clip, at, end):
                yield picture
                at, troubles = picture.number + 1, 0
            return
        except MediaError as error:
            while at in missing:
                at += 1
            yield Unread(at, str(error))
            troubles += 1
            at += 1
            key = clip.key_after(at - 1) if isinstance(clip, Movie) and troubles > 1 else None
            for number in range(at, min(key, end + 1) if key is not None else at):
                yield Unread(number, "a frame that it is predicted from is damaged")
                at = number + 1


def _pictures(clip: Clip, first: int, last: int) -> Iterator[Picture]:
    if isinstance(clip, Movie):
        for stored in clip.stored(first, last):
            yield Picture(stored.number, stored.planes, None, stored.held)
        return
    if isinstance(clip, SequenceClip):
        for number, codes in clip.stored(first, last):
            yield Picture(number, None, codes)
        return
    for frame in clip.frames(first, last):
        yield Picture(frame.number, None, np.asarray(frame.codes))
