"""Colour maths on planes of float32, for the descriptors: three arrays instead of pixels of three.

The formulas are those of `candela_engines.colour`, which are exact and work in float64. A description of a
picture needs a tenth of a just noticeable difference, over millions of pixels, many times: here a plane is
one array, float32 throughout, and a matrix is nine products. (A product of (n, 3) with a 3x3 matrix through
BLAS costs eight times that.) The largest deviation from the exact formulas is 0.03 ΔE_ITP; a test holds it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import pq, pu21
from candela_engines.colour.gamuts import LUMA_BT2020, rgb_to_rgb

__all__ = [
    "BT709_TO_2020",
    "BT2020_TO_709",
    "BT2020_TO_P3",
    "Plane",
    "Planes",
    "itp_of",
    "largest",
    "luminance",
    "mix",
    "pq_of",
    "pu_of",
    "smallest",
]

Plane = NDArray[np.float32]
"""float32, any shape."""
Planes = tuple[Plane, Plane, Plane]
"""Red, green and blue, or I, T and P: three planes of one shape."""

BT709_TO_2020 = rgb_to_rgb("bt709", "bt2020")
BT2020_TO_709 = rgb_to_rgb("bt2020", "bt709")
BT2020_TO_P3 = rgb_to_rgb("bt2020", "p3d65")

_LMS = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096  # BT.2100-2 table 7
# I, and Ct and Cp as BT.2124 weighs them: in units of ΔE_ITP, T = 0.5·Ct.
_ITP = np.array([[2048, 2048, 0], [6610 / 2, -13613 / 2, 7003 / 2], [17933, -17390, -543]]) / 4096 * 720
_PU = (0.353487901, 0.3734658629, 8.277049286e-05, 0.9062562627, 0.09150303166, 0.9099517204, 596.3148142)


def mix(planes: Sequence[Plane], weights: Sequence[float]) -> Plane:
    """Sum of planes times weights: one row of a matrix."""
    total = planes[0] * np.float32(weights[0])
    for plane, weight in zip(planes[1:], weights[1:], strict=True):
        if weight:
            total += plane * np.float32(weight)
    return total


def luminance(rgb: Planes) -> Plane:
    """Y of linear BT.2020 planes, in their unit."""
    return mix(rgb, LUMA_BT2020)


def largest(rgb: Planes) -> Plane:
    """max(R, G, B)."""
    return np.maximum(np.maximum(rgb[0], rgb[1]), rgb[2])


def smallest(rgb: Planes) -> Plane:
    """min(R, G, B)."""
    return np.minimum(np.minimum(rgb[0], rgb[1]), rgb[2])


def pq_of(nits: Plane) -> Plane:
    """PQ code of light in nits, clamped to 0..10000: SMPTE ST 2084 §5."""
    y = np.clip(nits * np.float32(1 / pq.PEAK_NITS), np.float32(0), np.float32(1))
    np.power(y, np.float32(pq.M1), out=y)
    top = y * np.float32(pq.C2)
    top += np.float32(pq.C1)
    y *= np.float32(pq.C3)
    y += np.float32(1)
    top /= y
    np.power(top, np.float32(pq.M2), out=top)
    return np.asarray(top)


def pu_of(nits: Plane) -> Plane:
    """PU21 value (`banding_glare`) of light in nits, clamped to 0.005..10000; 100 nit is 256."""
    p1, p2, p3, p4, p5, p6, p7 = (np.float32(p) for p in _PU)
    y = np.clip(nits, np.float32(pu21.MIN_NITS), np.float32(pu21.MAX_NITS))
    np.power(y, p4, out=y)
    top = y * p2
    top += p1
    y *= p3
    y += np.float32(1)
    top /= y
    np.power(top, p5, out=top)
    top -= p6
    top *= p7
    return np.asarray(np.maximum(top, np.float32(0), out=top))


def itp_of(rgb: Planes) -> Planes:
    """I, T and P of linear BT.2020 planes in nits, times 720: a distance is a ΔE_ITP (BT.2124 annex 1)."""
    cones = [pq_of(mix(rgb, row)) for row in _LMS]
    intensity, tritan, protan = (mix(cones, row) for row in _ITP)
    return intensity, tritan, protan
