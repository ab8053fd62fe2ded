"""From a pool of a shot's pixels to its network: choice, fit, the plane made anew, rounded weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from candela_engines.itm.default_model import coded_layers
from candela_engines.itm.fitted import Effort, Progress
from candela_engines.itm.guide import to_output
from candela_engines.itm.learn import fit_layers, predict, weighted_error
from candela_engines.itm.network import QuantisedLayers, quantise
from candela_engines.itm.renewal import FURTHER
from candela_engines.itm.resample import resampled
from candela_engines.itm.shot_choose import (
    SLACK,
    ShotChoice,
    Trials,
    choose_shot,
    reserve_shot,
    shot_start,
)
from candela_engines.itm.shot_plane import plane_coder
from candela_engines.itm.shot_pool import ShotPool, TimedGuide

__all__ = ["EFFORTS", "Learned", "ShotEffort", "learn_shot"]

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ShotEffort:
    """frames: how many are looked at, with `pool` pixels in all. trial, trial_pixels: steps and pixels of a
    trial. fit, polish: steps. again: frames looked at in addition, about those that came out worst. planes:
    whether they and keys of time are tried. renewals: of a plane, with so many steps after each."""

    frames: int
    pool: int
    trial: int
    trial_pixels: int
    fit: int
    polish: int
    again: int
    planes: bool
    renewals: int = 0
    renewed: int = 0


EFFORTS: dict[Effort, ShotEffort] = {
    "fast": ShotEffort(12, 150_000, 300, 40_000, 1500, 1500, 0, False),
    "normal": ShotEffort(32, 500_000, 800, 120_000, 5000, 3000, 6, True, 2, 1500),
    "best": ShotEffort(80, 1_200_000, 1500, 200_000, 16000, 8000, 16, True, 3, 5000),
}


@dataclass(frozen=True)
class Learned:
    """A fitted network: what was chosen, the plane and the layers as they are stored, and the layers coded.

    pool, left: the pixels that it was fitted to, and the weighted error (n, 3) that it leaves on them.
    """

    choice: ShotChoice
    strength: int
    guide: TimedGuide | None
    stored: QuantisedLayers
    coded: bytes
    pool: ShotPool
    left: F32

    @property
    def size(self) -> int:
        """Bytes of the coded streams."""
        return len(self.coded) + (0 if self.guide is None else len(self.guide.guide.data))


def learn_shot(
    pool: ShotPool,
    size: tuple[int, int],
    room: int,
    frames: int,
    plan: ShotEffort,
    seed: int,
    more: Callable[[list[int], int], ShotPool],
    report: Progress,
) -> Learned:
    """Fit a network of about `room` bytes to a pool; it may come out larger where layers code badly.

    size: height and width of the frames, of which the shot has so many. more(numbers, each): gives pixels of
    further frames.
    """
    trials = Trials(pool, size, plan.trial, plan.trial_pixels, seed)
    choice = choose_shot(trials, room, frames, quick=not plan.planes, tick=lambda f: report("choose", f))
    strength = trials.strength
    coder = trials.coder(choice.domain, choice.plane_keys) if choice.plane_keys else None
    guide = None if coder is None else coder.code(min(choice.plane_bytes, room - reserve_shot(choice)))
    choice = choice if guide is not None else replace(choice, plane_keys=0, plane_bytes=0)
    samples = pool.samples(choice.domain, strength, guide, choice.time_keys)
    layers = shot_start(choice, samples, seed)
    steps = plan.fit + plan.polish
    fit_layers(
        samples, layers, steps=plan.fit, bits=0, tick=lambda f: report("fit", f * plan.fit / steps)
    )
    for _ in range(plan.renewals if guide is not None else 0):
        assert guide is not None
        # The layers' true size is known now; a plane that was to take all the rest takes no more than that.
        left_over = room - len(coded_layers(quantise(layers, choice.size.bits))) - SLACK
        # Made anew of what this network leaves, a little further: it answers less to a plane that says less.
        wanted = FURTHER * (samples.target - predict(samples.features, layers))
        wanted += to_output(pool.plane_values(guide))
        coder = plane_coder(pool, trials.size, wanted, samples.weight, choice.plane_keys)
        guide = coder.code(min(choice.plane_bytes, left_over)) or guide
        samples = pool.samples(choice.domain, strength, guide, choice.time_keys)
        fit_layers(samples, layers, steps=plan.renewed, bits=0, rate=5e-3)
    looked_at = tuple(sorted(set(pool.number.tolist())))
    if plan.again and frames > len(looked_at):
        # Frames that came out worst, and their neighbours that nobody has looked at.
        error = weighted_error(samples, layers)
        wanted_too = _neighbours(pool, error, looked_at, plan.again)
        pool = pool.joined(more(wanted_too, len(pool) // (2 * len(looked_at))), seed)
        samples = pool.samples(choice.domain, strength, guide, choice.time_keys)
    active = resampled(samples, layers, len(samples.features), seed)
    stored = fit_layers(
        active,
        layers,
        steps=plan.polish,
        bits=choice.size.bits,
        rate=4e-3,
        quantised_from=0.2,
        tick=lambda f: report("fit", (plan.fit + f * plan.polish) / steps),
    )
    assert stored is not None  # with rounded weights there always is one
    coded = coded_layers(stored)
    if guide is not None and len(coded) + len(guide.guide.data) > room:
        # Layers came out larger than was reckoned with; the plane makes room where it can.
        guide = guide.smaller(room - len(coded)) or guide
        samples = pool.samples(choice.domain, strength, guide, choice.time_keys)
    return Learned(choice, strength, guide, stored, coded, pool, weighted_error(samples, layers))


def _neighbours(pool: ShotPool, error: F32, looked_at: tuple[int, ...], most: int) -> list[int]:
    """Numbers between the frames looked at, beside those that came out worst."""
    square = np.square(error).sum(1)
    mean = {n: float(square[pool.number == n].mean()) for n in looked_at}
    between: list[int] = []
    for n in sorted(mean, key=lambda n: -mean[n]):
        at = looked_at.index(n)
        for other in looked_at[max(at - 1, 0) : at] + looked_at[at + 1 : at + 2]:
            middle = (n + other) // 2
            if middle not in mean and middle not in between:
                between.append(middle)
    return sorted(between[:most])
