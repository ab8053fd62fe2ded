"""Aligned patches of a picture and its reference: 16x16 samples each, of three sizes in the picture.

Sizes 0 and 1 are 16 and 32 pixels of the picture as it is, so that noise, banding and compression are seen
whatever its size. Size 2 is a 32nd of the longer side, at least 64 pixels: what a viewer sees of the whole.
Samples are means over equal areas, of light. A grid is regular with every place drawn within its cell for
training, and its centre otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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

    def of(self, light: Callable[[slice, slice], F32]) -> Patches:
        """The patches. light: gives (h, w, C) float32 of rows and columns, so that no whole picture is
        needed."""
        samples = []
        for top, left, side in zip(self.tops, self.lefts, self.sides, strict=True):
            part = light(slice(int(top), int(top + side)), slice(int(left), int(left + side)))
            samples.append(_reduced(part, int(side) // SAMPLES))
        centre_y = (self.tops + self.sides / 2) / self.height
        centre_x = (self.lefts + self.sides / 2) / self.width
        uv = np.stack([centre_y, centre_x], axis=1).astype(np.float32)
        return Patches(np.stack(samples).astype(np.float32), uv, self.size)


def _reduced(part: F32, each: int) -> F32:
    """Means over blocks of `each` by `each` pixels; rows first, which is several times faster than both."""
    if each == 1:
        return part
    rows = part.reshape(SAMPLES, each, -1).sum(axis=1, dtype=np.float32)
    both = rows.reshape(SAMPLES, SAMPLES, each, -1).sum(axis=2, dtype=np.float32)
    return np.asarray(both * np.float32(1 / each**2), np.float32)


def _cells(count: int, height: int, width: int) -> tuple[int, int]:
    """Rows and columns of exactly `count` cells whose shape is nearest to square."""
    pairs = [(rows, count // rows) for rows in range(1, count + 1) if count % rows == 0]
    return min(pairs, key=lambda p: abs(np.log((height / p[0]) / (width / p[1]))))
