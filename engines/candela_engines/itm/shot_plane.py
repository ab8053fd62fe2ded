"""The guide plane of a shot: least squares of every place's targets over time, at a few keys.

A locked-off shot with a power window, a vignette or a sky that was pulled down has in its plane what no
network finds in the codes alone. Under a moving camera the plane averages to nearly nothing, costs nothing,
and the choice leaves it out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.itm.domain import Domain, base_of, target_and_weight
from candela_engines.itm.field import is_plain, over_full_scale
from candela_engines.itm.guide import GuideCoder, plane_weight, to_plane
from candela_engines.itm.keys import hats, key_spectrum
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.pair import squares
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.itm.shot_pool import TimedGuide
from candela_engines.itm.targets import plane_of_targets

__all__ = ["FINEST", "PLANE_SAMPLES", "PlaneSums", "lattice_for"]

F32 = npt.NDArray[np.float32]

PLANE_SAMPLES = 1 << 16
FINEST = 3  # keys that sums are kept for; one and two follow from them
RIDGE = 1e-3  # of a cell's weight: what a key gets from the others where few frames reach it


def lattice_for(height: int, width: int, most: int = PLANE_SAMPLES) -> Lattice:
    """The finest centred lattice of at most so many samples."""
    shift = 0
    while (-(-height >> shift)) * (-(-width >> shift)) > most:
        shift += 1
    return Lattice("centred", shift)


class PlaneSums:
    """Sums over frames from which the plane at one, two or three keys follows, in memory of a few planes."""

    def __init__(self, domain: Domain, state: ColourState, height: int, width: int) -> None:
        self._domain, self._state = domain, state
        self.lattice = lattice_for(height, width)
        shape = self.lattice.shape(height, width)
        self._normal = np.zeros((*shape, FINEST, FINEST), np.float32)
        self._right = np.zeros((*shape, FINEST), np.float32)

    def add(self, frame: PairFrame, place: float) -> None:
        """Take in a frame at its place 0..1 of the shot."""
        plane, weight = self._of(frame)
        shares = hats(place, FINEST).astype(np.float32)
        self._normal += weight[..., None] * np.outer(shares, shares)
        self._right += weight * plane * shares

    def _of(self, frame: PairFrame) -> tuple[F32, F32]:
        cell = self.lattice.cell
        made = plane_of_targets(
            frame.codes,
            frame.nits,
            self._state,
            self._domain,
            bits=frame.bits,
            strength=0,
            cell=cell,
            channels=1,
            rows=2,
        )
        if made is not None:
            return made
        codes = frame.codes if is_plain(frame.codes, frame.bits) else over_full_scale(frame.codes, frame.bits)
        signal = over_full_scale(codes, frame.bits)
        base = base_of(signal, self._state, self._domain, frame.bits).astype(np.float32)
        target, weight = target_and_weight(base, np.clip(frame.nits, 0, 10000), self._domain)
        target, weight = squares(target, cell), squares(weight, cell)
        return to_plane(target, weight, 1), plane_weight(weight, 1)

    def planes(self, keys: int) -> tuple[F32, F32]:
        """Planes (h, w, keys), each without its mean, and the weight (h, w, keys) of their errors."""
        # A hat on coarser keys is a sum of finer ones; row: coarse, column: fine.
        wide = {
            1: np.ones((1, FINEST)),
            2: np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]]),
            3: np.eye(FINEST),
        }[keys].astype(np.float32)
        normal = wide @ self._normal @ wide.T
        right = self._right @ wide.T
        total = np.trace(normal, axis1=-2, axis2=-1)[..., None]
        mean = self._right.sum(-1, keepdims=True) / np.maximum(self._normal.sum((-2, -1))[..., None], 1e-12)
        ridge = RIDGE * total + np.float32(1e-9)
        normal = normal + ridge[..., None] * np.eye(keys, dtype=np.float32)
        solved = np.linalg.solve(normal, (right + ridge * mean)[..., None])[..., 0]
        weight = np.broadcast_to(total / keys, solved.shape)
        solved -= solved.mean((0, 1), dtype=np.float64)
        return np.asarray(solved, np.float32), np.asarray(weight, np.float32)

    def coder(self, keys: int) -> PlaneCoder:
        """What codes the plane at so many keys to any size."""
        planes, weight = self.planes(keys)
        return PlaneCoder(GuideCoder(key_spectrum(planes), weight), self.lattice)


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
