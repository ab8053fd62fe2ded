"""Robust statistics of planes, at a bounded cost and without a NaN for too little evidence being mistaken."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.planes import Plane

__all__ = ["Ranked", "mad", "mean", "median", "quantile", "safe_log", "share"]

_SAMPLE = 1 << 16  # a percentile of 65536 samples is within 0.2 % in rank
LEAST = 32
"""Values a statistic needs; with fewer it is NaN, which stands for: no evidence."""


def _thinned(values: Plane, most: int = _SAMPLE) -> Plane:
    flat = values.reshape(-1)
    # An odd step, so that it does not lock to a lattice of even width.
    step = max(1, flat.size // most) | 1 if flat.size > most else 1
    return flat[::step]


class Ranked:
    """The values of a plane in order, thinned to what a percentile needs."""

    def __init__(self, values: Plane, most: int = _SAMPLE) -> None:
        """Sort `values`, at most about `most` of them."""
        self.values = np.sort(_thinned(values, most))

    def at(self, percent: float) -> float:
        """Value that `percent` of the samples do not exceed; NaN if there are fewer than LEAST."""
        if self.values.size < LEAST:
            return math.nan
        return float(self.values[min(int(percent / 100 * self.values.size), self.values.size - 1)])


def quantile(values: Plane, percent: float) -> float:
    """One percentile of values, thinned; NaN if there are fewer than LEAST."""
    flat = _thinned(values)
    if flat.size < LEAST:
        return math.nan
    place = min(int(percent / 100 * flat.size), flat.size - 1)
    return float(np.partition(flat, place)[place])


def median(values: Plane) -> float:
    """Median of values, thinned; NaN if there are fewer than LEAST."""
    return quantile(values, 50)


def mad(values: Plane) -> float:
    """Median absolute deviation times 1.4826: the standard deviation of a Gaussian. NaN as `median`."""
    flat = _thinned(values)
    middle = median(flat)
    if math.isnan(middle):
        return math.nan
    return 1.4826 * median(np.abs(flat - np.float32(middle)))


def mean(values: Plane) -> float:
    """Mean in float64; NaN if there are fewer than LEAST."""
    return float(values.mean(dtype=np.float64)) if values.size >= LEAST else math.nan


def share(flags: NDArray[np.bool_]) -> float:
    """Share of what is true, 0..1."""
    return float(np.count_nonzero(flags)) / flags.size if flags.size else math.nan


def safe_log(value: float, floor: float) -> float:
    """log10 of a value that is taken as `floor` where it is smaller; NaN stays NaN."""
    return math.nan if math.isnan(value) else math.log10(max(value, floor))
