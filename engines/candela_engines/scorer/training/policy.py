"""Teach the compact policy on a study, and write it as an ONNX grade model.

    python -m candela_engines.scorer.training.policy STUDY OUT [--recipe NAME] [--labels FILE.json]

STUDY: what `versions` made. Labels are the study's own, the simulated scale; or FILE.json holds, by source,
thirteen numbers from −6 to 10, as from a formal test that was scaled. A third of the groups of sources is
held out to measure, and to tell between what bounds nine of ten of their labels lie.

OUT/policy.npz, OUT/policy.onnx; OUT/NAME.state.npz after every fifty updates: the same command goes on from
it and ends in the same numbers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.scorer.alignment import spearman
from candela_engines.scorer.preference.learn import Group, Learner
from candela_engines.scorer.preference.onnx_policy import write_onnx
from candela_engines.scorer.preference.policy import Policy, fresh_policy
from candela_engines.scorer.preference.recipes import DEFAULT, RECIPES, Budget, supervised, train
from candela_engines.scorer.training.versions import Study, load_study

__all__ = ["held_out", "interval_of", "main", "taught"]

Floats = npt.NDArray[np.float64]


def held_out(groups: npt.NDArray[np.str_], seed: int) -> npt.NDArray[np.bool_]:
    """(S,) bool: about a third of the sources, whole groups of near-siblings."""
    random = np.random.default_rng([seed, 2])
    out = np.zeros(len(groups), bool)
    for group in random.permutation(np.unique(groups)):
        if out.sum() >= len(groups) / 3:
            break
        out |= groups == group
    return out


def taught(
    study: Study,
    labels: Floats,
    rows: npt.NDArray[np.bool_],
    recipe: str,
    *,
    seed: int,
    state: Path | None = None,
) -> Policy:
    """A policy of the sources `rows` (S,) and labels (S, V). state: file to go on from."""
    width = study.values.shape[2]
    start = fresh_policy(study.values[rows].reshape(-1, width), seed=seed)
    groups = [Group(start.standardised(study.values[i]), labels[i]) for i in np.flatnonzero(rows)]
    begun: Learner | None = None
    if RECIPES[recipe].supervised:
        begun = (
            Learner.load(state)
            if state is not None and state.is_file()
            else supervised(start, groups, seed=seed)
        )
        if state is not None:
            begun.save(state)
            begun.checkpoint = lambda learner: learner.save(state)
    return train(recipe, start, groups, seed=seed, budget=Budget(), begun=begun)


def interval_of(said: Floats, labels: Floats, *, least: int = 20) -> Floats | None:
    """(3, K): scores, 5th and 95th percentile of the labels of predictions near them; None of too few."""
    if said.size < 2 * least:
        return None
    order = np.argsort(said.ravel())
    parts = np.array_split(order, max(2, said.size // least))
    at = [(said.ravel()[p].mean(), *np.percentile(labels.ravel()[p], [5, 95])) for p in parts]
    return np.array(at).T


def _labels(path: Path | None, study: Study) -> Floats:
    if path is None:
        return study.truth
    try:
        given = json.loads(path.read_text("utf-8"))
        found = np.array([given[name] for name in study.source.tolist()], np.float64)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path.name}: no labels of these sources ({type(error).__name__} {error})"
        ) from error
    if found.shape != study.truth.shape or not np.isfinite(found).all() or np.abs(found - 2).max() > 8:
        raise InputError(
            f"{path.name}: labels {found.shape}: {study.truth.shape} numbers from -6 to 10 are needed"
        )
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Teach, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("study", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--recipe", default=DEFAULT, choices=sorted(RECIPES))
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    study = load_study(asked.study)
    labels = _labels(asked.labels, study)
    test = held_out(study.group, asked.seed)
    asked.out.mkdir(parents=True, exist_ok=True)
    state = asked.out / f"{asked.recipe}.state.npz"
    policy = taught(study, labels, ~test, asked.recipe, seed=asked.seed, state=state)
    said = policy.score(study.values[test].reshape(-1, study.values.shape[2])).reshape(labels[test].shape)
    order = float(spearman(said, labels[test]).mean())
    print(
        f"{asked.recipe}: SROCC {order:.3f} per source on {int(test.sum())} sources held out of {len(test)}"
    )
    policy.save(asked.out / "policy.npz")
    near = interval_of(said, labels[test])
    write_onnx(policy, asked.out / "policy.onnx", name=f"policy {asked.recipe}", version="1", interval=near)


if __name__ == "__main__":
    main()
