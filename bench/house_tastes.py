"""From how many choices a studio's own taste is learnt, where it is not the stock scorer's: real pictures.

    python -m bench.house_grades DATA FILE.npz
    python -m bench.house_tastes FILE.npz [--studies 8] [--json bench/results/house_tastes.json]
    python -m bench.house_tastes FILE.npz --more [--json bench/results/house_tastes_more.json]

A simulated studio judges by the faults of a grade, and by one thing of its own, measured on the pixels by
`house_grades` and not by what a head looks at: `highlights` (light above 400 nit bothers), `skin` (the warmer
the better), `dark` (a lower key), or `stock`: it sees as the stock scorer does, so that a house model is a
mistake. The taste's standard deviation over the versions of scenes that show it is 1.3 JOD. Six raters with
noise and lapses of their own, eight scenes, a circulant design; every study goes through `calibrate`, its
screening, refusals and hold-out. What it comes to is asked of further scenes: pairs half a JOD apart and
more that are ordered rightly, by the head that was made or would have been, and by the stock score.
`reasons only`: without the levels of the grade that no reason is made of.

--more: studies of the most choices that are refused, again with as many more as the refusal says would do, of
the same scenes and raters: whether what it says is so.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.environment import keep
from bench.house_grades import PROPERTIES
from candela_engines.metrics import Rectangle
from candela_engines.scorer.descriptors import Description
from candela_engines.scorer.eye.calibrate import Calibration, calibrate
from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.features import FEATURES, features_of, stock_head
from candela_engines.scorer.eye.head import fine_tune
from candela_engines.scorer.eye.holdout import pairs_of
from candela_engines.scorer.normal import SIGMA_JOD, normal_cdf

Floats = npt.NDArray[np.float64]
SIZES = (200, 400, 600)
_SCENES, _RATERS, _TASTE_JOD, _FAULT_JOD = 8, 6, 1.3, 0.6
_BEYOND = FEATURES[FEATURES.index("grade.light.p5") :]
"""Features that no reason is made of."""


def _seen(grades: dict[str, npt.NDArray[Any]], name: str) -> Floats:
    return np.asarray(grades["sees"][..., PROPERTIES.index(name)], np.float64)


def _highlights(grades: dict[str, npt.NDArray[Any]]) -> Floats:
    above = _seen(grades, "over_400")
    return np.where(above.max(1, keepdims=True) > 0.5, -np.log1p(above), np.nan)


TASTES: dict[str, Callable[[dict[str, npt.NDArray[Any]]], Floats]] = {
    "highlights": _highlights,
    "skin": lambda grades: _seen(grades, "skin_warmth"),
    "dark": lambda grades: -_seen(grades, "key"),
}


def qualities(grades: dict[str, npt.NDArray[Any]], taste: str) -> Floats:
    """(S, V) JOD; NaN in scenes that do not show what the taste is about."""
    if taste == "stock":
        return 0.5 * np.asarray(grades["stock"], np.float64)
    own = TASTES[taste](grades)
    own = own - own.mean(axis=1, keepdims=True)
    return np.asarray(-_FAULT_JOD * grades["fault"] + _TASTE_JOD * own / np.sqrt(np.nanmean(own**2)))


def features_of_grades(grades: dict[str, npt.NDArray[Any]]) -> Floats:
    """(S, V, D) in the order of FEATURES."""
    area = Rectangle(0, 0, 512, 512)
    rows = [
        features_of(Description(v, np.ones(len(v), bool), area), float(s))
        for v, s in zip(
            grades["values"].reshape(-1, grades["values"].shape[2]), grades["stock"].ravel(), strict=True
        )
    ]
    return np.stack(rows).reshape(*grades["stock"].shape, -1)


def choices_of(quality: Floats, scenes: npt.NDArray[np.int64], count: int, dice: Any) -> list[Choice]:
    """Scenes and raters in turn, pairs by a circulant design over versions in an order of their own."""
    versions = quality.shape[1]
    steps = [(k, (k + step) % versions) for step in range(1, versions // 2 + 1) for k in range(versions)]
    order = {scene: dice.permutation(versions) for scene in scenes}
    sigma, lapse = dice.lognormal(0, 0.3, _RATERS), dice.beta(1, 19, _RATERS)
    found = []
    for number in range(count):
        scene, who = scenes[number % len(scenes)], (number // len(scenes)) % _RATERS
        a, b = order[scene][list(steps[number // len(scenes) % len(steps)])]
        gap = (quality[scene, a] - quality[scene, b]) / (SIGMA_JOD * sigma[who])
        chance = (1 - lapse[who]) * float(normal_cdf(gap)) + lapse[who] / 2
        found.append(Choice(f"r{who}", f"s{scene}", f"v{a}", f"v{b}", bool(dice.random() < chance)))
    return found


def study(
    features: Floats, quality: Floats, count: int, seed: int, *, more: int = 0
) -> tuple[Calibration, float, float]:
    """What came of it, and the shares of pairs of further scenes that the head and the stock score order
    rightly. more: choices beyond `count`, of the same scenes and raters.
    """
    dice = np.random.default_rng([seed, count])
    shown = dice.permutation(np.flatnonzero(np.isfinite(quality).all(1)))
    scenes, further = shown[:_SCENES], shown[_SCENES:]
    choices = choices_of(quality, scenes, count + more, dice)
    names = sorted({(c.scene, x) for c in choices for x in (c.a, c.b)})
    rows = np.stack([features[int(scene[1:]), int(version[1:])] for scene, version in names])
    found = calibrate(choices, dict(zip(names, rows, strict=True)), seed=seed, resamples=0)
    head = found.head
    if head is None:
        pairs = pairs_of(choices, {name: at for at, name in enumerate(names)})
        head = fine_tune(rows, pairs, stock_head(rows), seed=seed)
    apart = quality[further][:, :, None] - quality[further][:, None, :]
    told = apart >= 0.5

    def share(said: Floats) -> float:
        return float(((said[:, :, None] - said[:, None, :])[told] > 0).mean())

    by_head = head.score(features[further].reshape(-1, features.shape[2])).reshape(len(further), -1)
    return found, share(by_head), share(features[further][..., 0])


def came_of(found: Calibration) -> str:
    """`made`, or the code of the refusal."""
    return found.refusal.code if found.refusal else "made"


def tell_more(features: Floats, grades: dict[str, npt.NDArray[Any]], studies: int, path: Path | None) -> None:
    """A row a study that was refused: what it asked for, and what came of it then."""
    results: list[dict[str, Any]] = []
    for taste in TASTES:
        quality = qualities(grades, taste)
        for seed in range(studies):
            first, _, _ = study(features, quality, SIZES[-1], seed)
            if first.refusal is None:
                continue
            row: dict[str, Any] = {"taste": taste, "seed": seed, "choices": SIZES[-1]}
            row |= {"outcome": first.refusal.code, "more_choices": first.refusal.more}
            if first.refusal.more:
                then, head, stock = study(features, quality, SIZES[-1], seed, more=first.refusal.more)
                row |= {"then": came_of(then), "head_right": round(head, 3), "stock_right": round(stock, 3)}
            keep(results, row, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("grades", type=Path)
    parser.add_argument("--studies", type=int, default=8)
    parser.add_argument("--more", action="store_true", help="only what refusals ask for")
    parser.add_argument("--json", type=Path)
    said = parser.parse_args()
    grades = dict(np.load(said.grades))
    whole = features_of_grades(grades)
    if said.more:
        tell_more(whole, grades, said.studies, said.json)
        return
    fewer = whole.copy()
    fewer[..., [FEATURES.index(name) for name in _BEYOND]] = 0
    results: list[dict[str, Any]] = []
    for taste in ("stock", *TASTES):
        quality = qualities(grades, taste)
        for count in SIZES:
            for name, features in (("all", whole), ("reasons only", fewer)):
                told = [study(features, quality, count, seed) for seed in range(said.studies)]
                head, stock = np.mean([one[1:] for one in told], axis=0).round(3).tolist()
                row = {
                    "taste": taste, "scenes": int(np.isfinite(quality).all(1).sum()), "choices": count,
                    "features": name, "studies": said.studies,
                    "outcomes": dict(Counter(came_of(one[0]) for one in told)), "head_right": head,
                    "stock_right": stock,
                }  # fmt: skip
                keep(results, row, said.json)


if __name__ == "__main__":
    main()
