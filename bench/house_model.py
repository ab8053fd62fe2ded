"""How often `candela calibrate` makes a house model where there is one to make, and where there is none.

    python -m bench.house_model [--studies 25] [--json bench/results/house_model.json]

Simulated studios, since nobody rated anything here: features of versions are drawn, and raters choose by a
hidden quality with noise and lapses of their own (design: models.md 6.3). `stock`: they see as the stock
scorer does, so that a house model is a mistake. `taste`: they like it brighter, which it does not know.
Shares of studies by what came of them; `predicts` is the share of choices on further scenes of that studio,
not taught on, that the house model predicts, and the stock scorer.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from bench.environment import keep
from candela_engines.scorer.eye.calibrate import calibrate
from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.features import FEATURES
from candela_engines.scorer.normal import SIGMA_JOD, normal_cdf

SIZES = ((5, 4, 40), (8, 6, 60), (14, 8, 80))
"""Scenes, raters, choices a rater; 5 versions a scene."""
_VERSIONS = 5
Versions = dict[tuple[str, str], np.ndarray]


def studio(
    scenes: int, taste: bool, dice: np.random.Generator
) -> tuple[Versions, dict[tuple[str, str], float]]:
    """Features and hidden qualities, JOD."""
    features, quality = {}, {}
    for s in range(scenes):
        for v in range(_VERSIONS):
            row = np.zeros(len(FEATURES))
            exposure, fault = dice.normal(), dice.exponential()
            row[0] = 9 - fault - 0.4 * exposure**2 + dice.normal(0, 0.3)
            row[FEATURES.index("exposure")] = exposure
            row[FEATURES.index("exposure_squared")] = exposure**2
            row[FEATURES.index("noise")] = 0.4 * fault
            features[f"s{s}", f"v{v}"] = row
            own = -0.5 * fault - 0.8 * (exposure - 0.8) ** 2
            quality[f"s{s}", f"v{v}"] = own if taste else 0.6 * float(row[0])
    return features, quality


def choices_of(
    quality: dict[tuple[str, str], float], raters: int, each: int, dice: np.random.Generator
) -> list[Choice]:
    """Of raters with noise and lapses of their own, one in ten of whom answers the wrong way round."""
    scenes = sorted({scene for scene, _ in quality})
    pairs = [(s, a, b) for s in scenes for a, b in combinations(sorted(v for t, v in quality if t == s), 2)]
    found = []
    for number in range(raters):
        sigma, lapse = dice.lognormal(0, 0.3), dice.beta(1, 19)
        wrong = dice.random() < 0.1
        for k in dice.permutation(len(pairs))[:each]:
            scene, a, b = pairs[k]
            gap = (quality[scene, a] - quality[scene, b]) / (SIGMA_JOD * sigma)
            chance = (1 - lapse) * float(normal_cdf(gap)) + lapse / 2
            chance = 1 - chance if wrong else chance
            found.append(Choice(f"r{number}", scene, a, b, bool(dice.random() < chance)))
    return found


def study(scenes: int, raters: int, each: int, taste: bool, seed: int) -> tuple[str, float, float]:
    """What came of it, and the shares of order of new versions that house and stock scorer predict."""
    dice = np.random.default_rng(seed)
    features, quality = studio(scenes, taste, dice)
    try:
        found = calibrate(choices_of(quality, raters, each, dice), features, resamples=0)
    except Exception as error:  # a study that nothing connects is refused before any figure
        return type(error).__name__, np.nan, np.nan
    if found.head is None:
        assert found.refusal is not None
        return found.refusal.code, np.nan, np.nan
    new, truth = studio(12, taste, dice)
    rows = np.stack(list(new.values()))
    house, hidden = found.head.score(rows), np.array(list(truth.values()))
    scene = np.repeat(np.arange(12), _VERSIONS)
    one, two = np.triu_indices(len(rows), 1)
    same = scene[one] == scene[two]
    gap = (hidden[one] - hidden[two])[same]

    def share(x: np.ndarray) -> float:
        return float(((x[one] - x[two])[same] * gap > 0).mean())

    return "made", share(house), share(rows[:, 0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=25)
    parser.add_argument("--json", type=Path)
    said = parser.parse_args()
    results: list[dict[str, Any]] = []
    for scenes, raters, each in SIZES:
        for taste in (False, True):
            told = [study(scenes, raters, each, taste, seed) for seed in range(said.studies)]
            made = [(house, stock) for code, house, stock in told if code == "made"]
            mean = np.mean(made, axis=0).round(3).tolist() if made else [None, None]
            row = {
                "studio": "taste" if taste else "stock", "scenes": scenes, "raters": raters,
                "choices_each": each, "studies": said.studies, "outcomes": dict(Counter(t[0] for t in told)),
                "house_predicts": mean[0], "stock_predicts": mean[1],
            }  # fmt: skip
            keep(results, row, said.json)


if __name__ == "__main__":
    main()
