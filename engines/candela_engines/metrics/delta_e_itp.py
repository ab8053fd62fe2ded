"""ΔE_ITP over a picture: BT.2124-0. About 1 is a just noticeable difference under the best conditions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour import ictcp
from candela_engines.errors import InputError
from candela_engines.metrics._images import Image, check_pair, strips

__all__ = ["DeltaEItp", "DeltaEItpResult", "delta_e_itp", "delta_e_itp_map"]

Counts = npt.NDArray[np.int64]

_BINS_PER_UNIT = 1000
_TOP = 1024  # no two colours of the PQ system are further apart than about 1000


@dataclass(frozen=True, slots=True)
class DeltaEItpResult:
    """mean, p99 (99th percentile, within 0.001), max; all in units of ΔE_ITP."""

    mean: float
    p99: float
    max: float


class DeltaEItp:
    """ΔE_ITP of a picture that arrives in strips; memory does not grow with the picture.

    The percentile is taken from a histogram of bins 0.001 wide, so it is exact to a thousandth of a unit.
    """

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._histogram = np.zeros(_TOP * _BINS_PER_UNIT + 1, np.int64)
        self._sum = 0.0
        self._max = 0.0
        self._count = 0

    @classmethod
    def of_counts(cls, histogram: Counts, total: float, largest: float, count: int) -> DeltaEItp:
        """What was counted elsewhere: pixels by bins 0.001 wide (1024001), the values' sum and largest."""
        made = cls()
        made._histogram, made._sum, made._max, made._count = histogram, total, largest, count
        return made

    def join(self, other: DeltaEItp) -> None:
        """Take in what another one has seen."""
        self._histogram = self._histogram + other._histogram
        self._sum += other._sum
        self._max = max(self._max, other._max)
        self._count += other._count

    def add(self, test: Image, reference: Image) -> None:
        """Take two strips (H, W, 3) of linear BT.2020 nits. Raises InputError if they differ in size."""
        check_pair(test, reference, "ΔE_ITP")
        for rows in strips(*test.shape[:2]):
            a, b = test[rows].astype(np.float64), reference[rows].astype(np.float64)
            values = delta_e_itp_map(a, b).reshape(-1)
            self._count += values.size
            self._sum += float(values.sum())
            if math.isnan(self._sum):
                continue
            self._max = max(self._max, float(values.max()))
            bins = np.minimum(values * _BINS_PER_UNIT, _TOP * _BINS_PER_UNIT).astype(np.int64)
            counts = np.bincount(bins)
            self._histogram[: counts.size] += counts

    def percentile(self, percent: float) -> float:
        """Value that `percent` of the pixels do not exceed (nearest rank, within 0.001); NaN as `result`."""
        if not 0 < percent <= 100:
            raise InputError(f"ΔE_ITP: percentile {percent}; above 0 and up to 100 is needed")
        if self._count == 0 or math.isnan(self._sum):
            return math.nan
        rank = max(1, math.ceil(percent / 100 * self._count - 1e-9))
        if rank == self._count:
            return self._max
        index = int(np.searchsorted(np.cumsum(self._histogram), rank))
        # The bin's middle, but never above what was seen: identical pictures give 0, not half a bin.
        return min((index + 0.5) / _BINS_PER_UNIT, self._max)

    def result(self) -> DeltaEItpResult:
        """Mean, 99th percentile and maximum; all NaN if a pixel was NaN or nothing came."""
        if self._count == 0 or math.isnan(self._sum):
            return DeltaEItpResult(math.nan, math.nan, math.nan)
        return DeltaEItpResult(self._sum / self._count, self.percentile(99), self._max)


def delta_e_itp_map(test: Image, reference: Image) -> Image:
    """ΔE_ITP of every pixel.

    test, reference: (H, W, 3) float32 or float64, linear BT.2020, absolute nits; cone responses below zero
    count as zero. Returns (H, W), float64 if either is. NaN stays NaN. Raises InputError for other shapes.
    """
    check_pair(test, reference, "ΔE_ITP")
    return ictcp.delta_e_itp(ictcp.from_nits(test), ictcp.from_nits(reference))


def delta_e_itp(test: Image, reference: Image) -> DeltaEItpResult:
    """Mean, 99th percentile and maximum of ΔE_ITP over a picture, in bounded memory. As `delta_e_itp_map`."""
    total = DeltaEItp()
    total.add(test, reference)
    return total.result()
