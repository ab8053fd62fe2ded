"""What a viewer will get: PU-PSNR, ΔE_ITP and the worst tile of a rendering, strip by strip."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from candela_engines.itm.payload import Fidelity
from candela_engines.metrics import DeltaEItp, PuPsnr

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
    from candela_engines.colour import pu21

    psnr, delta = PuPsnr(), DeltaEItp()
    height, width = reference.shape[:2]
    across = -(-width // TILE)
    sums = np.zeros((-(-height // TILE), across))
    columns = np.arange(0, width, TILE)
    for top, nits in strips:
        part = reference[top : top + len(nits)]
        psnr.add(nits, part)
        delta.add(nits, part)
        error = np.square(pu21.encode(nits) - pu21.encode(part.astype(nits.dtype, copy=False))).sum(-1)
        by_column = np.add.reduceat(error, columns, axis=1)
        np.add.at(sums, (np.arange(top, top + len(nits)) // TILE,), by_column)
        if tick is not None:
            tick((top + len(nits)) / height)
    rows = np.minimum(TILE, height - np.arange(sums.shape[0]) * TILE)
    cols = np.minimum(TILE, width - columns)
    mean = sums / (3 * rows[:, None] * cols[None, :])
    y, x = np.unravel_index(int(mean.argmax()), mean.shape)
    worst = float(mean[y, x])
    d = delta.result()
    return Fidelity(
        psnr.result(), d.mean, d.p99, float("inf") if worst == 0 else float(10 * np.log10(256**2 / worst)),
        int(x) * TILE, int(y) * TILE,
    )  # fmt: skip
