"""Where a fault lies: maps (H, W) from which boxes and masks are made. Native size, the whole frame.

Each is the descriptor of the same name, pixel by pixel, before any share or percentile is taken. The caller
sets the thresholds; units are in every docstring. Pictures are linear BT.2020 in absolute nits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.scorer.descriptors.banding import contour_weight, least_run
from candela_engines.scorer.planes import (
    Plane,
    Planes,
    itp_of,
    luminance,
    pq_of,
    pu_of,
)
from candela_engines.scorer.windows import sound_planes, window_means

__all__ = ["banding_map", "difference_map", "noise_map"]

Image = NDArray[np.float32]


def _planes(nits: Image) -> Planes:
    if nits.ndim != 3 or nits.shape[2] != 3 or nits.dtype.kind != "f":
        raise InputError(f"map: {nits.dtype} {nits.shape}; float light (H, W, 3) is needed")
    return sound_planes(nits)


def banding_map(nits: Image) -> Plane:
    """Visible contours: the weight 0..1 of the step at the pixels right of it and below it (`banding`)."""
    planes = _planes(nits)
    level = pq_of(luminance(planes)) * np.float32(720)
    out = np.zeros_like(level)
    out[:, 1:] = _contours(level, least_run(level.shape[1]))
    np.maximum(out[1:], _contours(level.T.copy(), least_run(level.shape[1])).T, out=out[1:])
    return out


def _contours(level: Plane, least: int) -> Plane:
    """Weights of steps between columns, (h, w − 1), where a run of `least` pixels lies on both sides."""
    rows, width = level.shape
    out = np.zeros((rows, max(width - 1, 0)), np.float32)
    if width < 2 * least:
        return out
    step = np.abs(level[:, 1:] - level[:, :-1])
    changed = step > np.float32(0.011)
    # Changes among the `least` − 1 places before and after each step.
    count = np.cumsum(
        np.pad(changed, ((0, 0), (least, least - 1)), constant_values=True), axis=1, dtype=np.int32
    )
    before = count[:, least - 1 : least - 1 + width - 1] - count[:, : width - 1]
    after = count[:, 2 * least - 1 : 2 * least - 1 + width - 1] - count[:, least : least + width - 1]
    contour = changed & (before == 0) & (after == 0) & (step <= np.float32(16))
    contour &= np.minimum(level[:, 1:], level[:, :-1]) > np.float32(720 * 0.16)
    out[contour] = contour_weight(step[contour])
    return out


def noise_map(nits: Image) -> Plane:
    """Standard deviation of noise over 9x9 pixels, PU21 of luminance (Immerkær's mask; edges count in)."""
    v = np.pad(pu_of(luminance(_planes(nits))), 1, mode="edge")
    rows = v[:-2] + v[2:] - v[1:-1] * np.float32(2)
    response = np.abs(rows[:, :-2] + rows[:, 2:] - rows[:, 1:-1] * np.float32(2))
    return window_means(response, 4) * np.float32(np.sqrt(np.pi / 2) / 6)


def difference_map(nits: Image, other_nits: Image) -> Plane:
    """ΔE_ITP of every pixel of two pictures of one size. Raises InputError otherwise."""
    if nits.shape != other_nits.shape:
        raise InputError(f"difference map: {nits.shape} and {other_nits.shape}; one size is needed")
    first, second = itp_of(_planes(nits)), itp_of(_planes(other_nits))
    squares = sum((a - b) ** 2 for a, b in zip(first, second, strict=True))
    return np.asarray(np.sqrt(squares), np.float32)
