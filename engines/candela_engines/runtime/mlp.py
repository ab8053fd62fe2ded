"""The default network: on the native kernel where it is built, else on ONNX Runtime.

There its weights are graph inputs, so that one session serves every picture.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError
from candela_engines.native import native
from candela_engines.runtime.graph import IR_VERSION, OPSET

__all__ = ["TILE", "build_mlp", "run_mlp", "run_onnx", "session"]

TILE = 16384  # pixels a call: activations of 48 units stay within a second-level cache

F32 = npt.NDArray[np.float32]


def build_mlp(depth: int) -> bytes:
    """ONNX bytes of `depth` ReLU layers and a linear one; inputs x, w0, b0, w1, b1, …; output y."""
    from onnx import TensorProto, checker, helper

    value = functools.partial(helper.make_tensor_value_info, elem_type=TensorProto.FLOAT)
    inputs = [value("x", shape=["n", "c0"])]
    nodes = []
    last = "x"
    for i in range(depth + 1):
        inputs += [value(f"w{i}", shape=[f"c{i}", f"c{i + 1}"]), value(f"b{i}", shape=[f"c{i + 1}"])]
        linear = "y" if i == depth else f"h{i}"
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [linear], name=f"layer{i}"))
        if i < depth:
            nodes.append(helper.make_node("Relu", [linear], [f"a{i}"]))
            last = f"a{i}"
    graph = helper.make_graph(
        nodes, f"candela_mlp_{depth}", inputs, [value("y", shape=["n", f"c{depth + 1}"])]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="candela")
    model.ir_version = IR_VERSION
    checker.check_model(model)
    return bytes(model.SerializeToString())


@functools.cache
def session(depth: int) -> Any:
    """The session for a depth, made once a process. InfrastructureError where the runtime does not start."""
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise InfrastructureError("ONNX Runtime is missing: pip install candela-hdr brings it") from error
    options = ort.SessionOptions()
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(build_mlp(depth), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the binding raises classes of its own
        raise InfrastructureError(f"ONNX Runtime did not start: {error}") from error


def run_mlp(features: F32, weights: list[F32], biases: list[F32]) -> F32:
    """Outputs (n, outputs) float32 for features (n, inputs) float32, on the best engine there is."""
    library = native()
    if library is None:
        return run_onnx(features, weights, biases)
    outputs: F32 = library.evaluate(
        np.ascontiguousarray(features, np.float32),
        [np.ascontiguousarray(w, np.float32) for w in weights],
        [np.ascontiguousarray(b, np.float32) for b in biases],
    )
    return outputs


def run_onnx(features: F32, weights: list[F32], biases: list[F32]) -> F32:
    """As `run_mlp`, on ONNX Runtime, in tiles."""
    run = session(len(weights) - 1).run
    feed = {f"w{i}": np.ascontiguousarray(w) for i, w in enumerate(weights)}
    feed |= {f"b{i}": np.ascontiguousarray(b) for i, b in enumerate(biases)}
    out = np.empty((len(features), weights[-1].shape[1]), np.float32)
    for start in range(0, len(features), TILE):
        part = np.ascontiguousarray(features[start : start + TILE])
        out[start : start + TILE] = run(["y"], {"x": part, **feed})[0]
    return out
