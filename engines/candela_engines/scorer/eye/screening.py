"""Raters whose choices are not like those of the others: found before anything is scaled.

Each rater is held against the scale of all others (leave one out, as pwcmp's outlier analysis does:
Perez-Ortiz & Mantiuk 2017). A rater is modelled as one who chooses by that scale with reliability r and
tosses a coin otherwise,

    P(i preferred to j) = (1 + r (2 Φ((q_i − q_j) / 1.4826) − 1)) / 2,       −1 ≤ r ≤ 1,

the worker model of Crowd-BT (Chen et al., WSDM 2013) with Thurstone's link: r = 1 is an ideal rater, 0 one
who does not look, −1 one who answers the wrong way round. A rater is left out where r can be shown to be
below a half (one-sided 99 % likelihood bound), or who fails catch trials more often than a careful rater
would (one-sided 1 %, of 10 % lapses). One at a time, the worst first, since a bad rater bends the scale of
the others.

What else is told and decides nothing: side bias (binomial test of the left side), choices of the same pair
that differ between showings, circular triads against chance (Kendall & Babington Smith, Biometrika 1940), and
pwcmp's distance of the log-likelihood below the lower quartile in units of the interquartile range.

No screening can tell which half is right where half of the raters mean the opposite.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.eye.choices import CATCH, Choice
from candela_engines.scorer.eye.thurstone import counts_of, scale
from candela_engines.scorer.normal import SIGMA_JOD, normal_cdf

__all__ = ["LEAST_CHOICES", "LEAST_RELIABILITY", "Rater", "screen"]

F64 = NDArray[np.float64]
LEAST_RELIABILITY = 0.5
LEAST_CHOICES = 10
"""Below so many choices with a known expectation nothing can be said of a rater."""
_GRID = np.linspace(-1, 1, 201)
_BOUND = 2.7055
"""Twice the drop of the log-likelihood at a one-sided 95 % bound; at 99 % it is `_BOUND_99`."""
_BOUND_99 = 5.4119
_LAPSES = 0.1
_NO_LEAN = 1e-3
"""Chances this near to one half are of versions that nobody tells apart."""


@dataclass(frozen=True, slots=True)
class Rater:
    """What is known of a rater. reliability: r with its 90 % interval `low` to `high`; NaN where too few
    or where the others tell nothing apart.

    distance: pwcmp's dist_L, above 1.5 is unusual. side_bias: two-sided p of the left side; 1 where sides are
    not known. repeats, reversed: pairs judged again, and how many the other way. triads, circular: of three
    versions that were all compared, and those that go round; by chance a quarter do. catches, missed: trials
    with a known answer. why: why the choices are left out, else empty.
    """

    name: str
    choices: int
    reliability: float
    low: float
    high: float
    distance: float
    side_bias: float
    repeats: int
    reversed: int
    triads: int
    circular: int
    catches: int
    missed: int
    why: str = ""


def screen(choices: Sequence[Choice]) -> tuple[list[Rater], list[Choice]]:
    """All raters by name, and the choices of those who are kept, without catch trials.

    Of fewer than three raters nobody is left out for disagreeing: which one is wrong cannot be known.
    """
    by_rater: dict[str, list[Choice]] = defaultdict(list)
    for choice in choices:
        by_rater[choice.observer].append(choice)
    kept = {name: [c for c in own if not c.is_catch] for name, own in by_rater.items()}
    out: dict[str, str] = {}
    for name, own in by_rater.items():
        why = _fails_catches(own)
        if why:
            out[name] = why
            del kept[name]
    fits = {name: _fit(name, kept) for name in kept}
    while len(kept) >= 3:
        bad = {name: fit for name, fit in fits.items() if name in kept and fit.high_99 < LEAST_RELIABILITY}
        if not bad:
            break
        worst = min(bad, key=lambda name: (bad[name].reliability, name))
        fit = bad[worst]
        out[worst] = (
            f"agrees with the others with reliability {fit.reliability:.2f} (1 ideal, 0 chance, -1 "
            f"opposite), surely below {LEAST_RELIABILITY:g}"
        )
        del kept[worst]
        fits |= {name: _fit(name, kept) for name in kept}
    # Those left out are held against the raters who are kept, so that all figures are of one scale.
    for name in out:
        own = [c for c in by_rater[name] if not c.is_catch]
        fits[name] = _fit(name, {**kept, name: own})
    distance = _distances({name: fit.mean_log for name, fit in fits.items()})
    raters = [
        replace(_described(name, by_rater[name], fits[name], distance[name]), why=out.get(name, ""))
        for name in sorted(by_rater)
    ]
    return raters, [c for c in choices if c.observer in kept and not c.is_catch]


@dataclass(frozen=True, slots=True)
class _Fit:
    reliability: float
    low: float
    high: float
    high_99: float
    mean_log: float


def _fit(name: str, raters: Mapping[str, list[Choice]]) -> _Fit:
    """Reliability of a rater by the scale of all others."""
    gaps: list[float] = []
    scenes = sorted({c.scene for c in raters[name]})
    for scene in scenes:
        others = [c for other, own in raters.items() if other != name for c in own if c.scene == scene]
        conditions = sorted({x for c in others for x in (c.a, c.b)})
        if not others:
            continue
        q, covariance = scale(counts_of(others, conditions))
        place = {condition: at for at, condition in enumerate(conditions)}
        for c in raters[name]:
            if c.scene == scene and c.a in place and c.b in place:
                i, j = place[c.a], place[c.b]
                spread = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
                # How uncertain their scale is goes in: else of few choices every honest rater looks careless.
                gap = (q[i] - q[j]) / math.sqrt(SIGMA_JOD**2 + max(float(spread), 0.0))
                gaps.append(float(gap if c.a_won else -gap))
    if len(gaps) < LEAST_CHOICES:
        nan = math.nan
        return _Fit(nan, nan, nan, 1.0, nan)
    lean = 2 * normal_cdf(gaps) - 1
    if np.abs(lean).max() < _NO_LEAN:  # the others have no order: nothing to agree with, or against
        nan = math.nan
        return _Fit(nan, nan, nan, 1.0, nan)
    chance = np.maximum((1 + _GRID[:, None] * lean[None]) / 2, 1e-9)
    log = np.log(chance).sum(axis=1)
    drop = 2 * (log.max() - log)
    inside, inside_99 = _GRID[drop <= _BOUND], _GRID[drop <= _BOUND_99]
    best = float(_GRID[int(log.argmax())])
    ideal = float(np.log(chance[-1]).mean())
    return _Fit(best, float(inside.min()), float(inside.max()), float(inside_99.max()), ideal)


def _distances(logs: Mapping[str, float]) -> dict[str, float]:
    """Interquartile ranges below the lower quartile, 0 above it; NaN where there is no log-likelihood."""
    known = np.array([value for value in logs.values() if not math.isnan(value)])
    if len(known) < 4:
        return dict.fromkeys(logs, 0.0)
    low, high = np.percentile(known, (25, 75))
    spread = max(float(high - low), 1e-9)
    return {name: max(0.0, (float(low) - value) / spread) for name, value in logs.items()}


def _described(name: str, own: Sequence[Choice], fit: _Fit, distance: float) -> Rater:
    judged = [c for c in own if not c.is_catch]
    sides = [c.left == ("A" if c.a_won else "B") for c in judged if c.left]
    seen: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for c in judged:
        seen[c.scene, frozenset((c.a, c.b))].append(c.winner)
    again = [(one, two) for won in seen.values() for one, two in combinations(won, 2)]
    triads, circular = _triads(judged)
    catches = [c for c in own if c.is_catch]
    return Rater(
        name, len(judged), fit.reliability, fit.low, fit.high, distance,
        _two_sided(sum(sides), len(sides)), len(again), sum(one != two for one, two in again), triads,
        circular, len(catches), sum(c.winner == CATCH for c in catches),
    )  # fmt: skip


def _fails_catches(own: Sequence[Choice]) -> str:
    catches = [c for c in own if c.is_catch]
    missed = sum(c.winner == CATCH for c in catches)
    if missed and _tail(missed, len(catches), _LAPSES) < 0.01:
        return f"preferred what is worse on purpose in {missed} of {len(catches)} catch trials"
    return ""


def _triads(choices: Sequence[Choice]) -> tuple[int, int]:
    """Threes of versions of a scene of which all pairs were judged, and how many of them go round."""
    scenes: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for c in choices:
        loser = c.b if c.a_won else c.a
        scenes[c.scene][c.winner, loser] += 1
        scenes[c.scene][loser, c.winner] -= 1
    triads = circular = 0
    for net in scenes.values():
        names = sorted({one for one, _ in net})
        for i, j, k in combinations(names, 3):
            legs = (net.get((i, j), 0), net.get((j, k), 0), net.get((k, i), 0))
            if all(legs):
                triads += 1
                circular += len({leg > 0 for leg in legs}) == 1
    return triads, circular


def _tail(hits: int, count: int, chance: float) -> float:
    """P(at least `hits` of `count`)."""
    each = (math.comb(count, k) * chance**k * (1 - chance) ** (count - k) for k in range(hits, count + 1))
    return float(sum(each))


def _two_sided(hits: int, count: int) -> float:
    """Exact binomial test of one half, two-sided."""
    if not count:
        return 1.0
    far = max(hits, count - hits)
    if count > 1000:  # the powers of two go out of range, and the normal limit is exact enough
        return math.erfc((2 * far - count - 1) / math.sqrt(2 * count))
    return float(min(1.0, 2 * sum(math.comb(count, k) for k in range(far, count + 1)) / 2**count))
