"""Which recipe a house head is fine-tuned by: simulated studios with a taste of their own, real pictures.

    python -m bench.preference_heads STUDY [--seeds 10] [--json bench/results/preference_heads.json]

STUDY as for `bench.preference_ablation`. A seed draws a taste (how much more or less the studio likes
exposure, warmth, saturation and the like, and where its favourite lies), a panel of 8 raters, one of them
adversarial, and the scenes that they compare: each of 78 pairs once. The head looks at what
`scorer.eye.features` gives it.

stock     the head before anybody chose
map       Thurstone's likelihood with a prior about the stock head (`scorer.eye.head`)
rank      the published reward of order alone; rank_mended: its mended form

SROCC per scene to the studio's true preference and the share of pairs ordered rightly (pairs half a JOD apart
and more), on scenes held out; 95 % intervals over seeds; differences to `map`, paired by seed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.preference_ablation import POINTS_A_JOD, interval
from candela_engines.metrics import Rectangle
from candela_engines.scorer.alignment import MENDED, spearman
from candela_engines.scorer.descriptors import Description
from candela_engines.scorer.engine import installed_engine
from candela_engines.scorer.eye.features import FEATURES, features_of, stock_head
from candela_engines.scorer.eye.head import Head, Pairs, fine_tune
from candela_engines.scorer.preference.linear import aligned_head
from candela_engines.scorer.preference.simulated import counts_of_choices, draw_panel, simulate
from candela_engines.scorer.training.policy import held_out
from candela_engines.scorer.training.versions import Study, load_study

__all__ = ["features_of_study", "main", "one_seed"]

SCENES = (4, 12)
RATERS, ADVERSARIES, CHOICES = 8, 1, 78
TASTE_JOD = 0.5

Fit = Callable[[np.ndarray, Pairs, Head, int], Head]


def _by(recipe: Any, features: np.ndarray, pairs: Pairs, start: Head, seed: int) -> Head:
    return recipe(start.scaled(features), pairs, start, seed)


ARMS: dict[str, Fit] = {
    "stock": lambda features, pairs, start, seed: start,
    "map": lambda features, pairs, start, seed: fine_tune(features, pairs, start, recipe="map", seed=seed),
    "rank": partial(_by, aligned_head),
    "rank_mended": partial(_by, partial(aligned_head, rewards=MENDED)),
}


def features_of_study(study: Study) -> np.ndarray:
    """(S, V, D) of `scorer.eye.features`. Raises ValueError where no grade model is installed."""
    engine = installed_engine()
    if engine is None:
        raise ValueError("no grade model is installed: the stock score of a house head is missing")
    out = []
    for values in study.values.reshape(-1, study.values.shape[2]):
        described = Description(values, np.ones(len(values), bool), Rectangle(0, 0, 512, 512))
        said = engine.session.run(["score"], {"descriptors": values[None, : engine.count]})[0]
        out.append(features_of(described, float(np.clip(said.reshape(-1)[0], -6, 10))))
    return np.stack(out).reshape(*study.truth.shape, -1)


def _preference(features: np.ndarray, truth: np.ndarray, seed: int) -> np.ndarray:
    """(S, V) JOD: the truth, and a taste for what has two sides, with a favourite of its own."""
    random = np.random.default_rng([seed, 5])
    sided = [i for i, name in enumerate(FEATURES) if f"{name}_squared" in FEATURES]
    x = np.clip(features[..., sided], -2, 2)
    favourite, strength = random.normal(0, 1, len(sided)), np.abs(random.normal(0, TASTE_JOD, len(sided)))
    return truth / POINTS_A_JOD - (strength * np.abs(x - favourite)).sum(-1)


def one_seed(study: Study, features: np.ndarray, scenes: int, seed: int) -> dict[str, dict[str, float]]:
    """Figures by arm."""
    quality = _preference(features, study.truth, seed)
    test = held_out(study.group, seed)
    random = np.random.default_rng([seed, 6])
    chosen = random.permutation(np.flatnonzero(~test))[:scenes]
    panel = draw_panel(RATERS, adversarial=ADVERSARIES, seed=seed)
    versions = study.truth.shape[1]
    parts: list[tuple[np.ndarray, ...]] = []
    for place, scene in enumerate(chosen):
        wins = counts_of_choices(
            simulate(quality[scene], study.kind[scene].tolist(), panel, CHOICES, random), versions
        )
        first, second = np.triu_indices(versions, 1)
        base = place * versions
        parts.append((first + base, second + base, wins[first, second], wins[second, first]))
    pairs = Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    taught = features[chosen].reshape(-1, features.shape[2])
    start = stock_head(taught)
    out = {}
    for name, fit in ARMS.items():
        head = fit(taught, pairs, start, seed)
        said = head.score(features[test].reshape(-1, features.shape[2])).reshape(-1, versions)
        apart, wanted = (
            said[:, :, None] - said[:, None, :],
            quality[test][:, :, None] - quality[test][:, None, :],
        )
        told = wanted >= 0.5
        out[name] = {
            "srocc": float(spearman(said, quality[test]).mean()),
            "right": float((apart[told] > 0).mean()),
        }
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("study", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    study = load_study(asked.study)
    features = features_of_study(study)
    tables: dict[str, Any] = {}
    for scenes in SCENES:
        seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
        runs = [one_seed(study, features, scenes, seed) for seed in seeds]
        rows = {}
        for arm in ARMS:
            rows[arm] = {key: interval([run[arm][key] for run in runs]) for key in ("srocc", "right")}
            rows[arm] |= {
                f"{key}_gain": interval([run[arm][key] - run["map"][key] for run in runs])
                for key in ("srocc", "right")
            }
        tables[f"{scenes} scenes"] = rows
        table = Table(title=f"{scenes} scenes, {CHOICES} choices each, {asked.seeds} studios")
        for head in ("recipe", "srocc", "right", "SROCC - map", "right - map"):
            table.add_column(head, no_wrap=True)
        for arm, row in rows.items():
            said = [f"{m:.3f} [{low:.3f}, {high:.3f}]" for m, low, high in row.values()]
            table.add_row(arm, *said)
        Console(width=160).print(table)
    if asked.json:
        kept = {
            "environment": environment(),
            "sources": len(study.source),
            "seeds": asked.seeds,
            "tables": tables,
        }
        asked.json.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
