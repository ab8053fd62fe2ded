"""Which way of teaching preference wins, on simulated raters, real pictures.

    python -m candela_engines.scorer.training.render DATA SET
    python -m candela_engines.scorer.training.versions SET STUDY
    python -m bench.preference_ablation STUDY --state FOLDER --json bench/results/preference_ablation.json

Of every source 13 versions (`scorer.training.versions`). A seed draws the panel, the split by groups of
sources (a third held out), the choices, the start of the policy and the batches; all recipes of one seed see
the same, so that they are compared pair by pair. Choices are scaled by Thurstone's Case V to labels, the SDR
reference, a 14th version, at 0.

Levels of noise, all with 20 raters:

sharp        780 choices a source, no adversary
published    195 choices a source, 2 adversaries: what the published study had (9,750 pairs, 50 sources)
sparse       64 choices a source, 2 adversaries
hostile      195 choices a source, 7 adversaries

A JOD is taken as two points of the scale (master 10, SDR reference 0), so that neighbours on a ladder are
often confused. Each figure: mean over held-out sources of one seed, then over seeds, with the 95 % interval
of a bootstrap over seeds; the difference to `sft_long`, paired by seed. Columns: SROCC per source and pooled
PLCC to the truth, the same to the noisy labels, and the root mean square error to the truth in points.
Ceiling: the noisy labels themselves against the truth, and the split-half correlation of labels
(Spearman-Brown).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.alignment import spearman
from candela_engines.scorer.alignment.ranks import Floats
from candela_engines.scorer.eye.thurstone import scale
from candela_engines.scorer.preference.learn import Group
from candela_engines.scorer.preference.policy import fresh_policy
from candela_engines.scorer.preference.recipes import RECIPES, Budget, supervised, train
from candela_engines.scorer.preference.simulated import Panel, counts_of_choices, draw_panel, simulate
from candela_engines.scorer.training.policy import held_out
from candela_engines.scorer.training.versions import Study, load_study

__all__ = ["LEVELS", "Level", "labels_of", "main", "one_seed", "summary"]

POINTS_A_JOD = 2.0
BASELINE = "sft_long"
CEILINGS = ("labels themselves", "split half")
RESAMPLES = 2000
FIGURES = ("srocc", "plcc", "srocc_noisy", "plcc_noisy", "rmse")


@dataclass(frozen=True, slots=True)
class Level:
    """Choices a source, adversarial raters of 20, factor on every rater's noise."""

    choices: int
    adversarial: int
    noise: float = 1.0


LEVELS = {
    "sharp": Level(780, 0),
    "published": Level(195, 2),
    "sparse": Level(64, 2),
    "hostile": Level(195, 7),
}


def labels_of(wins: Floats) -> Floats:
    """Points of V versions from the counts of V + 1, the last of them the SDR reference; held to −6..10."""
    jod, _ = scale(wins)
    return np.clip((jod[:-1] - jod[-1]) * POINTS_A_JOD, -6, 10)


def _labelled(study: Study, panel: Panel, level: Level, seed: int) -> tuple[Floats, list[Floats], Floats]:
    """Labels (S, V), counts of every source, split-half correlation (S,)."""
    random = np.random.default_rng([seed, 1])
    labels, wins, halves = [], [], []
    for truth, kinds in zip(study.truth, study.kind, strict=True):
        quality = np.append(truth, 0.0) / POINTS_A_JOD
        choices = simulate(quality, [*kinds.tolist(), "sdr"], panel, level.choices, random)
        count = len(quality)
        wins.append(counts_of_choices(choices, count))
        labels.append(labels_of(wins[-1]))
        half = random.permutation(20)[:10]
        first = np.isin(choices[:, 0], half)
        parts = [labels_of(counts_of_choices(choices[side], count)) for side in (first, ~first)]
        together = float(spearman(*parts))
        halves.append(2 * together / (1 + together) if together > -1 else -1.0)
    return np.stack(labels), wins, np.array(halves)


