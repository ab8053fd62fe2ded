"""Where blocks of a picture were in the picture before: plain block matching, in whole pixels.

Of two steps: all shifts up to REACH on a picture a quarter as large, then those around the best of them, and
those around no shift at all, at full size. The measure is the mean absolute difference of the fourth root of
luminance, which is near enough to perceptual for that and takes two square roots. A longer shift has to earn
its length, so flat regions stay where they are. Whole pixels, because an interpolated picture is a smoothed
one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "REACH", "Plane", "block_origins", "follow", "plane_of"]

BLOCK = 16
"""Pixels a side of what is followed as one."""
REACH = 32
"""The longest shift that is found along an axis, pixels."""

_COARSE = 4
_FINE = 3  # pixels around a coarse shift that are tried at full size
_COST = 2e-4  # of a pixel's shift, in fourth roots of nits; a code of 8 bits at 100 nit is about 0.02
_MOST = 1e5  # nits; infinities have no difference
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)  # BT.2020

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A picture as it is matched: its light (H, W, 3), and (h, w) float32 of a quarter of its size."""

    nits: NDArray[np.floating]
    coarse: NDArray[np.float32]


def plane_of(nits: NDArray[np.floating]) -> Plane:
    """Prepare (H, W, 3) linear BT.2020 nits, at least one pixel; NaN and negatives count as black."""
    # Two rows of four are enough for a first idea, and half the memory to go through.
    light = _matched(
        np.concatenate([nits[::_COARSE], nits[_COARSE // 2 :: _COARSE][: -(-len(nits) // _COARSE)]])
    )
    height = len(nits[::_COARSE])
    rows = light[:height].copy()
    rows[: len(light) - height] = (rows[: len(light) - height] + light[height:]) / 2
    across = -rows.shape[1] % _COARSE
    whole = np.pad(rows, ((0, 0), (0, across)), mode="edge") if across else rows
    return Plane(nits, whole.reshape(height, -1, _COARSE).mean(axis=2))


def _matched(nits: NDArray[np.floating]) -> NDArray[np.float32]:
    light = np.nan_to_num(nits @ _LUMINANCE.astype(nits.dtype), copy=False, nan=0.0)
    return np.asarray(np.sqrt(np.sqrt(np.clip(light, 0, _MOST))), np.float32)


def block_origins(size: int) -> Ints:
    """First pixels of the blocks along an axis; the last one is moved inwards to end with the picture."""
    last = max(0, size - BLOCK)
    return np.unique(np.minimum(np.arange(0, size, BLOCK), last))


def follow(now: Plane, before: Plane, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
    """Rows and columns by which to go to find each block in the picture before; 0 where it has not moved.

    rows, columns: (N,) first pixels of blocks of `now`. The block found lies wholly inside the picture.
    """
    height, width = now.nits.shape[:2]
    side_y, side_x = min(BLOCK, height), min(BLOCK, width)
    coarse_y, coarse_x = _search_coarse(now, before, rows + side_y // 2, columns + side_x // 2)
    here = _windows(now.nits, rows, columns, side_y, side_x)
    best = np.full(len(rows), np.inf)
    best_y, best_x = np.zeros_like(rows), np.zeros_like(columns)
    reach = range(-_FINE, _FINE + 1)
    for base_y, base_x in ((np.zeros_like(rows), np.zeros_like(rows)), (coarse_y, coarse_x)):
        top, left = rows + base_y, columns + base_x
        there = _windows(before.nits, top - _FINE, left - _FINE, side_y + 2 * _FINE, side_x + 2 * _FINE)
        for dy in reach:
            for dx in reach:
                part = there[:, _FINE + dy : _FINE + dy + side_y, _FINE + dx : _FINE + dx + side_x]
                cost = np.abs(part - here).mean(axis=(1, 2)) + _COST * np.hypot(base_y + dy, base_x + dx)
                y, x = top + dy, left + dx
                inside = (y >= 0) & (y <= height - side_y) & (x >= 0) & (x <= width - side_x)
                better = inside & (cost < best)
                best[better] = cost[better]
                best_y[better], best_x[better] = (base_y + dy)[better], (base_x + dx)[better]
    return best_y, best_x


def _windows(
    nits: NDArray[np.floating], rows: Ints, columns: Ints, height: int, width: int
) -> NDArray[np.float32]:
    """(N, height, width) of the picture from those first pixels on; its edge goes on beyond it."""
    y = np.clip(rows[:, None] + np.arange(height), 0, nits.shape[0] - 1)
    x = np.clip(columns[:, None] + np.arange(width), 0, nits.shape[1] - 1)
    return _matched(nits[y[:, :, None], x[:, None, :]])


def _search_coarse(now: Plane, before: Plane, middle_y: Ints, middle_x: Ints) -> tuple[Ints, Ints]:
    """The best coarse shifts, in pixels, of the 8x8 coarse pixels around the middles of blocks."""
    half, reach = 4, REACH // _COARSE
    margin = half + reach
    rows, columns = middle_y // _COARSE, middle_x // _COARSE
    first, second = np.pad(now.coarse, margin, mode="edge"), np.pad(before.coarse, margin, mode="edge")
    wide = np.arange(2 * margin)
    there = second[(rows[:, None] + wide)[:, :, None], (columns[:, None] + wide)[:, None, :]]
    near = wide[reach : reach + 2 * half]
    here = first[(rows[:, None] + near)[:, :, None], (columns[:, None] + near)[:, None, :]]
    best = np.full(len(rows), np.inf)
    best_y, best_x = np.zeros_like(middle_y), np.zeros_like(middle_x)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            part = there[:, reach + dy : reach + dy + 2 * half, reach + dx : reach + dx + 2 * half]
            cost = np.abs(part - here).mean(axis=(1, 2)) + _COST * _COARSE * float(np.hypot(dy, dx))
            better = cost < best
            best[better] = cost[better]
            best_y[better], best_x[better] = dy * _COARSE, dx * _COARSE
    return best_y, best_x
