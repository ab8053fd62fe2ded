"""What a shot's bytes go to: domain, size of the network, keys of time, keys of a plane. By short trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from candela_engines.itm.choose import Size, decibel, layer_bytes, strength_of
from candela_engines.itm.dequantise import STRENGTHS
from candela_engines.itm.domain import Domain
from candela_engines.itm.features import feature_count
from candela_engines.itm.learn import Samples, fit_layers, predict, weighted_error
from candela_engines.itm.network import Layers
from candela_engines.itm.shot_plane import PlaneCoder, plane_coder, plane_of
from candela_engines.itm.shot_pool import ShotPool, TimedGuide
from candela_engines.itm.starts import start_layers

__all__ = [
    "LEAST_ROOM",
    "SLACK",
    "ShotChoice",
    "Trials",
    "choose_shot",
    "reserve_shot",
    "shot_start",
]

WORTH = 0.03  # dB that a larger network has to bring
KEYS_WORTH = 0.1  # dB that keys have to bring: they are what can flicker
JUDGED = 40_000
STRENGTH_PIXELS = 60_000
TURNS = 4
TURNS_SIZE = Size(20, 1)
SLACK = 24  # bytes that coded layers may grow by while their weights are rounded
SMALL = (Size(12, 1), Size(8, 1), Size(6, 1), Size(4, 1))  # where there is little room, from the largest
LEAST_ROOM = layer_bytes(SMALL[-1], feature_count(0)) + SLACK
"""Bytes of coded streams that hold a network in any case."""

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ShotChoice:
    """One way of spending a shot's bytes, and the weighted squared error that a trial of it left."""

    domain: Domain
    size: Size
    time_keys: int = 0
    plane_keys: int = 0
    plane_bytes: int = 0
    error: float = np.inf


def reserve_shot(choice: ShotChoice) -> int:
    """Bytes that the layers take, about."""
    inputs = feature_count(1 if choice.plane_keys else 0) + max(choice.time_keys - 1, 0)
    return layer_bytes(choice.size, inputs)


def shot_start(choice: ShotChoice, samples: Samples, seed: int) -> Layers:
    """Layers to start from: those of a still, at which time does nothing yet."""
    channels = 1 if choice.plane_keys else 0
    rows = max(choice.time_keys - 1, 0)
    still = Samples(
        samples.features[:, : samples.features.shape[1] - rows], samples.target, samples.weight
    )
    layers = start_layers(choice.domain, choice.size, channels, still, seed)
    if rows:
        silent = np.zeros((rows, layers.weights[0].shape[1]), np.float32)
        layers.weights[0] = np.concatenate([layers.weights[0], silent])
    return layers


