"""A guide plane of fewer samples and fewer bits, for where constant memory holds no more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.itm.lattice import Lattice

__all__ = ["BITS", "coarser", "plane_error", "rounded"]

F32 = npt.NDArray[np.float32]
BITS = (16, 10, 8)
"""Of a sample, so that two, three or four fill a word."""


def coarser(plane: F32, lattice: Lattice, height: int, width: int, shift: int) -> F32:
    """A plane (h, w, C) on the centred lattice of a larger shift: means over its cells, (h', w', C)."""
    full = lattice.field(plane).rows(0, height, width)
    cell = 1 << shift
    rows, columns = np.arange(0, height, cell), np.arange(0, width, cell)
    sums = np.add.reduceat(np.add.reduceat(full.astype(np.float64), rows, 0), columns, 1)
    down, across = np.diff(np.append(rows, height)), np.diff(np.append(columns, width))
    return np.asarray(sums / (down[:, None] * across)[..., None], np.float32)


def rounded(plane: F32, bits: int) -> tuple[F32, float]:
    """A plane with as many evenly spaced levels as bits hold over its range, and their distance."""
    low, high = float(plane.min()), float(plane.max())
    unit = (high - low) / ((1 << bits) - 1) or 1.0
    steps = np.rint((plane.astype(np.float64) - low) / unit)
    return np.asarray(low + steps * unit, np.float32), unit


def plane_error(plane: F32, lattice: Lattice, other: F32, other_lattice: Lattice, height: int, width: int) -> float:
    """The mean squared difference of two planes as pixels read them."""
    total, rows = 0.0, max(1, (1 << 20) // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        difference = lattice.field(plane).rows(top, bottom, width) - other_lattice.field(other).rows(top, bottom, width)
        total += float(np.square(difference, dtype=np.float64).sum())
    return total / (height * width * plane.shape[-1])
