"""The 9/7 wavelet of Cohen, Daubechies and Feauveau by lifting (Daubechies and Sweldens 1998).

Forward in floats, used when a payload is made; inverse in 64-bit integers, used when it is read: the
lifting factors are integers over 65536 and every shift is arithmetic, so the planes come out equal on
every machine. Edges are mirrored about the outermost sample (whole-sample symmetric extension). The
scaling steps are left out: `NORMS` says how long the basis functions are, and the quantiser divides by
that instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LIFT", "NORMS", "Bands", "band_shapes", "forward", "inverse", "levels_for", "restore"]

# alpha, beta, gamma, delta of the 9/7 lifting, over 65536.
LIFT = (-103949, -3472, 57862, 29066)

# Length of the 2-D synthesis functions of this unscaled transform, over 1024, by level from the finest:
# (approximation, horizontal or vertical detail, diagonal detail). tests/itm measure them anew.
NORMS = (
    (1330, 1036, 806),
    (1843, 1351, 990),
    (2487, 1871, 1407),
    (3307, 2522, 1923),
    (4378, 3352, 2567),
    (5788, 4437, 3401),
)

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]
Samples = npt.NDArray[Any]  # of either kind


@dataclass(frozen=True)
class Bands:
    """`low` (h, w) and, from the coarsest level, three details: rows high, columns high, both."""

    low: npt.NDArray[np.generic]
    details: list[tuple[npt.NDArray[np.generic], npt.NDArray[np.generic], npt.NDArray[np.generic]]]


def levels_for(height: int, width: int) -> int:
    """How many times a plane is split: until the smaller side is under 12, six times at most."""
    levels = 0
    while min(height, width) >= 12 and levels < 6:
        height, width, levels = (height + 1) // 2, (width + 1) // 2, levels + 1
    return levels


def band_shapes(height: int, width: int) -> tuple[tuple[int, int], list[list[tuple[int, int]]]]:
    """Shapes of the approximation and, from the coarsest level, of the three details."""
    shapes: list[list[tuple[int, int]]] = []
    for _ in range(levels_for(height, width)):
        lh, lw, hh, hw = (height + 1) // 2, (width + 1) // 2, height // 2, width // 2
        shapes.append([(hh, lw), (lh, hw), (hh, hw)])
        height, width = lh, lw
    return (height, width), shapes[::-1]


def _lift_float(x: Floats) -> tuple[Floats, Floats]:
    """Split along the first axis into approximation and detail."""
    low, high = x[0::2].copy(), x[1::2].copy()
    n = len(x)
    for k, factor in enumerate(LIFT):
        f = factor / 65536
        if k % 2 == 0:  # details from their even neighbours
            right = low[1:] if n % 2 else np.concatenate([low[1:], low[-1:]])
            high += f * (low[: len(high)] + right[: len(high)])
        else:
            left = np.concatenate([high[:1], high])[: len(low)]
            right = np.concatenate([high, high[-1:]])[: len(low)]
            low += f * (left + right)
    return low, high


def _share(factor: int, total: Samples) -> Samples:
    """factor · total over 65536: rounded by a shift where the samples are integers."""
    if np.issubdtype(total.dtype, np.integer):
        return (factor * total + 32768) >> 16
    return factor / 65536 * total


def _unlift(low: Samples, high: Samples) -> Samples:
    low, high = low.copy(), high.copy()
    n = len(low) + len(high)
    for k in (3, 2, 1, 0):
        if k % 2 == 0:
            right = low[1:] if n % 2 else np.concatenate([low[1:], low[-1:]])
            high -= _share(LIFT[k], low[: len(high)] + right[: len(high)])
        else:
            left = np.concatenate([high[:1], high])[: len(low)]
            right = np.concatenate([high, high[-1:]])[: len(low)]
            low -= _share(LIFT[k], left + right)
    out = np.empty((n, *low.shape[1:]), low.dtype)
    out[0::2], out[1::2] = low, high
    return out


def forward(plane: Floats) -> Bands:
    """Bands of a plane (H, W), float32 or float64, in its dtype."""
    x = plane
    details = []
    for _ in range(levels_for(*x.shape)):
        low, high = _lift_float(x)
        ll, lh = _lift_float(low.T)
        hl, hh = _lift_float(high.T)
        details.append((hl.T, lh.T, hh.T))
        x = ll.T
    return Bands(x, list(details[::-1]))


def restore(bands: Bands) -> Floats:
    """The plane (H, W) from bands of floats, as exact as their dtype: for work on planes, not for readers."""
    return _joined(bands, np.asarray(bands.low).dtype)


def inverse(bands: Bands) -> Ints:
    """The plane (H, W), int64, from integer bands: exact and the same everywhere."""
    return _joined(bands, np.dtype(np.int64))


def _joined(bands: Bands, dtype: np.dtype[Any]) -> Samples:
    x = np.asarray(bands.low, dtype)
    for rows_high, columns_high, both in bands.details:
        low = _unlift(x.T, np.asarray(columns_high, dtype).T).T
        high = _unlift(np.asarray(rows_high, dtype).T, np.asarray(both, dtype).T).T
        x = _unlift(low, high)
    return x
