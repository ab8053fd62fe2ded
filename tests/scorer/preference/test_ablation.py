"""The ablation on a made study: paired, resumable, its intervals and its winner."""

from __future__ import annotations

import numpy as np
import pytest
from bench import preference_ablation as ablation

from candela_engines.scorer.preference.recipes import Budget
from candela_engines.scorer.training.versions import Study


def _study() -> Study:
    random = np.random.default_rng(0)
    values = random.normal(0, 1, (6, 5, 4)).astype(np.float32)
    truth = np.clip(3 + 3 * values[..., 0].astype(np.float64), -6, 10)
    names = np.array([f"s{i}" for i in range(6)])
    return Study(values, truth, np.full((6, 5), "crush"), names, np.array(["a", "a", "b", "c", "d", "e"]))


def test_a_seed_is_the_same_twice_and_goes_on():
    level, budget, recipes = ablation.Level(40, 2), Budget(5, 2, 2), ["sft", "sft_long", "both"]
    kept = []
    whole = ablation.one_seed(
        _study(), level, 3, recipes, budget, keep=lambda found: kept.append(dict(found))
    )
    assert [len(found) for found in kept] == [1, 2, 3, 5]
    assert ablation.one_seed(_study(), level, 3, recipes, budget, done=kept[1]) == whole
    assert ablation.one_seed(_study(), level, 3, recipes, budget) == whole
    assert ablation.one_seed(_study(), level, 4, recipes, budget) != whole
    assert whole["labels themselves"]["srocc_noisy"] == 1


def test_adversaries_make_labels_worse_and_halves_disagree():
    found = [ablation.one_seed(_study(), ablation.Level(400, bad), 0, [], Budget(1, 1, 1)) for bad in (0, 9)]
    assert found[0]["labels themselves"]["srocc"] > 0.8
    assert found[0]["labels themselves"]["srocc"] > found[1]["labels themselves"]["srocc"]
    assert found[0]["split half"]["srocc_noisy"] > found[1]["split half"]["srocc_noisy"]


def test_intervals_are_of_the_differences_of_pairs():
    runs = [
        {"sft_long": {"srocc": s, "plcc": s}, "both": {"srocc": s + 0.01, "plcc": s}} for s in (0.1, 0.5, 0.9)
    ]
    rows = ablation.summary(runs)
    low, high = rows["both"]["srocc"][1:]
    assert high - low > 0.3
    assert rows["both"]["srocc_gain"] == pytest.approx((0.01, 0.01, 0.01))
    assert rows["sft_long"]["plcc_gain"] == (0, 0, 0)
    assert ablation.winner(rows) == "both"
    halved = [{r: {k: v / 2 for k, v in of.items()} for r, of in run.items()} for run in runs]
    mean = ablation.over_levels([runs, halved])
    assert mean[1]["both"]["srocc"] == pytest.approx(0.51 * 0.75)


def test_labels_are_points_beside_the_sdr_reference():
    # Everybody prefers the first to the reference nine times of ten, the second one of ten.
    wins = np.array([[0, 45, 9], [5, 0, 1], [1, 9, 0]], float)
    labels = ablation.labels_of(wins)
    assert labels[0] > 0 > labels[1]
    assert labels[0] == pytest.approx(-labels[1], rel=0.35)
