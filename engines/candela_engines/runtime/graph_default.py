"""The default network as one ONNX graph: a strip of SDR codes in, HDR out, all numbers of a payload inputs.

One session serves every picture: layers, plane, curve of the SDR, domain and ceiling are inputs, widths and
sizes are free. What a payload's network has less than the graph is made up for without changing a result
(candela_engines.itm.engine_feed): layers by identities between ReLUs, the plane by zeros.

x = r, g, b, m', m4, m16, m64, q0, q1, q2, p16: the features of the network are affine in them, and the first
layer holds that. q is the plane in the axes of the output, p16 the mean of its first channel.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from candela_engines.runtime.graph import Graph, Tensor
from candela_engines.runtime.graph_pq import code_of, nits_of

__all__ = ["INPUTS", "Encoding", "build_default", "default_inputs", "default_output"]

Encoding = Literal["pq", "nits"]
INPUTS = 11  # length of x
GRIDS = ("mean4", "mean16", "mean64", "plane_mean")


def default_inputs(depth: int) -> tuple[Tensor, ...]:
    """Inputs of the graph with `depth` hidden layers.

    codes: rows and columns of a strip over full scale, with one more on every side (the picture's edge
    repeats). undo: eighths of the dequantiser's step over 8, one code over full scale. curve: scale, offset,
    exponent, and of sRGB's formula the lift, the threshold (−1: none) and the slope. matrix: linear RGB to
    BT.2020, for rows of RGB. mean…: nodes of the cell means; grid_rows, grid_columns: where on each of the
    four grids a row or column of pixels reads, 0 being the first node. plane: nodes; plane_rows,
    plane_columns: the two that a pixel lies between; row_phase, column_phase, shares: how much of each.
    finish: 1 for a domain that is a gain, its offset, the ceiling as a code, and over 203 nit.
    """
    tensors = [
        Tensor("codes", ("rows_2", "columns_2", 3)),
        Tensor("undo", (2,)),
        Tensor("curve", (6,)),
        Tensor("matrix", (3, 3)),
        *(Tensor(name, (f"{name}_rows", f"{name}_columns", 1)) for name in GRIDS),
        Tensor("grid_rows", (4, "rows")),
        Tensor("grid_columns", (4, "columns")),
        Tensor("plane", ("plane_rows", "plane_columns", 3)),
        Tensor("plane_rows", (2, "rows"), "int32"),
        Tensor("plane_columns", (2, "columns"), "int32"),
        Tensor("row_phase", ("rows",), "int32"),
        Tensor("column_phase", ("columns",), "int32"),
        Tensor("shares", ("cell", "cell", 4)),
        Tensor("finish", (4,)),
    ]
    for i in range(depth + 1):
        before: int | str = f"width{i}" if i else INPUTS
        after: int | str = f"width{i + 1}" if i < depth else 3
        tensors += [Tensor(f"w{i}", (before, after)), Tensor(f"b{i}", (after,))]
    return tuple(tensors)


def default_output(encoding: Encoding) -> Tensor:
    """PQ codes over full scale, or nits of linear BT.2020."""
    return Tensor(encoding, ("rows", "columns", 3))


def build_default(depth: int, encoding: Encoding) -> bytes:
    """ONNX bytes of the graph with `depth` hidden layers."""
    g = Graph()
    codes = _dequantised(g)
    q, p16 = _plane(g), _grid(g, 3)
    means = [_grid(g, i) for i in range(3)]
    top = g.op("ReduceMax", codes, axes=[2], keepdims=1)
    h = g.op("Reshape", g.op("Concat", codes, top, *means, q, p16, axis=2), g.const([-1, INPUTS], np.int64))
    for i in range(depth + 1):
        h = g.op("Gemm", h if i == 0 else g.op("Relu", h), f"w{i}", f"b{i}")
    output = g.op("Add", g.op("Reshape", h, g.op("Shape", codes)), q)
    result = _finished(g, output, _light(g, codes), encoding)
    name = f"candela_default_{encoding}_{depth}"
    return g.model(name, default_inputs(depth), default_output(encoding), result)


def _dequantised(g: Graph) -> str:
    """Codes with part of their rounding undone: candela_engines.itm.dequantise says how."""
    middle = g.slice(g.slice("codes", 1, -1, 0), 1, -1, 1)
    ends = ((0, -2), (1, -1), (2, np.iinfo(np.int64).max))
    down = g.chain("Add", *(g.slice("codes", a, b, 0) for a, b in ends))
    total = g.chain("Add", *(g.slice(down, a, b, 1) for a, b in ends))
    step = g.op("Sub", g.op("Mul", total, g.const(1 / 9)), middle)
    size = g.op("Abs", step)
    near = g.op("Min", size, g.op("Sub", g.pick("undo", 1), size))
    taken = g.op("Mul", g.op("Max", near, g.const(0.0)), g.pick("undo", 0))
    return g.op("Add", middle, g.op("Mul", g.op("Sign", step), taken))


def _grid(g: Graph, index: int) -> str:
    """A grid of cell means, bilinear; its last row and column are there twice."""
    name = GRIDS[index]
    for axis, at in enumerate(("grid_rows", "grid_columns")):
        place = g.pick(at, index)
        first = g.op("Floor", place)
        node = g.op("Cast", first, to=6)  # INT32
        shape = [-1, 1, 1] if axis == 0 else [1, -1, 1]
        share = g.op("Reshape", g.op("Sub", place, first), g.const(shape, np.int64))
        low = g.op("Gather", name, node, axis=axis)
        high = g.op("Gather", name, g.op("Add", node, g.const(1, np.int32)), axis=axis)
        name = g.op("Add", low, g.op("Mul", g.op("Sub", high, low), share))
    return name


def _plane(g: Graph) -> str:
    """The plane between its nodes, by the shares of the four around a pixel."""
    share = g.op("Gather", g.op("Gather", "shares", "row_phase", axis=0), "column_phase", axis=1)
    terms = []
    for k in range(4):
        rows = g.op("Gather", "plane", g.pick("plane_rows", k // 2), axis=0)
        node = g.op("Gather", rows, g.pick("plane_columns", k % 2), axis=1)
        terms.append(g.op("Mul", node, g.slice(share, k, k + 1, 2)))
    return g.chain("Add", *terms)


def _light(g: Graph, codes: str) -> str:
    """The SDR's light in BT.2020, white being 1."""
    scale, offset, exponent, lift, threshold, slope = (g.pick("curve", i) for i in range(6))
    v = g.op("Add", g.op("Mul", codes, scale), offset)
    size = g.op("Abs", v)
    one = g.op("Add", lift, g.const(1))
    bent = g.op("Pow", g.op("Div", g.op("Add", size, lift), one), exponent)
    straight = g.op("Div", size, slope)
    light = g.op("Where", g.op("LessOrEqual", size, threshold), straight, bent)
    return g.op("MatMul", g.op("Mul", light, g.op("Sign", v)), "matrix")


def _finished(g: Graph, output: str, light: str, encoding: Encoding) -> str:
    """The output over its base, in the domain that `finish` says: candela_engines.itm.domain."""
    is_gain, offset, ceiling, highest = (g.pick("finish", i) for i in range(4))
    white = g.const(203.0)
    # A network over the PQ base.
    code = g.op("Add", code_of(g, g.op("Mul", light, white)), output)
    code = g.op("Min", g.op("Max", code, g.const(0.0)), ceiling)
    # A network that is a gain.
    power = g.op("Clip", output, g.const(-24.0), g.const(24.0))
    gain = g.op("Exp", g.op("Mul", power, g.const(np.log(2))))
    raised = g.op("Mul", g.op("Add", g.op("Max", light, g.const(0.0)), offset), gain)
    raised = g.op("Min", g.op("Max", g.op("Sub", raised, offset), g.const(0.0)), highest)
    nits = g.op("Mul", raised, white)
    gained = g.op("Greater", is_gain, g.const(0.5))
    if encoding == "pq":
        return g.op("Where", gained, code_of(g, nits), code)
    return g.op("Where", gained, nits, nits_of(g, code))
