"""PU-VTAMIQ-S at work: JOD of a picture against its reference, and where the difference lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.runtime.small_graph import open_small_graphs
from candela_engines.scorer.pu_vtamiq.display import HDR_DISPLAY, Display, planes_of
from candela_engines.scorer.pu_vtamiq.graph import build
from candela_engines.scorer.pu_vtamiq.patches import SAMPLES, PatchGrid
from candela_engines.scorer.pu_vtamiq.shape import cell_of
from candela_engines.weights import weight_bytes

__all__ = [
    "BEST",
    "FILE",
    "SMALLEST",
    "PuVtamiq",
    "PuVtamiqResult",
    "installed_pu_vtamiq",
    "load_pu_vtamiq",
    "opened_pu_vtamiq",
]

F32 = npt.NDArray[np.float32]

BEST = 10.0
SMALLEST = SAMPLES
"""Pixels a side that are needed: those of a patch."""
FILE = "metrics/pu_vtamiq_s.onnx"
"""In `candela_engines.weights`."""


@dataclass(frozen=True, eq=False)
class PuVtamiqResult:
    """jod: 10 for equal pictures, lower is worse. places: (N,) float32, how much of the loss each patch of
    `grid` carries.
    """

    jod: float
    places: F32
    grid: PatchGrid

    def map(self) -> F32:
        """(height // 16, width // 16) float32 of the picture: means of what the patches over a cell carry.

        NaN where no patch lies.
        """
        down, across = self.grid.height // SAMPLES, self.grid.width // SAMPLES
        total, count = np.zeros((down, across)), np.zeros((down, across))
        for value, top, left, side in zip(
            self.places, self.grid.tops, self.grid.lefts, self.grid.sides, strict=True
        ):
            rows = slice(int(top) // SAMPLES, -(-int(top + side) // SAMPLES))
            columns = slice(int(left) // SAMPLES, -(-int(left + side) // SAMPLES))
            total[rows, columns] += value
            count[rows, columns] += 1
        with np.errstate(invalid="ignore"):
            return np.asarray(total / np.where(count > 0, count, np.nan), np.float32)


@dataclass(frozen=True, eq=False)
class PuVtamiq:
    """The network, held by ONNX Runtime."""

    session: Any

    def __call__(self, test: F32, reference: F32, *, display: Display = HDR_DISPLAY) -> PuVtamiqResult:
        """Light (H, W, 3) float32 in nits, linear BT.2020, of both pictures; what is asked of the display.

        Negative light and NaN are black. Raises InputError for other shapes, and for fewer than 16 pixels a
        side: a patch is 16 pixels.
        """
        for name, light in (("test", test), ("reference", reference)):
            if light.ndim != 3 or light.shape[2] != 3:
                raise InputError(f"pu_vtamiq: {name} of shape {light.shape}; (H, W, 3) is needed")
        if test.shape != reference.shape:
            raise InputError(
                f"pu_vtamiq: test of {test.shape[1]}x{test.shape[0]} pixels, reference of "
                f"{reference.shape[1]}x{reference.shape[0]}; sizes have to be the same"
            )
        height, width = test.shape[:2]
        if min(height, width) < SMALLEST:
            raise InputError(f"pu_vtamiq: {width}x{height} pixels; {SMALLEST} a side are needed")
        grid = PatchGrid.over(height, width)
        seen = [grid.of(np.asarray(light, np.float32), display.shows) for light in (test, reference)]
        planes = [planes_of(one.samples).transpose(0, 3, 1, 2) for one in seen]
        feed = {
            "test": np.ascontiguousarray(planes[0]),
            "reference": np.ascontiguousarray(planes[1]),
            "cell": cell_of(seen[0].uv),
            "size": grid.size.astype(np.int32),
        }
        said = self.session.run(None, feed)[0]
        if not np.isfinite(said).all():
            raise InfrastructureError("pu_vtamiq: the network gave no number; reinstall candela-hdr")
        loss = max(float(said[0]), 0.0)
        return PuVtamiqResult(BEST - loss, np.asarray(said[1:], np.float32), grid)


def load_pu_vtamiq(weights: Mapping[str, npt.NDArray[np.floating]], *, threads: int = 0) -> PuVtamiq:
    """The network of trained weights, by their names in training. threads: of ONNX Runtime, 0 for its own.

    Raises InfrastructureError for weights that are not those of the network.
    """
    return _opened(lambda: build(weights), threads)


def opened_pu_vtamiq(model: bytes, *, threads: int = 1) -> PuVtamiq:
    """The network of an ONNX file. Raises InfrastructureError for a file that is none."""
    return _opened(lambda: model, threads)


@lru_cache(maxsize=1)
def installed_pu_vtamiq() -> PuVtamiq:
    """The network that ships, on one thread so that it says the same everywhere.

    Raises InfrastructureError for a file that is missing or is not the manifest's.
    """
    return opened_pu_vtamiq(weight_bytes(FILE))


def _opened(model: Callable[[], bytes], threads: int) -> PuVtamiq:
    (session,) = open_small_graphs("pu_vtamiq_s", [model], threads=threads)
    return PuVtamiq(session)
