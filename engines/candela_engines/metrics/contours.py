"""Contours of banding: what a viewer would see of too few codes.

Along rows, two runs of at least `least_run` pixels without any change, one step apart. The step is in units
of ΔE_ITP, 720 times a difference in PQ: the scale of PQ is that of contrast sensitivity at its peak (Barten,
as in ST 2084), so a step of 1 is just visible where the eye sees best. Dither and grain break the runs, and
with them what is seen.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["contour_weight", "contours", "least_run"]

F32 = NDArray[np.float32]
_EQUAL = 0.011  # ΔE_ITP: a 16-bit code
_LARGEST = 16.0  # ΔE_ITP: a larger step is an edge of the picture


def least_run(width: int) -> int:
    """Pixels that a run has at least: 1/240 of the width, 4 or more. Narrower ones are texture to the eye."""
    return max(4, width // 240)


def contour_weight(step: F32) -> F32:
    """How visible a step is, 0..1: half at 2 ΔE_ITP, hardly at half a unit. 1 − exp(−ln 2·(step/2)²)."""
    half = step * np.float32(0.5)
    return np.asarray(1 - np.exp(-np.float32(math.log(2)) * half * half), np.float32)


def contours(lines: F32) -> dict[str, float]:
    """Of rows (n, width) of I or of any PQ signal, 720 for full scale.

    contours: visible ones per row, the sum of their weights. contour_step: their median step. even: share of
    pixels inside runs without change, black (0.9 nit) and clipped left out. NaN where rows are too short.
    """
    rows, width = lines.shape
    least = least_run(width)
    nothing = {"contours": math.nan, "contour_step": math.nan, "even": math.nan}
    if width < 4 * least:
        return nothing
    steps = np.abs(lines[:, 1:] - lines[:, :-1])
    changes = np.ones((rows, width + 1), np.bool_)
    np.greater(steps, np.float32(_EQUAL), out=changes[:, 1:-1])
    places = np.flatnonzero(changes.reshape(-1))
    lengths = np.diff(places)
    # Places at the two ends of a row lie side by side: a length of 1 between rows, never a run.
    flat = np.concatenate([lines, np.zeros((rows, 1), np.float32)], axis=1).reshape(-1)
    level = flat[places[:-1]]
    run = lengths >= least
    inner = (level > np.float32(720 * 0.16)) & (level < np.float32(np.max(lines) - 1.0))  # 0.9 nit up
    even = run & inner
    out = {"even": float(lengths[even].sum()) / (rows * width)}
    step = np.abs(np.diff(level))
    contour = even[1:] & even[:-1] & (step <= np.float32(_LARGEST))
    found = step[contour]
    out["contours"] = float(contour_weight(found).sum()) / rows
    out["contour_step"] = float(np.median(found)) if found.size >= 16 else math.nan
    return out
