"""Dynamic K-means: how many coarse levels a source's labels hold, and which version is of which.

In one dimension K-means has an exact solution, by dynamic programming over the sorted values, so that levels
depend on no start and no seed. The published rule for the number of levels is only "by dispersion"; two are
given here. Equal labels are never put into two levels: no order may be taught where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.alignment.ranks import Floats

__all__ = ["Levels", "dynamic_levels", "split_into"]

Places = npt.NDArray[np.int64]

_DISPERSION = 0.1


@dataclass(frozen=True, eq=False)
class Levels:
    """category (V,) int64, 0 the lowest; means (M,) of the labels in each, ascending; the silhouette."""

    category: Places
    means: Floats
    silhouette: float

    @property
    def count(self) -> int:
        """M, at least 1."""
        return len(self.means)


def split_into(truth: npt.ArrayLike, count: int, *, smallest: int = 1) -> Places | None:
    """The split of (V,) labels into `count` levels with the least squares within; None where there is none.

    smallest: members that a level has at least. Returns (V,) int64, 0 the lowest level.
    """
    values = _checked(truth)
    different, inverse, members = np.unique(values, return_inverse=True, return_counts=True)
    size = len(different)
    if count < 1 or size < count or len(values) < count * smallest:
        return None
    total = np.concatenate([[0], np.cumsum(members)]).astype(np.int64)
    # Centred, so that squares of large labels do not swallow the differences.
    centred = different - values.mean()
    first = np.concatenate([[0.0], np.cumsum(members * centred)])
    second = np.concatenate([[0.0], np.cumsum(members * centred**2)])
    best = np.full((count + 1, size + 1), np.inf)
    cut = np.zeros((count + 1, size + 1), np.int64)
    best[0, 0] = 0.0
    for level in range(1, count + 1):
        for end in range(level, size + 1):
            starts = np.arange(level - 1, end)
            held = total[end] - total[starts]
            within = second[end] - second[starts] - (first[end] - first[starts]) ** 2 / held
            cost = np.where(held >= smallest, best[level - 1, starts] + np.maximum(within, 0), np.inf)
            place = int(np.argmin(cost))
            best[level, end], cut[level, end] = cost[place], starts[place]
    if not np.isfinite(best[count, size]):
        return None
    of = np.zeros(size, np.int64)
    end = size
    for level in range(count, 0, -1):
        of[cut[level, end] : end] = level - 1
        end = int(cut[level, end])
    return np.asarray(of[inverse.reshape(-1)], np.int64)


def dynamic_levels(
    truth: npt.ArrayLike,
    *,
    counts: Sequence[int] = (2, 3, 4, 5),
    smallest: int = 2,
    rule: Literal["silhouette", "dispersion"] = "silhouette",
) -> Levels:
    """Levels of one source's labels (V,).

    counts: numbers of levels to choose from, ascending. rule: `silhouette`, the number with the best mean
    silhouette, the smaller of two that are equal; `dispersion`, the smallest number whose levels hold at most
    a tenth of the labels' variance within, else the largest that is possible. One level where no number is
    possible, as when all labels are equal. Raises ValueError for labels that are not (V,) or not finite.
    """
    values = _checked(truth)
    splits = [(n, s) for n in counts if (s := split_into(values, n, smallest=smallest)) is not None]
    if not splits:
        return Levels(np.zeros(len(values), np.int64), np.array([values.mean()]), 0.0)
    judged = [(_silhouette(values, split), split) for _, split in splits]
    if rule == "silhouette":
        chosen = max(range(len(judged)), key=lambda i: (judged[i][0], -i))
    else:
        total = float(((values - values.mean()) ** 2).sum())
        within = [
            sum(float(((values[s == m] - values[s == m].mean()) ** 2).sum()) for m in range(n))
            for n, s in splits
        ]
        chosen = next((i for i, w in enumerate(within) if w <= _DISPERSION * total), len(within) - 1)
    score, split = judged[chosen]
    means = np.array([values[split == m].mean() for m in range(int(split.max()) + 1)])
    return Levels(split, means, score)


def _silhouette(values: Floats, split: Places) -> float:
    apart = np.abs(values[:, None] - values[None, :])
    count = int(split.max()) + 1
    near = np.stack([apart[:, split == m].sum(1) for m in range(count)], axis=1)
    sizes = np.array([(split == m).sum() for m in range(count)])
    rows = np.arange(len(values))
    own_size = sizes[split]
    inside = near[rows, split] / np.maximum(own_size - 1, 1)
    other = near / sizes
    other[rows, split] = np.inf
    outside = other.min(1)
    widest = np.maximum(inside, outside)
    score = np.divide(outside - inside, widest, out=np.zeros_like(widest), where=widest > 0)
    return float(np.where(own_size > 1, score, 0.0).mean())


def _checked(truth: npt.ArrayLike) -> Floats:
    values = np.asarray(truth, np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(
            f"labels must be finite numbers (V,), not of shape {values.shape} or with NaN in them"
        )
    return values
