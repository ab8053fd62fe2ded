"""Thurstone's Case V by maximum a posteriori: from counts of choices to a scale in JOD.

P(i preferred to j) = Φ((q_i − q_j) / 1.4826), so that one JOD apart is preferred by three of four
(Thurstone 1927; the unit as in Perez-Ortiz & Mantiuk 2017). The posterior is

    Σ n_ij log Φ((q_i − q_j) / 1.4826) − Σ q_i² / (2 s²)

with a wide normal prior of the scale about its mean (Tsukida & Gupta, UWEE 2011, §5): where all choose alike
the likelihood alone has no maximum, and the answer would be infinity. It is concave; Newton's method finds
its one maximum. The inverse of its curvature there is the covariance (Laplace), which the choice of next
pairs needs; intervals are a bootstrap over raters, since choices of one rater are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.normal import SIGMA_JOD, log_cdf, slope_of_log_cdf

__all__ = ["PRIOR_SD_JOD", "Scale", "components", "counts_of", "demand_connected", "log_likelihood", "scale",
           "scale_scene"]  # fmt: skip

F64 = NDArray[np.float64]
PRIOR_SD_JOD = 4.0
"""As wide as all grades of a shot are apart: −6 to 10 is four of these."""
_STEPS = 100


@dataclass(frozen=True, eq=False)
class Scale:
    """A scene's versions in JOD. conditions: in the order of the arrays, (n,).

    jod: relative to `zero`, else to their mean. low, high: 95 % interval over raters, NaN without one.
    covariance: (n, n), of the scale about its mean. wins: (n, n), how often row was preferred to column.
    """

    conditions: tuple[str, ...]
    jod: F64
    low: F64
    high: F64
    covariance: F64
    wins: F64

    @property
    def comparisons(self) -> int:
        """How many choices it is made of."""
        return round(float(self.wins.sum()))


def counts_of(choices: Sequence[Choice], conditions: Sequence[str]) -> F64:
    """(n, n): how often the condition of the row was preferred to that of the column."""
    place = {name: at for at, name in enumerate(conditions)}
    wins = np.zeros((len(conditions), len(conditions)))
    for choice in choices:
        first, second = place[choice.a], place[choice.b]
        if not choice.a_won:
            first, second = second, first
        wins[first, second] += 1
    return wins


def components(wins: F64) -> list[list[int]]:
    """Groups of conditions that comparisons connect; more than one have no common scale."""
    joined = (wins + wins.T) > 0
    left, groups = set(range(len(wins))), []
    while left:
        group, new = set(), {min(left)}
        while new:
            group |= new
            new = {int(j) for i in new for j in np.flatnonzero(joined[i])} - group
        groups.append(sorted(group))
        left -= group
    return groups


def demand_connected(scene: str, conditions: Sequence[str], wins: F64) -> None:
    """Raise InputError where versions of a scene were never compared, not even by way of others."""
    groups = components(wins)
    if len(groups) < 2:
        return
    shown = "; ".join(", ".join(conditions[i] for i in group[:6]) for group in groups[:4])
    one, other = conditions[groups[0][0]], conditions[groups[1][0]]
    raise InputError(
        f"scene {scene}: its comparisons fall into {len(groups)} groups that nothing connects ({shown}), "
        f"which have no common scale; compare for example {one} with {other}"
    )


def scale(wins: F64, *, prior_sd: float = PRIOR_SD_JOD, start: F64 | None = None) -> tuple[F64, F64]:
    """Scale (n,) in JOD about zero, and its covariance (n, n), of counts (n, n).

    start: where to look first, (n,); the result does not depend on it.

    prior_sd: of the normal prior, JOD; np.inf is plain maximum likelihood, which has no answer where the
    counts are separable. Raises InputError for counts that are no counts.
    """
    count = len(wins)
    if wins.shape != (count, count) or not np.isfinite(wins).all() or (wins < 0).any():
        raise InputError(f"counts of choices of shape {wins.shape}: (n, n), 0 and more, is needed")
    if np.trace(wins):
        raise InputError("counts of choices: a version is compared with itself")
    weight = 0.0 if np.isinf(prior_sd) else 1.0 / prior_sd**2
    q = np.zeros(count) if start is None else start - start.mean()
    value = _posterior(q, wins, weight)
    for _ in range(_STEPS):
        gradient, curvature = _derivatives(q, wins, weight)
        # The mean is free under the likelihood: the term of ones holds it at zero.
        step = np.linalg.solve(curvature + np.ones((count, count)) / count, gradient)
        size = 1.0
        while size > 1e-6:
            trial = q + size * step
            trial -= trial.mean()
            new = _posterior(trial, wins, weight)
            if new >= value - 1e-12:
                break
            size /= 2
        else:
            break
        moved = float(np.abs(trial - q).max())
        q, value = trial, new
        if moved < 1e-8:
            break
    _, curvature = _derivatives(q, wins, weight)
    centred = np.eye(count) - 1.0 / count
    covariance = centred @ np.linalg.pinv(curvature + np.ones((count, count)) / count) @ centred
    return q, covariance


def _scale_many(wins: F64, start: F64, prior_sd: float) -> F64:
    """Scales (B, n) of counts (B, n, n), all at once from one start: Newton's steps, held to 2 JOD."""
    weight = 0.0 if np.isinf(prior_sd) else 1.0 / prior_sd**2
    q = np.tile(start - start.mean(), (len(wins), 1))
    for _ in range(_STEPS):
        gradient, curvature = _derivatives(q, wins, weight)
        step = np.linalg.solve(curvature + 1.0 / q.shape[1], gradient[..., None])[..., 0]
        far = np.abs(step).max(axis=1, keepdims=True)
        q += step * np.minimum(1.0, 2.0 / np.maximum(far, 1e-12))
        q -= q.mean(axis=1, keepdims=True)
        if float(far.max(initial=0)) < 1e-6:
            break
    return q


