"""One SDR/HDR pair as the fit sees it: a pool of pixels, and each domain's targets and coded plane."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.itm.default_model import ceiling_of
from candela_engines.itm.dequantise import STRENGTHS, dequantise_rows, steps_at
from candela_engines.itm.domain import Domain, base_of, nits_of, target_and_weight, target_of, weight_of
from candela_engines.itm.features import features_at, surroundings
from candela_engines.itm.field import is_plain, over_full_scale, pixels_at
from candela_engines.itm.guide import Guide, GuideCoder, plane_weight, to_output, to_plane
from candela_engines.itm.lattice import HALO, Lattice, fit_shepard
from candela_engines.itm.learn import Samples
from candela_engines.itm.network import scale_of_code
from candela_engines.itm.targets import plane_of_targets, targets_of
from candela_engines.native import native

__all__ = ["ACTIVE", "POOL", "Pair", "Side", "spread_code", "squares"]

PLANE_SAMPLES = 1_600_000  # a plane is halved until it has no more: what a 12-megapixel phone's map has
POOL = 600_000  # pixels kept for training
ACTIVE = 300_000  # of them in use at a time
STRIP = 1 << 19  # pixels that a plane is made of at a time

F32 = npt.NDArray[np.float32]


class Pair:
    """An SDR picture's codes, its state and the master's light; a pool of pixels in random order.

    codes: (H, W, 3), integers of `bits` bits or floats over full scale. nits: (H, W, 3), finite; light
    outside 0..10000 counts as the nearer end. peak: the largest of it, where it is known. floats: whether
    the codes were never rounded. pool: pixels that are kept for training.
    """

    def __init__(
        self,
        codes: npt.NDArray[np.generic],
        state: ColourState,
        nits: F32,
        *,
        bits: int,
        floats: bool,
        seed: int,
        peak: float | None = None,
        pool: int = POOL,
    ) -> None:
        self.codes = codes if is_plain(codes, bits) else over_full_scale(codes, bits)
        self.state, self.nits, self.bits = state, nits, bits
        self.strength = 0
        peak = float(np.clip(nits.max() if peak is None else peak, 0, 10000))
        self.ceiling = ceiling_of(peak)
        self.height, self.width = codes.shape[:2]
        self.around = surroundings(self.codes, bits)
        self.rng = np.random.default_rng(seed)
        self.ys, self.xs = np.divmod(self._picks(pool), self.width)
        self.lattice = self.lattice_of(PLANE_SAMPLES)
        self.pool_codes = pixels_at(self.codes, self.ys, self.xs, bits)
        self.pool_nits = np.clip(pixels_at(nits, self.ys, self.xs), 0, 10000)
        self.pool_steps = np.zeros_like(self.pool_codes) if floats else self._steps()

    def _picks(self, pool: int) -> npt.NDArray[np.int64]:
        """Numbers of pixels, in random order; of a large picture one in a hundred may be there twice."""
        count = self.height * self.width
        if count > 32 * pool:
            return np.asarray(self.rng.integers(0, count, pool), np.int64)
        return np.asarray(self.rng.choice(count, min(count, pool), replace=False), np.int64)

    def lattice_of(self, most: int) -> Lattice:
        """The finest centred lattice of at most so many samples."""
        shift = 0
        while (self.height >> shift) * (self.width >> shift) > most:
            shift += 1
        return Lattice("centred", shift)

    def _steps(self) -> F32:
        return steps_at(self.codes, self.ys, self.xs, self.bits)

    @property
    def pool_signal(self) -> F32:
        """The pool's codes over full scale, dequantised by the strength in force."""
        return np.asarray(
            self.pool_codes + self.pool_steps * np.float32(self.strength / STRENGTHS), np.float32
        )

    def rows(self, top: int, bottom: int) -> F32:
        """Rows of the picture over full scale, dequantised by the strength in force."""
        return dequantise_rows(self.codes, top, bottom, self.strength, self.bits)

    def pixels(self, ys: npt.NDArray[np.int64], xs: npt.NDArray[np.int64]) -> F32:
        """Pixels (n, 3) over full scale, dequantised by the strength in force."""
        codes = pixels_at(self.codes, ys, xs, self.bits)
        if not self.strength:
            return codes
        return codes + steps_at(self.codes, ys, xs, self.bits) * np.float32(self.strength / STRENGTHS)


