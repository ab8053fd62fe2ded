"""A finalist of the choice: fitted in full, its weights rounded, its plane cut to what is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.itm.choose import SIZES, Choice, decibel, reserve
from candela_engines.itm.default_model import DefaultModel, coded_layers, default_numbers
from candela_engines.itm.guide import Guide, GuideCoder
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.learn import Samples, fit_layers, weighted_error
from candela_engines.itm.network import Layers, QuantisedLayers, quantise, scale_of_code
from candela_engines.itm.pair import ACTIVE, Pair, Side, spread_code
from candela_engines.itm.renewal import renewed
from candela_engines.itm.resample import resampled
from candela_engines.itm.starts import start_layers

__all__ = ["JUDGED", "Finalist", "Plan", "learn_choice"]

F32 = npt.NDArray[np.float32]

LEARNING = 0.9  # of the time there is; the rest goes to rounding and coding
CALM = 3  # strength of the dequantiser up to which few pixels tell what a plane lacks: beyond, it is noise
JUDGED = 100_000  # pixels
SURE = 0.2  # dB over the quality asked for: it is judged on samples


@dataclass(frozen=True)
class Plan:
    """Steps of a trial, of the fit, after a renewal of the plane, and of the polish that rounds the weights.

    rounded_from: share of the polish from which on they are. rate: of the polish; fit_rate: of the fit, None
    for what does best for its steps alone. hard: whether the polish has hard examples. pixels: of the picture
    that a renewal looks at for every sample of the plane; 0: a row of them, and the plane is then coded anew
    to the byte.
    """

    trial: int
    fit: int
    renewals: int
    renewed: int
    polish: int
    rounded_from: float = 0.2
    rate: float = 4e-3
    hard: bool = True
    pixels: int = 0
    fit_rate: float | None = None

    @property
    def total(self) -> int:
        """Steps of everything after the trials."""
        return self.fit + self.renewals * self.renewed + self.polish


@dataclass(frozen=True)
class Finalist:
    """A finished fit of one choice, its weighted squared error on the pool, and the weighted error (n, 3)
    that it leaves on the first JUDGED pixels."""

    choice: Choice
    guide: Guide | None
    lattice: Lattice
    spread: int
    layers: QuantisedLayers
    coded: bytes
    error: float
    left: F32

    def model(self, pair: Pair) -> DefaultModel:
        """As a reader will decode it."""
        plane = None if self.guide is None else self.guide.plane
        spread = float(scale_of_code(self.spread))
        strength, bits, ceiling = pair.strength, pair.bits, pair.ceiling
        return DefaultModel(
            self.choice.domain, self.layers, plane, self.lattice, spread, strength, bits, ceiling
        )

    def numbers(self, pair: Pair) -> tuple[int, ...]:
        """What the payload says of it."""
        guide = self.guide
        return default_numbers(
            self.choice.domain,
            self.layers.sizes,
            self.layers.bits,
            0 if guide is None else guide.plane.shape[-1],
            self.lattice,
            1 if guide is None else guide.step,
            self.spread,
            pair.strength,
            pair.ceiling,
        )


def _mean_square(error: F32) -> float:
    return float(np.mean(np.square(error), dtype=np.float64))


def learn_choice(
    pair: Pair,
    side: Side,
    choice: Choice,
    room: int,
    plan: Plan,
    *,
    seed: int,
    deadline: float | None,
    target_psnr: float | None,
    tick: Callable[[float], None],
) -> Finalist:
    """Fit the layers of a choice and bring them and the plane together within the room there is."""

    began = time.monotonic()
    done = 0

    def stage(
        samples: Samples, steps: int, *, rate: float | None = None, quantised: bool = False
    ) -> QuantisedLayers | None:
        """So many steps, with their share of the time there is and of what is reported."""
        nonlocal done
        first, done = done, done + steps
        late = None if deadline is None else began + LEARNING * (deadline - began) * done / plan.total
        return fit_layers(
            samples,
            layers,
            steps=steps,
            rate=rate,
            bits=choice.size.bits if quantised else 0,
            quantised_from=plan.rounded_from,
            deadline=late,
            enough=None if target_psnr is None else enough,
            tick=lambda f: tick((first + f * steps) / plan.total),
            threads=1 if plan.pixels else 0,
        )

    def again(other: Choice) -> Finalist:
        """The layers took more than was reckoned with: the same with another choice."""
        limits = {"deadline": deadline, "target_psnr": target_psnr}
        return learn_choice(pair, side, other, room, plan, seed=seed, tick=tick, **limits)

    few = plan.pixels > 0
    renewals = plan.renewals if side.lattice.kind == "centred" and not (few and pair.strength > CALM) else 0
    guide = side.guide(choice.channels, choice.plane_bytes)
    spread = spread_code(guide)
    pool = side.samples(guide, spread)
    layers = start_layers(choice.domain, choice.size, choice.channels if guide else 0, pool, seed)

    def enough(now: Layers) -> bool:
        return decibel(_mean_square(weighted_error(pool.head(20_000), now))) >= (target_psnr or 0) + SURE

    if plan.fit:
        stage(pool.head(ACTIVE), plan.fit, rate=plan.fit_rate)
    # The layers' true size is known now. A plane that was to take all the rest takes it exactly.
    left = room - len(coded_layers(quantise(layers, choice.size.bits))) - 12
    plane_bytes = left if left > choice.plane_bytes > 0.8 * left else choice.plane_bytes
    if guide is not None and plane_bytes != choice.plane_bytes and not few:
        guide = side.guide(choice.channels, plane_bytes) or guide
        pool = side.samples(guide, spread)
    for _ in range(renewals):
        if guide is None:
            break
        if deadline is not None and time.monotonic() > began + 0.5 * (deadline - began):
            break
        if target_psnr is not None and enough(layers):
            break
        guide = renewed(side, guide, spread, layers, plane_bytes, plan.pixels) or guide
        pool = side.samples(guide, spread)
        if plan.renewed:
            stage(pool.head(ACTIVE), plan.renewed, rate=5e-3)
    done = plan.total - plan.polish
    active = resampled(pool, layers, ACTIVE, seed) if plan.hard else pool.head(ACTIVE)
    stored = stage(active, plan.polish, rate=plan.rate, quantised=True)
    assert stored is not None  # with rounded weights there always is one
    coded = coded_layers(stored)
    while guide is not None and len(coded) + len(guide.data) > room:
        smaller = GuideCoder(guide.plane, np.ones_like(guide.plane)).code(
            min(room - len(coded), len(guide.data) - 1)
        )
        if smaller is None:
            return again(replace(choice, channels=0, plane_bytes=0))
        guide = smaller
        pool = side.samples(guide, spread)
    if len(coded) > room:
        smaller_ones = [s for s in SIZES if reserve(s, 0) < reserve(choice.size, 0)]
        if not smaller_ones:
            raise InputError(f"the smallest network takes {len(coded)} bytes, {room} are left; allow more")
        return again(replace(choice, channels=0, plane_bytes=0, size=smaller_ones[-1]))
    over = weighted_error(pool.head(JUDGED), stored.layers())
    return Finalist(choice, guide, side.lattice, spread, stored, coded, _mean_square(over), over)
