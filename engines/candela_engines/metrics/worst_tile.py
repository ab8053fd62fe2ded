"""The worst tile of a picture by PU-PSNR: a mean over the frame hides a ruined face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from candela_engines.colour import pu21
from candela_engines.errors import InputError
from candela_engines.metrics._images import Image, check_pair
from candela_engines.metrics.pu_psnr import PEAK

__all__ = ["WorstTile", "worst_tile"]


@dataclass(frozen=True, slots=True)
class WorstTile:
    """pu_psnr in dB of the worst tile; left and top of its first pixel, width and height, in pixels."""

    pu_psnr: float
    left: int
    top: int
    width: int
    height: int


def worst_tile(test: Image, reference: Image, *, tile: int = 64, peak: float = PEAK) -> WorstTile:
    """Tile of the lowest PU-PSNR, and where it is.

    test, reference: (H, W, 3) float32 or float64, linear BT.2020, absolute nits. Tiles of tile x tile start
    at every multiple of `tile`; the last of a row or column moves back so that it is whole and every pixel
    is covered, and a picture smaller than a tile is one tile. The first of equally bad ones wins; identical
    pictures give +inf at (0, 0). A tile with NaN is the worst there is, and its figure NaN. Raises
    InputError for other shapes or a tile below 1.
    """
    check_pair(test, reference, "worst tile")
    if tile < 1:
        raise InputError(f"worst tile: {tile} pixels; at least 1 is needed")
    height, width = test.shape[:2]
    tall, wide = min(tile, height), min(tile, width)
    lefts = _starts(width, wide)
    worst, place = -1.0, (0, 0)
    for top in _starts(height, tall):
        difference = pu21.encode(test[top : top + tall].astype(np.float64))
        difference -= pu21.encode(reference[top : top + tall].astype(np.float64))
        columns = np.einsum("hwc,hwc->w", difference, difference)
        sums = [float(columns[left : left + wide].sum()) for left in lefts]
        for left, total in zip(lefts, sums, strict=True):
            if math.isnan(total):
                return WorstTile(math.nan, left, top, wide, tall)
            if total > worst:
                worst, place = total, (left, top)
    mse = worst / (tall * wide * 3)
    figure = math.inf if mse == 0.0 else 10 * math.log10(peak**2 / mse)
    return WorstTile(figure, *place, wide, tall)


def _starts(length: int, size: int) -> list[int]:
    starts = list(range(0, length - size + 1, size))
    if starts[-1] + size < length:
        starts.append(length - size)
    return starts
