"""Frames of any clip, one after the other, going on after those that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import MediaError
from candela_engines.media.clip import Clip
from candela_engines.media.movie import Movie
from candela_engines.media.movie_rgb import Plane
from candela_engines.media.sequence import SequenceClip

__all__ = ["Picture", "Unread", "read_on"]


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
