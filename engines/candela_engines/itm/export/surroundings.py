"""How generated code comes to the means around a pixel, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.itm.features import CELLS, Surroundings
from candela_engines.itm.field import Field

__all__ = ["FAST", "Means", "reads_a_pixel", "sparse_means"]

F32 = npt.NDArray[np.float32]
Means = Literal["baked", "read", "fast"]
"""`baked`: written into the file, of this very picture. `read`: of the picture that comes in, every pixel of
every cell. `fast`: the same of some pixels of the larger cells."""

FAST = ((64, 4),)
"""Cells of which `fast` reads every how manieth pixel, across and down: nearly all that `read` reads is the
largest cell's, and of that one pixel in sixteen is enough (docs/exports.md has what it costs)."""


@dataclass(frozen=True)
class _Sampled:
    offsets: npt.NDArray[np.int64]

    @staticmethod
    def of(cell: int, stride: int) -> _Sampled:
        return _Sampled(np.arange(stride // 2 if stride > 1 else 0, cell, stride) - cell // 2)


def reads_a_pixel(strides: tuple[tuple[int, int], ...], baked: tuple[int, ...], strength: int) -> int:
    """Samples of other pixels that a pixel reads at most: of four cells each, and of the 3x3 around it."""
    each = [
        4 * len(_Sampled.of(cell, dict(strides).get(cell, 1)).offsets) ** 2
        for cell in CELLS
        if cell not in baked
    ]
    return 3 * (sum(each) + (9 if strength else 0))


def sparse_means(around: Surroundings, signal: F32, strides: tuple[tuple[int, int], ...]) -> Surroundings:
    """Surroundings whose cell means are of some pixels only, as generated code reads them.

    signal: (H, W, 3) codes over full scale. strides: (cell, every how manieth pixel).
    """
    top = np.ascontiguousarray(signal.max(-1))
    height, width = top.shape
    fields = []
    for cell, field in zip(CELLS, around.means, strict=True):
        stride = dict(strides).get(cell, 1)
        if stride == 1:
            fields.append(field)
            continue
        rows, columns = field.nodes.shape[:2]
        offsets = _Sampled.of(cell, stride).offsets
        ys = np.clip(np.arange(rows)[:, None] * cell + offsets, 0, height - 1)
        xs = np.clip(np.arange(columns)[:, None] * cell + offsets, 0, width - 1)
        n = len(offsets)
        taken = top[ys.ravel()][:, xs.ravel()].reshape(rows, n, columns, n)
        fields.append(
            Field(taken.mean((1, 3), dtype=np.float64).astype(np.float32)[..., None], 1 / cell, 0.0)
        )
    return Surroundings(tuple(fields), around.plane, around.plane_means, around.spread)
