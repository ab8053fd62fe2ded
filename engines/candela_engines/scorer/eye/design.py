"""Which pairs to show: a balanced design at first, then those that tell the most.

Without earlier choices, versions of a scene stand on a circle in random order and each is paired with those
one, two, … places on (a circulant graph): every version comes equally often, and the graph is connected as
soon as there is one pair a version. With enough room that is all pairs.

With earlier choices, the posterior of the scale is normal (Laplace, `thurstone.scale`), and the information
that one more choice of a pair is expected to give about the scale is exactly that about the difference d of
the pair,

    I(y; q) = H(E Φ(d / σ)) − E H(Φ(d / σ)),       d ~ N(μ, s²),

in bits (Houlsby et al. 2011; for pairwise comparison Mikhailiuk et al., ICPR 2020). The batch is made of
minimum spanning trees of 1 / I (Li et al., NeurIPS 2018, Hybrid-MST), so that every version is in it and
rounds of raters can run side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.scorer.eye.choices import CATCH, Choice
from candela_engines.scorer.eye.thurstone import counts_of, scale
from candela_engines.scorer.normal import SIGMA_JOD, normal_cdf

__all__ = [
    "Trial",
    "balanced_pairs",
    "choices_so_far",
    "expected_information",
    "informative_pairs",
    "ordered_trials",
]

F64 = NDArray[np.float64]
Pair = tuple[int, int]
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, slots=True)
class Trial:
    """One showing: `a` first (or on the left), then `b`. A catch trial has CATCH as one of the two."""

    scene: str
    a: str
    b: str

    @property
    def is_catch(self) -> bool:
        """Whether the right answer is known."""
        return CATCH in (self.a, self.b)


def balanced_pairs(count: int, most: int, dice: np.random.Generator) -> list[Pair]:
    """At most `most` pairs of `count` versions, each version equally often as far as it goes.

    Raises InputError for fewer than two versions, or fewer pairs than connect them.
    """
    if count < 2:
        raise InputError("a study needs two versions of a scene at least")
    if most < count - 1:
        raise InputError(
            f"{count} versions need {count - 1} pairs at least, or nothing connects them; {most} were "
            "asked for"
        )
    order = dice.permutation(count)
    pairs: list[Pair] = []
    for step in range(1, count // 2 + 1):
        ring = [(i, (i + step) % count) for i in range(count)]
        if 2 * step == count:
            ring = ring[: count // 2]
        for i, j in ring:
            if len(pairs) == most:
                break
            one, two = int(order[i]), int(order[j])
            pairs.append((min(one, two), max(one, two)))
    # A ring that was cut short is a path, which still connects all.
    return pairs


def expected_information(mean: F64, spread: F64) -> F64:
    """Bits that a choice is expected to give about a difference N(mean, spread²) JOD, of any shape."""
    d = mean[..., None] + spread[..., None] * _NODES
    p = normal_cdf(d / SIGMA_JOD)
    average = (p * _WEIGHTS).sum(axis=-1)
    gain = _entropy(average) - (_entropy(p) * _WEIGHTS).sum(axis=-1)
    return np.asarray(np.maximum(gain, 0.0), np.float64)


def informative_pairs(
    wins: F64, most: int, dice: np.random.Generator, *, prior_sd: float = 4.0
) -> list[Pair]:
    """At most `most` pairs by expected information, as spanning trees one after the other. wins: (n, n) so
    far.

    Pairs of a tree count as judged, as often as they are in it, when the next tree is made.
    """
    count = len(wins)
    if count < 2:
        raise InputError("a study needs two versions of a scene at least")
    q, covariance = scale(wins, prior_sd=prior_sd)
    mean = q[:, None] - q[None]
    variance = np.maximum(np.diag(covariance)[:, None] + np.diag(covariance)[None] - 2 * covariance, 0.0)
    precision = np.zeros((count, count))
    chosen: list[Pair] = []
    while len(chosen) < most:
        # A choice at difference d has Fisher information φ² / (Φ (1 − Φ) σ²): what the batch will know.
        spread = np.sqrt(variance / (1 + variance * precision))
        gain = expected_information(mean, spread)
        tree = _spanning_tree(gain + 1e-9 * dice.random((count, count)))
        tree.sort(key=lambda pair: -gain[pair])
        for pair in tree[: most - len(chosen)]:
            chosen.append(pair)
            more = _fisher(float(mean[pair]))
            precision[pair] += more
            precision[pair[::-1]] += more
    return chosen


def ordered_trials(
    pairs: Sequence[tuple[str, str, str]],
    rater: int,
    dice: np.random.Generator,
    *,
    catches: int = 0,
) -> list[Trial]:
    """Trials of one rater: scenes apart as far as possible, sides turned from rater to rater, catches among
    them.

    pairs: scene and the two versions. rater: its number; every second one sees the sides turned, on top of a
    turn that was drawn for the pair, so that each version is first equally often. catches: spread evenly, of
    versions that were drawn.
    """
    turned = []
    for number, (scene, a, b) in enumerate(pairs):
        flip = (number + rater + _bit(scene, a, b)) % 2 == 1
        turned.append(Trial(scene, b, a) if flip else Trial(scene, a, b))
    trials = _apart([turned[k] for k in dice.permutation(len(turned))], dice)
    for k in range(catches if pairs else 0):
        scene, a, b = pairs[int(dice.integers(len(pairs)))]
        shown = a if dice.random() < 0.5 else b
        catch = Trial(scene, shown, CATCH) if dice.random() < 0.5 else Trial(scene, CATCH, shown)
        place = round((k + 0.5) * len(pairs) / catches) + k
        trials.insert(min(place, len(trials)), catch)
    return trials


def choices_so_far(choices: Sequence[Choice], scene: str, conditions: Sequence[str]) -> F64:
    """Counts (n, n) of earlier choices of a scene between these conditions."""
    known = set(conditions)
    some = [c for c in choices if c.scene == scene and c.a in known and c.b in known]
    return counts_of(some, conditions)


def _entropy(p: F64) -> F64:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.asarray(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)))


def _fisher(d: float) -> float:
    z = d / SIGMA_JOD
    p = min(max(float(normal_cdf(z)), 1e-6), 1 - 1e-6)
    density = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return density**2 / (p * (1 - p) * SIGMA_JOD**2)


def _spanning_tree(gain: F64) -> list[Pair]:
    """The tree over all versions with the most gain (Prim): the minimum spanning tree of 1 / gain."""
    count, inside, tree = len(gain), {0}, []
    while len(inside) < count:
        _, i, j = max((float(gain[i, j]), i, j) for i in inside for j in range(count) if j not in inside)
        tree.append((min(i, j), max(i, j)))
        inside.add(j)
    return tree


def _apart(trials: list[Trial], dice: np.random.Generator) -> list[Trial]:
    """The same trials, no two of one scene in a row where that can be: always the scene with the most
    left.
    """
    left: dict[str, list[Trial]] = {}
    for trial in trials:
        left.setdefault(trial.scene, []).append(trial)
    out: list[Trial] = []
    while left:
        last = out[-1].scene if out else ""
        open_scenes = [scene for scene in left if scene != last] or list(left)
        most = max(len(left[scene]) for scene in open_scenes)
        best = [scene for scene in open_scenes if len(left[scene]) == most]
        scene = best[int(dice.integers(len(best)))]
        out.append(left[scene].pop())
        if not left[scene]:
            del left[scene]
    return out


def _bit(*names: str) -> int:
    return sum(map(ord, "".join(names))) % 2