class Side:
    """A pair seen through one domain and lattice, with the dequantiser at the strength that the pair has now.

    lattice: that of the plane; by default the finest that a picture of this size has. rows: how many rows of
    a square make its sample of the plane, 0 for all; fewer are faster, and the numpy path takes all.
    """

    def __init__(self, pair: Pair, domain: Domain, lattice: Lattice | None = None, rows: int = 0) -> None:
        self.pair, self.domain, self.lattice, self.rows = pair, domain, lattice or pair.lattice, rows
        self.pool_signal = pair.pool_signal
        self.target, self.weight = targets_of(
            self.pool_signal, pair.pool_nits, pair.state, domain, pair.bits
        )
        self._coders: dict[int, GuideCoder] = {}
        self._guides: dict[tuple[int, int, bool], Guide | None] = {}

    def _plane(self, channels: int) -> tuple[F32, F32]:
        """The whole picture's plane and its weight, (h, w, channels) each, strip by strip."""
        plane, weight = self._whole(channels) or self._by_strips(channels)
        # A mean that is left in costs the coder bytes; to the network it is one bias.
        return np.asarray(plane - plane.mean((0, 1), dtype=np.float64), np.float32), weight

    def _whole(self, channels: int) -> tuple[F32, F32] | None:
        """The plane in one go on the native library; None where it cannot."""
        p, on_nodes = self.pair, self.lattice.kind == "shepard"
        made = plane_of_targets(
            p.codes,
            p.nits,
            p.state,
            self.domain,
            bits=p.bits,
            strength=p.strength,
            cell=1 if on_nodes else self.lattice.cell,
            channels=channels,
            rows=self.rows,
        )
        return fit_shepard(*made, self.lattice.cell) if made is not None and on_nodes else made

    def _by_strips(self, channels: int) -> tuple[F32, F32]:
        cell = self.lattice.cell
        rows = max(1, STRIP // self.pair.width // cell)  # of the plane
        height = self.lattice.shape(self.pair.height, self.pair.width)[0]
        make = self._nodes if self.lattice.kind == "shepard" else self._means
        strips = [make(channels, y, min(y + rows, height)) for y in range(0, height, rows)]
        plane, weight = (np.concatenate(part) for part in zip(*strips, strict=True))
        return plane, weight

    def _light(self, top: int, bottom: int) -> tuple[F32, F32]:
        """The base and the master's light of rows of pixels."""
        p = self.pair
        base = base_of(p.rows(top, bottom), p.state, self.domain, p.bits)
        return base.astype(np.float32), np.asarray(p.nits[top:bottom], np.float32)

    def _means(self, channels: int, first: int, last: int) -> tuple[F32, F32]:
        """Rows of a centred plane: means of the targets of its squares."""
        cell = self.lattice.cell
        base, nits = self._light(first * cell, min(last * cell, self.pair.height))
        target = squares(target_of(base, nits, self.domain), cell)
        # The weight, a costly slope, is taken once for a square, at the light that its mean target gives.
        weight = weight_of(nits_of(target, squares(base, cell), self.domain), self.domain)
        return to_plane(target, weight, channels), plane_weight(weight, channels)

    def _nodes(self, channels: int, first: int, last: int) -> tuple[F32, F32]:
        """Rows of a plane on Shepard's lattice: the nodes that bring its field nearest to the targets."""
        cell, start = self.lattice.cell, max(first - HALO, 0)
        base, nits = self._light(start * cell, min((last + HALO) * cell, self.pair.height))
        target, weight = target_and_weight(base, nits, self.domain)
        nodes, total = fit_shepard(to_plane(target, weight, channels), plane_weight(weight, channels), cell)
        return nodes[first - start : last - start], total[first - start : last - start]

    def guide(self, channels: int, budget: int, *, draft: bool = False) -> Guide | None:
        """The finest coded plane of at most `budget` bytes; None for no channels or too few bytes."""
        if not channels or budget < 48:
            return None
        key = (channels, budget, draft)
        if key not in self._guides:
            if channels not in self._coders:
                self._coders[channels] = GuideCoder(*self._plane(channels))
            self._guides[key] = self._coders[channels].code(budget, draft=draft)
        return self._guides[key]

    def samples(self, guide: Guide | None, spread: int, count: int | None = None) -> Samples:
        """The first `count` pixels of the pool as the network sees them."""
        part = slice(0, count)
        return self._samples(self.pool_signal[part], self.target[part], self.weight[part], guide, spread)

    def samples_of(self, signal: F32, guide: Guide | None, spread: int, count: int) -> Samples:
        """The first `count` pixels with other codes (count, 3) than the pool's."""
        p = self.pair
        target, _ = targets_of(signal, p.pool_nits[:count], p.state, self.domain, p.bits)
        return self._samples(signal, target, self.weight[:count], guide, spread)

    def _samples(self, signal: F32, target: F32, weight: F32, guide: Guide | None, spread: int) -> Samples:
        p = self.pair
        ys, xs = p.ys[: len(signal)], p.xs[: len(signal)]
        around = p.around
        if guide is not None:
            around = around.with_plane(guide.plane, self.lattice, float(scale_of_code(spread)))
            target = target - to_output(self.lattice.field(guide.plane).at(ys, xs))
        return Samples(features_at(signal, around, ys, xs), target, weight)


def squares(values: F32, cell: int) -> F32:
    """Means (h, w, C) of values (H, W, C) over squares of `cell`, the edge repeated to fill the last ones."""
    if cell == 1:
        return values
    library = native()
    if library is not None:
        means: F32 = library.square_means(np.ascontiguousarray(values, np.float32), cell)
        return means
    h, w, c = values.shape
    values = np.pad(values, ((0, -h % cell), (0, -w % cell), (0, 0)), mode="edge")
    h, w = values.shape[:2]
    return np.asarray(values.reshape(h // cell, cell, w // cell, cell, c).mean((1, 3)), np.float32)


def spread_code(guide: Guide | None) -> int:
    """Scale code of the plane's standard deviation, by which the network sees it divided."""
    spread = 1e-3 if guide is None else max(float(guide.plane.std()), 1e-3)
    return int(np.clip(np.rint(np.log2(spread) * 16) + 320, 0, 511))
