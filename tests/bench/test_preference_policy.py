"""The policy beside the trees: what is judged, what each fold sees, and the arithmetic of differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bench import preference_policy as p

from candela_engines.scorer.training.versions import Study


def _judged(groups: str = "abcd", versions: int = 4) -> p.Judged:
    count = len(groups)
    random = np.random.default_rng(0)
    truth = np.tile(np.array([10.0, 8, 5, 1])[:versions], (count, 1))
    study = Study(
        random.normal(0, 1, (count, versions, 3)).astype(np.float32),
        truth,
        np.full((count, versions), "blur"),
        np.array([f"s{i}" for i in range(count)]),
        np.array(list(groups)),
    )
    rows = np.arange(count * versions).reshape(count, versions)
    fold = np.array([sorted(set(groups)).index(group) % 2 for group in groups])
    along = np.array([[0, 1], [1, 2], [2, 3]])
    return p.Judged(study, rows, fold, (along,) * count)


def test_neighbours_are_the_rungs_beside_each_other_that_are_seen():
    ladder = ["hue", "master", "blur", "blur", "hue", "blur"]
    rung = [3, 0, 4, 2, 1, 5]
    seen = [True, True, True, True, True, False]
    # Blur: the master, rung 2, rung 4, its rung 5 is not seen; hue: the master, rung 1, rung 3.
    assert p.neighbours(ladder, rung, seen).tolist() == [[1, 3], [3, 2], [1, 4], [4, 0]]
    assert p.neighbours(["master", "hue"], [0, 1], [True, False]).shape == (0, 2)


def test_figures_of_a_right_a_reversed_and_a_half_right_score():
    judged = _judged("abc")
    said = np.array([[4.0, 3, 2, 1], [1, 2, 3, 4], [3, 3, 1, 2]])
    found = p.figures(said, judged)
    # Third: ranks 3.5, 3.5, 1, 2 beside 4, 3, 2, 1; a tie, one right, one wrong of three pairs.
    assert found["srocc"] == pytest.approx([1, -1, 0.7378648])
    assert found["flips"] == pytest.approx([0, 1, 0.5])
    none = p.Judged(judged.study, judged.rows, judged.fold, (np.zeros((0, 2), np.int64),) * 3)
    assert np.isnan(p.figures(said, none)["flips"]).all()


def test_differences_are_paired_by_source_and_drawn_by_group():
    groups = np.array(["a", "a", "b", "c"])
    hard = np.array([0.1, 0.2, 0.9, 0.5])
    nan = np.array([0.5, np.nan, 0.5, 0.5])
    runs = {
        "trees": [{"srocc": hard, "flips": nan}],
        "policy": [{"srocc": hard - 0.1, "flips": nan}, {"srocc": hard - 0.3, "flips": nan}],
    }
    found = p.compared(runs, groups, ["trees"])
    assert found["trees"]["less"] == {} and found["policy"]["runs"] == 2
    assert found["trees"]["srocc"]["value"] == pytest.approx(0.425)
    assert found["trees"]["srocc"]["high"] - found["trees"]["srocc"]["low"] > 0.3
    less = found["policy"]["less"]["trees"]["srocc"]
    assert [less[key] for key in ("value", "low", "high")] == pytest.approx([-0.2] * 3)
    assert found["policy"]["flips"]["value"] == 0.5, "a source without pairs counts for nothing"
    # Group a has both sources with nothing to gain: whole groups are drawn, so that all may be a's.
    runs["policy"] = [{"srocc": hard - np.array([0, 0, 0.3, 0.3]), "flips": nan}]
    less = p.compared(runs, groups, ["trees"])["policy"]["less"]["trees"]["srocc"]
    assert less["value"] == pytest.approx(-0.15)
    assert (less["low"], less["high"]) == pytest.approx((-0.3, 0))


def test_no_policy_is_asked_of_a_source_whose_group_it_was_taught_on(monkeypatch: pytest.MonkeyPatch):
    judged = _judged("aabcd")
    asked: list[tuple[set[str], float]] = []

    class Constant:
        def __init__(self, value: float) -> None:
            self.value = value

        def score(self, values: Any) -> np.ndarray:
            return np.full(len(values), self.value)

    def taught(study: Study, labels: Any, rows: np.ndarray, recipe: str, *, seed: int) -> Constant:
        asked.append((set(study.group[rows].tolist()), float(len(asked))))
        return Constant(asked[-1][1])

    monkeypatch.setattr(p, "taught", taught)
    said = p.out_of_fold(judged, judged.study.truth, "sft_long", 0)
    assert np.isfinite(said).all() and len(asked) == 2
    for group, row in zip(judged.study.group.tolist(), said, strict=True):
        seen, value = asked[int(row[0])]
        assert (row == value).all() and group not in seen
