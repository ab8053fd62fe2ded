"""How well scores follow what people say: correlation after a logistic fit, by ranks, and share of flipped
pairs.

PLCC is Pearson's after a monotone logistic was fitted from scores to ratings, as VQEG does: of four
parameters (ITU-T Tutorial 2004),     b₂ + (b₁ − b₂) / (1 + exp(−(x − b₃) / |b₄|)),
or of five (Sheikh et al., IEEE TIP 2006),   b₁ (1/2 − 1 / (1 + exp(b₂ (x − b₃)))) + b₄ x + b₅.
SROCC is Spearman's, ties with their mean rank. The flip rate is the share of pairs of versions of one scene
that scores put in the other order than ratings; equal scores count half.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["flip_rate", "logistic_fit", "pearson", "plcc", "ranks", "spearman"]

F64 = NDArray[np.float64]
_STEPS = 60


def pearson(x: F64, y: F64) -> float:
    """Of (n,) and (n,); NaN for fewer than three values, or where one of them is constant."""
    if len(x) < 3:
        return math.nan
    x, y = x - x.mean(), y - y.mean()
    power = math.sqrt(float(x @ x) * float(y @ y))
    scale = max(float(np.abs(x).max()), 1e-300) * max(float(np.abs(y).max()), 1e-300) * len(x)
    return float(x @ y) / power if power > 1e-12 * scale else math.nan


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
    if len(scores) <= parameters:
        return math.nan
    return pearson(logistic_fit(scores, ratings, parameters=parameters), ratings)


def logistic_fit(scores: F64, ratings: F64, *, parameters: int = 4) -> F64:
    """Ratings (n,) that a logistic of 4 or 5 parameters predicts from scores (n,), by least squares.

    Levenberg-Marquardt from the starts that the literature gives, one rising and one falling; a straight line
    where that is nearer.
    """
    if parameters not in (4, 5):
        raise ValueError(f"{parameters} parameters: 4 or 5 are known")
    spread = float(scores.std())
    if spread < 1e-12:
        return np.full(len(ratings), float(ratings.mean()))
    x = (scores - scores.mean()) / spread
    line = np.polynomial.Polynomial.fit(x, ratings, 1)
    best = np.asarray(line(x), np.float64)
    error = float(((best - ratings) ** 2).sum())
    high, low = float(ratings.max()), float(ratings.min())
    middle = float(np.median(x))
    for sign in (1.0, -1.0):
        if parameters == 4:
            start = np.array([high, low, middle, 0.5]) if sign > 0 else np.array([low, high, middle, 0.5])
            found = _least_squares(_four, x, ratings, start)
        else:
            start = np.array([sign * (high - low), 2.0, middle, 0.0, float(ratings.mean())])
            found = _least_squares(_five, x, ratings, start)
        squares = float(((found - ratings) ** 2).sum())
        if squares < error:
            best, error = found, squares
    return best


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


def _sigmoid(z: F64) -> F64:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)), np.float64)


def _four(b: F64, x: F64) -> F64:
    return np.asarray(b[1] + (b[0] - b[1]) * _sigmoid((x - b[2]) / max(abs(float(b[3])), 1e-3)), np.float64)


def _five(b: F64, x: F64) -> F64:
    return np.asarray(b[0] * (0.5 - _sigmoid(-b[1] * (x - b[2]))) + b[3] * x + b[4], np.float64)


def _least_squares(curve: Callable[[F64, F64], F64], x: F64, y: F64, start: F64) -> F64:
    """The curve's values (n,) at the fit, with a numerical Jacobian."""
    b, damping = start.copy(), 1e-2
    value = curve(b, x)
    error = float(((value - y) ** 2).sum())
    for _ in range(_STEPS):
        steps = 1e-6 * np.maximum(np.abs(b), 1e-2)
        jacobian = np.stack(
            [
                (curve(b + step * unit, x) - value) / step
                for step, unit in zip(steps, np.eye(len(b)), strict=True)
            ],
            1,
        )
        normal = jacobian.T @ jacobian
        pull = jacobian.T @ (y - value)
        trial = b + np.linalg.solve(
            normal + damping * (np.diag(np.diag(normal)) + 1e-9 * np.eye(len(b))), pull
        )
        new = curve(trial, x)
        squares = float(((new - y) ** 2).sum())
        if squares < error:
            gain = error - squares
            b, value, error, damping = trial, new, squares, max(damping / 5, 1e-9)
            if gain < 1e-7 * (error + 1e-12):
                break
        else:
            damping *= 5
            if damping > 1e9:
                break
    return value
