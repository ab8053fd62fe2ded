"""How well a head predicts choices on scenes that it was not taught on, beside the stock scorer.

Whole scenes are held out: two versions of a scene share everything but the grade. The stock scorer gets its
slope, in JOD a point, from the same training choices, so that it is not beaten for want of a unit. Scenes and
raters are both few, and choices of one go together; intervals come of a bootstrap that draws scenes and
raters anew at the same time (the pigeonhole bootstrap: Owen, Ann. Appl. Stat. 2007), and are rather too wide
than too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.head import Head, Pairs, fine_tune
from candela_engines.scorer.normal import SIGMA_JOD, log_cdf

__all__ = ["Estimate", "HeldOut", "hold_out", "pairs_of"]

F64 = NDArray[np.float64]
_FOLDS = 10
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Bare numbers."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Of choices on scenes that were held out. house, stock: share predicted, a tie counts half.

    gain: of the house over the stock scorer in share predicted. gain_nats: the same in log-likelihood a
    choice, natural logarithm: also how sure it is counts. se_nats: standard error of that.
    """

    choices: int
    scenes: int
    raters: int
    house: Estimate
    stock: Estimate
    gain: Estimate
    gain_nats: Estimate
    se_nats: float

    def to_json(self) -> dict[str, object]:
        """Bare numbers."""
        return {
            "choices": self.choices,
            "scenes": self.scenes,
            "raters": self.raters,
            "house_share_predicted": self.house.to_json(),
            "stock_share_predicted": self.stock.to_json(),
            "gain_share_predicted": self.gain.to_json(),
            "gain_log_likelihood_nats": self.gain_nats.to_json(),
        }


def pairs_of(choices: Sequence[Choice], rows: dict[tuple[str, str], int]) -> Pairs:
    """One pair a choice. rows: of the features, by scene and condition."""
    first = np.array([rows[c.scene, c.a] for c in choices], np.int64)
    second = np.array([rows[c.scene, c.b] for c in choices], np.int64)
    won = np.array([c.a_won for c in choices], np.float64)
    return Pairs(first, second, won, 1 - won)


def hold_out(
    features: F64,
    rows: dict[tuple[str, str], int],
    choices: Sequence[Choice],
    start: Head,
    *,
    recipe: str = "held",
    seed: int = 0,
) -> HeldOut:
    """Teach on all scenes but some, predict those, until every choice was predicted once.

    features: (N, D). rows: of every version that is chosen between. At least two scenes.
    """
    scenes = sorted({c.scene for c in choices})
    order = np.random.default_rng(seed).permutation(len(scenes))
    fold_of = {scenes[at]: number % min(_FOLDS, len(scenes)) for number, at in enumerate(order)}
    fold = np.array([fold_of[c.scene] for c in choices])
    pairs = pairs_of(choices, rows)
    sign = np.where(pairs.wins > 0, 1.0, -1.0)
    stock_only = _stock_only(start)
    gaps = np.zeros((2, len(choices)))
    for number in sorted(set(fold.tolist())):
        held = fold == number
        taught = pairs.chosen(~held)
        for which, (begin, how) in enumerate(((start, recipe), (stock_only, "map"))):
            # Ranges come of what is taught alone: those of the held-out pictures would be a hint.
            at = np.unique(np.concatenate((taught.first, taught.second)))
            ranged = _ranged(begin, features[at])
            score = fine_tune(features, taught, ranged, recipe=how, seed=seed).score(features)
            gaps[which, held] = (score[pairs.first] - score[pairs.second])[held]
    gaps *= sign
    right = np.where(np.abs(gaps) < 1e-9, 0.5, gaps > 0)
    log = log_cdf(gaps / SIGMA_JOD)
    figures = np.stack([right[0], right[1], right[0] - right[1], log[0] - log[1]])
    drawn = _drawn(figures, choices, seed)
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    value = figures.mean(axis=1)
    house, stock, gain, nats = (
        Estimate(float(v), float(a), float(b)) for v, a, b in zip(value, low, high, strict=True)
    )
    raters = len({c.observer for c in choices})
    return HeldOut(
        len(choices), len(scenes), raters, house, stock, gain, nats, float(drawn[:, 3].std(ddof=1))
    )


def _drawn(figures: F64, choices: Sequence[Choice], seed: int) -> F64:
    """Means of the figures (K, P) under resamples of scenes and raters, (B, K)."""
    dice = np.random.default_rng(seed + 1)
    scene = _codes([c.scene for c in choices])
    rater = _codes([c.observer for c in choices])
    scenes, raters = scene.max() + 1, rater.max() + 1
    out: list[F64] = []
    while len(out) < _RESAMPLES:
        times = np.bincount(dice.integers(scenes, size=scenes), minlength=scenes)
        who = np.bincount(dice.integers(raters, size=raters), minlength=raters)
        weight = (times[scene] * who[rater]).astype(np.float64)
        if weight.sum() > 0:
            out.append(figures @ weight / weight.sum())
    return np.stack(out)


def _codes(names: Sequence[str]) -> NDArray[np.int64]:
    place = {name: at for at, name in enumerate(sorted(set(names)))}
    return np.array([place[name] for name in names], np.int64)


def _ranged(head: Head, taught: F64) -> Head:
    return Head(
        head.weights,
        head.bias,
        head.centre,
        head.spread,
        taught.min(axis=0),
        taught.max(axis=0),
        head.prior_sd,
    )


def _stock_only(start: Head) -> Head:
    """The same head with nothing to learn but the first weight, the slope of the stock score."""
    prior = np.full(len(start.weights), 1e-6)
    prior[0] = start.prior_sd[0]
    return Head(start.weights, start.bias, start.centre, start.spread, start.low, start.high, prior)
