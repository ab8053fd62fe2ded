"""A head of a grade model decides inside the range it knows, with measured evidence, and nowhere else."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from candela_engines.scorer import describe, names
from candela_engines.scorer.engine import GradeEngine, load_engine, table_digest
from candela_engines.scorer.evidence import evidence_of
from candela_engines.scorer.reasons_decide import DECIDED, is_told, weighed
from candela_engines.scorer.reasons_measure import amounts
from candela_engines.scorer.reasons_table import kind_of
from candela_engines.scorer.training.trees import Tree, grade_model
from candela_engines.scorer.verdict import judge

from .ladders import noise

Pair = tuple[np.ndarray, np.ndarray]


@pytest.mark.parametrize("name", sorted(DECIDED))
def test_a_head_lowers_what_is_needed_and_cannot_hide_what_is_proven(name: str) -> None:
    kind = kind_of(name)
    assert is_told(kind, kind.least, None) and not is_told(kind, 0.9 * kind.least, None)
    assert is_told(kind, 0.3 * kind.least, 0.9) and not is_told(kind, 2.9 * kind.least, 0.1)
    assert is_told(kind, 3 * kind.least, 0.0), "proven"
    assert not is_told(kind, 0.2 * kind.least, 1.0), "no evidence"
    assert not is_told(kind, math.nan, 1.0)


@pytest.mark.parametrize("name", ["exposure", "white_balance", "blacks_lifted", "tones_reversed"])
def test_other_kinds_are_told_by_what_is_measured(name: str) -> None:
    kind = kind_of(name)
    for chance in (None, 0.0, 1.0):
        assert is_told(kind, kind.least, chance) and not is_told(kind, 0.9 * kind.least, chance)


@pytest.mark.parametrize("peak", [300.0, 500.0, 1000.0])
def test_a_clip_at_the_end_of_the_form_weighs_a_tenth_wherever_it_ends(evening: Pair, peak: float) -> None:
    grade, sdr = evening
    described = evidence_of(np.minimum(2 * grade, np.float32(peak)), sdr, threads=1).description
    size = amounts(described)["highlights_clipped"]
    below, at_end = (weighed("highlights_clipped", size, described, end) for end in (4000.0, peak))
    assert below > 0 and at_end == pytest.approx(below / 10)


def engine(path: Path, low: np.ndarray, high: np.ndarray) -> GradeEngine:
    """A model whose head takes noise to be nowhere, taught on the range given."""
    leaf = Tree(
        np.array([-1]),
        np.zeros(1, np.float32),
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
        np.zeros(1, np.float32),
    )
    said = {
        "candela.kind": "grade",
        "candela.descriptors": table_digest(),
        "candela.most_outside": str(len(names())),
    }
    path.write_bytes(
        grade_model([(-1.0, [leaf])], len(names()), said, faults={"noise": (-6.0, [leaf])}, known=(low, high))
    )
    return load_engine(path)


def test_beyond_what_it_was_taught_on_the_amount_decides_alone(tmp_path: Path, evening: Pair) -> None:
    grade, sdr = evening
    faulty = noise(grade, 1.5)
    values = describe(faulty, sdr, threads=1).values
    evidence = evidence_of(faulty, sdr, threads=1)
    kind, amount = kind_of("noise"), evidence["pair.detail.noise_added"]
    assert kind.least < amount < 3 * kind.least

    def kinds(model: GradeEngine) -> set[str]:
        return {r.kind for r in judge(evidence, model).reasons if r.reason_class == "violation"}

    inside = engine(tmp_path / "inside.onnx", values - 1, values + 1)
    assert "noise" not in kinds(inside)
    low = values - 1
    low[3] += 2
    outside = engine(tmp_path / "outside.onnx", low, values + 3)
    assert "noise" in kinds(outside)
    told = next(r for r in judge(evidence, outside).reasons if r.kind == "noise")
    assert told.confidence > 0.9, "of the amount, not of a head that does not know such pictures"
