"""One grade model less another, on a made table: nothing less itself, and a turned ladder where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from bench.scorer_versions import less
from tests.scorer.training.made import table

from candela_engines.scorer.training.dataset import Dataset


def data() -> Dataset:
    made = table()
    kind = made.kind.astype("U8")
    masters = np.flatnonzero(kind == "master")
    kind[masters[::2]] = "style"
    kind[np.flatnonzero(kind == "fault")[:3]] = "sdr"
    return replace(made, kind=kind)


def test_a_model_less_itself_is_nothing() -> None:
    made = data()
    score = 10.0 - made.rung
    found = less(made, score, score)
    assert found["rows"] == len(made)
    for key in ("srocc", "macro_1", "macro_2", "masters", "styles", "styles_p10", "sdr", "error"):
        assert found[key]["less"] == {"value": 0.0, "low": 0.0, "high": 0.0}, key


def test_a_ladder_turned_round_and_styles_lower_are_told() -> None:
    made = data()
    old = 10.0 - made.rung.astype(np.float64)
    new = np.where(made.ladder == "blur", 4.0 + made.rung, old)
    new[made.kind == "style"] -= 1.0
    found = less(made, new, old)
    assert found["macro_1"]["old"] == 0 and found["macro_1"]["new"] > 0.3
    assert found["macro_1"]["less"]["low"] > 0 and found["srocc"]["less"]["high"] < 0
    assert found["styles"] == {"new": 9.0, "old": 10.0, "less": {"value": -1.0, "low": -1.0, "high": -1.0}}
    assert found["masters"]["less"]["value"] == 0


def test_rows_that_one_did_not_score_are_left_out() -> None:
    made = data()
    score = 10.0 - made.rung
    part = np.where(made.fold == 0, np.nan, score)
    assert less(made, part, score)["rows"] == int((made.fold != 0).sum())