def one_seed(
    study: Study,
    level: Level,
    seed: int,
    recipes: Sequence[str],
    budget: Budget,
    done: dict[str, Any] | None = None,
    keep: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Figures by recipe, and of the ceiling, of one seed. done: what is there; keep: called after each."""
    found = dict(done or {})
    if set(found) >= {*recipes, *CEILINGS}:
        return {key: found[key] for key in (*recipes, *CEILINGS)}
    panel = draw_panel(20, adversarial=level.adversarial, noise=level.noise, seed=seed)
    labels, wins, halves = _labelled(study, panel, level, seed)
    test = held_out(study.group, seed)
    sources, versions, width = study.values.shape
    taught = study.values[~test].reshape(-1, width)
    start = fresh_policy(taught, seed=seed)
    x = start.standardised(study.values.reshape(-1, width)).reshape(sources, versions, width)
    groups = [Group(x[i], labels[i], wins[i][:-1, :-1]) for i in np.flatnonzero(~test)]
    begun = supervised(start, groups, seed=seed, budget=budget)
    for recipe in (r for r in recipes if r not in found):
        policy = train(recipe, start, groups, seed=seed, budget=budget, begun=begun)
        said = policy.score(study.values[test].reshape(-1, width)).reshape(-1, versions)
        found[recipe] = _figures(said, study.truth[test], labels[test])
        if keep is not None:
            keep(found)
    found[CEILINGS[0]] = _figures(labels[test], study.truth[test], labels[test])
    found[CEILINGS[1]] = {"srocc_noisy": float(halves.mean())}
    if keep is not None:
        keep(found)
    return {key: found[key] for key in (*recipes, *CEILINGS)}


def _figures(said: Floats, truth: Floats, noisy: Floats) -> dict[str, float]:
    return {
        "srocc": float(spearman(said, truth).mean()),
        "plcc": _pearson(said, truth),
        "srocc_noisy": float(spearman(said, noisy).mean()),
        "plcc_noisy": _pearson(said, noisy),
        "rmse": float(np.sqrt(((said - truth) ** 2).mean())),
    }


def _pearson(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Mean and the 95 % interval of a bootstrap over seeds."""
    found = np.array(values)
    drawn = np.random.default_rng(seed).integers(len(found), size=(RESAMPLES, len(found)))
    low, high = np.percentile(found[drawn].mean(1), [2.5, 97.5])
    return float(found.mean()), float(low), float(high)


def summary(runs: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By recipe: every figure with its interval, and the paired difference in SROCC and PLCC to BASELINE."""
    out: dict[str, dict[str, Any]] = {}
    for recipe in runs[0]:
        row: dict[str, Any] = {k: interval([run[recipe][k] for run in runs]) for k in runs[0][recipe]}
        for figure in ("srocc", "plcc"):
            if figure in row and BASELINE in runs[0]:
                row[f"{figure}_gain"] = interval(
                    [run[recipe][figure] - run[BASELINE][figure] for run in runs]
                )
        out[recipe] = row
    return out


def over_levels(levels: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The mean over levels of every figure, a dict a seed."""
    return [
        {
            recipe: {k: float(np.mean([run[recipe][k] for run in runs])) for k in runs[0][recipe]}
            for recipe in runs[0]
        }
        for runs in zip(*levels, strict=True)
    ]


def winner(rows: dict[str, dict[str, Any]]) -> str:
    """The recipe with the highest SROCC to the truth, whatever its interval."""
    return max((r for r in rows if r not in CEILINGS), key=lambda recipe: float(rows[recipe]["srocc"][0]))


def _said(row: dict[str, Any], key: str) -> str:
    return f"{row[key][0]:.3f} [{row[key][1]:.3f}, {row[key][2]:.3f}]" if key in row else ""


def markdown(rows: dict[str, dict[str, Any]]) -> str:
    """The columns that the documentation shows."""
    shown = ("srocc", "plcc", "srocc_gain", "plcc_gain")
    lines = [
        f"| {recipe} | " + " | ".join(_said(row, k) for k in shown) + " |" for recipe, row in rows.items()
    ]
    return "\n".join(lines)


def show(title: str, rows: dict[str, dict[str, Any]]) -> None:
    """Print one table."""
    table = Table(title=title)
    for head in ("recipe", *FIGURES, f"SROCC − {BASELINE}", f"PLCC − {BASELINE}"):
        table.add_column(head, no_wrap=True)
    for recipe, row in rows.items():
        table.add_row(recipe, *(_said(row, k) for k in (*FIGURES, "srocc_gain", "plcc_gain")))
    Console(width=220).print(table)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is not in the state yet, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("study", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0, help="seeds from 1000 on are for tuning")
    parser.add_argument("--levels", nargs="+", default=list(LEVELS), choices=list(LEVELS))
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=list(RECIPES))
    parser.add_argument("--state", type=Path, help="folder where finished seeds are kept, to go on later")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", action="store_true", help="the last table again, for documents")
    asked = parser.parse_args(arguments)
    study, budget = load_study(asked.study), Budget()
    tables: dict[str, Any] = {}
    levels: list[list[dict[str, Any]]] = []
    if asked.state:
        asked.state.mkdir(parents=True, exist_ok=True)
    for name in asked.levels:
        runs = []
        for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
            kept = asked.state / f"{name}-{seed}.json" if asked.state else None
            done = json.loads(kept.read_text()) if kept is not None and kept.is_file() else {}

            def keep(found: dict[str, Any], path: Path | None = kept) -> None:
                if path is not None:
                    write_atomic(path, json.dumps(found).encode())

            runs.append(one_seed(study, LEVELS[name], seed, asked.recipes, budget, done, keep))
        levels.append(runs)
        tables[name], level = summary(runs), LEVELS[name]
        said = f"{level.choices} choices a source, {level.adversarial} adversaries of 20, {len(runs)} seeds"
        show(f"{name}: {said}", tables[name])
    tables["all levels"] = summary(over_levels(levels))
    show("mean over levels", tables["all levels"])
    print(f"wins by SROCC to the truth: {winner(tables['all levels'])}")
    if asked.markdown:
        print(markdown(tables["all levels"]))
    if asked.json:
        kept_text = {
            "environment": environment(),
            "study": {
                "sources": len(study.source),
                "groups": len(set(study.group)),
                "versions": study.truth.shape[1],
            },
            "points_a_jod": POINTS_A_JOD,
            "budget": asdict(budget),
            "seeds": asked.seeds,
            "levels": {name: asdict(LEVELS[name]) for name in asked.levels},
            "tables": tables,
            "winner": winner(tables["all levels"]),
        }
        asked.json.write_text(json.dumps(kept_text, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
