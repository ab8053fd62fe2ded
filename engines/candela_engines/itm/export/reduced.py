"""A guide plane of fewer samples and fewer bits, for where constant memory holds no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from candela_engines.itm.default_model import MAX_SHIFT
from candela_engines.itm.export.default_code import DefaultNetwork, plane_grids
from candela_engines.itm.export.grids import ROOM, Constants
from candela_engines.itm.lattice import Lattice

__all__ = ["BITS", "reduced"]

F32 = npt.NDArray[np.float32]
BITS = (16, 10, 8)
"""Of a sample, so that two, three or four fill a word."""


def reduced(network: DefaultNetwork, height: int, width: int, beside: int) -> DefaultNetwork:
    """The network with the plane, of those that fit into constants, that is nearest to its own: fewer samples
    against fewer bits. It comes back as it is where none fits.

    height, width: of the picture. beside: bytes of constants that are taken already.
    """
    plane, lattice = network.plane, network.model.lattice
    if plane is None:
        return network
    best, least = network, np.inf
    for bits in BITS:
        for shift in range(lattice.shift, MAX_SHIFT + 4):
            same = shift == lattice.shift
            coarse = plane if same else _coarser(plane, lattice, height, width, shift)
            levels, unit = _rounded(coarse, bits)
            tried = _with_plane(network, levels, lattice if same else Lattice("centred", shift))
            tried = replace(tried, levels=(unit, bits))
            if beside + Constants(plane_grids(tried)).bytes <= ROOM:
                error = _plane_error(plane, lattice, levels, tried.model.lattice, height, width)
                if error < least:
                    best, least = tried, error
                break
    return best


def _with_plane(network: DefaultNetwork, plane: F32, lattice: Lattice) -> DefaultNetwork:
    if network.planes is None:
        return replace(network, model=replace(network.model, plane=plane, lattice=lattice))
    return replace(network, model=replace(network.model, lattice=lattice), planes=plane)


def _coarser(plane: F32, lattice: Lattice, height: int, width: int, shift: int) -> F32:
    """A plane (h, w, C) on the centred lattice of a larger shift: means over its cells, (h', w', C)."""
    full = lattice.field(plane).rows(0, height, width)
    cell = 1 << shift
    rows, columns = np.arange(0, height, cell), np.arange(0, width, cell)
    sums = np.add.reduceat(np.add.reduceat(full.astype(np.float64), rows, 0), columns, 1)
    down, across = np.diff(np.append(rows, height)), np.diff(np.append(columns, width))
    return np.asarray(sums / (down[:, None] * across)[..., None], np.float32)


def _rounded(plane: F32, bits: int) -> tuple[F32, float]:
    """A plane with as many evenly spaced levels as bits hold over its range, and their distance."""
    low, high = float(plane.min()), float(plane.max())
    unit = (high - low) / ((1 << bits) - 1) or 1.0
    steps = np.rint((plane.astype(np.float64) - low) / unit)
    return np.asarray(low + steps * unit, np.float32), unit


def _plane_error(
    plane: F32, lattice: Lattice, other: F32, other_lattice: Lattice, height: int, width: int
) -> float:
    """The mean squared difference of two planes as pixels read them."""
    total: float = 0.0
    rows = max(1, (1 << 20) // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        ours = lattice.field(plane).rows(top, bottom, width)
        difference = ours - other_lattice.field(other).rows(top, bottom, width)
        total += float(np.square(difference, dtype=np.float64).sum())
    return total / float(height * width * plane.shape[-1])