class Trials:
    """Trials of choices on one pool of a shot whose frames are of `size` (height, width)."""

    def __init__(self, pool: ShotPool, size: tuple[int, int], steps: int, pixels: int, seed: int) -> None:
        # Judged by pixels that no trial has seen.
        kept = min(JUDGED, len(pool) // 8)
        self.judge, self.train = pool.head(kept), pool.taken(slice(kept, kept + pixels))
        self.pool, self.size, self.steps, self.seed = pool, size, steps, seed
        self.strength = 0
        self._left: dict[tuple[Domain, int], tuple[F32, F32]] = {}
        self._guides: dict[tuple[Domain, int, int, int], TimedGuide | None] = {}

    def coder(self, domain: Domain, keys: int) -> PlaneCoder:
        """Codes the plane of what the codes alone do not tell."""
        return plane_coder(self.pool, self.size, *self._unexplained(domain), keys)

    def _unexplained(self, domain: Domain) -> tuple[F32, F32]:
        """What a network of the codes leaves (n, 3) at the pool's pixels, and its weight.

        The network and a still plane take turns, for each has first taken part of what is the other's.
        """
        key = (domain, self.strength)
        if key not in self._left:
            samples = self.pool.samples(domain, self.strength, None, 0)
            layers = shot_start(ShotChoice(domain, TURNS_SIZE), samples, self.seed)
            target = left = samples.target
            for turn in range(TURNS):
                now = replace(samples, target=target).head(len(self.train))
                fit_layers(now, layers, steps=self.steps, bits=0)
                left = samples.target - predict(samples.features, layers)
                if turn + 1 < TURNS:
                    target = samples.target - plane_of(self.pool, self.size, left, samples.weight)
            self._left[key] = left, samples.weight
        return self._left[key]

    def guide(self, choice: ShotChoice) -> TimedGuide | None:
        """The plane of a choice, roughly coded."""
        if not choice.plane_keys:
            return None
        key = (choice.domain, choice.plane_keys, choice.plane_bytes, self.strength)
        if key not in self._guides:
            coder = self.coder(choice.domain, choice.plane_keys)
            self._guides[key] = coder.code(choice.plane_bytes, draft=True)
        return self._guides[key]

    def fitted(self, choice: ShotChoice) -> tuple[Layers, TimedGuide | None]:
        """A short fit of a choice."""
        guide = self.guide(choice)
        if guide is None:
            choice = replace(choice, plane_keys=0, plane_bytes=0)
        samples = self.train.samples(choice.domain, self.strength, guide, choice.time_keys)
        layers = shot_start(choice, samples, self.seed)
        fit_layers(samples, layers, steps=self.steps, bits=choice.size.bits)
        return layers, guide

    def run(self, choice: ShotChoice) -> ShotChoice:
        """The choice with the error that a short fit of it leaves."""
        layers, guide = self.fitted(choice)
        judged = self.judge.samples(choice.domain, self.strength, guide, choice.time_keys)
        error = float(np.mean(np.square(weighted_error(judged, layers)), dtype=np.float64))
        if guide is None:
            choice = replace(choice, plane_keys=0, plane_bytes=0)
        return replace(choice, error=error)


def choose_shot(
    trials: Trials,
    room: int,
    frames: int,
    *,
    quick: bool = False,
    tick: Callable[[float], None] | None = None,
) -> ShotChoice:
    """The best way of spending `room` bytes on a shot of so many frames. Sets the trials' strength.

    quick: only the domain and two sizes; no keys and no plane.
    """
    report = tick or (lambda fraction: None)
    small = Size(20, 1) if room >= 700 else _small(room)
    first = [ShotChoice(d, small) for d in ("pq", "gain")]
    if not quick:
        # A window that was laid over the picture is simple in one domain and not in the other.
        left = room - reserve_shot(replace(first[0], plane_keys=1))
        first += [replace(c, plane_keys=1, plane_bytes=left) for c in first if left > 0]
    best = min((trials.run(c) for c in first), key=_with_handicap)
    report(0.25)
    trials.strength = _strength(trials, best)
    if trials.strength:
        best = trials.run(best)

    def better(other: ShotChoice, worth: float = WORTH) -> bool:
        nonlocal best
        if reserve_shot(other) + other.plane_bytes > room:
            return False
        tried = trials.run(other)
        won = decibel(tried.error) > decibel(best.error) + worth
        best = tried if won else best
        return won

    # A plane first: with what it says the rest is judged otherwise.
    if best.plane_keys:
        for keys in (2, 3):
            if frames < 2 * keys or not better(replace(best, plane_keys=keys), KEYS_WORTH):
                break
        for share in (0.25, 0.5):
            if better(replace(best, plane_bytes=int(best.plane_bytes * share)), -WORTH):
                break
    report(0.5)
    for size in (Size(16, 2), Size(24, 2), Size(32, 2))[: 2 if quick else 3]:
        better(_fitting(replace(best, size=size), room))
    report(0.75)
    keys = 2
    while not quick and frames > 2 * keys and keys <= 17:
        if not better(_fitting(replace(best, time_keys=keys), room), KEYS_WORTH) and keys > 2:
            break
        keys = 2 * keys - 1
    report(1.0)
    return best


def _small(room: int) -> Size:
    """The largest of the small sizes whose layers fit for sure; the smallest where none does."""
    fit = (size for size in SMALL if layer_bytes(size, feature_count(0)) + SLACK <= room)
    return next(fit, SMALL[-1])


def _fitting(choice: ShotChoice, room: int) -> ShotChoice:
    """A choice with its plane cut to what is left beside its layers."""
    if not choice.plane_keys:
        return choice
    return replace(choice, plane_bytes=min(choice.plane_bytes, max(room - reserve_shot(choice), 0)))


def _with_handicap(choice: ShotChoice) -> float:
    """The error by which the first trials are compared: a plane has to bring what keys have to bring."""
    return choice.error * 10 ** (KEYS_WORTH / 10 if choice.plane_keys else 0.0)


def _strength(trials: Trials, choice: ShotChoice) -> int:
    """The dequantiser's strength, in eighths, that the master asks for; as `choose.best_strength`."""
    pool = trials.train.head(STRENGTH_PIXELS)
    if not np.any(pool.steps):
        return 0
    layers, guide = trials.fitted(choice)
    before = weighted_error(pool.samples(choice.domain, 0, guide, choice.time_keys), layers)
    after = weighted_error(pool.samples(choice.domain, STRENGTHS, guide, choice.time_keys), layers)
    return strength_of(before, after)