def log_likelihood(q: F64, wins: F64) -> float:
    """Σ n_ij log Φ((q_i − q_j) / 1.4826), natural logarithm."""
    return float((wins * log_cdf((q[:, None] - q[None]) / SIGMA_JOD)).sum())


def _posterior(q: F64, wins: F64, weight: float) -> float:
    return log_likelihood(q, wins) - 0.5 * weight * float(q @ q)


def _derivatives(q: F64, wins: F64, weight: float) -> tuple[F64, F64]:
    """Gradient (…, n) and curvature (…, n, n), its sign turned, at q (…, n) of counts (…, n, n)."""
    z = (q[..., :, None] - q[..., None, :]) / SIGMA_JOD
    slope = slope_of_log_cdf(z)
    pull = wins * slope / SIGMA_JOD
    bend = wins * slope * (z + slope) / SIGMA_JOD**2
    gradient = pull.sum(axis=-1) - pull.sum(axis=-2) - weight * q
    bend = bend + np.swapaxes(bend, -1, -2)
    unit = np.eye(q.shape[-1])
    curvature = bend.sum(axis=-1)[..., None] * unit - bend + weight * unit
    return gradient, curvature


def scale_scene(
    choices: Sequence[Choice],
    *,
    zero: str | None = None,
    prior_sd: float = PRIOR_SD_JOD,
    resamples: int = 400,
    seed: int = 0,
) -> Scale:
    """The scale of one scene from all its choices, with 95 % intervals over raters (percentile bootstrap).

    zero: the condition at 0 JOD, as the SDR reference; else their mean is. Intervals are NaN with fewer than
    three raters: of two, a resample is mostly one of them twice. Raises InputError for choices of several
    scenes, none at all, a `zero` that is none of the conditions, or conditions that nothing connects.
    """
    scenes = sorted({choice.scene for choice in choices})
    if len(scenes) != 1:
        raise InputError(f"choices of {len(scenes)} scenes: one at a time is scaled")
    conditions = tuple(sorted({name for choice in choices for name in (choice.a, choice.b)}))
    if zero is not None and zero not in conditions:
        raise InputError(f"scene {scenes[0]}: {zero} is none of its conditions: {', '.join(conditions[:12])}")
    by_rater: dict[str, list[Choice]] = {}
    for choice in choices:
        by_rater.setdefault(choice.observer, []).append(choice)
    each = np.stack([counts_of(own, conditions) for own in by_rater.values()])
    wins = each.sum(axis=0)
    demand_connected(scenes[0], conditions, wins)
    q, covariance = scale(wins, prior_sd=prior_sd)
    base = q.mean() if zero is None else q[conditions.index(zero)]
    low = high = np.full(len(conditions), np.nan)
    if len(each) >= 3 and resamples:
        dice = np.random.default_rng(seed)
        some = dice.multinomial(len(each), np.full(len(each), 1 / len(each)), size=resamples)
        drawn = _scale_many(np.einsum("br,rij->bij", some.astype(np.float64), each), q, prior_sd)
        drawn -= drawn.mean(axis=1, keepdims=True) if zero is None else drawn[:, [conditions.index(zero)]]
        low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    return Scale(conditions, q - base, low, high, covariance, wins)
