"""The best LUT of a reconstruction: what the network does on the average of all places that have a colour.

A LUT sees a colour and nothing else: neither place, nor plane, nor neighbours. The one that comes nearest is
the conditional mean over the picture's own pixels, found by least squares over its trilinear nodes. Nodes
that no pixel is near to follow their neighbours in what they add to the SDR's own light.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.convert import place_sdr_at_reference_white
from candela_engines.colour.state import ColourState
from candela_engines.itm.export.cube import Cube, corners, shaped
from candela_engines.itm.export.output import Output

__all__ = ["Pool", "fit_cube", "pool_of"]

F64 = npt.NDArray[np.float64]
Array = npt.NDArray[np.floating]

SHAPER_ENTRIES = 4096
STIFFNESS = (0.1, 0.01, 1e-3, 1e-4)
"""Weights of the differences between neighbouring nodes, over the mean weight of a cell that has pixels."""
GAIN = 0.97
"""What a looser LUT has to bring the error down to: loose ones are blotchy where two places differ."""
_ROUNDS = 150
_ENOUGH = 1e-5


@dataclass(frozen=True, eq=False)
class Pool:
    """Colours and what becomes of them. codes: (n, 3) over full scale, 0..1. values: (n, 3) of the output.
    weight: (n) of their squared errors."""

    codes: F64
    values: F64
    weight: F64


def pool_of(codes: Array, nits: Array, output: Output) -> Pool:
    """Pixels (n, 3), full scale, and their light (n, 3) in nits, alike colours taken together.

    An error weighs as it does in PQ codes, whatever the output's own steps are.
    """
    values = np.asarray(output.apply(nits.astype(np.float64)), np.float64)
    above, below = (output.apply(nits.astype(np.float64) * f) for f in (1.005, 0.995))
    slope = np.abs(pq.inverse_eotf(nits * 1.005 + 1e-4) - pq.inverse_eotf(nits * 0.995 + 1e-4)).sum(-1)
    weight = np.square(slope / np.maximum(np.abs(above - below).sum(-1), 1e-9))
    weight = np.clip(weight / np.median(weight), 1e-4, 1e4)
    held = np.clip(codes.astype(np.float64), 0, 1)
    keys = np.rint(held * 4095).astype(np.int64) @ np.array([1, 4096, 4096 * 4096])
    _, place = np.unique(keys, return_inverse=True)
    total = np.asarray(np.bincount(place, weight), np.float64)

    def mean(of: F64) -> F64:
        return np.stack([np.bincount(place, weight * of[:, c]) / total for c in range(3)], -1)

    return Pool(mean(held), mean(values), total)


def fit_cube(pool: Pool, check: Pool, output: Output, state: ColourState, bits: int, size: int) -> Cube:
    """The LUT of `size` nodes a side that errs least on `check`: with and without a curve before it.

    check: colours of pixels that the fit has not seen. state: of the SDR; bits: of its codes.
    """
    best, least = None, np.inf
    stiffness: tuple[float, ...] = STIFFNESS
    for shaper in (None, _shaper(pool)):
        base = _base(output, state, bits, size, shaper)
        system = _System.of(pool, base, shaper)
        added = np.zeros_like(system.wanted)
        for held in stiffness:
            added = system.solve(held, added)
            cube = Cube(base + added.reshape(base.shape), shaper)
            error = _error(cube, check)
            if error >= least * GAIN:
                break
            best, least, chosen = cube, error, held
        stiffness = (chosen,)  # what a curve brings does not hang on it
    assert best is not None
    return best


def _error(cube: Cube, pool: Pool) -> float:
    squared = np.square(cube.apply(pool.codes) - pool.values).sum(-1)
    return float(np.average(squared, weights=pool.weight))


def _base(output: Output, state: ColourState, bits: int, size: int, shaper: F64 | None) -> F64:
    """The output (size, size, size, 3) of the SDR's own light at the nodes, white on 203 nit."""
    at = np.linspace(0, 1, size)
    if shaper is not None:
        at = np.interp(at, shaper, np.linspace(0, 1, len(shaper)))
    blue, green, red = np.meshgrid(at, at, at, indexing="ij")
    codes = np.stack([red, green, blue], -1)
    light = place_sdr_at_reference_white(codes, state, bits=bits if bits <= 16 else None)
    return np.asarray(output.apply(np.maximum(light, 0)), np.float64)


