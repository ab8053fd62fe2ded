"""Simulated raters, as the design's study of labels without people has them.

P(a over b) = (1 − λ) Φ((Q_a − Q_b) / (1.4826 σ)) + λ / 2, with a σ and a lapse rate λ of each rater's own; of
kind `opposite` they answer the wrong way round, of kind `random` they toss a coin.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.normal import SIGMA_JOD, normal_cdf


@dataclass(frozen=True)
class Rated:
    scene: str
    condition: str
    quality: float


def simulated(
    versions: list[Rated],
    *,
    raters: int = 12,
    opposite: int = 0,
    random: int = 0,
    pairs_each: int | None = None,
    noise: float = 1.0,
    seed: int = 0,
) -> list[Choice]:
    """Every rater judges all pairs of every scene, or `pairs_each` of them drawn at random."""
    dice = np.random.default_rng(seed)
    scenes = sorted({v.scene for v in versions})
    pairs = [p for s in scenes for p in combinations([v for v in versions if v.scene == s], 2)]
    found = []
    for number in range(raters):
        kind = "opposite" if number < opposite else "random" if number < opposite + random else "honest"
        sigma, lapse = noise * dice.lognormal(0, 0.3), dice.beta(1, 19)
        some = pairs if pairs_each is None else [pairs[k] for k in dice.permutation(len(pairs))[:pairs_each]]
        for a, b in some:
            chance = float(normal_cdf(np.array((a.quality - b.quality) / (SIGMA_JOD * sigma))))
            chance = (1 - lapse) * chance + lapse / 2
            chance = {"honest": chance, "opposite": 1 - chance, "random": 0.5}[kind]
            left = "A" if dice.random() < 0.5 else "B"
            found.append(
                Choice(f"{kind}{number}", a.scene, a.condition, b.condition, bool(dice.random() < chance),
                       left=left)
            )  # fmt: skip
    return found


def ladder(scenes: int = 6, versions: int = 6, *, spread: float = 1.2, seed: int = 0) -> list[Rated]:
    """Versions with qualities drawn at random, JOD."""
    dice = np.random.default_rng(seed)
    return [
        Rated(f"scene{s}", f"v{v}", float(q))
        for s in range(scenes)
        for v, q in enumerate(dice.normal(0, spread, versions))
    ]
