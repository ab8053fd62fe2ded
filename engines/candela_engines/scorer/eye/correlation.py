"""How well scores follow what people say: correlation after a logistic fit, by ranks, and share of flipped
pairs.

PLCC is Pearson's after a monotone logistic was fitted from scores to ratings, as VQEG does (`logistic`).
SROCC is Spearman's, ties with their mean rank. The flip rate is the share of pairs of versions of one scene
that scores put in the other order than ratings; equal scores count half.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.eye.logistic import logistic_fits

__all__ = ["flip_rate", "logistic_fit", "pearson", "plcc", "plcc_of", "ranks", "spearman"]

F64 = NDArray[np.float64]


def pearson(x: F64, y: F64) -> float:
    """Of (n,) and (n,); NaN for fewer than three values, or where one of them is constant."""
    return _pearson(x, y, np.ones(len(x)))


def _pearson(x: F64, y: F64, weights: F64) -> float:
    """Of values that count as often as weights (n,) >= 0 say."""
    total = float(weights.sum())
    if total < 3:
        return math.nan
    x, y = x - float(weights @ x) / total, y - float(weights @ y) / total
    power = math.sqrt(float(weights @ (x * x)) * float(weights @ (y * y)))
    seen = weights > 0
    scale = max(float(np.abs(x[seen]).max()), 1e-300) * max(float(np.abs(y[seen]).max()), 1e-300) * total
    return float(weights @ (x * y)) / power if power > 1e-12 * scale else math.nan


def ranks(x: F64) -> F64:
    """1 to n, ties with the mean of theirs."""
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    return np.asarray((ends - (count - 1) / 2)[place], np.float64)


def spearman(x: F64, y: F64) -> float:
    """Of (n,) and (n,); NaN as of `pearson`."""
    return pearson(ranks(x), ranks(y))


def plcc(scores: F64, ratings: F64, *, parameters: int = 4) -> float:
    """Pearson's of the fitted scores and the ratings; NaN for fewer values than parameters and one."""
    return float(plcc_of(scores, ratings, np.ones((1, len(scores))), parameters=parameters)[0])


def plcc_of(scores: F64, ratings: F64, weights: F64, *, parameters: int = 4) -> F64:
    """`plcc` (k,) of k resamples, each a row of counts (k, n)."""
    found = np.full(len(weights), math.nan)
    some = weights.sum(1) > parameters
    if some.any():
        fitted = logistic_fits(scores, ratings, weights[some], parameters=parameters)
        found[some] = [_pearson(row, ratings, w) for row, w in zip(fitted, weights[some], strict=True)]
    return found


def logistic_fit(scores: F64, ratings: F64, *, parameters: int = 4) -> F64:
    """Ratings (n,) that a logistic of 4 or 5 parameters predicts from scores (n,), as `logistic_fits`."""
    return np.asarray(logistic_fits(scores, ratings, np.ones((1, len(scores))), parameters=parameters)[0])


def flip_rate(
    scores: F64, ratings: F64, scenes: NDArray[np.int64], *, least: float = 0.0
) -> tuple[float, int]:
    """Share of pairs of one scene in the wrong order, and how many pairs; NaN of none.

    scenes: (n,) numbers. least: pairs whose ratings differ by no more than that are left out.
    """
    wrong, count = 0.0, 0
    for scene in np.unique(scenes):
        at = np.flatnonzero(scenes == scene)
        one, two = np.triu_indices(len(at), 1)
        gap = ratings[at[one]] - ratings[at[two]]
        told = scores[at[one]] - scores[at[two]]
        known = np.abs(gap) > least
        wrong += float(
            (np.sign(gap[known]) * np.sign(told[known]) < 0).sum() + 0.5 * (told[known] == 0).sum()
        )
        count += int(known.sum())
    return (wrong / count if count else math.nan), count
