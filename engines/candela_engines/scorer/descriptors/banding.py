"""Banding: how many codes are in use, and the contours that a viewer would see.

Density: a histogram of 12-bit PQ codes of a camera's picture has hardly a gap; one that was cut to 8 bits
has one code in sixteen. It needs no gradient to show, but no eye sees it.

Contours: along rows, two runs of at least `least_run` pixels without any change, one step apart. The step is
in units of ΔE_ITP, 720 times a difference in PQ: the scale of PQ is that of contrast sensitivity at its peak
(Barten, as in ST 2084), so a step of 1 is just visible where the eye sees best. Dither and grain break the
runs, and with them what is seen.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.metrics.contours import contour_weight, contours, least_run
from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.frames import GradeFrame
from candela_engines.scorer.planes import Plane, pq_of

__all__ = ["GROUP", "SPECS", "contour_weight", "least_run", "measure"]

GROUP = "banding"
_CODES = 4096
_WINDOW = 64

SPECS = (
    Spec("density", "1", "codes in use, of 64 neighbours at 12-bit PQ, of luminance: exp(entropy)/64", 1.0),
    Spec("density_green", "1", "the same of the green channel", 1.0),
    Spec("density_dark", "1", "the same of luminance, under 10 nit", 1.0),
    Spec("step", "log2", "typical distance of codes in use, in 12-bit codes: log2(1/density), mass-weighted"),
    Spec("contours", "1", "visible contours per line of the picture: sum of their weights"),
    Spec("contour_step", "ΔE_ITP", "median step of the contours", 0.0),
    Spec("even", "share", "pixels inside runs without change, black and clipped left out"),
)


def measure(frame: GradeFrame) -> Measured:
    """Values of SPECS."""
    luma, green = _histogram(frame.point_y), _histogram(np.maximum(frame.points[1], np.float32(0)))
    dark = luma.copy()
    dark[1234:] = 0  # 10 nit
    density = _density(luma)
    out: Measured = {
        "density": density,
        "density_green": _density(green),
        "density_dark": _density(dark),
        "step": -math.log2(density) if density > 0 else math.nan,
    }
    return out | contours(frame.line_i)


def _histogram(nits: Plane) -> NDArray[np.int64]:
    codes = (pq_of(nits) * np.float32(_CODES - 1) + np.float32(0.5)).astype(np.int32)
    counts = np.bincount(codes, minlength=_CODES).astype(np.int64)
    counts[: _code(0.01)] = 0  # what is black is not banded
    counts[int(np.flatnonzero(counts)[-1]) if counts.any() else 0] = 0  # nor is what is clipped
    return counts


def _code(nits: float) -> int:
    return round(float(pq_of(np.array([nits], np.float32))[0]) * (_CODES - 1))


def _density(counts: NDArray[np.int64]) -> float:
    """Codes in use among 64 neighbours, mean over the pixels; NaN with too few pixels to fill them."""
    windows = counts.reshape(-1, _WINDOW)
    totals = windows.sum(axis=1)
    # A window needs several pixels a code before an empty code means anything.
    full = totals >= 16 * _WINDOW
    if not full.any():
        return math.nan
    parts = windows[full] / totals[full][:, None]
    entropy = -(parts * np.log(np.where(parts > 0, parts, 1.0))).sum(axis=1)
    return float(np.average(np.exp(entropy) / _WINDOW, weights=totals[full]))
