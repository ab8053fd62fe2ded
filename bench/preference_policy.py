"""Is the compact policy, or are the boosted trees, the better judge of grades nobody has seen?

    python -m bench.preference_policy SET [--seeds 3] [--json bench/results/preference_policy.json]

SET is what the stages of `candela_engines.scorer.training` made. Of every source, beside one of its SDR
references, the versions of `training.versions` that the set has described: the master and three rungs of each
of three ladders. The study's blends are not in the set; three pictures with two faults at once stand in
their place. All scorers get the descriptors of the set and are judged on the same 13 versions of sources in
five folds, by models that saw no source of the same group.

both_mended, sft_long   the compact policy, taught by these recipes on the 13 versions of the other folds'
                        sources with labels of construction; the figures are the mean over seeds (starts and
                        batches)
… mean of starts        the mean of what the seeds' policies say, as bagged trees are a mean
… labels of a panel     taught on what one panel of simulated raters says instead (`published` of
                        `bench.preference_ablation`, one seed), judged against construction all the same
sft, every row          the policy on labels of every row that the trees are taught on, 2500 updates
trees                   as `candela score` has them: every row of the other folds' sources, and the orders
                        that are known by construction besides (`ranked.kept_scores`)
trees, 13 versions      the same trees on the policy's own 13 versions a source, orders as well
mean luminance          no training

SROCC per source over its versions to the simulated scale; flips of neighbours on a ladder (the drawn rungs
whose step is seen, the master first; order by construction, ties half), the mean over pairs of a source.
Means over sources with 95 % intervals by drawing groups, differences paired by source in the same draws. How
seeds differ is not in the intervals.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.preference_ablation import LEVELS, POINTS_A_JOD, labels_of
from bench.scorer_order import Interval, flips, spread
from candela_engines.scorer.alignment import spearman
from candela_engines.scorer.preference.learn import Learner
from candela_engines.scorer.preference.policy import fresh_policy
from candela_engines.scorer.preference.recipes import DEFAULT, Budget
from candela_engines.scorer.preference.simulated import counts_of_choices, draw_panel, simulate
from candela_engines.scorer.training.dataset import Dataset, load_dataset
from candela_engines.scorer.training.pictures import generator
from candela_engines.scorer.training.policy import taught
from candela_engines.scorer.training.ranked import RankedSettings, held_out_ranked, kept_scores
from candela_engines.scorer.training.store import Store
from candela_engines.scorer.training.versions import Study, picked

__all__ = ["Judged", "compared", "drawn", "figures", "main", "neighbours", "out_of_fold"]

RIVAL = "sft_long"
TREES, ALIKE = "trees", "trees, 13 versions"
PANELS_RIVAL = f"{RIVAL}, labels of a panel"
COMBINED = 3
EVERY_ROW_UPDATES = 2500

Values = np.ndarray


@dataclass(frozen=True, eq=False)
class Judged:
    """study: S sources of V versions. rows: (S, V) their places in the data set. fold: (S,). pairs: of every
    source (K, 2) places of the better and the worse of neighbours.
    """

    study: Study
    rows: Values
    fold: Values
    pairs: tuple[Values, ...]


def neighbours(ladder: Sequence[str], rung: Sequence[int], visible: Sequence[bool]) -> Values:
    """(K, 2) places: on each ladder the master, then the rungs whose step is seen, mildest first."""
    master = list(ladder).index("master")
    out: list[tuple[int, int]] = []
    for name in sorted({name for name in ladder if name != "master"}):
        mine = [i for i, of in enumerate(ladder) if of == name and visible[i]]
        along = [master, *sorted(mine, key=lambda place: rung[place])]
        out += itertools.pairwise(along)
    return np.array(out, np.int64).reshape(-1, 2)


def _places(meta: Mapping[str, Any], name: str) -> list[int]:
    """The variants that are judged; ValueError where there are too few."""
    notes = meta["variants"]
    both = [i for i, note in enumerate(notes) if note["kind"] == "combined" and note["parent"] == "base"]
    if len(both) < COMBINED:
        raise ValueError(f"{name}: only {len(both)} pictures with two faults")
    more = generator("combined", name).choice(both, COMBINED, replace=False)
    return [*picked(notes, name), *(int(i) for i in more)]


def drawn(data: Dataset, metas: Mapping[str, Mapping[str, Any]]) -> Judged:
    """What is judged, of the sources that have all of it. Raises ValueError where none has.

    metas: what the set says of every source, by name.
    """
    places = {
        (str(s), int(r), int(v)): row
        for row, (s, r, v) in enumerate(zip(data.source, data.reference, data.variant, strict=True))
    }
    rows = []
    for name in np.unique(data.source[data.asked]):
        try:
            wanted = _places(metas[str(name)], str(name))
        except ValueError as lacking:
            print(f"left out: {lacking}", flush=True)
            continue
        beside = np.unique(data.reference[(data.source == name) & (data.parent == "base")])
        reference = int(generator("judged", str(name)).choice(beside))
        rows.append([places[str(name), reference, variant] for variant in wanted])
    if not rows:
        raise ValueError("no source has the versions that are judged")
    at = np.array(rows)
    # What is on no ladder stands last, so that places among the others are places among all.
    single = data.kind[at] != "combined"
    kind = np.where(single, data.ladder[at], "combined")
    study = Study(data.values[at], data.score[at], kind, data.source[at[:, 0]], data.group[at[:, 0]])
    pairs = tuple(neighbours(data.ladder[r[s]], data.rung[r[s]], data.visible[r[s]])
                  for r, s in zip(at, single, strict=True))  # fmt: skip
    return Judged(study, at, data.fold[at[:, 0]], pairs)


def out_of_fold(judged: Judged, labels: Values, recipe: str, seed: int) -> Values:
    """(S, V): what the policies say of sources whose fold they were not taught on."""
    study, said = judged.study, np.full(judged.rows.shape, np.nan)
    for fold in np.unique(judged.fold):
        test = judged.fold == fold
        policy = taught(study, labels, ~test, recipe, seed=seed)
        said[test] = policy.score(study.values[test].reshape(-1, study.values.shape[2])).reshape(
            said[test].shape
        )
    return said


def every_row(data: Dataset, judged: Judged, seed: int) -> Values:
    """(S, V): the same of policies supervised on all rows of the other folds."""
    said = np.full(judged.rows.shape, np.nan)
    for fold in np.unique(judged.fold):
        teach, test = data.asked & (data.fold != fold), judged.fold == fold
        start = fresh_policy(data.values[teach], seed=seed)
        learner = Learner(start, seed=seed)
        learner.supervise(start.standardised(data.values[teach]), data.score[teach], EVERY_ROW_UPDATES)
        said[test] = learner.policy.score(data.values[judged.rows[test].ravel()]).reshape(said[test].shape)
    return said


def of_a_panel(study: Study, level: str, seed: int) -> Values:
    """(S, V) labels, scaled from the choices of one panel of simulated raters."""
    asked, out = LEVELS[level], []
    panel = draw_panel(20, adversarial=asked.adversarial, noise=asked.noise, seed=seed)
    random = np.random.default_rng([seed, 1])
    for truth, kinds in zip(study.truth, study.kind, strict=True):
        quality = np.append(truth, 0.0) / POINTS_A_JOD
        choices = simulate(quality, [*kinds.tolist(), "sdr"], panel, asked.choices, random)
        out.append(labels_of(counts_of_choices(choices, len(quality))))
    return np.stack(out)


def figures(said: Values, judged: Judged) -> dict[str, Values]:
    """By figure (S,): rank correlation, and the share of neighbours in the wrong order, NaN without any."""
    wrong = [flips(score, pairs) for score, pairs in zip(said, judged.pairs, strict=True)]
    return {
        "srocc": spearman(said, judged.study.truth),
        "flips": np.array([one.mean() if len(one) else np.nan for one in wrong]),
    }


def _spread(values: Values, groups: Values) -> Interval:
    by_group: dict[str, list[float]] = {}
    for group, value in zip(groups.tolist(), values.tolist(), strict=True):
        by_group.setdefault(group, []).append(value)
    return spread(by_group, np.nanmean)


def compared(
    runs: Mapping[str, Sequence[Mapping[str, Values]]], groups: Values, against: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """By scorer: its figures, the mean over its runs source by source, and less those of `against`."""
    mean = {
        name: {key: np.mean([run[key] for run in of], axis=0) for key in of[0]} for name, of in runs.items()
    }
    out: dict[str, dict[str, Any]] = {}
    for name, found in mean.items():
        out[name] = {"runs": len(runs[name])}
        out[name] |= {key: asdict(_spread(values, groups)) for key, values in found.items()}
        out[name]["less"] = {
            other: {key: asdict(_spread(found[key] - mean[other][key], groups)) for key in found}
            for other in against
            if other != name
        }
    return out


def _trees(data: Dataset, judged: Judged, out: Path, settings: RankedSettings) -> dict[str, Values]:
    """(S, V) of the trees on every row, and on the rows of the policy alone."""

    def told(line: str) -> None:
        print(line, flush=True)

    alike = np.zeros(len(data), bool)
    alike[judged.rows.ravel()] = True
    score = np.full(len(data), np.nan)
    score[alike] = held_out_ranked(data.only(alike), settings, told=told)
    return {
        TREES: kept_scores(out, data, settings, told=told)[judged.rows],
        ALIKE: score[judged.rows],
    }


def measure(data: Dataset, judged: Judged, out: Path, seeds: int) -> dict[str, dict[str, Any]]:
    """All scorers, compared."""
    truth = judged.study.truth
    said: dict[str, list[Values]] = {
        name: [one] for name, one in _trees(data, judged, out, RankedSettings()).items()
    }
    for recipe in (DEFAULT, RIVAL):
        said[recipe] = [out_of_fold(judged, truth, recipe, seed) for seed in range(seeds)]
        said[f"{recipe}, mean of starts"] = [np.mean(said[recipe], axis=0)]
        print(recipe, flush=True)
    labels = of_a_panel(judged.study, "published", 0)
    for recipe in (DEFAULT, RIVAL):
        said[f"{recipe}, labels of a panel"] = [out_of_fold(judged, labels, recipe, 0)]
    said["sft, every row"] = [every_row(data, judged, seed) for seed in range(seeds)]
    said["mean luminance"] = [data.luminance[judged.rows]]
    runs = {name: [figures(one, judged) for one in of] for name, of in said.items()}
    return compared(runs, judged.study.group, (TREES, ALIKE, RIVAL, PANELS_RIVAL))


def markdown(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The table that the documentation shows."""
    heads = ("SROCC per source", "flips of neighbours", "SROCC less trees", f"SROCC less {ALIKE}")
    lines = ["| scorer | " + " | ".join(heads) + " |", "|---" * (1 + len(heads)) + "|"]
    for name, row in found.items():
        less = [row["less"][other]["srocc"] if other in row["less"] else None for other in (TREES, ALIKE)]
        cells = [str(Interval(**one)) if one else "" for one in (row["srocc"], row["flips"], *less)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path, default=Path("bench/results/preference_policy.json"))
    parser.add_argument("--markdown", action="store_true", help="the table as documents have it")
    asked = parser.parse_args(arguments)
    store = Store(asked.set)
    data = load_dataset(store, estimate=True)
    judged = drawn(data, {name: store.meta(name) for name in np.unique(data.source).tolist()})
    found = measure(data, judged, asked.set, asked.seeds)
    if asked.markdown:
        print(markdown(found))
    else:
        table = Table("scorer", "SROCC", "flips of neighbours", "SROCC less trees", "flips less trees")
        for name, row in found.items():
            less = row["less"].get(TREES, {})
            cells = [row["srocc"], row["flips"], *(less.get(key) for key in ("srocc", "flips"))]
            table.add_row(name, *(str(Interval(**one)) if one else "" for one in cells))
        Console(width=150).print(table)
    result = {
        **environment(),
        "sources": len(judged.rows),
        "groups": len(set(judged.study.group.tolist())),
        "versions": judged.rows.shape[1],
        "pairs_of_neighbours": sum(len(pairs) for pairs in judged.pairs),
        "rows_of_the_trees": len(data),
        "rows_of_the_policy": judged.rows.size,
        "seeds": asked.seeds,
        "budget": asdict(Budget()),
        "trees": asdict(RankedSettings()),
        "scorers": found,
    }
    asked.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
