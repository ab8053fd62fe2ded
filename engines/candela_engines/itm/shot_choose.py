"""What a shot's bytes go to: domain, size of the network, keys of time, keys of a plane. By short trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from candela_engines.itm.choose import Size, decibel
from candela_engines.itm.domain import Domain
from candela_engines.itm.features import feature_count
from candela_engines.itm.learn import Samples, fit_layers, weighted_error
from candela_engines.itm.network import Layers
from candela_engines.itm.shot_plane import PlaneSums
from candela_engines.itm.shot_pool import ShotPool, TimedGuide
from candela_engines.itm.starts import start_layers

__all__ = ["ShotChoice", "choose_shot", "reserve_shot", "shot_start"]

WORTH = 0.03  # dB that a larger network has to bring
KEYS_WORTH = 0.1  # dB that keys have to bring: they are what can flicker
JUDGED = 40_000
STRENGTH_PIXELS = 60_000


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
    n = [inputs, *([choice.size.width] * choice.size.depth), 3]
    weights = sum(a * b for a, b in pairwise(n))
    return int(weights * (choice.size.bits - 0.9) / 8 + 2.0 * sum(n[1:]))


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


class _Trials:
    """Trials of choices on one pool, each of them run once."""

    def __init__(
        self, pool: ShotPool, planes: Mapping[Domain, PlaneSums], steps: int, pixels: int, seed: int
    ) -> None:
        # Judged by pixels that no trial has seen.
        kept = min(JUDGED, len(pool) // 8)
        self.judge, self.train = pool.head(kept), pool.taken(slice(kept, kept + pixels))
        self.planes, self.steps, self.seed = planes, steps, seed
        self.strength = 0
        self._guides: dict[tuple[Domain, int, int], TimedGuide | None] = {}

    def guide(self, choice: ShotChoice) -> TimedGuide | None:
        """The plane of a choice, roughly coded."""
        if not choice.plane_keys or choice.domain not in self.planes:
            return None
        key = (choice.domain, choice.plane_keys, choice.plane_bytes)
        if key not in self._guides:
            coder = self.planes[choice.domain].coder(choice.plane_keys)
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
    pool: ShotPool,
    planes: Mapping[Domain, PlaneSums],
    room: int,
    frames: int,
    *,
    steps: int,
    pixels: int,
    seed: int,
    quick: bool = False,
    tick: Callable[[float], None] | None = None,
) -> tuple[ShotChoice, int]:
    """The best way of spending `room` bytes on the shot, and the dequantiser's strength.

    planes: sums of each domain's plane; none where the shot is to have no plane. frames: of the shot.
    steps, pixels: of a trial. quick: only the domain and two sizes.
    """
    trials = _Trials(pool, planes, steps, pixels, seed)
    report = tick or (lambda fraction: None)
    small = Size(12, 1) if room < 700 else Size(20, 1)
    best = min((trials.run(ShotChoice(d, small)) for d in ("pq", "gain")), key=lambda c: c.error)
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
    if planes and not quick:
        left = max(room - reserve_shot(replace(best, plane_keys=1)), 0)
        for keys in (1, 2, 3):
            if frames < 2 * keys or not better(replace(best, plane_keys=keys, plane_bytes=left), KEYS_WORTH):
                break
        _smaller_plane(trials, best, better)
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
    return best, trials.strength


def _fitting(choice: ShotChoice, room: int) -> ShotChoice:
    """A choice with its plane cut to what is left beside its layers."""
    if not choice.plane_keys:
        return choice
    return replace(choice, plane_bytes=min(choice.plane_bytes, max(room - reserve_shot(choice), 0)))


def _smaller_plane(trials: _Trials, best: ShotChoice, better: Callable[[ShotChoice, float], bool]) -> None:
    """A plane of a quarter or half the bytes, where it does as well."""
    for share in (0.25, 0.5):
        if not best.plane_keys or better(replace(best, plane_bytes=int(best.plane_bytes * share)), -WORTH):
            return


def _strength(trials: _Trials, choice: ShotChoice) -> int:
    """The dequantiser's strength, in eighths, that the master asks for; as `choose.best_strength`."""
    pool = trials.train.head(STRENGTH_PIXELS)
    if not np.any(pool.steps):
        return 0
    layers, guide = trials.fitted(choice)
    before = weighted_error(pool.samples(choice.domain, 0, guide, choice.time_keys), layers)
    after = weighted_error(pool.samples(choice.domain, 8, guide, choice.time_keys), layers)
    change = (after - before).astype(np.float64)
    power = float(np.sum(change * change))
    return 0 if power == 0 else int(np.clip(np.rint(-8 * float(np.sum(before * change)) / power), 0, 8))
