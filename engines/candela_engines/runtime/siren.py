"""Sine networks on ONNX Runtime, their weights as graph inputs: one session serves every picture."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError
from candela_engines.runtime.graph import IR_VERSION, OPSET

__all__ = ["TILE", "build_sine_mlp", "build_siren", "run_sine_mlp", "run_siren"]

TILE = 8192  # pixels a call: the activations stay within a second-level cache

F32 = npt.NDArray[np.float32]


def _layer(helper: Any, name: str, source: str, target: str, *, sine: bool) -> list[Any]:
    linear = f"{name}.linear" if sine else target
    nodes = [helper.make_node("Gemm", [source, f"{name}.w", f"{name}.b"], [linear], name=name)]
    if sine:
        nodes.append(helper.make_node("Sin", [linear], [target]))
    return nodes


def _model(inputs: dict[str, list[str | int]], nodes: list[Any], name: str) -> bytes:
    from onnx import TensorProto, checker, helper

    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in inputs.items()]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", "outputs"])
    graph = helper.make_graph(nodes, name, values, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="candela")
    model.ir_version = IR_VERSION
    checker.check_model(model)
    return bytes(model.SerializeToString())


def build_siren() -> bytes:
    """ONNX bytes of the published SIREN: inputs colour (n, 3), place (n, 2), and w, b of its six layers."""
    from onnx import helper

    inputs: dict[str, list[str | int]] = {"colour": ["n", 3], "place": ["n", 2]}
    nodes: list[Any] = []
    for branch in ("colour", "place"):
        nodes += _layer(helper, f"{branch}0", branch, f"{branch}.h0", sine=True)
        nodes += _layer(helper, f"{branch}1", f"{branch}.h0", f"{branch}.h1", sine=True)
    nodes.append(helper.make_node("Concat", ["colour.h1", "place.h1"], ["both"], axis=1))
    nodes += _layer(helper, "fuse", "both", "fuse.h", sine=True)
    nodes += _layer(helper, "last", "fuse.h", "y", sine=False)
    for layer in ("colour0", "colour1", "place0", "place1", "fuse", "last"):
        inputs |= {f"{layer}.w": [f"{layer}.i", f"{layer}.o"], f"{layer}.b": [f"{layer}.o"]}
    return _model(inputs, nodes, "candela_siren")


def build_sine_mlp(depth: int) -> bytes:
    """ONNX bytes of `depth` sine layers and a linear one, without biases; inputs x, 0.w, 1.w, …"""
    from onnx import helper

    inputs: dict[str, list[str | int]] = {"x": ["n", "c0"]}
    nodes = []
    last = "x"
    for i in range(depth + 1):
        inputs[f"{i}.w"] = [f"c{i}", f"c{i + 1}"]
        linear = "y" if i == depth else f"z{i}"
        nodes.append(helper.make_node("MatMul", [last, f"{i}.w"], [linear]))
        if i < depth:
            nodes.append(helper.make_node("Sin", [linear], [f"h{i}"]))
            last = f"h{i}"
    return _model(inputs, nodes, f"candela_sine_mlp_{depth}")


@functools.cache
def _session(depth: int | None) -> Any:
    """The session of the SIREN (None) or of a sine network of a depth, made once a process."""
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise InfrastructureError("ONNX Runtime is missing: pip install candela-hdr brings it") from error
    options = ort.SessionOptions()
    options.log_severity_level = 3
    graph = build_siren() if depth is None else build_sine_mlp(depth)
    try:
        return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the binding raises classes of its own
        raise InfrastructureError(f"ONNX Runtime did not start: {error}") from error


def _tiled(depth: int | None, pixels: Mapping[str, F32], weights: Mapping[str, F32], outputs: int) -> F32:
    run = _session(depth).run
    fixed = {name: np.ascontiguousarray(w, np.float32) for name, w in weights.items()}
    count = len(next(iter(pixels.values())))
    out = np.empty((count, outputs), np.float32)
    for start in range(0, count, TILE):
        part = {name: np.ascontiguousarray(v[start : start + TILE]) for name, v in pixels.items()}
        out[start : start + TILE] = run(["y"], part | fixed)[0]
    return out


def run_siren(colour: F32, place: F32, weights: Mapping[str, F32]) -> F32:
    """Outputs (n, 3) float32 for colour (n, 3) and place (n, 2), in tiles.

    weights: `<layer>.w` (inputs, outputs) and `<layer>.b`, with the sines' factor of 30 already in them.
    """
    return _tiled(None, {"colour": colour, "place": place}, weights, weights["last.b"].shape[0])


def run_sine_mlp(features: F32, weights: list[F32]) -> F32:
    """Outputs (n, outputs) float32 for features (n, inputs), in tiles."""
    named = {f"{i}.w": w for i, w in enumerate(weights)}
    return _tiled(len(weights) - 1, {"x": features}, named, weights[-1].shape[1])
