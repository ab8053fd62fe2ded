"""Figures with their intervals, which several benches share: by drawing groups of sources, not rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from candela_engines.scorer.eye.correlation import ranks

__all__ = ["DRAWS", "Interval", "Values", "rank_correlation", "spread"]

DRAWS = 400

Values = np.ndarray


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def rank_correlation(a: Values, b: Values) -> float:
    """Spearman's, ties by mean ranks; NaN for a constant."""
    x, y = ranks(a), ranks(b)
    if x.std() == 0 or y.std() == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def spread(by_group: dict[str, list[float]], statistic: Callable[[Values], float] = np.mean) -> Interval:
    """A statistic of all values, its interval by drawing groups with replacement."""
    groups = [np.array(v, np.float64) for v in by_group.values() if len(v)]
    if not groups:
        return Interval(float("nan"), float("nan"), float("nan"))
    random = np.random.default_rng(0)
    drawn = [
        statistic(np.concatenate([groups[i] for i in random.integers(0, len(groups), len(groups))]))
        for _ in range(DRAWS)
    ]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Interval(float(statistic(np.concatenate(groups))), float(low), float(high))
