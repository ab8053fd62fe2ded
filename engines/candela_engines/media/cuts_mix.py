"""Dissolves and fades: frames that are a mixture of two pictures, by a share that only grows.

Dissolves are made in codes, so a mixed frame is (1 - a)·A + a·B of the frames at both ends. What lies between
two frames is a dissolve where the shares a, by least squares, form one ramp and what is left over is small
beside B - A. A pan or a zoom between A and B leaves over a quarter of it and more, since its edges travel
instead of fading. Coarse means (16x9) do not notice how both pictures move meanwhile. A fade is a mixture
with one colour: the contrast falls on a ramp until nothing is left, while the structure stays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.media.cuts_proxy import FLAT, Look

__all__ = ["LONGEST", "Mix", "fade_in", "fade_out", "find_mix"]

LONGEST = 50  # mixed frames; longer dissolves are slow changes

_RADII = (5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 28, 32)
_LEAST_CHANGE = 0.035  # root mean square of B - A, codes
_LEFT_OVER = 0.12  # of |B - A|², mean over the mixed frames
_OFF_RAMP = 0.1  # root mean square of the shares about their ramp
_STEEPEST = 0.34  # of the ramp that one frame may take
_SHORTEST_FADE = 4

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mix:
    """first..last: indices of the mixed frames. quality: 0 (hardly) to 1 (to the letter)."""

    first: int
    last: int
    quality: float

    @property
    def weight(self) -> float:
        """What overlapping finds are ranked by: the longer one has more to explain."""
        return self.quality * math.sqrt(self.last - self.first + 1)


def find_mix(coarse: NDArray[np.float32], centre: int, low: int, high: int) -> Mix | None:
    """The best dissolve around an index, or None.

    coarse: (N, 9, 16, 3) coarse means of consecutive frames. low, high: outermost indices to be used, both of
    them beside no cut. The result may touch neither, since a ramp needs a pure frame at both ends.
    """
    best: Mix | None = None
    for radius in _RADII:
        first, last = centre - radius, centre + radius
        if first < low or last > high:
            break
        found = _fitted(coarse[first : last + 1])
        if found is not None and (best is None or found.weight > best.weight):
            best = Mix(found.first + first, found.last + first, found.quality)
    return best


def _fitted(frames: NDArray[np.float32]) -> Mix | None:
    flat = frames.reshape(len(frames), -1)
    # The ends are taken from two frames each: grain and a flicker would count fully otherwise.
    a, b = (flat[0] + flat[1]) / 2, (flat[-1] + flat[-2]) / 2
    change = b - a
    energy = float((change * change).sum(dtype=np.float64))
    if energy < _LEAST_CHANGE**2 * len(a):
        return None
    # Most places are none: the frame in the middle alone says so.
    middle = flat[len(flat) // 2] - a
    share = float((middle * change).sum()) / energy
    if not 0.2 < share < 0.8 or float((middle * middle).sum()) / energy - share**2 > 3 * _LEFT_OVER:
        return None
    away = flat - a
    shares = (away * change).sum(axis=1) / energy
    left = (away * away).sum(axis=1) / energy - shares**2
    ramp = _ramp(shares)
    if ramp is None:
        return None
    start, end = ramp
    time = np.arange(len(shares))
    line = np.clip((time - start) / (end - start), 0, 1)
    off = float(np.sqrt(((shares - line) ** 2).mean()))
    mixed = (line > 0.01) & (line < 0.99)
    if off > _OFF_RAMP or mixed.sum() < 3 or float(np.diff(shares).max()) > _STEEPEST:
        return None
    over = float(left[mixed].mean())
    if over > _LEFT_OVER:
        return None
    inside = np.flatnonzero(mixed)
    return Mix(int(inside[0]), int(inside[-1]), (1 - over / _LEFT_OVER) * (1 - off / _OFF_RAMP))


def _ramp(shares: Floats) -> tuple[float, float] | None:
    """Where a ramp through the shares leaves 0 and reaches 1: a line through what lies in between."""
    middle = np.flatnonzero((shares > 0.15) & (shares < 0.85))
    if len(middle) < 3 or middle[-1] - middle[0] + 1 > len(middle) + 1:
        return None
    time = middle.astype(np.float64)
    values = shares[middle]
    mean = time.mean()
    slope = float(((time - mean) * values).sum() / ((time - mean) ** 2).sum())
    if slope <= 0:
        return None
    # Part of a ramp is a ramp as well: pure frames have to be seen on both sides.
    start = mean - float(values.mean()) / slope
    end = start + 1 / slope
    if end - start > LONGEST + 2 or start < 0.8 or end > len(shares) - 1.8:
        return None
    return start, end


def fade_out(looks: Sequence[Look], flat: int) -> int | None:
    """The first frame that a fade to the flat frame looks[flat] has darkened (or lightened), or None."""
    return _faded([look.contrast for look in looks[: flat + 1]][::-1], flat, -1)


def fade_in(looks: Sequence[Look], flat: int) -> int | None:
    """The last mixed frame of a fade from the flat frame looks[flat], or None."""
    return _faded([look.contrast for look in looks[flat:]], flat, 1)


def _faded(contrasts: list[float], flat: int, step: int) -> int | None:
    """contrasts: from the flat frame on, away from it in time."""
    reach = min(len(contrasts) - 1, LONGEST)
    if reach < _SHORTEST_FADE + 2:
        return None
    level = np.array(contrasts[: reach + 1])
    best, chosen = 0.0, None
    for length in range(_SHORTEST_FADE, reach - 1):
        full = float(level[length : length + 3].mean())
        if full < 4 * FLAT:
            continue
        time = np.arange(1, length)
        off = float(np.sqrt(((level[1:length] / full - time / length) ** 2).mean()))
        steepest = float(np.diff(level[: length + 1]).max()) / full
        # A longer ramp explains more; past its end the contrast stays and it fits no longer.
        quality = (1 - off / 0.1) * np.sqrt(length)
        if off < 0.1 and steepest < max(0.45, 2.5 / length) and quality > best:
            best, chosen = float(quality), length
    return None if chosen is None else flat + step * (chosen - 1)
