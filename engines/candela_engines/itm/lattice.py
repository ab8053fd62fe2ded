"""Where the samples of a guide plane lie, and how the pixels between them read it.

`centred`: a sample stands for the middle of a square of pixels; in between bilinear, as graphics hardware
reads a texture. It is what every picture can have, and at full density a sample is a pixel.
`shepard`: the first sample lies on the first pixel, and a pixel takes the four samples around it by inverse
distance (Shepard 1968): what libultrahdr does when it applies the gain map of a photograph. A master made
so has kinks on exactly these lines, which no other lattice of few samples follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.itm.field import Field, places
from candela_engines.native import native

__all__ = ["HALO", "KINDS", "Kind", "Lattice", "PlaneField", "ShepardField", "fit_shepard", "shares_of"]

Kind = Literal["centred", "shepard"]
KINDS: tuple[Kind, ...] = ("centred", "shepard")

F32 = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

_ROUNDS = 8
_STEP = np.float32(1.9)  # of the rounds; from 2 on they would diverge
HALO = _ROUNDS + 1
"""Nodes around a node that `fit_shepard` makes it depend on."""


@dataclass(frozen=True)
class Lattice:
    """One sample for 2^shift pixels a side, laid out as `kind` says."""

    kind: Kind = "centred"
    shift: int = 0

    @property
    def cell(self) -> int:
        """Pixels a side from one sample to the next."""
        return 1 << self.shift

    def shape(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of a plane for a picture."""
        return -(-height >> self.shift), -(-width >> self.shift)

    def field(self, plane: F32) -> PlaneField:
        """A plane (h, w, C) as pixels read it."""
        if self.kind == "shepard" and self.shift:
            return ShepardField(plane, self.cell)
        scale = 1.0 / self.cell
        return Field(plane, scale, 0.5 * scale - 0.5)

    def between(
        self, at: npt.NDArray[np.int64], size: int
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The two of `size` samples that rows or columns lie between, (2, n), and their place in a cell.

        With `shares_of` this is what `field` computes, on either lattice.
        """
        first = at if self.kind == "shepard" else at - self.cell // 2
        low = first // self.cell
        nodes = np.clip(np.stack([low, low + 1]), 0, size - 1)
        return nodes.astype(np.int32), (first % self.cell).astype(np.int32)

    def means_field(self, means: F32, cell: int) -> Field:
        """Means on every cell-th sample of the plane, as pixels read them: bilinear on either lattice."""
        scale = 1.0 / (cell << self.shift)
        first = 0.0 if self.kind == "shepard" else 0.5 * self.cell - 0.5
        return Field(means, scale, -first * scale)


@lru_cache(maxsize=8)
def _shares(cell: int) -> F32:
    """Shares (cell, cell, 4) of the samples above left, above right, below left and below right."""
    at = np.arange(cell) / cell
    near = [
        1 / np.maximum(np.hypot(at[:, None] - y, at[None] - x), 1e-9)
        for y, x in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    shares = np.stack(near, -1)
    return np.asarray(shares / shares.sum(-1, keepdims=True), np.float32)


def shares_of(lattice: Lattice) -> F32:
    """Shares (cell, cell, 4) of the four samples around a pixel, by its phases of `Lattice.between`."""
    if lattice.kind == "shepard" and lattice.shift:
        return _shares(lattice.cell)
    even = lattice.cell % 2 == 0
    part = (np.arange(lattice.cell) + 0.5 * even) / lattice.cell
    down, right = np.meshgrid(part, part, indexing="ij")
    four = ((1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right)
    return np.stack(four, -1).astype(np.float32)


@dataclass(frozen=True)
class ShepardField:
    """Nodes (gh, gw, C) float32, node (i, j) on pixel (i·cell, j·cell); in between by inverse distance.

    Past the last node its value holds.
    """

    nodes: F32
    cell: int

    def _axis(self, at: Indices, size: int) -> tuple[Indices, Indices, Indices]:
        i = np.minimum(at // self.cell, size - 1)
        return i, np.minimum(i + 1, size - 1), at % self.cell

    def as_native(self) -> tuple[F32, float, float, int]:
        """The field as the native library takes it."""
        return np.ascontiguousarray(self.nodes, np.float32), 0.0, 0.0, self.cell

    def rows(self, top: int, bottom: int, width: int) -> F32:
        """Values (bottom − top, width, C) of a strip of rows."""
        library = native()
        if library is not None:
            found: F32 = library.field_rows(self.as_native(), top, bottom, width)
            return found
        gh, gw, channels = self.nodes.shape
        i, i1, py = self._axis(np.arange(top, bottom), gh)
        c = self.cell
        right = np.minimum(np.arange(gw) + 1, gw - 1)
        out = np.zeros((bottom - top, gw, c, channels), np.float32)
        for k, rows in enumerate((i, i, i1, i1)):
            nodes = self.nodes[rows] if k % 2 == 0 else self.nodes[rows][:, right]
            out += nodes[:, :, None] * _shares(c)[py][:, None, :, k, None]
        return out.reshape(bottom - top, gw * c, channels)[:, :width]

    def at(self, ys: Indices, xs: Indices) -> F32:
        """Values (n, C) at pixels."""
        library = native()
        if library is not None:
            found: F32 = library.field_at(self.as_native(), *places(ys, xs))
            return found
        gh, gw, _ = self.nodes.shape
        i, i1, py = self._axis(ys, gh)
        j, j1, px = self._axis(xs, gw)
        share = _shares(self.cell)[py, px]
        n = self.nodes
        out = n[i, j] * share[:, 0, None]
        for k, (a, b) in enumerate(((i, j1), (i1, j), (i1, j1)), 1):
            out += n[a, b] * share[:, k, None]
        return np.asarray(out, np.float32)


PlaneField = Field | ShepardField


def fit_shepard(values: F32, weight: F32, cell: int) -> tuple[F32, F32]:
    """Nodes (gh, gw, C) whose field comes nearest to `values` (H, W, C), and how much each of them weighs.

    weight: (H, W, C), of the squared error. A few rounds of Landweber's iteration with every node's own
    total as the step: they converge fast, for a pixel hangs mostly on one node.
    """
    library = native()
    if library is not None:
        values, weight = np.ascontiguousarray(values, np.float32), np.ascontiguousarray(weight, np.float32)
        found: tuple[F32, F32] = library.fit_shepard(values, weight, cell)
        return found
    total = _gather(weight, cell) + np.float32(1e-9)
    nodes = _gather(weight * values, cell) / total
    height, width = values.shape[:2]
    for _ in range(_ROUNDS):
        left = values - ShepardField(nodes, cell).rows(0, height, width)
        nodes = nodes + _STEP * _gather(weight * left, cell) / total
    return nodes, total


def _gather(values: F32, cell: int) -> F32:
    """The transpose of `ShepardField.rows`: what the pixels (H, W, C) give to every node."""
    height, width, channels = values.shape
    gh, gw = -(-height // cell), -(-width // cell)
    full = np.zeros((gh * cell, gw * cell, channels), np.float32)
    full[:height, :width] = values
    cells = full.reshape(gh, cell, gw, cell, channels).transpose(0, 2, 4, 1, 3).reshape(gh, gw, channels, -1)
    sums = cells @ _shares(cell).reshape(cell * cell, 4)
    out = np.zeros((gh + 1, gw + 1, channels), np.float32)
    for k, (y, x) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
        out[y : y + gh, x : x + gw] += sums[..., k]
    out[-2] += out[-1]
    out[:, -2] += out[:, -1]
    return out[:-1, :-1]
