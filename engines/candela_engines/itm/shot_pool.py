"""Pixels of many frames of a shot, with what the network sees of them at any setting of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.itm.dequantise import STRENGTHS, steps_at
from candela_engines.itm.domain import Domain
from candela_engines.itm.features import Surroundings, assemble, surroundings
from candela_engines.itm.field import is_plain, over_full_scale, pixels_at
from candela_engines.itm.guide import Guide, GuideCoder, to_output
from candela_engines.itm.keys import hats, place_in_shot, spectrum_to_keys
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.learn import Samples
from candela_engines.itm.network import scale_of_code
from candela_engines.itm.pair import spread_code
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.itm.targets import targets_of

__all__ = ["ShotPool", "TimedGuide", "pick"]

F32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_COLUMNS = ("number", "place", "ys", "xs", "codes", "steps", "means", "nits")


@dataclass(frozen=True)
class TimedGuide:
    """A coded plane in time: what a decoder gets of it, by frequencies (h, w, K), on a lattice.

    held: the scale code of its spread, where that is to stay what a network was fitted with.
    """

    guide: Guide
    lattice: Lattice
    held: int | None = None

    @property
    def keys(self) -> F32:
        """The planes (h, w, K) at the keys."""
        return spectrum_to_keys(self.guide.plane)

    @property
    def count(self) -> int:
        """How many keys there are."""
        return int(self.guide.plane.shape[-1])

    @property
    def spread(self) -> int:
        """Scale code of the plane's spread over the picture, for the network."""
        if self.held is not None:
            return self.held
        return spread_code(Guide(self.keys, self.guide.step, self.guide.data))

    def smaller(self, budget: int) -> TimedGuide | None:
        """The same plane in at most `budget` bytes; None where none fits."""
        plane = self.guide.plane
        coded = GuideCoder(plane, np.ones_like(plane)).code(budget) if budget > 0 else None
        return None if coded is None else TimedGuide(coded, self.lattice, self.spread)


@dataclass(frozen=True)
class ShotPool:
    """Pixels in random order: number of the frame (n,), place in the shot (n,), where they lie; and (n, 3):
    codes over full scale, whole step of the dequantiser, cell means around them, the master's light.
    """

    number: Ints
    place: F32
    ys: Ints
    xs: Ints
    codes: F32
    steps: F32
    means: F32
    nits: F32
    state: ColourState
    bits: int

    def __len__(self) -> int:
        return len(self.number)

    def head(self, count: int) -> ShotPool:
        """The first `count` pixels."""
        return self.taken(slice(0, count))

    def taken(self, which: slice | Ints) -> ShotPool:
        """Some of the pixels."""
        return replace(self, **{name: getattr(self, name)[which] for name in _COLUMNS})

    def joined(self, other: ShotPool, seed: int) -> ShotPool:
        """Both, mixed."""
        order = np.random.default_rng(seed).permutation(len(self) + len(other))
        pairs = {n: [getattr(self, n), getattr(other, n)] for n in _COLUMNS}
        both: dict[str, Any] = {n: np.concatenate(pair)[order] for n, pair in pairs.items()}
        return replace(self, **both)

    def signal(self, strength: int) -> F32:
        """Codes with `strength` eighths of the dequantiser's step."""
        return np.asarray(self.codes + self.steps * np.float32(strength / STRENGTHS), np.float32)

    def samples(self, domain: Domain, strength: int, guide: TimedGuide | None, time_keys: int) -> Samples:
        """The pool as a network of these settings sees it."""
        signal = self.signal(strength)
        target, weight = targets_of(signal, self.nits, self.state, domain, self.bits)
        means = [self.means[:, i : i + 1] for i in range(self.means.shape[1])]
        plane = mean = None
        spread = 1.0
        if guide is not None:
            spread = float(scale_of_code(guide.spread))
            plane, mean = self._of_plane(guide)
            target = target - to_output(plane)
        features = assemble(signal, means, plane, mean, spread)
        if time_keys:
            moving = hats(self.place.astype(np.float64), time_keys)[:, 1:].astype(np.float32)
            features = np.concatenate([features, moving], axis=1)
        return Samples(features, np.asarray(target, np.float32), weight)

    def plane_values(self, guide: TimedGuide) -> F32:
        """What a plane says (n, 1) at the pixels."""
        return self._of_plane(guide)[0]

    def _of_plane(self, guide: TimedGuide) -> tuple[F32, F32]:
        """The plane (n, 1) and its mean (n, 1) at the pixels."""
        keys = guide.keys
        shares = hats(self.place.astype(np.float64), guide.count).astype(np.float32)
        plane = mean = np.zeros((len(self), 1), np.float32)
        for k in range(guide.count):
            # Both are linear in the plane, so that keys may be read one by one.
            key = np.ascontiguousarray(keys[..., k : k + 1])
            around = Surroundings((), None, None, 1.0).with_plane(key, guide.lattice, 1.0)
            assert around.plane is not None and around.plane_means is not None
            share = shares[:, k : k + 1]
            plane = plane + share * around.plane.at(self.ys, self.xs)
            mean = mean + share * around.plane_means.at(self.ys, self.xs)
        return plane, mean


def pick(
    frames: Iterable[PairFrame], state: ColourState, first: int, last: int, each: int, seed: int
) -> ShotPool:
    """A pool of `each` pixels of every frame given (all, where there are fewer)."""
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    bits = 32
    for frame in frames:
        bits = frame.bits
        rounded = bits <= 16
        codes = frame.codes if is_plain(frame.codes, bits) else over_full_scale(frame.codes, bits)
        height, width = codes.shape[:2]
        rng = np.random.default_rng((seed, frame.number - first))
        count = height * width
        if each >= count:
            picks = rng.permutation(count)
        elif count > 32 * each:
            picks = rng.integers(0, count, each)
        else:
            picks = rng.choice(count, each, replace=False)
        ys, xs = np.divmod(picks.astype(np.int64), width)
        means = [field.at(ys, xs) for field in surroundings(codes, bits).means]
        values = pixels_at(codes, ys, xs, bits)
        parts.append(
            (
                np.full(len(ys), frame.number, np.int64),
                np.full(len(ys), place_in_shot(frame.number, first, last), np.float32),
                ys,
                xs,
                values,
                steps_at(codes, ys, xs, bits) if rounded else np.zeros_like(values),
                np.concatenate(means, axis=1),
                np.clip(pixels_at(frame.nits, ys, xs), 0, 10000),
            )
        )
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    order = np.random.default_rng(seed).permutation(len(joined[0]))
    columns = dict(zip(_COLUMNS, (a[order] for a in joined), strict=True))
    return ShotPool(state=state, bits=bits, **columns)