def _shaper(pool: Pool) -> F64:
    """A curve that puts nodes where the output bends most: their density is the cube root of the curvature.

    That is where linear interpolation between nodes errs equally (de Boor 1973); a third of the nodes stays
    evenly spread.
    """
    bins = 64
    place = np.minimum((pool.codes * bins).astype(np.int64), bins - 1)
    total = np.bincount(place.ravel(), np.repeat(pool.weight, 3), bins)
    sums = np.bincount(place.ravel(), (pool.values * pool.weight[:, None]).ravel(), bins)
    seen = total > 0
    centres = (np.arange(bins) + 0.5) / bins
    curve = np.interp(centres, centres[seen], sums[seen] / total[seen])
    smooth = np.convolve(np.pad(curve, 3, mode="reflect", reflect_type="odd"), np.ones(7) / 7, "valid")
    bend = np.abs(np.gradient(np.gradient(smooth)))
    density = np.cbrt(bend * (total / total.sum() + 0.1 / bins))
    density = density / max(float(density.mean()), 1e-12) + 0.5
    edges = np.concatenate([[0.0], np.cumsum(density)])
    return np.asarray(
        np.interp(np.linspace(0, 1, SHAPER_ENTRIES), np.linspace(0, 1, bins + 1), edges / edges[-1])
    )


@dataclass(frozen=True, eq=False)
class _System:
    """Normal equations of a LUT: cells that have pixels with their 8x8 blocks, and what they ask for."""

    nodes: npt.NDArray[np.int64]  # (cells, 8)
    blocks: F64  # (cells, 8, 8)
    wanted: F64  # (size³, 3)
    size: int
    mean_weight: float

    @staticmethod
    def of(pool: Pool, base: F64, shaper: F64 | None) -> _System:
        size = len(base)
        index, share = corners(shaped(pool.codes, shaper), size)
        left = pool.values - np.einsum("nk,nkc->nc", share, base.reshape(-1, 3)[index])
        cells, first, place = np.unique(index[:, 0], return_index=True, return_inverse=True)
        blocks = np.empty((len(cells), 8, 8))
        for a in range(8):
            for b in range(a, 8):
                blocks[:, a, b] = np.bincount(place, pool.weight * share[:, a] * share[:, b], len(cells))
                blocks[:, b, a] = blocks[:, a, b]
        wanted = np.zeros((size**3, 3))
        for c in range(3):
            sums = (share * (pool.weight * left[:, c])[:, None]).ravel()
            wanted[:, c] = np.bincount(index.ravel(), sums, size**3)
        mean = float(np.bincount(place, pool.weight).mean())
        return _System(index[first], blocks, wanted, size, mean)

    def solve(self, stiffness: float, start: F64) -> F64:
        """What to add to the base (size³, 3): conjugate gradients, preconditioned by the diagonal."""
        held = stiffness * self.mean_weight
        ones = np.zeros((self.size**3, 1))
        np.add.at(ones[:, 0], self.nodes, np.einsum("maa->ma", self.blocks))
        diagonal = ones + held * 6
        return _conjugate(lambda v: self._times(v, held), self.wanted, diagonal, start)

    def _times(self, values: F64, held: float) -> F64:
        out = self._smoothed(values) * held
        parts = self.blocks @ values[self.nodes]
        for c in range(values.shape[1]):
            out[:, c] += np.bincount(self.nodes.ravel(), parts[..., c].ravel(), len(values))
        return out

    def _smoothed(self, values: F64) -> F64:
        """The negative Laplacian over the nodes, with free ends."""
        grid = values.reshape(self.size, self.size, self.size, -1)
        out = np.zeros_like(grid)
        for axis in range(3):
            step = np.diff(grid, axis=axis)
            low = [slice(None)] * 4
            high = [slice(None)] * 4
            low[axis], high[axis] = slice(None, -1), slice(1, None)
            out[tuple(low)] -= step
            out[tuple(high)] += step
        return out.reshape(values.shape)


def _conjugate(times: Callable[[F64], F64], wanted: F64, diagonal: F64, start: F64) -> F64:
    """x with A·x = wanted, columns at once, from a start on, until what is left is `_ENOUGH` of it."""
    x = start.copy()
    residual = wanted - times(x)
    z = residual / diagonal
    direction, old = z.copy(), (residual * z).sum(0)
    first = (np.square(wanted) / diagonal).sum(0)
    for _ in range(_ROUNDS):
        product = times(direction)
        step = old / np.maximum((direction * product).sum(0), 1e-300)
        x += step * direction
        residual -= step * product
        z = residual / diagonal
        new = (residual * z).sum(0)
        if (new <= _ENOUGH**2 * np.maximum(first, 1e-300)).all():
            break
        direction = z + new / np.maximum(old, 1e-300) * direction
        old = new
    return x
