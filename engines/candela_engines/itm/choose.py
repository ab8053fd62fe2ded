"""Sharing out a budget: which domain, how large a network, how much of a plane. By short trials."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from candela_engines.itm.dequantise import STRENGTHS
from candela_engines.itm.domain import Domain
from candela_engines.itm.features import feature_count
from candela_engines.itm.guide import Guide
from candela_engines.itm.learn import Samples, fit_layers, weighted_error
from candela_engines.itm.network import Layers
from candela_engines.itm.pair import Pair, Side, spread_code
from candela_engines.itm.photograph import map_lattice
from candela_engines.itm.starts import start_layers

__all__ = [
    "NEAR",
    "SIZES",
    "Choice",
    "Size",
    "Trial",
    "best_strength",
    "choose",
    "decibel",
    "layer_bytes",
    "reserve",
    "strength_of",
    "try_out",
]

F32 = npt.NDArray[np.float32]

NEAR = 1.5  # dB within which a bare network goes to the final
WORTH = 0.03  # dB that bytes have to bring, or they are not spent
TRIAL_PIXELS = 150_000


@dataclass(frozen=True)
class Size:
    """Width and depth of the hidden layers and bits a weight."""

    width: int
    depth: int
    bits: int = 8


SIZES = (Size(12, 1), Size(20, 1), Size(16, 2), Size(24, 2), Size(32, 2), Size(48, 2))


@dataclass(frozen=True)
class Choice:
    """One way of spending the bytes, and the weighted squared error that a trial of it left."""

    domain: Domain
    size: Size
    channels: int
    plane_bytes: int
    error: float = np.inf


def decibel(error: float) -> float:
    """PU-PSNR of a mean squared error over 256²."""
    return float(-10 * np.log10(max(error, 1e-12)))


def reserve(size: Size, channels: int) -> int:
    """Bytes that the layers of a size take, about."""
    return layer_bytes(size, feature_count(channels))


def layer_bytes(size: Size, inputs: int) -> int:
    """Bytes that layers of a size with so many inputs take, about."""
    n = [inputs, *([size.width] * size.depth), 3]
    return int(sum(a * b for a, b in pairwise(n)) * (size.bits - 0.9) / 8 + 2.0 * sum(n[1:]))


def _held_out(samples: Samples) -> tuple[Samples, Samples]:
    """A training part, and a tenth (30 000 at most) to judge by."""
    n = len(samples.features)
    keep = min(30_000, n // 10)
    if keep < 256:
        return samples, samples
    cut = slice(n - keep, n)
    return samples.head(n - keep), Samples(samples.features[cut], samples.target[cut], samples.weight[cut])


@dataclass(frozen=True)
class Trial:
    """A choice with the error that a short fit of it left, and that fit."""

    choice: Choice
    layers: Layers
    guide: Guide | None


def try_out(
    side: Side, choice: Choice, *, steps: int, seed: int, pixels: int = TRIAL_PIXELS, threads: int = 0
) -> Trial:
    """A short fit of a choice, judged by pixels that it has not seen."""
    guide = side.guide(choice.channels, choice.plane_bytes, draft=True)
    if guide is None:
        choice = replace(choice, channels=0, plane_bytes=0)
    samples = side.samples(guide, spread_code(guide), pixels)
    train, judge = _held_out(samples)
    layers: Layers = start_layers(choice.domain, choice.size, choice.channels, train, seed)
    fit_layers(train, layers, steps=steps, bits=choice.size.bits, threads=threads)
    error = float(np.mean(np.square(weighted_error(judge, layers)), dtype=np.float64))
    return Trial(replace(choice, error=error), layers, guide)


class _Trials:
    def __init__(self, sides: dict[Domain, Side], steps: int, seed: int, deadline: float | None) -> None:
        self.sides, self.steps, self.seed, self.deadline = sides, steps, seed, deadline
        self.count = 0
        self.last: dict[Domain, Trial] = {}

    @property
    def late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def run(self, choice: Choice) -> Choice:
        self.count += 1
        trial = try_out(self.sides[choice.domain], choice, steps=self.steps, seed=self.seed)
        self.last[choice.domain] = trial
        return trial.choice


def best_strength(side: Side, trial: Trial, count: int = 60_000) -> int:
    """The dequantiser's strength, in eighths, that the master asks for: least squares on a fitted trial.

    What is left of the target is compared with what a whole step changes, in the metric of the fit.
    """
    layers, guide = trial.layers, trial.guide
    spread = spread_code(guide)
    samples = side.samples(guide, spread, count)
    moved = side.pool_signal[:count] + side.pair.pool_steps[:count]
    if not np.any(side.pair.pool_steps[:count]):
        return 0
    before = weighted_error(samples, layers)
    return strength_of(before, weighted_error(side.samples_of(moved, guide, spread, count), layers))


def strength_of(before: F32, after: F32) -> int:
    """The strength, in eighths, from the weighted errors (n, 3) without the step and with all of it."""
    change = (after - before).astype(np.float64)
    power = float(np.sum(change * change))
    if power == 0:
        return 0
    share = -float(np.sum(before * change)) / power
    return int(np.clip(np.rint(share * STRENGTHS), 0, STRENGTHS))


def choose(
    pair: Pair,
    room: int,
    *,
    steps: int,
    seed: int,
    deadline: float | None = None,
    tick: Callable[[float], None] | None = None,
    rival: bool = False,
) -> list[tuple[Choice, Side]]:
    """The best ways of spending `room` bytes on layers and plane, to be fitted in full: one, two or three.

    A greedy walk: the domain with a small network, and the lattice where the master was made with a gain map;
    then larger and smaller networks, colour in the plane, and smaller planes or none, kept where they lose
    less than WORTH. With a deadline the first trial has no plane, which takes time to make.
    rival: the best way in the other domain as well, where that came near: trials are short.
    steps: length of a trial. deadline: time.monotonic() after which no further trial begins.
    """
    sides: dict[Domain, Side] = {d: Side(pair, d) for d in ("pq", "gain")}
    trials = _Trials(sides, steps, seed, deadline)

    def option(domain: Domain, size: Size, channels: int) -> Choice | None:
        left = room - reserve(size, channels)
        return Choice(domain, size, channels, left if channels else 0) if left > 0 else None

    def better(best: Choice, other: Choice | None) -> Choice:
        if other is None or trials.late:
            return best
        result = trials.run(other)
        if tick is not None:
            tick(min(trials.count / 10, 1.0))
        return min(best, result, key=lambda c: c.error)

    first = SIZES[0] if room < 1200 else SIZES[1]
    large = next((s for s in (Size(48, 2), Size(32, 2), Size(20, 1)) if reserve(s, 0) < room), SIZES[0])
    if deadline is None:
        best = trials.run(Choice("pq", first, 1, max(room - reserve(first, 1), 0)))
    else:
        best = better(trials.run(Choice("pq", large, 0, 0)), option("pq", first, 1))
    best = better(best, option("gain", first, 1))
    apart = _apart(trials)
    lattice = None if trials.late else map_lattice(pair)
    if lattice is not None:
        sides["ratio"] = Side(pair, "ratio", lattice)
        best = better(best, option("ratio", first, 1))
    if not trials.late:
        pair.strength = best_strength(sides[best.domain], trials.last[best.domain])
        if pair.strength:
            sides = trials.sides = {best.domain: Side(pair, best.domain, sides[best.domain].lattice)}
            best = trials.run(best)
    for size in (Size(16, 2), Size(24, 2)) if room < 4096 else (Size(16, 2), Size(32, 2)):
        best = better(best, option(best.domain, size, best.channels))
    if room > 5000:  # more than one channel of a plane has use for, on a small picture
        best = better(best, option(best.domain, best.size, 3))
    # Planes of a quarter and of half the bytes, where they do as well.
    for share in (0.25, 0.5):
        if trials.late or not best.channels:
            break
        smaller = trials.run(replace(best, plane_bytes=int(best.plane_bytes * share)))
        if decibel(smaller.error) > decibel(best.error) - WORTH:
            best = smaller
            break
    side = sides[best.domain]
    ways = [(best, side)]
    if trials.late:
        return ways
    if rival and best.domain != "ratio" and apart < NEAR:
        against: Domain = "gain" if best.domain == "pq" else "pq"
        ways.append((replace(best, domain=against), Side(pair, against)))
    # Without a plane a larger network may be had, for fewer bytes in all. It learns slowly, so a trial
    # says little: both go to the final where they come near.
    other = trials.run(Choice(best.domain, large, 0, 0))
    lead = decibel(other.error) - decibel(best.error)
    return [*ways, (other, side)] if lead > -NEAR else ways


def _apart(trials: _Trials) -> float:
    """dB between the first trials of both domains; inf where there were not both."""
    domains: tuple[Domain, ...] = ("pq", "gain")
    errors = [decibel(trials.last[d].choice.error) for d in domains if d in trials.last]
    return abs(errors[0] - errors[1]) if len(errors) == 2 else np.inf
