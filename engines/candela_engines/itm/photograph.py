"""Finding the gain map that a photograph's master was made with: the cells whose lines its gains follow.

A master that libultrahdr made from an Ultra HDR file is the SDR times a field that has its samples on every
2nd, 4th or 8th pixel from the corner. On that lattice the field is met better than on one half a cell aside,
by 3 to 15 dB on real photographs; where there is no such map, the two differ by some tenths of a decibel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from candela_engines.itm.field import over_full_scale
from candela_engines.itm.guide import plane_weight, to_plane
from candela_engines.itm.lattice import Lattice, ShepardField, fit_shepard
from candela_engines.itm.pair import F32, Pair
from candela_engines.itm.targets import targets_of

__all__ = ["map_lattice"]

SHIFTS = (1, 2, 3)
MARGIN = 1.5  # dB
WINDOW = 192
PLACES = tuple((y, x) for y in (0.1, 0.5, 0.9) for x in (0.1, 0.5, 0.9))  # of windows, along both sides
FEW = ((0.5, 0.5), (0.1, 0.1), (0.9, 0.9), (0.1, 0.9), (0.9, 0.1))


def map_lattice(pair: Pair, places: Sequence[tuple[float, float]] = PLACES) -> Lattice | None:
    """The lattice of the gain map that made the master, or None where there is no sign of one.

    places: of the windows that are looked at, as shares of height and width.
    """
    windows = [_window(pair, y, x) for y, x in places]
    best, lattice = MARGIN, None
    for shift in SHIFTS:
        cell = 1 << shift
        on = sum(_left(gains, weight, cell) for gains, weight in windows)
        aside = sum(_left(gains[cell // 2 :, cell // 2 :], weight[cell // 2 :, cell // 2 :], cell)
                    for gains, weight in windows)  # fmt: skip
        margin = 10 * float(np.log10(max(aside, 1e-12) / max(on, 1e-12)))
        if margin > best:
            best, lattice = margin, Lattice("shepard", shift)
    return lattice


def _window(pair: Pair, y: float, x: float) -> tuple[F32, F32]:
    """The log2 gains and their weights, (h, w, 1) each, of a part that begins on a multiple of every cell."""
    step = 1 << max(SHIFTS)
    top = int(y * max(pair.height - WINDOW, 0)) // step * step
    left = int(x * max(pair.width - WINDOW, 0)) // step * step
    part = np.s_[top : top + WINDOW, left : left + WINDOW]
    signal, nits = over_full_scale(pair.codes[part], pair.bits), pair.nits[part]
    flat = targets_of(signal.reshape(-1, 3), nits.reshape(-1, 3), pair.state, "ratio", pair.bits)
    target, weight = (each.reshape(signal.shape) for each in flat)
    return to_plane(target, weight, 1), plane_weight(weight, 1)


def _left(gains: F32, weight: F32, cell: int) -> float:
    """The weighted squared error that a map of such cells leaves."""
    if 0 in gains.shape:
        return 0.0
    nodes, _ = fit_shepard(gains, weight, cell)
    left = gains - ShepardField(nodes, cell).rows(0, gains.shape[0], gains.shape[1])
    return float(np.sum(weight * np.square(left), dtype=np.float64))
