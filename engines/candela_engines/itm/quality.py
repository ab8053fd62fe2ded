"""What a viewer will get: PU-PSNR, ΔE_ITP and the worst tile of a rendering, strip by strip."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pu21
from candela_engines.itm.payload import Fidelity
from candela_engines.metrics import DeltaEItp
from candela_engines.metrics.pu_psnr import PEAK

__all__ = ["TILE", "measure"]

TILE = 64


def measure(
    strips: Iterable[tuple[int, npt.NDArray[np.floating]]],
    reference: npt.NDArray[np.floating],
    tick: Callable[[float], None] | None = None,
) -> Fidelity:
    """Fidelity of strips (top row, nits (h, W, 3)), in order and complete, against nits (H, W, 3).

    The worst tile is the square of 64 pixels (smaller at the right and lower edges) with the lowest
    PU-PSNR.
    """
    delta = DeltaEItp()
    height, width = reference.shape[:2]
    across = -(-width // TILE)
    sums = np.zeros((-(-height // TILE), across))
    columns = np.arange(0, width, TILE)
    for top, nits in strips:
        part = reference[top : top + len(nits)]
        delta.add(nits, part)
        # PU-PSNR as metrics.PuPsnr has it, with the sums kept by tile.
        error = pu21.encode(nits.astype(np.float64)) - pu21.encode(part.astype(np.float64))
        by_column = np.add.reduceat(np.square(error).sum(-1), columns, axis=1)
        np.add.at(sums, (np.arange(top, top + len(nits)) // TILE,), by_column)
        if tick is not None:
            tick((top + len(nits)) / height)
    rows = np.minimum(TILE, height - np.arange(sums.shape[0]) * TILE)
    cols = np.minimum(TILE, width - columns)
    mean = sums / (3 * rows[:, None] * cols[None, :])
    y, x = np.unravel_index(int(mean.argmax()), mean.shape)
    d = delta.result()
    whole = float(sums.sum()) / (3 * height * width)
    return Fidelity(_decibel(whole), d.mean, d.p99, _decibel(float(mean[y, x])), int(x) * TILE, int(y) * TILE)


def _decibel(mean_square: float) -> float:
    return math.inf if mean_square == 0 else 10 * math.log10(PEAK**2 / mean_square)
