"""What the default network sees of a pixel: its code, its surroundings, and the guide plane.

Everything is piecewise linear in the codes and, inside a cell, bilinear in place, so that a tile of the
network can be folded. The features of one pixel, in order:

    0–2  r, g, b codes × 2 − 1
    3    m = max(r, g, b) × 2 − 1
    4–6  4·(m' − m4), 4·(m4 − m16), 4·(m16 − m64)   m' = max(r, g, b); mN its mean over cells of N pixels
    7…   the guide plane's channels over `spread`
    last 2·(p0 − p16)/spread                          the first plane channel against its own mean over 16
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.itm.field import Field, cell_means, is_plain, over_full_scale, places
from candela_engines.itm.lattice import Lattice, PlaneField
from candela_engines.native import native

__all__ = [
    "CELLS",
    "Surroundings",
    "assemble",
    "feature_count",
    "features_at",
    "features_of_rows",
    "surroundings",
]

CELLS = (4, 16, 64)
PLANE_CELL = 16

F32 = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Surroundings:
    """Grids that a whole picture gives once: cell means of max(r, g, b), the plane and its means."""

    means: tuple[Field, ...]
    plane: PlaneField | None
    plane_means: Field | None
    spread: float

    def with_plane(self, plane: F32, lattice: Lattice, spread: float) -> Surroundings:
        """The same with a plane (h, w, C) on a lattice."""
        cell = max(1, PLANE_CELL >> lattice.shift)
        means = lattice.means_field(cell_means(plane[..., :1], cell), cell)
        return Surroundings(self.means, lattice.field(plane), means, spread)


def surroundings(codes: npt.NDArray[np.generic], bits: int = 8) -> Surroundings:
    """Cell means of a picture (H, W, 3) of codes, over full scale. bits: of integers."""
    if codes.dtype.kind == "f" and not np.isfinite(codes.sum(dtype=np.float64)):
        # What is infinite or no number counts as 0, or it would spoil its whole cells.
        codes = np.where(np.isfinite(codes), codes, codes.dtype.type(0))
    library = native()
    if library is not None and codes.dtype != np.float32 and is_plain(codes, bits):
        grids = library.Surroundings(codes, bits).means()
    elif library is not None:
        signal = np.ascontiguousarray(over_full_scale(codes, bits))
        grids = library.cell_means_of_largest(signal, list(CELLS))
    else:
        top = over_full_scale(codes.max(-1, keepdims=True), bits)
        grids = [cell_means(top, c) for c in CELLS]
    fields = tuple(Field(grid, 1 / c, 0.0) for grid, c in zip(grids, CELLS, strict=True))
    return Surroundings(fields, None, None, 1.0)


def feature_count(plane_channels: int) -> int:
    """How many features a pixel has."""
    return 4 + len(CELLS) + (plane_channels + 1 if plane_channels else 0)


def assemble(signal: F32, means: list[F32], plane: F32 | None, plane_mean: F32 | None, spread: float) -> F32:
    """Features (…, n) of pixels (…, 3) from their cell means (…, 1) and what the plane gives them."""
    channels = 0 if plane is None else plane.shape[-1]
    out = np.empty((*signal.shape[:-1], feature_count(channels)), np.float32)
    top = signal.max(-1)
    out[..., :3] = signal * 2 - 1
    out[..., 3] = top * 2 - 1
    last = top
    for i, mean in enumerate(means):
        out[..., 4 + i] = (last - mean[..., 0]) * 4
        last = mean[..., 0]
    if plane is not None and plane_mean is not None:
        k = 4 + len(means)
        out[..., k : k + channels] = plane / np.float32(spread)
        out[..., k + channels] = (plane[..., 0] - plane_mean[..., 0]) * np.float32(2 / spread)
    return out


def features_of_rows(signal: F32, around: Surroundings, top: int) -> F32:
    """Features (h, W, n) of a strip (h, W, 3) of codes that starts at row `top` of its picture."""
    bottom, width = top + signal.shape[0], signal.shape[1]
    means = [f.rows(top, bottom, width) for f in around.means]
    plane = None if around.plane is None else around.plane.rows(top, bottom, width)
    mean = None if around.plane_means is None else around.plane_means.rows(top, bottom, width)
    return assemble(signal, means, plane, mean, around.spread)


def features_at(signal: F32, around: Surroundings, ys: Indices, xs: Indices) -> F32:
    """Features (n, count) of the pixels at (ys, xs); signal: their codes (n, 3)."""
    library = native()
    if library is not None:
        found: F32 = library.features_at(
            np.ascontiguousarray(signal, np.float32),
            *places(ys, xs),
            [field.as_native() for field in around.means],
            None if around.plane is None else around.plane.as_native(),
            None if around.plane_means is None else around.plane_means.as_native(),
            around.spread,
        )
        return found
    means = [f.at(ys, xs) for f in around.means]
    plane = None if around.plane is None else around.plane.at(ys, xs)
    mean = None if around.plane_means is None else around.plane_means.at(ys, xs)
    return assemble(signal, means, plane, mean, around.spread)
