"""AGCM and HDCFM at work: a context from a proxy of the picture, its pixels in tiles, light out of PQ codes.

A context is a plain vector. Over a shot it is averaged in time, so that a network that answers to a cloud
passing does not flicker with it (`smoothed`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.errors import InputError
from candela_engines.runtime.small_graph import open_small_graphs
from candela_engines.upconvert.anchors import ANCHORS, anchored_codes, greys_kept
from candela_engines.upconvert.graphs import (
    CONDITION,
    CONTEXT_SIZES,
    HALO,
    build_context,
    build_pixels,
    is_anchored,
)
from candela_engines.upconvert.levels import levels_of

__all__ = ["SIDES", "Context", "Network", "load_network", "proxy_of", "shares", "shrunk", "smoothed"]

F32 = npt.NDArray[np.float32]

SIDES = {"agcm": 128, "hdcfm": 128}
"""Pixels of the longer side of a proxy."""
_STEP = 32
_BLACK = 0.02  # code: rows and columns no brighter than this throughout are bars
TILE = 256


@dataclass(frozen=True, eq=False)
class Context:
    """What a network takes of a whole picture. numbers: (N,) of it all. cells: rows and columns of the local
    condition, which lies over the active picture: top, left, height and width in pixels.
    """

    numbers: F32
    cells: tuple[int, int]
    active: tuple[int, int, int, int]


def proxy_of(code: F32, side: int) -> tuple[F32, tuple[int, int, int, int]]:
    """A small copy (h, w, 3) of SDR code (H, W, 3) for the context, and the part of the picture it is of.

    side: of the longer one at most, a multiple of 32, as both sides of the proxy are.
    Cells are averaged. Bars of a letterbox are left out: they are no part of what the colourist graded.
    """
    top, left, height, width = _active(code)
    inner = np.nan_to_num(np.clip(code[top : top + height, left : left + width], 0, 1))
    longer = max(height, width)
    sides = [max(1, round(min(side, longer) * n / longer / _STEP)) * _STEP for n in (height, width)]
    small = shrunk(shrunk(inner, sides[0]).transpose(1, 0, 2), sides[1]).transpose(1, 0, 2)
    return np.ascontiguousarray(small, np.float32), (top, left, height, width)


def _active(code: F32) -> tuple[int, int, int, int]:
    lit = np.nan_to_num(code).max(axis=2) > _BLACK
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    if not len(rows):
        return 0, 0, code.shape[0], code.shape[1]
    return int(rows[0]), int(columns[0]), int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1


def shrunk(rows: F32, count: int) -> F32:
    """`count` rows of (n, m, 3): means where there are more, copies where there are fewer."""
    n = len(rows)
    starts = np.arange(count) * n // count
    if n <= count:
        return rows[starts]
    if n % count == 0:
        return np.asarray(rows.reshape(count, n // count, *rows.shape[1:]).mean(axis=1), np.float32)
    sums = np.add.reduceat(rows, starts, axis=0, dtype=np.float64)
    sizes = np.diff(np.append(starts, n))
    return np.asarray(sums / sizes[:, None, None], np.float32)


def shares(at: npt.NDArray[np.integer], begin: int, length: int, count: int) -> F32:
    """What each of `count` cells over `length` pixels from `begin` has in the pixels `at` (n,): (n, count).

    Linear between the middles of cells. The publication repeats cells, which are 32 pixels of a frame there;
    of a proxy's cells they are a tenth of the picture, and their edges would be seen in a sky.
    """
    place = np.clip((at - begin + 0.5) * count / length - 0.5, 0, count - 1)
    return np.asarray(np.maximum(0, 1 - np.abs(place[:, None] - np.arange(count))), np.float32)


def smoothed(contexts: Sequence[Context], frames: float = 12.0) -> list[Context]:
    """Contexts of a shot's frames in order, each averaged with its neighbours in time.

    frames: standard deviation of the weights, a Gaussian over frames. Contexts of another shape, as where a
    letterbox comes and goes, are left out of an average.
    """
    found = []
    for at, own in enumerate(contexts):
        alike = [(i, c) for i, c in enumerate(contexts) if c.cells == own.cells]
        weights = np.array([np.exp(-0.5 * ((i - at) / frames) ** 2) for i, _ in alike])
        numbers = np.average([c.numbers for _, c in alike], axis=0, weights=weights)
        found.append(Context(np.asarray(numbers, np.float32), own.cells, own.active))
    return found


@dataclass(frozen=True, eq=False)
class Network:
    """name: `agcm` or `hdcfm`. Both graphs as ONNX Runtime holds them. anchored: whether what the network
    gives is added to the reference renderings, whose weights are the last numbers of its contexts.
    """

    name: str
    of_context: Any
    of_pixels: Any
    anchored: bool = False

    def context(self, code: F32) -> Context:
        """Of SDR code (H, W, 3), BT.709 with BT.1886, 0..1."""
        proxy, active = proxy_of(code, SIDES[self.name])
        feed = {"proxy": proxy.transpose(2, 0, 1)[None]}
        if self.anchored:
            feed["levels"] = levels_of(proxy)[None]
        made = self.of_context.run(None, feed)[0][0]
        return Context(made, (proxy.shape[0] // _STEP, proxy.shape[1] // _STEP), active)

    def light(self, code: F32, context: Context, *, tile: int = TILE) -> F32:
        """Light (H, W, 3) float32 in nits, linear BT.2020, of SDR code. tile: pixels of a side of the tiles.

        Raises InputError for a tile without pixels. The size of tiles changes speed and memory and, beyond
        rounding, no pixel.
        """
        if tile < 1:
            raise InputError(f"tiles of {tile} pixels; 1 at least")
        out = np.empty(code.shape, np.float32)
        halo = HALO if self.name == "hdcfm" else 0
        for top, left in _tiles(code.shape[0], code.shape[1], tile):
            bottom, right = min(top + tile, code.shape[0]), min(left + tile, code.shape[1])
            codes = self._codes(code, context, (top - halo, bottom + halo), (left - halo, right + halo))
            inner = codes[:, halo : halo + bottom - top, halo : halo + right - left]
            inner = inner.transpose(1, 2, 0)
            if self.anchored:
                part = np.nan_to_num(np.clip(code[top:bottom, left:right], 0, 1))
                inner = greys_kept(inner, part) + anchored_codes(part, context.numbers[-len(ANCHORS) :])
            nits = pq.eotf(np.clip(inner, 0, 1))
            out[top:bottom, left:right] = nits
            out[top:bottom, left:right][np.isnan(code[top:bottom, left:right]).any(axis=2)] = np.nan
        return out

    def _codes(self, code: F32, context: Context, rows: tuple[int, int], columns: tuple[int, int]) -> F32:
        """PQ codes (3, h, w) of a tile, which may reach beyond the picture."""
        ys, xs = np.arange(*rows), np.arange(*columns)
        height, width = code.shape[:2]
        inside_y, inside_x = np.clip(ys, 0, height - 1), np.clip(xs, 0, width - 1)
        part = np.nan_to_num(np.clip(code[np.ix_(inside_y, inside_x)], 0, 1))
        size = CONTEXT_SIZES[self.name]
        feed = {"sdr": _planes(part), "context": context.numbers[None, :size]}
        if self.name == "hdcfm":
            cells = CONDITION * context.cells[0] * context.cells[1]
            whole = context.numbers[size : size + cells].reshape(CONDITION, *context.cells)
            top, left, active_height, active_width = context.active
            down = shares(inside_y, top, active_height, context.cells[0])
            across = shares(inside_x, left, active_width, context.cells[1])
            feed["local"] = np.ascontiguousarray((down @ whole @ across.T)[None])
            mask = np.outer(ys == inside_y, xs == inside_x).astype(np.float32)
            feed["mask"] = mask[None, None]
        return np.asarray(self.of_pixels.run(None, feed)[0][0], np.float32)


def _planes(part: F32) -> F32:
    return np.ascontiguousarray(part.transpose(2, 0, 1)[None], np.float32)


def _tiles(height: int, width: int, tile: int) -> Iterator[tuple[int, int]]:
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            yield top, left


def load_network(name: str, weights: dict[str, npt.NDArray[np.floating]], *, threads: int = 0) -> Network:
    """The network of trained weights, by their names in training. threads: of ONNX Runtime, 0 for its own.

    Raises InfrastructureError for weights that are not those of the network.
    """
    builds = [partial(build, name, weights) for build in (build_context, build_pixels)]
    of_context, of_pixels = open_small_graphs(name, builds, threads=threads)
    return Network(name, of_context, of_pixels, is_anchored(weights))
