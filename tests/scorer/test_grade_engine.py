"""The grade head: boosted trees as ONNX give a score; without one there is none, and nothing is made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from candela_engines.errors import InfrastructureError
from candela_engines.scorer import describe, names
from candela_engines.scorer.compare import compare_frames
from candela_engines.scorer.engine import GradeEngine, load_engine, table_digest
from candela_engines.scorer.evidence import evidence_of
from candela_engines.scorer.verdict import judge, pool

from .ladders import noise

NOISE = names().index("pair.detail.noise_added")


def model(
    path: Path, *, high: float = 9.0, low: float = 3.0, count: int | None = None, **metadata: str
) -> Path:
    """One tree: `low` where more than one PU21 unit of noise was added, else `high`."""
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["descriptors"],
        ["score"],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=[0, 0, 0],
        nodes_nodeids=[0, 1, 2],
        nodes_featureids=[NOISE, 0, 0],
        nodes_values=[1.0, 0.0, 0.0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_truenodeids=[1, 0, 0],
        nodes_falsenodeids=[2, 0, 0],
        target_treeids=[0, 0],
        target_nodeids=[1, 2],
        target_ids=[0, 0],
        target_weights=[high, low],
    )
    graph = helper.make_graph(
        [node],
        "grade",
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, [None, count or len(names())])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    said = {
        "candela.kind": "grade",
        "candela.name": "trees",
        "candela.version": "7",
        "candela.descriptors": table_digest(),
        **{f"candela.{key}": value for key, value in metadata.items()},
    }
    helper.set_model_props(made, said)
    onnx.save(made, path)
    return path


@pytest.fixture
def engine(tmp_path: Path) -> GradeEngine:
    return load_engine(model(tmp_path / "grade.onnx"))


def test_trees_tell_the_noisy_grade(engine: GradeEngine, evening: tuple[np.ndarray, np.ndarray]) -> None:
    grade, sdr = evening
    assert (engine.name, engine.version, engine.needs_reference) == ("trees", "7", True)
    assert engine.score(describe(grade, sdr, threads=1), with_reference=True) == 9.0
    clean, bad = (
        judge(evidence_of(g, sdr, threads=1), engine, number=n) for n, g in ((1, grade), (2, noise(grade, 4)))
    )
    assert (clean.score, bad.score, bad.no_score) == (9.0, 3.0, None)
    shot = pool(1, 2, [clean, bad])
    assert shot.score == 6.0 and shot.worst == 2
    assert [(r.kind, frames) for r, frames in shot.reasons if r.reason_class == "violation"] == [
        ("noise", (2,))
    ]
    found = compare_frames(
        clean, bad, evidence_of(grade, sdr, threads=1), evidence_of(noise(grade, 4), sdr, threads=1)
    )
    assert found.better == "first" and found.score_difference == 6.0


def test_a_gap_that_means_nothing_decides_nothing(
    tmp_path: Path, evening: tuple[np.ndarray, np.ndarray]
) -> None:
    grade, sdr = evening
    close = load_engine(model(tmp_path / "grade.onnx", high=9.0, low=8.9))
    a, b = evidence_of(grade, sdr, threads=1), evidence_of(noise(grade, 4), sdr, threads=1)
    found = compare_frames(judge(a, close), judge(b, close), a, b)
    assert found.better == "undecided" and "less than the 0.25" in found.why[0]


def test_scores_stay_on_their_scale(tmp_path: Path, evening: tuple[np.ndarray, np.ndarray]) -> None:
    far = load_engine(model(tmp_path / "grade.onnx", high=42.0))
    assert far.score(describe(*evening, threads=1), with_reference=True) == 10.0


def test_no_score_without_what_it_needs(engine: GradeEngine, evening: tuple[np.ndarray, np.ndarray]) -> None:
    grade, sdr = evening
    alone = judge(evidence_of(grade, threads=1), engine)
    assert alone.score is None and alone.no_score == "no score: the grade model needs the SDR reference"
    assert judge(evidence_of(grade, sdr, threads=1), None).no_score == "no score: no grade model is installed"
    flat = np.full_like(grade, 50)
    assert judge(evidence_of(flat, sdr, threads=1), engine).score is None
    small = judge(evidence_of(np.ascontiguousarray(grade[:40, :40]), None, threads=1), engine)
    assert small.score is None and "too few" in (small.no_score or "")


def test_a_model_of_the_first_descriptors_is_given_those(
    tmp_path: Path, evening: tuple[np.ndarray, np.ndarray]
) -> None:
    """A table is only ever continued: what was trained before it grew goes on judging."""
    count = NOISE + 5
    path = model(tmp_path / "grade.onnx", count=count, descriptors=table_digest(names()[:count]))
    older = load_engine(path)
    assert older.table == names()[:count] and str(count) in older.to_json()["inputs"]
    assert older.score(describe(*evening, threads=1), with_reference=True) == 9.0
    with pytest.raises(InfrastructureError, match="descriptors"):
        load_engine(model(tmp_path / "other.onnx", count=count))


@pytest.mark.parametrize("metadata", [{"kind": "picture"}, {"descriptors": "0" * 16}])
def test_another_model_is_refused(tmp_path: Path, metadata: dict[str, str]) -> None:
    with pytest.raises(InfrastructureError, match=r"no grade model|descriptors 0000"):
        load_engine(model(tmp_path / "grade.onnx", **metadata))


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grade.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(InfrastructureError, match="cannot be read"):
        load_engine(path)
