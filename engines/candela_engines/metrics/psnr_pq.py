"""PSNR of PQ codes: ST 2084 encoded light, peak 1.0; what HDR papers print as "PQ-PSNR"."""

from __future__ import annotations

import math

import numpy as np

from candela_engines.colour import pq
from candela_engines.metrics._images import Image, check_pair, strips

__all__ = ["psnr_pq"]


def psnr_pq(test: Image, reference: Image) -> float:
    """10·log10(1 / mean((PQ(test) − PQ(reference))²)) in dB over R, G and B.

    test, reference: (H, W, 3) float32 or float64, linear BT.2020, absolute nits; light below zero counts as
    zero. Returns +inf for identical pictures and NaN if any pixel is NaN. Raises InputError for other shapes.
    """
    check_pair(test, reference, "PQ-PSNR")
    total = 0.0
    for rows in strips(*test.shape[:2]):
        difference = pq.inverse_eotf(test[rows].astype(np.float64))
        difference -= pq.inverse_eotf(reference[rows].astype(np.float64))
        total += float(np.vdot(difference, difference))
    if math.isnan(total):
        return math.nan
    return math.inf if total == 0.0 else -10 * math.log10(total / test.size)
