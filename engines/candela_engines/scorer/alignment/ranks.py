"""Ranks with ties and rank correlation along the last axis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "average_ranks", "spearman"]

Floats = npt.NDArray[np.float64]


def average_ranks(x: npt.ArrayLike) -> Floats:
    """(..., N) float64, 1 the lowest; equal values share the mean of their ranks."""
    values = np.asarray(x, np.float64)
    below = (values[..., :, None] > values[..., None, :]).sum(-1)
    equal = (values[..., :, None] == values[..., None, :]).sum(-1)
    return np.asarray(below + (equal + 1) / 2, np.float64)


def spearman(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Rank correlation along the last axis, −1 to 1; shapes broadcast. 0 where either is constant.

    Pearson's correlation of average ranks, so that ties are neither reward nor punishment.
    """
    first, second = average_ranks(a), average_ranks(b)
    first = first - first.mean(-1, keepdims=True)
    second = second - second.mean(-1, keepdims=True)
    spread = np.sqrt((first**2).sum(-1) * (second**2).sum(-1))
    product = (first * second).sum(-1)
    return np.asarray(np.divide(product, spread, out=np.zeros_like(product), where=spread > 0), np.float64)
