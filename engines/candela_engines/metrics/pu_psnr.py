"""PU-PSNR: PSNR of PU21-encoded light (Mantiuk and Azimi 2021; reference code gfxdisp/pu21, pu21_metric)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from candela_engines.colour import pu21
from candela_engines.colour.gamuts import luminance
from candela_engines.metrics._images import Image, check_pair, strips

__all__ = ["PuPsnr", "pu_psnr", "pu_psnr_y"]

PEAK = 256.0
"""The peak of the reference code, about PU21 of 100 nit. With 595.39 (10000 nit) figures are 7.33 dB more."""


class PuPsnr:
    """PU-PSNR of a picture that arrives in strips; memory does not grow with the picture.

    on: "rgb" encodes R, G and B, "y" the luminance alone. peak: as in `pu_psnr`.
    """

    def __init__(self, *, peak: float = PEAK, on: Literal["rgb", "y"] = "rgb") -> None:
        """Start with nothing seen."""
        self.peak = peak
        self.on = on
        self._sum = 0.0
        self._count = 0

    def add(self, test: Image, reference: Image) -> None:
        """Take two strips (H, W, 3) of linear BT.2020 nits. Raises InputError if they differ in size."""
        check_pair(test, reference, "PU-PSNR")
        for rows in strips(*test.shape[:2]):
            a, b = test[rows].astype(np.float64), reference[rows].astype(np.float64)
            if self.on == "y":
                a, b = luminance(a), luminance(b)
            difference = pu21.encode(a) - pu21.encode(b)
            self._sum += float(np.vdot(difference, difference))
            self._count += difference.size

    def join(self, other: PuPsnr) -> None:
        """Take in what another one of the same kind has seen."""
        self._sum += other._sum
        self._count += other._count

    def result(self) -> float:
        """10·log10(peak² / MSE) in dB; +inf for identical pictures, NaN if a pixel was NaN or none came."""
        if self._count == 0 or math.isnan(self._sum):
            return math.nan
        if self._sum == 0.0:
            return math.inf
        return 10 * math.log10(self.peak**2 * self._count / self._sum)


def pu_psnr(test: Image, reference: Image, *, peak: float = PEAK) -> float:
    """PU-PSNR in dB over R, G and B: 10·log10(peak² / mean((PU(test) − PU(reference))²)).

    test, reference: (H, W, 3) float32 or float64, linear BT.2020, absolute nits; light outside 0.005..10000
    nit counts as the nearer end, as PU21 has it. peak: in PU21 units; 256 is the reference code's. Returns
    +inf for identical pictures and NaN if any pixel is NaN. Raises InputError for other shapes or dtypes.
    """
    total = PuPsnr(peak=peak)
    total.add(test, reference)
    return total.result()


def pu_psnr_y(test: Image, reference: Image, *, peak: float = PEAK) -> float:
    """PU-PSNR of luminance, with BT.2020 weights (the reference code takes BT.709's). Else as `pu_psnr`."""
    total = PuPsnr(peak=peak, on="y")
    total.add(test, reference)
    return total.result()
