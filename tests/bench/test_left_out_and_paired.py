"""A ladder that is left out of training, and a score less that of the trees, on a made table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bench.dual import less_the_trees
from bench.scorer_order import left_out
from tests.scorer.training.made import table

from candela_engines.scorer.training.dataset import Dataset
from candela_engines.scorer.training.ranked import RankedSettings


def test_a_score_less_itself_is_nothing_and_a_ladder_turned_round_is_all_its_pairs() -> None:
    data = table()
    everything = np.ones(len(data), bool)
    trees = 10.0 - data.rung
    same = less_the_trees(data, trees, trees, everything)
    for key in ("srocc", "macro_1", "macro_2"):
        assert same[key] == {"value": 0, "low": 0, "high": 0}
    turned = np.where(data.ladder == "blur", 10.0 + data.rung, trees)
    found = less_the_trees(data, turned, trees, everything)
    assert found["ladders"]["blur"]["value"] == 1 and found["ladders"]["hue"]["value"] == 0
    assert found["macro_1"] == {"value": 0.5, "low": 0.5, "high": 0.5}, "in every draw alike"
    assert found["srocc"]["high"] < 0


def test_a_ladder_that_was_never_taught_is_judged_by_the_model_without_it() -> None:
    """Column 0 alone tells the blur: without that ladder its rungs are in no order, the hues still are."""
    pytest.importorskip("lightgbm")
    data = table()
    settings = RankedSettings(trees=30, bags=1)
    found = left_out(data, settings, "ladder", 1, lambda _: None)
    assert set(found) == {"blur", "hue", "every ladder"}
    for name in ("blur", "hue"):
        assert set(found[name]["ladders"]) == {name}
        assert found[name]["macro_1"]["value"] > 0.2
        assert found[name]["srocc_all"]["value"] > found["every ladder"]["srocc"]["value"]


def test_with_a_ladder_go_the_combinations_that_it_is_part_of(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table()
    last = (data.ladder == "hue") & (data.rung == 5)
    data = replace(
        data,
        kind=np.where(last, "combined", data.kind),
        ladder=np.where(last, "hue+blur", data.ladder),
        components=tuple(("base/hue/5", "base/blur/5") if one else () for one in last),
    )
    taught = {}

    def instead(data: Dataset, settings: RankedSettings, *, train: np.ndarray, **_: object) -> np.ndarray:
        taught[len(taught)] = train
        return 10.0 - data.rung

    monkeypatch.setattr("bench.scorer_order.held_out_ranked", instead)
    found = left_out(data, RankedSettings(), "ladder", 5, lambda _: None)
    assert list(found) == ["blur", "hue", "every ladder"]
    for number, name in enumerate(("blur", "hue")):
        assert not taught[number][(data.ladder == name) | last].any()
        assert taught[number][(data.ladder != name) & ~last].all()
    assert found["every ladder"]["srocc"]["value"] == pytest.approx(1)
