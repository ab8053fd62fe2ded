"""How reliable ratings are by themselves: what no scorer can be expected to exceed by much."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.correlation import spearman
from candela_engines.scorer.eye.thurstone import components, counts_of, scale

__all__ = ["split_half"]

_SPLITS = 20
_LEAST_RATERS = 4


def split_half(choices: Sequence[Choice], *, seed: int = 0) -> float | None:
    """Spearman's correlation between the scales of two halves of the raters, per scene, averaged over scenes
    and random splits, raised to that of all raters by Spearman and Brown's formula, 2 r / (1 + r).

    None with fewer than four raters, or where no scene is connected in both halves.
    """
    raters = sorted({c.observer for c in choices})
    if len(raters) < _LEAST_RATERS:
        return None
    dice = np.random.default_rng(seed)
    found = []
    scenes = sorted({c.scene for c in choices})
    for _ in range(_SPLITS):
        order = dice.permutation(len(raters))
        half = {raters[k] for k in order[: len(raters) // 2]}
        for scene in scenes:
            own = [c for c in choices if c.scene == scene]
            names = sorted({x for c in own for x in (c.a, c.b)})
            sides = [
                counts_of([c for c in own if (c.observer in half) == which], names) for which in (True, False)
            ]
            if len(names) < 3 or any(len(components(wins)) > 1 for wins in sides):
                continue
            r = spearman(scale(sides[0])[0], scale(sides[1])[0])
            if not math.isnan(r):
                found.append(r)
    if not found:
        return None
    mean = float(np.mean(found))
    return round(2 * mean / (1 + mean), 4) if mean > 0 else round(mean, 4)
