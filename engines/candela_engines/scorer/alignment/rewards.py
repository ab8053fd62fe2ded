"""Rewards of one source's samples: (V, K) float64 each.

As published: the rank rewards and the sign teach order first (step 1), the rank reward against the labels'
own means and the distance bring back the scale (step 2). Their traps:

lists in two orders   in print, one list descends and the other ascends, so that the highest reward is for the
                      reversed order. All lists here ascend
few values            a correlation of M levels takes few values: ±1 for two, ±1 and ±.5 for three. With K = 5
                      most groups have equal rewards and teach nothing (`silent_share` measures it)
flat inside a level   neither rank reward changes while a sample stays between two neighbouring means
flat far away         a truncated distance is 0 from Δmax on, wherever the sample lies: no way back
the sign at zero      a label near 0 has the sign of its noise, and earns as much as a sure one

`pairwise_rank_reward`, `graded_sign_reward` and `graded_distance_reward` have the same optimum and none of
these.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.alignment.levels import Levels
from candela_engines.scorer.alignment.ranks import Floats, spearman
from candela_engines.scorer.normal import normal_cdf

__all__ = [
    "distance_reward",
    "endogenous_rank_reward",
    "exogenous_rank_reward",
    "graded_distance_reward",
    "graded_sign_reward",
    "pairwise_rank_reward",
    "sign_reward",
]

DELTA_MAX = 4.0
"""A quarter of the scale; the published value is not known."""


def endogenous_rank_reward(samples: npt.ArrayLike, levels: Levels) -> Floats:
    """ρ([1..M], P): P holds the sample at its own level and, elsewhere, the policy's own mean there.

    The mean of a level is over all samples of its versions, NaN left out; the sample's own level holds the
    sample alone, so that no sample is compared with itself. 0 with one level, −1 for NaN.
    """
    drawn = _checked(samples, levels)
    means = np.array([_mean(drawn[levels.category == m]) for m in range(levels.count)])
    return _rank(drawn, levels, means)


def exogenous_rank_reward(samples: npt.ArrayLike, levels: Levels) -> Floats:
    """ρ([1..M], P) with the labels' own means of the other levels: rank and, coarsely, scale."""
    return _rank(_checked(samples, levels), levels, levels.means)


def sign_reward(samples: npt.ArrayLike, truth: npt.ArrayLike) -> Floats:
    """½ where the sample is on the label's side of the SDR reference, which is at 0; 0 for NaN."""
    drawn, label = _pair(samples, truth)
    return np.where(np.isfinite(drawn) & (np.sign(drawn) == np.sign(label)), 0.5, 0.0)


def distance_reward(samples: npt.ArrayLike, truth: npt.ArrayLike, *, most: float = DELTA_MAX) -> Floats:
    """max(0, 1 − |sample − label| / most); 0 for NaN."""
    drawn, label = _pair(samples, truth)
    return np.nan_to_num(np.maximum(0.0, 1 - np.abs(drawn - label) / most), nan=0.0)


def pairwise_rank_reward(
    samples: npt.ArrayLike, levels: Levels, *, width: float = 1.0, exogenous: bool = False
) -> Floats:
    """The mended rank reward, −1 to 1: how surely the sample is on the right side of every other level.

    The mean over levels m other than the sample's own of 2Φ(s (sample − mean_m) / width) − 1, s the sign of
    the order. Continuous, so that no group of different samples has equal rewards; saturated beyond `width`,
    so that it does not pay to spread the levels without end. exogenous: the labels' means, not the policy's.
    """
    drawn = _checked(samples, levels)
    if exogenous:
        means = levels.means
    else:
        means = np.array([_mean(drawn[levels.category == m]) for m in range(levels.count)])
    kept = np.flatnonzero(np.isfinite(means))
    side = np.sign(levels.category[:, None] - kept[None, :])
    apart = np.nan_to_num(drawn)[:, :, None] - means[kept]
    sure = 2 * normal_cdf(apart * side[:, None, :] / width) - 1
    mean = sure.sum(-1) / np.maximum((side != 0).sum(1), 1)[:, None]
    return np.where(np.isfinite(drawn), mean, -1.0)


def graded_sign_reward(samples: npt.ArrayLike, truth: npt.ArrayLike, *, width: float = 1.0) -> Floats:
    """The mended sign, 0 to ½: Φ(sample · side / width) as far as the side is sure, |2Φ(label / width) − 1|.

    A label at 0 has no side and gives every sample a quarter.
    """
    drawn, label = _pair(samples, truth)
    side = 2 * normal_cdf(label / width) - 1
    right = normal_cdf(drawn * np.sign(label) / width)
    return np.nan_to_num(0.5 * (np.abs(side) * right + (1 - np.abs(side)) * 0.5), nan=0.0)


def graded_distance_reward(
    samples: npt.ArrayLike, truth: npt.ArrayLike, *, most: float = DELTA_MAX
) -> Floats:
    """The mended distance: 1 / (1 + (2·error / most)²), ½ at most/2 as the truncated one, flat only at 0."""
    drawn, label = _pair(samples, truth)
    return np.nan_to_num(1 / (1 + (2 * (drawn - label) / most) ** 2), nan=0.0)


def _rank(drawn: Floats, levels: Levels, means: Floats) -> Floats:
    # A level that nobody answered for has no place in the order, and spoils nobody else's.
    kept = np.flatnonzero(np.isfinite(means))
    own = levels.category[:, None] == kept[None, :]
    lists = np.where(own[:, None, :], drawn[:, :, None], means[kept])
    found = spearman(np.arange(len(kept)), np.nan_to_num(lists)) if len(kept) > 1 else np.zeros_like(drawn)
    return np.where(np.isfinite(drawn), found, -1.0)


def _mean(values: Floats) -> float:
    kept = values[np.isfinite(values)]
    return float(kept.mean()) if kept.size else float("nan")


def _checked(samples: npt.ArrayLike, levels: Levels) -> Floats:
    drawn = np.asarray(samples, np.float64)
    if drawn.ndim != 2 or len(drawn) != len(levels.category):
        raise ValueError(f"samples must be ({len(levels.category)}, K), a row a version, not {drawn.shape}")
    return drawn


def _pair(samples: npt.ArrayLike, truth: npt.ArrayLike) -> tuple[Floats, Floats]:
    drawn, label = np.asarray(samples, np.float64), np.asarray(truth, np.float64)
    if drawn.ndim != 2 or label.shape != drawn.shape[:1]:
        raise ValueError(f"samples (V, K) and labels (V,) are needed, not {drawn.shape} and {label.shape}")
    return drawn, label[:, None]
