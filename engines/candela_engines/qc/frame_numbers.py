"""The columns of a frame that its histograms tell."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import pq
from candela_engines.colour.gamuts import LUMA_BT2020
from candela_engines.qc.columns import HISTOGRAM, LEVELS
from candela_engines.qc.count import Counts
from candela_engines.qc.light import NITS

__all__ = ["STEP", "histogram_numbers", "luminance_histogram"]

F32 = NDArray[np.float32]
STEP = 16
"""Codes of 14 bits to one of 10."""
_PILE = 2 * STEP
# Light of a channel's 12-bit code: the mean of the four finer ones.
_CHANNEL_NITS = NITS.reshape(-1, 4).astype(np.float64).mean(axis=1)


def histogram_numbers(c: Counts, most: float, luma: NDArray[np.float64]) -> dict[str, float]:
    """By the names of columns. most: exact light of the brightest sample. luma: weights of R, G and B."""
    top = c.top.astype(np.float64)
    ranks = np.cumsum(top)
    channels = c.channels.astype(np.float64)
    # No matrix product: how a library adds up must not change a number.
    some = int(channels[0].sum())
    means = (channels * _CHANNEL_NITS).sum(axis=1) / some
    low = [_CHANNEL_NITS[int(np.searchsorted(np.cumsum(row), _rank(0.1, some)))] for row in channels]
    out = {
        "max_nits": most,
        "max_x_px": float(c.most_x),
        "max_y_px": float(c.most_y),
        "robust_max_nits": min(_at(ranks, 99.99, c.pixels), most),
        "fall_nits": float((top * NITS).sum()) / c.pixels,
        "luminance_nits": float((luma * means).sum()),
        "median_nits": _at(ranks, 50, c.pixels),
        "p90_nits": _at(ranks, 90, c.pixels),
        "black_nits": _at(ranks, 0.1, c.pixels),
        "red_floor_nits": float(low[0]),
        "green_floor_nits": float(low[1]),
        "blue_floor_nits": float(low[2]),
        "outside_p3_percent": 100 * c.outside / c.pixels,
        "outside_p3_worst_percent": -100 * c.worst,
    }
    out["top_percent"], out["top_ratio"] = _pile(top, _PILE, c.pixels)
    out["bottom_percent"], out["bottom_ratio"] = _pile(top[::-1], _PILE, c.pixels)
    piles = [_pile(row, _PILE // 4, some) for row in channels]
    out["channel_top_percent"], out["channel_top_ratio"] = max(piles, key=lambda p: (min(p[1], 8.0), p[0]))
    return out


def luminance_histogram(nits: F32) -> NDArray[np.uint32]:
    """Pixels by the PQ code of their luminance."""
    red, green, blue = (np.float32(weight) * nits[..., k] for k, weight in enumerate(LUMA_BT2020))
    codes = np.asarray(pq.inverse_eotf(np.clip(red + green + blue, 0, 1e4)))
    steps = np.minimum((codes * 1023 + 0.5).astype(np.int64) * HISTOGRAM // LEVELS, HISTOGRAM - 1)
    return np.bincount(steps.reshape(-1), minlength=HISTOGRAM).astype(np.uint32)


def _rank(percent: float, pixels: int) -> int:
    return min(pixels, max(1, math.ceil(percent / 100 * pixels - 1e-9)))


def _at(ranks: NDArray[np.float64], percent: float, pixels: int) -> float:
    """Nearest-rank percentile."""
    return float(NITS[int(np.searchsorted(ranks, _rank(percent, pixels)))])


def _pile(counts: NDArray[np.float64], width: int, pixels: int) -> tuple[float, float]:
    """Per cent of the pixels within `width` codes of the last that is in use, and their number over the mean
    of the eight such steps before.
    """
    used = np.flatnonzero(counts)
    last = int(used[-1]) + 1
    here = float(counts[max(0, last - width) : last].sum())
    before = counts[max(0, last - 9 * width) : max(0, last - width)]
    mean = float(before.sum()) / 8
    return 100 * here / pixels, here / max(mean, 1e-5 * pixels)
