"""Aligned patches of a picture and its reference: 16x16 samples each, of three sizes in the picture.

Sizes 0 and 1 are 16 and 32 pixels of the picture as it is, so that noise, banding and compression are seen
whatever its size. Size 2 is a 32nd of the longer side, at least 64 pixels: what a viewer sees of the whole.
Samples are means over equal areas, of light. A grid is regular with every place drawn within its cell for
training, and its centre otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["COUNTS", "SAMPLES", "SIZES", "PatchGrid", "Patches"]

F32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

SAMPLES = 16
SIZES = 3
COUNTS = (144, 80, 32)
"""Patches of each size where a picture is judged: 256."""
_ACROSS = 32
_JITTER = 0.2
_SMALLEST_LARGE = 64


@dataclass(frozen=True, slots=True)
class Patches:
    """One picture's patches. samples: (N, 16, 16, C) float32. uv: (N, 2) float32, centres as shares of height
    and width. size: (N,) int64, 0 to 2.
    """

    samples: F32
    uv: F32
    size: Ints


@dataclass(frozen=True, slots=True)
class PatchGrid:
    """Where patches lie in a picture of one size. tops, lefts: (N,) pixels. sides: (N,) pixels of the
    picture."""

    tops: Ints
    lefts: Ints
    sides: Ints
    size: Ints
    height: int
    width: int

    @classmethod
    def over(
        cls,
        height: int,
        width: int,
        counts: tuple[int, int, int] = COUNTS,
        random: np.random.Generator | None = None,
    ) -> PatchGrid:
        """A grid over (height, width) pixels. random: moves each patch by a fifth of its cell at most.

        A picture with fewer than 16 pixels a side is not for patches: ValueError.
        """
        if min(height, width) < SAMPLES:
            raise ValueError(f"{width}x{height}: patches need {SAMPLES} pixels a side")
        large = max(_SMALLEST_LARGE, max(height, width) // _ACROSS // SAMPLES * SAMPLES)
        tops, lefts, sides, sizes = list[Ints](), list[Ints](), list[Ints](), list[Ints]()
        for size, (side, count) in enumerate(zip((SAMPLES, 2 * SAMPLES, large), counts, strict=True)):
            # Where a size does not fit, the largest multiple of the samples that does stands in.
            fits = min(side, min(height, width) // SAMPLES * SAMPLES)
            down, across = _cells(count, height, width)
            y, x = np.divmod(np.arange(down * across), across)
            centres = [(y + 0.5) / down, (x + 0.5) / across]
            if random is not None:
                drawn = random.uniform(-_JITTER, _JITTER, (2, len(y)))
                centres = [c + d / n for c, d, n in zip(centres, drawn, (down, across), strict=True)]
            for found, centre, extent in zip((tops, lefts), centres, (height, width), strict=True):
                corner = np.round(centre * extent - fits / 2).astype(np.int64)
                found.append(np.clip(corner, 0, extent - fits))
            sides.append(np.full(len(y), fits, np.int64))
            sizes.append(np.full(len(y), size, np.int64))
        joined = [np.concatenate(parts) for parts in (tops, lefts, sides, sizes)]
        return cls(joined[0], joined[1], joined[2], joined[3], height, width)

    def of(self, picture: npt.NDArray[Any], light: Callable[[npt.NDArray[Any]], F32]) -> Patches:
        """The patches of a picture (height, width, C). light: makes light of its values, of (n, h, w, C) of
        them at a time, so that no light of the whole picture is needed.
        """
        samples = []
        for size in range(SIZES):
            places = np.flatnonzero(self.size == size)
            if not len(places):
                continue
            side = int(self.sides[places[0]])
            corners = zip(self.tops[places].tolist(), self.lefts[places].tolist(), strict=True)
            parts = np.stack([picture[top : top + side, left : left + side] for top, left in corners])
            samples.append(_reduced(light(parts)))
        centre_y = (self.tops + self.sides / 2) / self.height
        centre_x = (self.lefts + self.sides / 2) / self.width
        uv = np.stack([centre_y, centre_x], axis=1).astype(np.float32)
        return Patches(np.concatenate(samples).astype(np.float32, copy=False), uv, self.size)


def _reduced(parts: F32) -> F32:
    """Means of (n, side, side, C) over equal blocks; rows first, which is several times faster than both."""
    count, side, _, channels = parts.shape
    each = side // SAMPLES
    if each == 1:
        return parts
    rows = parts.reshape(count, SAMPLES, each, -1).sum(axis=2, dtype=np.float32)
    both = rows.reshape(count, SAMPLES, SAMPLES, each, channels).sum(axis=3, dtype=np.float32)
    return np.asarray(both * np.float32(1 / each**2), np.float32)


def _cells(count: int, height: int, width: int) -> tuple[int, int]:
    """Rows and columns of exactly `count` cells whose shape is nearest to square."""
    pairs = [(rows, count // rows) for rows in range(1, count + 1) if count % rows == 0]
    return min(pairs, key=lambda p: abs(np.log((height / p[0]) / (width / p[1]))))
