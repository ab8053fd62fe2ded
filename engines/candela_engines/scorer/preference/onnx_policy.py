"""The compact policy as an ONNX model by the contract of `scorer.engine`, so that it can give scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from candela_engines.errors import InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.descriptors import names
from candela_engines.scorer.engine import table_digest
from candela_engines.scorer.preference.policy import (
    BINS,
    LEAST_SPREAD,
    MIDDLE,
    MOST_SPREAD,
    UNIT,
    WIDEST,
    Policy,
)

__all__ = ["write_onnx"]

_OPSET, _IR = 17, 8


def write_onnx(policy: Policy, path: Path, *, name: str, version: str, interval: Any = None) -> None:
    """Input `descriptors` (n, D); outputs `score` (n,) and `distribution` (n, 65).

    interval: (3, K), scores with the bounds below and above, as `GradeEngine` takes them. Raises InputError
    for a policy that is not of this version's table of descriptors.
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    if policy.count != len(names()):
        raise InputError(f"a policy of {policy.count} descriptors: this version has {len(names())}")
    numbers: dict[str, Any] = {
        "centre": policy.centre, "scale": policy.scale, "low": -WIDEST, "high": WIDEST, "unit": UNIT,
        "middle": MIDDLE, "narrow": LEAST_SPREAD, "wide": MOST_SPREAD, "bins": BINS, "half": -0.5,
        "column": BINS[:, None],
    }  # fmt: skip
    numbers |= policy.weights
    made = [numpy_helper.from_array(np.asarray(v, np.float32), k) for k, v in numbers.items()]
    made += [
        numpy_helper.from_array(np.array(v, np.int64), k) for k, v in (("0", [0]), ("1", [1]), ("2", [2]))
    ]
    steps = [
        ("Sub", ["descriptors", "centre"], "apart"),
        ("Div", ["apart", "scale"], "scaled"),
        ("Clip", ["scaled", "low", "high"], "x"),
        ("MatMul", ["x", "encoder.w"], "a"),
        ("Add", ["a", "encoder.b"], "b"),
        ("Tanh", ["b"], "c"),
        ("MatMul", ["c", "projector.w"], "d"),
        ("Add", ["d", "projector.b"], "e"),
        ("Tanh", ["e"], "f"),
        ("MatMul", ["f", "head.w"], "g"),
        ("Add", ["g", "head.b"], "out"),
        ("Slice", ["out", "0", "1", "1"], "first"),
        ("Slice", ["out", "1", "2", "1"], "second"),
        ("Mul", ["first", "unit"], "h"),
        ("Add", ["h", "middle"], "mean"),
        ("Clip", ["second", "narrow", "wide"], "i"),
        ("Exp", ["i"], "spread"),
        ("Sub", ["bins", "mean"], "j"),
        ("Div", ["j", "spread"], "k"),
        ("Mul", ["k", "k"], "l"),
        ("Mul", ["l", "half"], "logits"),
        ("Softmax", ["logits"], "distribution"),
        ("MatMul", ["distribution", "column"], "m"),
        ("Squeeze", ["m", "1"], "score"),
    ]
    nodes = [
        helper.make_node(kind, into, [out], **({"axis": 1} if kind == "Softmax" else {}))
        for kind, into, out in steps
    ]
    floats = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "policy",
        [helper.make_tensor_value_info("descriptors", floats, ["n", policy.count])],
        [
            helper.make_tensor_value_info("score", floats, ["n"]),
            helper.make_tensor_value_info("distribution", floats, ["n", len(BINS)]),
        ],
        made,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
    said = {
        "candela.kind": "grade", "candela.name": name, "candela.version": version,
        "candela.descriptors": table_digest(), "candela.reference": "needed",
    }  # fmt: skip
    if interval is not None:
        said["candela.interval"] = json.dumps(np.asarray(interval, np.float64).tolist())
    helper.set_model_props(model, said)
    checker.check_model(model)
    write_atomic(path, model.SerializeToString())
