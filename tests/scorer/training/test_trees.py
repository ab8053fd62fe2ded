"""Trees as an ONNX grade model give what a plain walk gives, to the last comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.scorer import names
from candela_engines.scorer.engine import load_engine, table_digest
from candela_engines.scorer.training.trees import Tree, below, grade_model

COUNT = len(names())
SAID = {"candela.kind": "grade", "candela.name": "made", "candela.version": "1"}


def grown(random: np.random.Generator, inner: int) -> Tree:
    """A tree of `inner` branches, each put in place of a leaf; thresholds are values that rows can have."""
    feature, threshold, left, right = [-1], [0.0], [0], [0]
    for _ in range(inner):
        leaf = int(random.choice([i for i, f in enumerate(feature) if f < 0]))
        feature[leaf], threshold[leaf] = int(random.integers(6)), float(random.integers(-3, 4) / 3)
        left[leaf], right[leaf] = len(feature), len(feature) + 1
        for column, empty in ((feature, -1), (threshold, 0.0), (left, 0), (right, 0)):
            column.extend([empty, empty])
    value = np.where(np.array(feature) < 0, random.normal(size=len(feature)), 0)
    return Tree(
        np.array(feature), np.float32(threshold), np.array(left), np.array(right), value.astype(np.float32)
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), bags=st.integers(1, 3))
def test_onnx_runtime_walks_as_we_do(seed: int, bags: int) -> None:
    import onnxruntime

    random = np.random.default_rng(seed)
    made = [(-0.9, [grown(random, int(random.integers(0, 12))) for _ in range(4)]) for _ in range(bags)]
    rows = np.zeros((64, COUNT), np.float32)
    rows[:, :6] = np.float32(random.integers(-4, 5, (64, 6)) / 3)
    roots = np.stack([base + sum(t.predict(rows) for t in trees) for base, trees in made])
    session = onnxruntime.InferenceSession(grade_model(made, COUNT, SAID), providers=["CPUExecutionProvider"])
    score, spread = session.run(["score", "spread"], {"descriptors": rows})
    root = roots.mean(0)
    np.testing.assert_allclose(score[:, 0], 10 + root * np.abs(root), atol=2e-5)
    np.testing.assert_allclose(spread[:, 0], (roots * np.abs(roots)).std(0), atol=2e-4)


@given(st.floats(-1e30, 1e30))
def test_a_rounded_threshold_parts_the_same_numbers(exact: float) -> None:
    rounded = below(exact)
    assert rounded.dtype == np.float32 and float(rounded) <= exact
    assert float(np.nextafter(rounded, np.float32(np.inf))) > exact


def test_the_engine_takes_it_and_refuses_another_table(tmp_path: Path) -> None:
    leaf = Tree(np.array([-1]), np.zeros(1, "f4"), np.zeros(1, int), np.zeros(1, int), np.zeros(1, "f4"))
    path = tmp_path / "grade.onnx"
    path.write_bytes(grade_model([(-1.0, [leaf])], COUNT, SAID | {"candela.descriptors": table_digest()}))
    engine = load_engine(path)
    assert (engine.name, engine.needs_reference) == ("made", True)
    path.write_bytes(grade_model([(-1.0, [leaf])], COUNT, SAID | {"candela.descriptors": "0" * 16}))
    with pytest.raises(Exception, match="descriptors 0000"):
        load_engine(path)
