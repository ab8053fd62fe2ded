"""Figures of PU-VTAMIQ-S beside plain metrics: on pairs made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bench.pu_vtamiq import differences, kept_step, main, neighbours, summary, thinned

from candela_engines.scorer.training.pu_vtamiq.pairs import Pairs


def pairs(name: str, group: str) -> Pairs:
    """A master and four rungs, a JOD apart; nobody looks at the pictures."""
    codes = np.zeros((5, 16, 16, 3), np.uint16)
    rungs = np.arange(5)
    return Pairs(
        name, group, codes, codes, rungs, np.zeros(5, np.int64), rungs.astype(np.float32), ("l",) * 5, rungs
    )


def test_neighbours_are_rungs_without_the_master() -> None:
    assert neighbours(pairs("a", "a")) == [(1, 2), (2, 3), (3, 4)]


def test_a_swap_by_hand() -> None:
    """Of one source the middle two are swapped: Spearman 1 − 6·2/(5·24), one flip of six."""
    ordered, swapped = np.arange(5.0), np.array([0.0, 1.0, 3.0, 2.0, 4.0])
    found = summary([pairs("a", "a"), pairs("b", "b")], [ordered, swapped])
    assert found["by_source"] == {"a": 1.0, "b": pytest.approx(0.9)}
    assert found["srocc"][0] == pytest.approx(0.95) and found["flips"][0] == pytest.approx(1 / 6, abs=1e-4)
    assert found["rows"] == 10


def test_thinned_keeps_whole_ladders() -> None:
    ladders = ("a", "a", "b", "c", "c")
    kept = thinned(replace(pairs("s", "s"), ladders=ladders), 2)
    assert kept.ladders == ("a", "a", "c", "c") and kept.rows.tolist() == [0, 1, 3, 4]
    assert kept.loss.tolist() == [0, 1, 3, 4] and kept.tests.shape[0] == 5


def test_differences_are_of_the_same_sources() -> None:
    """Sources that lie apart more than two metrics do: their intervals overlap, the difference has none."""
    values = {f"s{n}": 0.5 + 0.04 * n for n in range(8)}
    group_of = {name: name for name in values}
    metrics = {
        "worse": {"srocc": [0.64], "by_source": values},
        "better": {"srocc": [0.69], "by_source": {name: value + 0.05 for name, value in values.items()}},
    }
    found = differences(metrics, group_of)
    assert list(found) == ["better"]
    assert found["better"]["worse"] == pytest.approx([0.05, 0.05, 0.05])


LOG = "".join(
    json.dumps({"step": s, "validation_mae": e}) + "\n" for s, e in ((1, 0.5), (2, 0.3), (3, 0.3), (4, 0.4))
)


def test_what_was_trained_is_the_step_that_was_kept() -> None:
    """Weights are replaced where the error falls, so that the first of two alike is kept."""
    assert kept_step(LOG) == {"step": 2, "validation_mae": 0.3, "stopped_at": 4}


def test_logs_alone_leave_the_figures(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "log.jsonl").write_text(LOG, "utf-8")
    out = tmp_path / "out.json"
    before = {
        "commit": "c",
        "trained": {"one": {"step": 4}, "two": {"step": 9}},
        "metrics": {"one": {"plcc": 0.5}},
    }
    out.write_text(json.dumps(before), "utf-8")
    main([str(tmp_path), str(tmp_path / "one"), "--logs", "--out", str(out)])
    after = json.loads(out.read_text("utf-8"))
    assert after["trained"] == {"one": kept_step(LOG), "two": {"step": 9}}
    assert {**after, "trained": before["trained"]} == before
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "log.jsonl").write_text(LOG, "utf-8")
    with pytest.raises(SystemExit, match="two"):
        main([str(tmp_path), str(tmp_path / "two"), "--logs", "--out", str(out)])
