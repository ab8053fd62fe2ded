"""Grids sampled bilinearly over a picture, and cell means to put on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.native import native

__all__ = ["Field", "cell_means", "is_plain", "over_full_scale", "pixels_at", "places"]

F32 = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Field:
    """Nodes (gh, gw, C) float32; pixel (y, x) reads the grid at (y·scale + offset, x·scale + offset).

    Between nodes the value is bilinear, outside the outermost nodes it is theirs.
    """

    nodes: F32
    scale: float
    offset: float

    @property
    def is_identity(self) -> bool:
        """Whether every pixel has its own node."""
        return self.scale == 1.0 and self.offset == 0.0

    def positions(self, at: npt.NDArray[np.generic], axis: int) -> npt.NDArray[np.float64]:
        """Where rows (axis 0) or columns (1) of pixels read the grid, in nodes."""
        return np.clip(at.astype(np.float64) * self.scale + self.offset, 0, self.nodes.shape[axis] - 1)

    def _axis(self, at: npt.NDArray[np.generic], axis: int) -> tuple[Indices, F32]:
        u = self.positions(at, axis)
        i = np.minimum(u.astype(np.intp), max(self.nodes.shape[axis] - 2, 0))
        return i, (u - i).astype(np.float32)

    def as_native(self) -> tuple[F32, float, float, int]:
        """The field as the native library takes it."""
        return np.ascontiguousarray(self.nodes, np.float32), self.scale, self.offset, 0

    def rows(self, top: int, bottom: int, width: int) -> F32:
        """Values (bottom − top, width, C) of a strip of rows."""
        if self.is_identity:
            return self.nodes[top:bottom]
        library = native()
        if library is not None:
            found: F32 = library.field_rows(self.as_native(), top, bottom, width)
            return found
        gh, gw = self.nodes.shape[:2]
        i, fy = self._axis(np.arange(top, bottom), 0)
        j, fx = self._axis(np.arange(width), 1)
        n = self.nodes
        a, b = n[i], n[np.minimum(i + 1, gh - 1)]
        strip = a + (b - a) * fy[:, None, None]
        left, right = strip[:, j], strip[:, np.minimum(j + 1, gw - 1)]
        return np.asarray(left + (right - left) * fx[None, :, None], np.float32)

    def at(self, ys: Indices, xs: Indices) -> F32:
        """Values (n, C) at pixels."""
        n = self.nodes
        if self.is_identity:
            return n[ys, xs]
        library = native()
        if library is not None:
            found: F32 = library.field_at(self.as_native(), *places(ys, xs))
            return found
        gh, gw = n.shape[:2]
        i, fy = self._axis(ys, 0)
        j, fx = self._axis(xs, 1)
        i1, j1 = np.minimum(i + 1, gh - 1), np.minimum(j + 1, gw - 1)
        fy, fx = fy[:, None], fx[:, None]
        top = n[i, j] + (n[i, j1] - n[i, j]) * fx
        bottom = n[i1, j] + (n[i1, j1] - n[i1, j]) * fx
        return np.asarray(top + (bottom - top) * fy, np.float32)


def places(ys: Indices, xs: Indices) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places of pixels as the native library takes them."""
    return np.ascontiguousarray(ys, np.int64), np.ascontiguousarray(xs, np.int64)


def over_full_scale(codes: npt.NDArray[np.generic], bits: int) -> F32:
    """Codes over full scale, float32: integers over 2^bits − 1, floats as they are."""
    if np.issubdtype(codes.dtype, np.floating):
        return codes.astype(np.float32, copy=False)
    return codes.astype(np.float32) / np.float32((1 << bits) - 1)


def is_plain(codes: npt.NDArray[np.generic], bits: int) -> bool:
    """Whether the native library reads such codes as they are."""
    return (codes.dtype == np.uint8 and bits == 8) or codes.dtype == np.uint16 or codes.dtype == np.float32


def pixels_at(picture: npt.NDArray[np.generic], ys: Indices, xs: Indices, bits: int = 8) -> F32:
    """Pixels (n, 3) of a picture (H, W, 3), integers over full scale. bits: of integers."""
    library = native()
    if library is None or not is_plain(picture, bits):
        return over_full_scale(picture[ys, xs], bits)
    found: F32 = library.pixels_at(picture, *places(ys, xs), bits)
    return found


def cell_means(values: F32, cell: int) -> F32:
    """Means of (H, W, C) over squares of `cell` pixels centred on every cell-th pixel; edges repeat.

    Returns (ceil((H − 1)/cell) + 1, ceil((W − 1)/cell) + 1, C), so that a node lies on or beyond each edge.
    """
    library = native()
    if library is not None:
        means: F32 = library.cell_means(np.ascontiguousarray(values, np.float32), cell)
        return means
    h, w, c = values.shape
    gh, gw = -(-(h - 1) // cell) + 1, -(-(w - 1) // cell) + 1
    half = cell // 2
    out = np.empty((gh, gw, c), np.float32)
    columns = np.clip(np.arange(-half, gw * cell - half), 0, w - 1)
    for j in range(gh):  # a row of cells at a time: no padded copy of a large picture
        rows = np.clip(np.arange(j * cell - half, (j + 1) * cell - half), 0, h - 1)
        strip = values[rows].mean(0, dtype=np.float64)
        out[j] = strip[columns].reshape(gw, cell, c).mean(1)
    return out
