"""The scorer's head: a few numbers on top of fixed features, fine-tuned on pairs by maximum a posteriori.

A head is linear in its features, each centred, scaled and held within the range that it was taught on. It is
fitted to choices by Thurstone's likelihood with a normal prior about the head it starts from, so that what
the choices say nothing of stays as it was: with no choices at all it is the stock scorer, however many
features there are. `RECIPES` lists the ways of fitting by name; all have one signature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.scorer.normal import SIGMA_JOD, log_cdf, slope_of_log_cdf

__all__ = ["RECIPES", "Head", "Pairs", "Recipe", "fine_tune"]

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
_STEPS = 60
_FOLDS = 8
_WIDTHS = (0.002, 0.03, 0.1, 0.3, 1.0)
"""Widths of a prior that `held` chooses among, narrowest first."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of rows of the features. first, second: (P,) int. wins, losses: (P,) of first over second, 0 and
    more; weights may be in them."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    wins: F64
    losses: F64

    def __len__(self) -> int:
        return len(self.first)

    def scaled(self, weights: F64) -> Pairs:
        """The same with every pair counted `weights` (P,) times."""
        return replace(self, wins=self.wins * weights, losses=self.losses * weights)

    def chosen(self, flags: NDArray[np.bool_]) -> Pairs:
        """Those whose flag (P,) is set."""
        return Pairs(self.first[flags], self.second[flags], self.wins[flags], self.losses[flags])


