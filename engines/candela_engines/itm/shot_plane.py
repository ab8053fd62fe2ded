"""The guide plane of a shot: what the network leaves, by place, at a few keys in time.

A shot with a power window, a vignette or a sky that was pulled down has in its plane what no network finds
in the codes. The content moves under it, so means of the targets would mix the content into the plane: it is
made of what a network without it leaves, and made anew once there is one that has it (docs/decisions/0005
does the same for stills). Least squares over the pool's pixels; where the camera moves over an even grade
next to nothing is left, and the choice leaves the plane out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.itm.guide import GuideCoder, plane_weight, to_output, to_plane
from candela_engines.itm.keys import hats, key_spectrum
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.shot_pool import ShotPool, TimedGuide

__all__ = ["PlaneCoder", "plane_coder", "plane_of"]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

EACH = 12  # pixels of the pool for a sample of the plane, about
MOST = 1 << 16  # samples of a plane
RIDGE = 1e-2  # of a mean cell's weight: what holds cells that few pixels fell into


class PlaneCoder:
    """A plane in time, to be coded to any size."""

    def __init__(self, coder: GuideCoder, lattice: Lattice) -> None:
        self._coder, self._lattice = coder, lattice

    def code(self, budget: int, *, draft: bool = False) -> TimedGuide | None:
        """The best coding in at most `budget` bytes; None where none fits."""
        if budget < 48:
            return None
        guide = self._coder.code(budget, draft=draft)
        return None if guide is None else TimedGuide(guide, self._lattice)


def plane_coder(
    pool: ShotPool, size: tuple[int, int], wanted: F32, weight: F32, keys: int
) -> PlaneCoder:
    """What codes the plane at `keys` keys that brings the output nearest to what is wanted.

    size: height and width of the frames. wanted (n, 3): what the plane should add at the pool's pixels;
    weight (n, 3): of its errors.
    """
    lattice = _lattice_for(*size, len(pool))
    planes, total = _least_squares(pool, lattice, size, wanted, weight, keys)
    return PlaneCoder(GuideCoder(key_spectrum(planes), total), lattice)


def plane_of(pool: ShotPool, size: tuple[int, int], wanted: F32, weight: F32) -> F32:
    """What a still plane that was not coded would add to the output (n, 3) at the pool's pixels."""
    lattice = _lattice_for(*size, len(pool))
    planes, _ = _least_squares(pool, lattice, size, wanted, weight, 1)
    return np.asarray(to_output(lattice.field(planes).at(pool.ys, pool.xs)), np.float32)


def _lattice_for(height: int, width: int, pixels: int) -> Lattice:
    """The finest centred lattice whose samples have enough pixels each."""
    shift = 0
    while (-(-height >> shift)) * (-(-width >> shift)) > min(MOST, max(pixels // EACH, 1)):
        shift += 1
    return Lattice("centred", shift)


def _least_squares(
    pool: ShotPool, lattice: Lattice, size: tuple[int, int], wanted: F32, weight: F32, keys: int
) -> tuple[F32, F32]:
    """Planes (h, w, keys), each without its mean, and the weight (h, w, keys) of their errors."""
    h, w = lattice.shape(*size)
    cell = (pool.ys >> lattice.shift) * w + (pool.xs >> lattice.shift)
    value = to_plane(wanted, weight, 1)[:, 0].astype(np.float64)
    each = plane_weight(weight, 1)[:, 0].astype(np.float64)
    shares = hats(pool.place.astype(np.float64), keys)
    normal = np.empty((h * w, keys, keys))
    right = np.empty((h * w, keys))
    for i in range(keys):
        right[:, i] = np.bincount(cell, each * value * shares[:, i], h * w)
        for j in range(i + 1):
            normal[:, i, j] = normal[:, j, i] = np.bincount(cell, each * shares[:, i] * shares[:, j], h * w)
    total = normal.sum((1, 2))
    ridge = RIDGE * total.mean() + 1e-12
    # Held towards the cell's own mean in time, and that towards nothing.
    mean = right.sum(1) / (total + ridge)
    held = right + ridge * mean[:, None]
    solved = np.linalg.solve(normal + ridge * np.eye(keys), held[..., None])[..., 0]
    planes = solved.reshape(h, w, keys)
    planes -= planes.mean((0, 1))
    counts = np.repeat(total.reshape(h, w, 1) / keys, keys, axis=2)
    return planes.astype(np.float32), counts.astype(np.float32)
