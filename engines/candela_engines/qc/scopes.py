"""What scopes show of a frame: where its luminance lies across the picture, and its colours on the CIE
plane.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import pq
from candela_engines.colour.gamuts import apply_matrix, luminance, rgb_to_xyz

__all__ = [
    "CIE_HIGH",
    "CIE_LEAST_NITS",
    "CIE_SIZE",
    "WAVE_HEIGHT",
    "WAVE_WIDTH",
    "chromaticities",
    "waveform",
]

F32 = NDArray[np.float32]

WAVE_WIDTH, WAVE_HEIGHT = 480, 256
CIE_SIZE = 256
CIE_HIGH = (0.8, 0.9)
"""CIE 1931 x and y at the right and upper edge of the plot; both begin at 0."""
CIE_LEAST_NITS = 0.5
"""Light below has no chromaticity to speak of: codes are too coarse there."""
_MOST = 480 * 270


def sampled(nits: F32, most: int = _MOST) -> F32:
    """Every n-th pixel of every n-th row, at most about `most`: real pixels, so extremes stay what they
    are.
    """
    step = max(1, int(np.ceil(np.sqrt(nits.shape[0] * nits.shape[1] / most))))
    return np.ascontiguousarray(nits[step // 2 :: step, step // 2 :: step])


def waveform(nits: F32) -> NDArray[np.uint32]:
    """How many pixels lie at each luminance in each part of the width: counts (WAVE_HEIGHT, WAVE_WIDTH).

    nits: (H, W, 3) linear BT.2020, cd/m². The first row is 10000 nit, the last 0; between them the scale is
    that of PQ (SMPTE ST 2084), so that equal heights look alike. NaN counts nowhere.
    """
    picture = sampled(nits)
    y = np.asarray(luminance(picture, "bt2020"), np.float32)
    code = np.asarray(pq.inverse_eotf(np.clip(np.nan_to_num(y), 0, 10_000)), np.float32)
    rows = np.rint((1 - code) * (WAVE_HEIGHT - 1)).astype(np.intp)
    columns = np.arange(y.shape[1], dtype=np.intp) * WAVE_WIDTH // y.shape[1]
    place = rows * WAVE_WIDTH + columns[None, :]
    counts = np.bincount(place[~np.isnan(y)], minlength=WAVE_HEIGHT * WAVE_WIDTH)
    return counts.reshape(WAVE_HEIGHT, WAVE_WIDTH).astype(np.uint32)


def chromaticities(nits: F32) -> NDArray[np.uint32]:
    """How many pixels have each CIE 1931 xy: counts (CIE_SIZE, CIE_SIZE), the first row at the largest y.

    nits: as for `waveform`. Pixels below CIE_LEAST_NITS of luminance, and those that are not finite, count
    nowhere; what lies outside the plot (light of negative components) is counted at its edge.
    """
    picture = sampled(nits).reshape(-1, 3)
    xyz = np.asarray(apply_matrix(picture, rgb_to_xyz("bt2020")), np.float32)
    with np.errstate(all="ignore"):
        total = xyz.sum(axis=1)
        there = np.isfinite(total) & (xyz[:, 1] >= CIE_LEAST_NITS) & (total > 0)
        xy = xyz[there, :2] / total[there, None]
    cells = np.clip(xy / np.array(CIE_HIGH, np.float32) * CIE_SIZE, 0, CIE_SIZE - 1).astype(np.intp)
    place = (CIE_SIZE - 1 - cells[:, 1]) * CIE_SIZE + cells[:, 0]
    counts = np.bincount(place, minlength=CIE_SIZE * CIE_SIZE)
    return counts.reshape(CIE_SIZE, CIE_SIZE).astype(np.uint32)
