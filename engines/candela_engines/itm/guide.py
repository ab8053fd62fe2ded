"""The guide plane: a coarse picture of the output, coded in few bytes, that the network refines.

The plane holds the target's mean over R, G and B (or that and two colour differences, an orthonormal
triple) after a wavelet coder of our own. It is added to the output and shown to the network, which sees
the sharp SDR beside it and puts the detail back: docs/decisions tells what each part is worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.itm.coding.quantise import (
    UNIT,
    dequantise,
    encode_planes,
    estimate_bits,
    quantise_planes,
    split_planes,
)

__all__ = ["AXES", "Guide", "GuideCoder", "to_output", "to_plane"]

# Rows: the mean, red against blue, green against both; orthonormal, so one step serves all channels.
AXES = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]], np.float64) / np.sqrt([[3], [2], [6]])

F32 = npt.NDArray[np.float32]

COARSEST = 4 * UNIT


def to_plane(target: npt.NDArray[np.floating], weight: npt.NDArray[np.floating], channels: int) -> F32:
    """Plane samples (…, channels) of targets (…, 3) with weights (…, 3)."""
    if channels == 1:
        w = np.square(weight)
        mean = (target * w).sum(-1, keepdims=True) / w.sum(-1, keepdims=True)
        return np.asarray(mean * np.sqrt(3), np.float32)
    return np.asarray(target @ AXES[:channels].T.astype(target.dtype), np.float32)


def to_output(plane: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """What a plane (…, channels) adds to the output (…, 3), in the plane's dtype."""
    return plane @ AXES[: plane.shape[-1]].astype(plane.dtype)


@dataclass(frozen=True)
class Guide:
    """A coded plane: samples (h, w, C) as any decoder gives them, their step over UNIT and the bytes."""

    plane: F32
    step: int
    data: bytes


class GuideCoder:
    """Codes one plane to any size: the wavelet is taken once."""

    def __init__(self, plane: F32) -> None:
        self._height, self._width, _ = plane.shape
        self._bands = split_planes(plane.astype(np.float64))
        self._ratio = 0.86  # coded bytes over the estimate; learnt from every coding

    def code(self, budget: int, *, tries: int = 3) -> Guide | None:
        """The finest plane of at most `budget` bytes that `tries` codings find; None where none fits."""
        best: Guide | None = None
        for _ in range(tries):
            guide = self._coded(self._step_for(budget))
            if len(guide.data) <= budget and (best is None or len(guide.data) > len(best.data)):
                best = guide
            if best is not None and len(best.data) > 0.97 * budget:
                break
        # The estimate can stay a shade too low for its own corrections: then coarser, until it fits.
        step = self._step_for(budget)
        while best is None and step < COARSEST:
            step += step // 16 + 1
            guide = self._coded(step)
            best = guide if len(guide.data) <= budget else None
        return best

    def _step_for(self, budget: int) -> int:
        """The finest step whose estimate fits."""
        low, high = np.log(2.0), np.log(float(COARSEST))
        for _ in range(12):
            middle = (low + high) / 2
            q = quantise_planes(self._bands, int(np.exp(middle)))
            if estimate_bits(q) / 8 * self._ratio > budget:
                low = middle
            else:
                high = middle
        return int(np.exp(high))

    def _coded(self, step: int) -> Guide:
        q = quantise_planes(self._bands, step)
        data = encode_planes(q, self._height, self._width)
        self._ratio = max(len(data), 1) / max(estimate_bits(q) / 8, 1) * 1.004
        plane = dequantise(q, self._height, self._width, step)
        return Guide((plane / UNIT).astype(np.float32), step, data)