@dataclass(frozen=True, eq=False)
class Head:
    """score = bias + Σ weights (clip(x, low, high) − centre) / spread. All (D,) float64, bias one number.

    prior_sd: (D,), how far a weight may go from where it starts, JOD a unit of the scaled feature.
    """

    weights: F64
    bias: float
    centre: F64
    spread: F64
    low: F64
    high: F64
    prior_sd: F64

    def scaled(self, features: NDArray[np.floating]) -> F64:
        """Features (N, D) as the weights take them."""
        x = np.asarray(features, np.float64)
        if x.ndim != 2 or x.shape[1] != len(self.weights):
            raise InputError(f"features {x.shape}: (N, {len(self.weights)}) is needed")
        scaled: F64 = (np.clip(x, self.low, self.high) - self.centre) / self.spread
        return scaled

    def score(self, features: NDArray[np.floating]) -> F64:
        """JOD (N,) of features (N, D), above or below by a constant that pairs cannot tell."""
        return np.asarray(self.scaled(features) @ self.weights + self.bias, np.float64)

    def outside(self, features: NDArray[np.floating], *, margin: float = 0.25) -> NDArray[np.bool_]:
        """(N, D): whether a feature lies beyond the taught range by more than `margin` of its width."""
        x = np.asarray(features, np.float64)
        room = margin * (self.high - self.low)
        return np.asarray((x < self.low - room) | (x > self.high + room))

    def arrays(self) -> dict[str, F64]:
        """What a file keeps."""
        return {
            "weights": self.weights, "bias": np.array(self.bias), "centre": self.centre, "spread":
            self.spread, "low": self.low, "high": self.high, "prior_sd": self.prior_sd,
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Head:
        """Of what a file kept. Raises InputError for arrays that are missing, of other shapes or no
        numbers.
        """
        found = {}
        for key in ("weights", "bias", "centre", "spread", "low", "high", "prior_sd"):
            value = arrays.get(key)
            if value is None or value.dtype.kind not in "fiu":
                raise InputError(f"a head without {key}")
            found[key] = np.asarray(value, np.float64)
        bias = found.pop("bias")
        shape = found["weights"].shape
        if bias.shape != () or len(shape) != 1 or any(v.shape != shape for v in found.values()):
            raise InputError("a head whose arrays are of different lengths")
        if not all(np.isfinite(v).all() for v in (bias, *found.values())) or (found["spread"] <= 0).any():
            raise InputError("a head with numbers that are none")
        if (found["low"] > found["high"]).any():
            raise InputError("a head whose range is empty")
        return cls(bias=float(bias), **found)


Recipe = Callable[[F64, Pairs, Head, int], Head]
"""Scaled features (N, D), pairs, where to start, a seed: the fitted head."""


def fine_tune(
    features: NDArray[np.floating], pairs: Pairs, start: Head, *, recipe: str = "held", seed: int = 0
) -> Head:
    """The head after the choices. features: (N, D), finite. Raises InputError for an unknown recipe, pairs
    out of range, or features that are no numbers."""
    if recipe not in RECIPES:
        raise InputError(f"recipe {recipe[:40]!r}: there are {', '.join(RECIPES)}")
    x = np.asarray(features, np.float64)
    if not np.isfinite(x).all():
        raise InputError("features of a head hold NaN or infinity")
    if len(pairs) and (max(pairs.first.max(), pairs.second.max()) >= len(x) or pairs.first.min() < 0):
        raise InputError("pairs point beyond the features")
    return RECIPES[recipe](start.scaled(x), pairs, start, seed)


def _maximum_a_posteriori(x: F64, pairs: Pairs, start: Head, seed: int) -> Head:
    """Newton's method on a concave posterior: one maximum, whatever the seed."""
    del seed
    d = (x[pairs.first] - x[pairs.second]) / SIGMA_JOD
    precision = 1.0 / start.prior_sd**2
    w = start.weights.copy()

    def value(w: F64) -> float:
        z = d @ w
        fit = pairs.wins @ log_cdf(z) + pairs.losses @ log_cdf(-z)
        return float(fit - 0.5 * precision @ (w - start.weights) ** 2)

    best = value(w)
    for _ in range(_STEPS):
        z = d @ w
        up, down = slope_of_log_cdf(z), slope_of_log_cdf(-z)
        gradient = d.T @ (pairs.wins * up - pairs.losses * down) - precision * (w - start.weights)
        bend = pairs.wins * up * (z + up) + pairs.losses * down * (down - z)
        step = np.linalg.solve((d * bend[:, None]).T @ d + np.diag(precision), gradient)
        size = 1.0
        while size > 1e-6 and (new := value(w + size * step)) < best - 1e-12:
            size /= 2
        if size <= 1e-6:
            break
        w, best = w + size * step, new
        if float(np.abs(size * step).max(initial=0)) < 1e-9:
            break
    return replace(start, weights=w)


def _held_prior(x: F64, pairs: Pairs, start: Head, seed: int) -> Head:
    """As `map`, with the prior as wide as scenes that were left out bear.

    What goes together in a few scenes (a bright one was noisy too) a wide prior takes for taste. Scenes are
    the versions that pairs connect; each width is fitted without some of them and asked for their choices.
    Of the widths within a standard error of the best over scenes, the narrowest is taken (Breiman et al.
    1984): where nothing tells, a head stays near the stock scorer, whose slope keeps its prior in any case.
    """
    scene = _scenes_of(pairs, len(x))
    count = int(scene.max(initial=-1)) + 1
    if count < 2:
        return _maximum_a_posteriori(x, pairs, start, seed)
    fold = np.random.default_rng(seed).permutation(count) % min(_FOLDS, count)
    told = np.zeros((len(_WIDTHS), count))
    for number, width in enumerate(_WIDTHS):
        for held in range(int(fold.max()) + 1):
            out = fold[scene] == held
            head = _maximum_a_posteriori(x, pairs.chosen(~out), _widened(start, width), seed)
            apart = (x[pairs.first] - x[pairs.second])[out] @ head.weights / SIGMA_JOD
            log = pairs.wins[out] * log_cdf(apart) + pairs.losses[out] * log_cdf(-apart)
            told[number] += np.bincount(scene[out], log, count)
    best = int(told.sum(1).argmax())
    behind = told[best] - told
    error = behind.std(axis=1, ddof=1) * np.sqrt(count)
    width = next(w for w, b, e in zip(_WIDTHS, behind.sum(1), error, strict=True) if b <= e)
    return _maximum_a_posteriori(x, pairs, _widened(start, width), seed)


def _widened(start: Head, width: float) -> Head:
    """With a prior that many times as wide; the first weight, the slope of the score to start from, keeps its
    own."""
    prior = width * start.prior_sd
    prior[0] = start.prior_sd[0]
    return replace(start, prior_sd=prior)


def _scenes_of(pairs: Pairs, count: int) -> NDArray[np.int64]:
    """(P,) numbers from 0 of the groups of versions that pairs connect."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[pairs.first], label[pairs.second])
        new = label.copy()
        np.minimum.at(new, pairs.first, low)
        np.minimum.at(new, pairs.second, low)
        new = new[new]
        if np.array_equal(new, label):
            break
        label = new
    return np.asarray(np.unique(label[pairs.first], return_inverse=True)[1], np.int64)


RECIPES: dict[str, Recipe] = {"held": _held_prior, "map": _maximum_a_posteriori}
