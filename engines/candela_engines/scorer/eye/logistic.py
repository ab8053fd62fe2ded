"""Logistic fits of scores to ratings, of many resamples at once.

Of four parameters (ITU-T Tutorial 2004),     b₂ + (b₁ − b₂) / (1 + exp(−(x − b₃) / |b₄|)),
or of five (Sheikh et al., IEEE TIP 2006),    b₁ (1/2 − 1 / (1 + exp(b₂ (x − b₃)))) + b₄ x + b₅.
Levenberg-Marquardt (Marquardt, J. SIAM 1963) with the derivatives written out. A resample is a weight for
every value, as a bootstrap counts them, so that all resamples go through one array: one by one, the fits
of a table took most of a minute.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["logistic_fits"]

F64 = NDArray[np.float64]
Curve = Callable[[F64, F64], tuple[F64, F64]]
_STEPS = 60
_NARROWEST = 1e-3
"""The least |b₄|: a logistic is no steeper than that, in standard deviations of the scores."""


def logistic_fits(scores: F64, ratings: F64, weights: F64, *, parameters: int = 4) -> F64:
    """Ratings (k, n) that logistics of 4 or 5 parameters predict from scores (n,), one for every row of
    weights (k, n) >= 0, by weighted least squares.

    From the starts that the literature gives, one rising and one falling; a straight line where that is
    nearer, the mean where scores do not differ. ValueError for another number of parameters, or a row
    without weight.
    """
    if parameters not in (4, 5):
        raise ValueError(f"{parameters} parameters: 4 or 5 are known")
    total = weights.sum(1, keepdims=True)
    if not (total > 0).all():
        raise ValueError("a row of weights is all 0; a fit needs values")
    mean = weights @ scores[:, None] / total
    spread = np.sqrt((weights * (scores - mean) ** 2).sum(1, keepdims=True) / total)
    level = weights @ ratings[:, None] / total
    flat = spread < 1e-12
    x = np.where(flat, 0.0, (scores - mean) / np.where(flat, 1.0, spread))
    slope = (weights * x * (ratings - level)).sum(1, keepdims=True) / total
    best = level + slope * x
    error = (weights * (best - ratings) ** 2).sum(1)
    seen = weights > 0
    high = np.where(seen, ratings, -np.inf).max(1)
    low = np.where(seen, ratings, np.inf).min(1)
    middle = np.array([np.median(np.repeat(row, _counts(w))) for row, w in zip(x, weights, strict=True)])
    for sign in (1.0, -1.0):
        if parameters == 4:
            ends = (high, low) if sign > 0 else (low, high)
            start = np.stack([*ends, middle, np.full_like(middle, 0.5)], 1)
            value, squares = _least_squares(_four, x, ratings, weights, start)
        else:
            still = np.zeros_like(middle)
            start = np.stack([sign * (high - low), still + 2, middle, still, level[:, 0]], 1)
            value, squares = _least_squares(_five, x, ratings, weights, start)
        nearer = (squares < error) & ~flat[:, 0]
        best[nearer], error[nearer] = value[nearer], squares[nearer]
    return np.asarray(best, np.float64)


def _counts(weights: F64) -> NDArray[np.int64]:
    """How often a value counts for a median. Weights of a bootstrap are whole; others count once, or not."""
    whole = weights.astype(np.int64)
    return whole if np.array_equal(whole, weights) else (weights > 0).astype(np.int64)


def _sigmoid(z: F64) -> F64:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)), np.float64)


def _four(b: F64, x: F64) -> tuple[F64, F64]:
    """The curve (k, n) of parameters (k, 4), and its derivatives (k, n, 4)."""
    one, two, at, wide = (b[:, i : i + 1] for i in range(4))
    width = np.maximum(np.abs(wide), _NARROWEST)
    z = (x - at) / width
    rise = _sigmoid(z)
    steep = (one - two) * rise * (1 - rise) / width
    turned = np.where(np.abs(wide) > _NARROWEST, -np.sign(wide), 0.0) * z * steep
    return two + (one - two) * rise, np.stack([rise, 1 - rise, -steep, turned], 2)


def _five(b: F64, x: F64) -> tuple[F64, F64]:
    """The curve (k, n) of parameters (k, 5), and its derivatives (k, n, 5)."""
    tall, steep, at, slope, level = (b[:, i : i + 1] for i in range(5))
    fall = _sigmoid(-steep * (x - at))
    change = tall * fall * (1 - fall)
    parts = [0.5 - fall, change * (x - at), -change * steep, x, np.ones_like(x)]
    return tall * (0.5 - fall) + slope * x + level, np.stack(parts, 2)


def _least_squares(curve: Curve, x: F64, y: F64, weights: F64, start: F64) -> tuple[F64, F64]:
    """The curves' values (k, n) at the fits, and their weighted squares (k,). Rows that have ended rest."""
    b, damping = start.copy(), np.full(len(start), 1e-2)
    value, _ = curve(b, x)
    error = (weights * (value - y) ** 2).sum(1)
    going = np.arange(len(start))
    unit = np.eye(start.shape[1])
    for _ in range(_STEPS):
        _, slopes = curve(b[going], x[going])
        weighted = slopes * weights[going][:, :, None]
        normal = np.swapaxes(slopes, 1, 2) @ weighted
        pull = (weighted * (y - value[going])[:, :, None]).sum(1)
        held = normal * unit + 1e-9 * unit
        trial = (
            b[going] + np.linalg.solve(normal + damping[going, None, None] * held, pull[:, :, None])[:, :, 0]
        )
        new, _ = curve(trial, x[going])
        squares = (weights[going] * (new - y) ** 2).sum(1)
        better = squares < error[going]
        gain = error[going] - squares
        taken = going[better]
        b[taken], value[taken], error[taken] = trial[better], new[better], squares[better]
        damping[going] = np.where(better, np.maximum(damping[going] / 5, 1e-9), damping[going] * 5)
        small = better & (gain < 1e-7 * (squares + 1e-12))
        going = going[~small & (damping[going] <= 1e9)]
        if not len(going):
            break
    return value, error
