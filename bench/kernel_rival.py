"""ONNX Runtime at its best, as the native kernel's rival: two sessions of one thread each, small tiles.

`layers`: the network alone, its features ready in memory. `job`: what the kernel does from a pixel on,
features assembled in the graph, layers, base, PQ; the dequantised codes, the interpolated cell means and the
interpolated plane are ready in memory, which the kernel has to make itself. The affine parts of the features
are folded into the first layer. Powers are tried as Pow and as Exp(Log), and the faster one counts.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from candela_engines.colour import pq
from candela_engines.itm.default_model import CEILING, DefaultModel
from candela_engines.itm.domain import OFFSETS, REFERENCE_WHITE
from candela_engines.itm.guide import AXES
from candela_engines.itm.whole_frame import curve_of
from candela_engines.runtime.mlp import build_mlp

__all__ = ["job_graph", "rival"]

F32 = NDArray[np.float32]
TILES = (2048, 8192)


def _session(graph: bytes) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def rival(
    graph: bytes, pixels: dict[str, F32], fixed: dict[str, F32], out: F32, tile: int
) -> Callable[[], None]:
    """A run over all pixels (n, …) by two sessions of one thread on two threads of Python."""
    sessions = [_session(graph) for _ in range(2)]
    pool = ThreadPoolExecutor(2)
    count = len(out)

    def half(which: int) -> None:
        first, last = which * count // 2, (which + 1) * count // 2
        for i in range(first, last, tile):
            part = slice(i, min(i + tile, last))
            feed = {name: values[part] for name, values in pixels.items()}
            out[part] = sessions[which].run(None, feed | fixed)[0]

    return lambda: [*pool.map(half, (0, 1))].clear()


def layers_graph(model: DefaultModel) -> tuple[bytes, dict[str, F32]]:
    """The network alone and its weights; its input is x (n, features)."""
    layers = model.layers.layers()
    fixed = {f"w{i}": np.ascontiguousarray(w) for i, w in enumerate(layers.weights)}
    fixed |= {f"b{i}": np.ascontiguousarray(b) for i, b in enumerate(layers.biases)}
    return build_mlp(len(layers.weights) - 1), fixed


def _first_layer(model: DefaultModel) -> tuple[F32, F32]:
    """The first layer for inputs r, g, b, m', m4, m16, m64 and the plane's channels and mean as they are."""
    layers = model.layers.layers(np.float64)
    w, b = layers.weights[0], layers.biases[0].astype(np.float64)
    channels = 0 if model.plane is None else model.plane.shape[-1]
    to = np.zeros((7 + (channels + 1 if channels else 0), len(w)))  # inputs x features
    for i in range(4):
        to[i, i] = 2
        b = b - w[i]
    for i in range(3):
        to[3 + i, 4 + i], to[4 + i, 4 + i] = 4, -4
    for c in range(channels):
        to[7 + c, 7 + c] = 1 / model.spread
    if channels:
        to[7, 7 + channels], to[7 + channels, 7 + channels] = 2 / model.spread, -2 / model.spread
    return np.asarray(to @ w, np.float32), b.astype(np.float32)


def job_graph(model: DefaultModel, state: Any, *, powers: str) -> bytes:
    """ONNX bytes: rgb (n, 3) codes, around (n, 3 + plane) → PQ codes (n, 3)."""
    nodes: list[Any] = []
    constants: list[Any] = []

    def const(value: Any) -> str:
        name = f"c{len(constants)}"
        constants.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def op(kind: str, *inputs: str, **attributes: Any) -> str:
        out = f"v{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def power(x: str, exponent: float) -> str:
        if powers == "pow":
            return op("Pow", x, const(exponent))
        return op("Exp", op("Mul", op("Log", x), const(exponent)))

    def code_of(y: str) -> str:
        root = power(y, pq.M1)
        over = op("Add", op("Mul", root, const(pq.C2)), const(pq.C1))
        under = op("Add", op("Mul", root, const(pq.C3)), const(1))
        return power(op("Div", over, under), pq.M2)

    layers = model.layers.layers()
    curve = curve_of(state, model.bits)
    assert curve is not None
    first, bias = _first_layer(model)
    h = op("Concat", "rgb", op("ReduceMax", "rgb", axes=[1], keepdims=1), "around", axis=1)
    h = op("Gemm", h, const(first), const(bias))
    for w, b in zip(layers.weights[1:], layers.biases[1:], strict=True):
        h = op("Gemm", op("Relu", h), const(w), const(b))
    if model.plane is not None:
        channels = model.plane.shape[-1]
        pick = np.zeros((3 + channels + 1, 3))
        pick[3 : 3 + channels] = AXES[:channels]
        h = op("Add", h, op("MatMul", "around", const(pick)))
    if curve.kind == "srgb":
        bent = power(op("Mul", op("Add", "rgb", const(0.055)), const(1 / 1.055)), 2.4)
        straight = op("Mul", "rgb", const(1 / 12.92))
        light = op("Where", op("Less", "rgb", const(0.04045)), straight, bent)
    else:
        light = power("rgb", curve.exponent)
    light = op("MatMul", light, const(curve.matrix.T))
    top = model.ceiling / CEILING
    if model.domain == "pq":
        base = code_of(op("Mul", light, const(REFERENCE_WHITE / 10000)))
        op("Clip", op("Add", base, h), const(0), const(top))
    else:
        k = OFFSETS[model.domain]
        gain = op("Exp", op("Mul", h, const(np.log(2))))
        raised = op("Sub", op("Mul", op("Add", light, const(k)), gain), const(k))
        highest = float(pq.eotf(np.float64(top))) / REFERENCE_WHITE
        code_of(op("Mul", op("Clip", raised, const(0), const(highest)), const(REFERENCE_WHITE / 10000)))
    nodes[-1].output[0] = "y"
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])
        for name, width in (("rgb", 3), ("around", len(first) - 4))
    ]
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])
    graph = helper.make_graph(nodes, "job", values, [result], initializer=constants)
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="bench")
    built.ir_version = 8
    onnx.checker.check_model(built)
    return bytes(built.SerializeToString())
