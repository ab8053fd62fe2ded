"""The guide plane: a coarse picture of the output, coded in few bytes, that the network refines.

The plane holds the target's mean over R, G and B (or that and two colour differences, an orthonormal
triple) after a wavelet coder of our own. It is added to the output and shown to the network, which sees
the sharp SDR beside it and puts the detail back: docs/decisions tells what each part is worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.itm.coding.quantise import (
    UNIT,
    RateCurve,
    dequantise,
    encode_planes,
    quantise_planes,
    split_planes,
)
from candela_engines.itm.relax import relaxed
from candela_engines.native import native

__all__ = ["AXES", "Guide", "GuideCoder", "plane_weight", "to_output", "to_plane"]

# Rows: the mean, red against blue, green against both; orthonormal, so one step serves all channels.
AXES = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]], np.float64) / np.sqrt([[3], [2], [6]])

F32 = npt.NDArray[np.float32]

COARSEST = 16 * UNIT


def to_plane(target: npt.NDArray[np.floating], weight: npt.NDArray[np.floating], channels: int) -> F32:
    """Plane samples (…, channels) of targets (…, 3) with weights (…, 3)."""
    if channels == 1:
        w = np.square(weight)
        mean = (target * w).sum(-1, keepdims=True) / w.sum(-1, keepdims=True)
        return np.asarray(mean * np.sqrt(3), np.float32)
    return np.asarray(target @ AXES[:channels].T.astype(target.dtype), np.float32)


def plane_weight(weight: npt.NDArray[np.floating], channels: int) -> F32:
    """What a squared error of plane samples counts, (…, channels), from the output's weights (…, 3)."""
    squared = np.square(weight)
    if channels == 1:
        return np.asarray(squared.mean(-1, keepdims=True), np.float32)
    return np.asarray(squared @ np.square(AXES[:channels]).T.astype(squared.dtype), np.float32)


def to_output(plane: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """What a plane (…, channels) adds to the output (…, 3), in the plane's dtype."""
    return plane @ AXES[: plane.shape[-1]].astype(plane.dtype)


@dataclass(frozen=True)
class Guide:
    """A coded plane: samples (h, w, C) as any decoder gives them, their step over UNIT and the bytes."""

    plane: F32
    step: int
    data: bytes


SHARES = (0.05, 0.12)  # how hard a plane is relaxed: no one suits every picture


class GuideCoder:
    """Codes one plane to any size.

    plane: (h, w, C). weight: (h, w, C), what a squared error of it counts, in any unit.
    """

    def __init__(self, plane: F32, weight: F32) -> None:
        self._native = None
        library = native()
        if library is not None:
            plane, weight = np.ascontiguousarray(plane, np.float32), np.ascontiguousarray(weight, np.float32)
            try:
                self._native = library.PlaneCoder(plane, weight)
            except ValueError as error:
                raise InputError(str(error)) from error
            return
        if not np.isfinite(plane).all():
            raise InputError("a plane has samples that are not finite: look at the pair that it is of")
        if not np.isfinite(weight).all() or weight.min() < 0:
            raise InputError("a plane's weights have to be finite and not negative")
        # The relaxation wants 1 at most; a few far heavier samples must not make all others light.
        rank = 99 * (weight.size - 1) // 100
        top = max(float(np.partition(weight, rank, None)[rank]), 1e-9)
        self._plane, self._weight = plane, np.minimum(weight / np.float32(top), 1)
        self._calm = {share: _Relaxed(plane, self._weight, share) for share in SHARES}

    def code(self, budget: int, *, draft: bool = False) -> Guide | None:
        """The best plane of at most `budget` bytes that a few codings find; None where none fits.

        draft: less care, for trials.
        """
        if self._native is not None:
            found = self._native.code(budget, draft)
            return None if found is None else Guide(*found)
        if draft:
            return self._calm[SHARES[0]].code(budget, tries=2, passes=1)
        coded = [calm.code(budget, tries=4, passes=2) for calm in self._calm.values()]
        return min((guide for guide in coded if guide is not None), key=self._error, default=None)

    def _error(self, guide: Guide) -> float:
        return float(np.sum(self._weight * np.square(guide.plane - self._plane), dtype=np.float64))


class _Relaxed:
    """A plane relaxed for about the budget that was last asked for, and its codings."""

    def __init__(self, plane: F32, weight: F32, share: float) -> None:
        self._plane, self._weight, self._share = plane, weight, share
        self._for, self._passes = 0, 0
        self._ratio = 0.86  # coded bytes over the estimate; learnt from every coding

    def code(self, budget: int, *, tries: int, passes: int) -> Guide | None:
        """The finest plane of at most `budget` bytes that so many codings find; None where none fits."""
        self._relax(budget, passes)
        best: _Coding | None = None
        for _ in range(tries):
            coding = self._coded(self._step_for(budget))
            if len(coding.data) <= budget and (best is None or len(coding.data) > len(best.data)):
                best = coding
            if len(coding.data) > budget:
                self._ratio *= 1.006  # a miss by a hair would be missed again
            if best is not None and len(best.data) > 0.98 * budget:
                break
        # The estimate can stay a shade too low for its own corrections: then coarser, until it fits.
        step = self._step_for(budget)
        while best is None and step < COARSEST:
            step += step // 16 + 1
            coding = self._coded(step)
            best = coding if len(coding.data) <= budget else None
        if best is None:
            return None
        height, width = self._plane.shape[:2]
        samples = dequantise(best.bands, height, width, best.step) / UNIT
        return Guide(samples.astype(np.float32), best.step, best.data)

    def _relax(self, budget: int, passes: int) -> None:
        """What is not seen gives way to what costs little, at about the step that the budget allows.

        A calmer plane has room for a finer step: a second pass goes on at that.
        """
        if not 0.8 * self._for <= budget <= 1.25 * self._for:
            self._relaxed, self._for, self._passes = self._plane, budget, 0
            self._split()
        while self._passes < passes:
            step = self._step_for(budget)
            self._relaxed = relaxed(self._plane, self._weight, self._relaxed, step, self._share)
            self._split()
            self._passes += 1

    def _split(self) -> None:
        self._bands = split_planes(self._relaxed)
        self._rate = RateCurve(self._bands)

    def _step_for(self, budget: int) -> int:
        """The finest step whose estimate fits."""
        low, high = 1, COARSEST
        while high - low > 1:
            middle = low + (high - low) // 2
            if self._rate.bits(middle) / 8 * self._ratio <= budget:
                high = middle
            else:
                low = middle
        return high

    def _coded(self, step: int) -> _Coding:
        bands = quantise_planes(self._bands, step)
        data = encode_planes(bands, *self._plane.shape[:2])
        self._ratio = max(len(data), 1) / max(self._rate.bits(step) / 8, 1) * 1.004
        return _Coding(bands, step, data)


class _Coding(NamedTuple):
    bands: list[list[npt.NDArray[np.int64]]]
    step: int
    data: bytes
