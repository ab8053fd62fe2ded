"""What a viewer will get: PU-PSNR, ΔE_ITP and the worst tile of a rendering, strip by strip.

On the native library where it is built, to within rounding what `metrics` says; otherwise by `metrics`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pu21
from candela_engines.itm.payload import Fidelity
from candela_engines.metrics import DeltaEItp, DeltaEItpResult
from candela_engines.metrics.pu_psnr import PEAK
from candela_engines.native import native
from candela_engines.runtime.frame import Frame

__all__ = ["TILE", "measure", "measure_frame", "measure_frame_parts", "measure_parts"]

TILE = 64
BANDS = 4  # parts of a picture between two reports

Tick = Callable[[float], None]


def measure(
    strips: Iterable[tuple[int, npt.NDArray[np.floating]]],
    reference: npt.NDArray[np.floating],
    tick: Tick | None = None,
) -> Fidelity:
    """Fidelity of strips (top row, nits (h, W, 3)), in order and complete, against nits (H, W, 3).

    The worst tile is the square of 64 pixels (smaller at the right and lower edges) with the lowest
    PU-PSNR.
    """
    return measure_parts(strips, reference, tick)[0]


def measure_parts(
    strips: Iterable[tuple[int, npt.NDArray[np.floating]]],
    reference: npt.NDArray[np.floating],
    tick: Tick | None = None,
) -> tuple[Fidelity, DeltaEItp]:
    """As `measure`, with the counts of ΔE_ITP, which join those of other frames."""
    library = native()
    if library is None:
        return _by_metrics(strips, reference, tick)
    height, width = reference.shape[:2]
    sums = library.Fidelity(width, height)
    for top, nits in strips:
        part = reference[top : top + len(nits)]
        sums.add(top, np.ascontiguousarray(nits, np.float32), np.ascontiguousarray(part, np.float32))
        if tick is not None:
            tick((top + len(nits)) / height)
    return _of_native(sums, height, width)


def measure_frame(
    frame: Frame,
    codes: npt.NDArray[np.generic],
    bits: int,
    reference: npt.NDArray[np.floating],
    tick: Tick | None = None,
) -> Fidelity:
    """Fidelity of what a frame makes of codes (H, W, 3), rendered and measured in one pass."""
    return measure_frame_parts(frame, codes, bits, reference, tick)[0]


def measure_frame_parts(
    frame: Frame,
    codes: npt.NDArray[np.generic],
    bits: int,
    reference: npt.NDArray[np.floating],
    tick: Tick | None = None,
) -> tuple[Fidelity, DeltaEItp]:
    """As `measure_frame`, with the counts of ΔE_ITP, which join those of other frames."""
    height, width = reference.shape[:2]
    sums = frame.fidelity(height, width)
    around = frame.surroundings(codes, bits)
    light = np.ascontiguousarray(reference, np.float32)
    rows = -(-height // BANDS)
    for top in range(0, height, rows):
        count = min(rows, height - top)
        frame.add_fidelity(sums, codes, bits, around, light, top, count)
        if tick is not None:
            tick((top + count) / height)
    return _of_native(sums, height, width)


def _of_native(sums: Any, height: int, width: int) -> tuple[Fidelity, DeltaEItp]:
    total = sums.delta_sum
    delta = DeltaEItp.of_counts(sums.histogram(), total, sums.delta_most, height * width)
    return _fidelity(sums.tiles(), delta.result(), height, width), delta


def _by_metrics(
    strips: Iterable[tuple[int, npt.NDArray[np.floating]]],
    reference: npt.NDArray[np.floating],
    tick: Tick | None,
) -> tuple[Fidelity, DeltaEItp]:
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
    return _fidelity(sums, delta.result(), height, width), delta


def _fidelity(
    sums: npt.NDArray[np.float64], delta: DeltaEItpResult, height: int, width: int
) -> Fidelity:
    """From sums of squared errors of PU21 by tile."""
    rows = np.minimum(TILE, height - np.arange(sums.shape[0]) * TILE)
    cols = np.minimum(TILE, width - np.arange(sums.shape[1]) * TILE)
    mean = sums / (3 * rows[:, None] * cols[None, :])
    y, x = np.unravel_index(int(mean.argmax()), mean.shape)
    whole = float(sums.sum()) / (3 * height * width)
    worst = _decibel(float(mean[y, x]))
    return Fidelity(_decibel(whole), delta.mean, delta.p99, worst, int(x) * TILE, int(y) * TILE)


def _decibel(mean_square: float) -> float:
    return math.inf if mean_square == 0 else 10 * math.log10(PEAK**2 / mean_square)
