"""AGCM and HDCFM as ONNX graphs, two of each: one for what depends on the whole picture, one for its pixels.

The first takes a proxy of the picture and gives everything that its pixels need of the whole as one vector,
the context. The second takes a tile, the context and, for HDCFM, the local condition at the tile's pixels and
a mask that is 0 beyond the picture. So a tile with a halo of `HALO` pixels gives what the whole frame gives:
nothing in it is an average over the tile. Weights are constants of the graphs. Written with plain ONNX
operations; dynamic filters are nine shifted products.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from candela_engines.runtime.graph import Graph, Tensor
from candela_engines.upconvert.anchors import ANCHORS
from candela_engines.upconvert.levels import LEVELS

__all__ = [
    "CONDITION", "CONTEXT_SIZES", "HALO", "SHRINK", "build_context", "build_pixels", "is_anchored"
]  # fmt: skip

Weights = Mapping[str, npt.NDArray[np.floating]]

CONDITION = 6
HALO = 6
"""Pixels about a tile that HDCFM looks at: five filters of 3x3 and the average over the local condition."""
_WIDTH, _TAPS, _STAGES = 64, 9, 5
SHRINK = 4
"""Of HDCFM's proxy, before its stages run on it for gates and kernels: those come from means, which stay."""
CONTEXT_SIZES = {"agcm": CONDITION, "hdcfm": CONDITION + _STAGES * _WIDTH * (1 + _TAPS)}
"""Numbers of a context, without the local condition that HDCFM's has after them."""

_EPSILON = 1e-5


class _Net:
    """A graph that grows, and the weights of its layers by their names in training."""

    def __init__(self, weights: Weights) -> None:
        self.g, self.weights = Graph(), weights

    def w(self, name: str) -> npt.NDArray[np.floating]:
        return np.asarray(self.weights[name], np.float32)

    def conv(self, x: str, name: str) -> str:
        return self.g.op("Conv", x, *(self.g.const(self.w(f"{name}.{part}")) for part in ("weight", "bias")))

    def linear(self, vector: str, name: str) -> str:
        """Of a vector (1, 6): (1, C, 1, 1)."""
        weight, bias = self.g.const(self.w(f"{name}.weight").T), self.g.const(self.w(f"{name}.bias"))
        found = self.g.op("Add", self.g.op("MatMul", vector, weight), bias)
        return self.reshape(found, (1, -1, 1, 1))

    def reshape(self, x: str, shape: tuple[int, ...]) -> str:
        return self.g.op("Reshape", x, self.g.const(shape, np.int64))

    def mul(self, *terms: str) -> str:
        return self.g.chain("Mul", *terms)

    def modulated(self, x: str, name: str, vector: str, local: str | None = None) -> str:
        one = self.g.const(1.0)
        x = self.mul(x, self.g.op("Add", one, self.linear(vector, f"{name}.gain")))
        x = self.g.op("Add", x, self.linear(vector, f"{name}.offset"))
        if local is None:
            return x
        x = self.mul(x, self.g.op("Add", one, self.conv(local, f"{name}.local_gain")))
        return self.g.op("Add", x, self.conv(local, f"{name}.local_offset"))

    def condition(self, proxy: str) -> str:
        """What is seen of the proxy, 128 channels at 1/32."""
        x = proxy
        for block in range(5):
            x = self.conv(x, f"condition.blocks.{block}.0")
            x = self.averaged(x, 2)
            x = self.g.op("LeakyRelu", x, alpha=0.2)
            if block < 4:
                norm = f"condition.blocks.{block}.3"
                scale, shift = (self.g.const(self.w(f"{norm}.{part}")) for part in ("weight", "bias"))
                x = self.g.op("InstanceNormalization", x, scale, shift, epsilon=_EPSILON)
        return x

    def averaged(self, x: str, stride: int) -> str:
        return self.g.op(
            "AveragePool", x, kernel_shape=[3, 3], strides=[stride, stride], pads=[1, 1, 1, 1],
            count_include_pad=1,
        )  # fmt: skip

    def vector(self, found: str) -> str:
        return self.reshape(self.mean(self.conv(found, "condition.to_vector")), (1, CONDITION))

    def mean(self, x: str) -> str:
        return self.g.op("GlobalAveragePool", x)

    def kernel(self, mean: str, name: str) -> str:
        """K_c (1, C, 9) of a mean (1, C, 1, 1)."""
        made = self.conv(self.g.op("Relu", self.conv(mean, f"{name}.squeeze")), f"{name}.spread")
        return self.reshape(made, (1, -1, _TAPS))

    def filtered(self, x: str, kernel: str, name: str) -> str:
        spatial = self.conv(x, f"{name}.spatial")
        padded = self.g.op("Pad", x, self.g.const([0, 0, 1, 1, 0, 0, 1, 1], np.int64))
        size = self.g.op("Shape", x)
        height, width = (self.g.slice(size, axis, axis + 1, 0) for axis in (2, 3))
        terms = []
        for tap in range(_TAPS):
            top, left = (self.g.const([at], np.int64) for at in divmod(tap, 3))
            start = self.g.op("Concat", top, left, axis=0)
            end = self.g.op("Concat", self.g.op("Add", top, height), self.g.op("Add", left, width), axis=0)
            shifted = self.g.op("Slice", padded, start, end, self.g.const([2, 3], np.int64))
            each = self.reshape(self.g.slice(kernel, tap, tap + 1, 2), (1, -1, 1, 1))
            terms.append(self.mul(shifted, self.g.slice(spatial, tap, tap + 1, 1), each))
        return self.g.chain("Add", *terms)

    def point(self, x: str, name: str) -> str:
        """A filter on one pixel, whose neighbours are zero."""
        middle = _TAPS // 2
        spatial = self.g.slice(self.conv(x, f"{name}.spatial"), middle, middle + 1, 1)
        each = self.reshape(self.g.slice(self.kernel(x, name), middle, middle + 1, 2), (1, -1, 1, 1))
        return self.mul(x, spatial, each)

    def gate(self, mean: str, name: str) -> str:
        x = self.point(self.conv(mean, f"{name}.narrow"), f"{name}.first")
        centred = self.g.op("Sub", x, self.g.op("ReduceMean", x, axes=[1, 2, 3], keepdims=1))
        spread = self.g.op("ReduceMean", self.mul(centred, centred), axes=[1, 2, 3], keepdims=1)
        x = self.g.op("Div", centred, self.g.op("Sqrt", self.g.op("Add", spread, self.g.const(_EPSILON))))
        scale, shift = (self.g.const(self.w(f"{name}.norm.{n}")[None]) for n in ("weight", "bias"))
        x = self.g.op("Relu", self.g.op("Add", self.mul(x, scale), shift))
        return self.g.op("Sigmoid", self.conv(self.point(x, f"{name}.second"), f"{name}.widen"))


    def anchored(self, levels: str) -> tuple[str, str]:
        """Weights of the references (1, 3) and what is added to the vector (1, 6), of levels (1, LEVELS)."""
        mean, scale = (self.g.const(self.w(f"anchor.{part}")[None]) for part in ("mean", "scale"))
        x = self.mul(self.g.op("Sub", levels, mean), scale)
        for layer in ("first", "second"):
            weight = self.g.const(self.w(f"anchor.{layer}.weight").T)
            x = self.g.op("Add", self.g.op("MatMul", x, weight), self.g.const(self.w(f"anchor.{layer}.bias")))
            x = self.g.op("Relu", x) if layer == "first" else x
        weighed = self.g.op("Softmax", self.g.slice(x, 0, len(ANCHORS), 1), axis=1)
        return weighed, self.g.slice(x, len(ANCHORS), len(ANCHORS) + CONDITION, 1)


def is_anchored(weights: Weights) -> bool:
    """Whether these weights are of a network that adds to the reference renderings."""
    return "anchor.first.weight" in weights


def _hdcfm(
    net: _Net, x: str, vector: str, local: str, gates: list[str], kernels: list[str], mask: str | None
) -> str:
    """The stages, with what is known of the whole picture; what is not known yet is found on the way."""
    g, learn = net.g, not gates

    def held(value: str) -> str:
        return value if mask is None else net.mul(value, mask)

    def gate(at: int, value: str) -> str:
        if learn:
            gates.append(net.gate(net.mean(value), f"gates.{at}"))
        return net.mul(value, gates[at])

    def filtered(at: int, value: str) -> str:
        if learn:
            kernels.append(net.kernel(net.mean(value), f"filters.{at}"))
        return held(net.filtered(value, kernels[at], f"filters.{at}"))

    local = g.op("LeakyRelu", net.averaged(held(local), 1), alpha=0.2)
    x = held(net.conv(x, "enter"))
    x = filtered(1, gate(1, filtered(0, gate(0, x))))
    x = held(g.op("Relu", net.modulated(x, "modulations.0", vector, local)))
    x = net.conv(gate(2, filtered(2, x)), "middle")
    x = held(g.op("Relu", net.modulated(x, "modulations.1", vector, local)))
    x = net.conv(gate(4, filtered(4, gate(3, filtered(3, x)))), "leave")
    return net.modulated(x, "modulations.2", vector)


def build_context(name: str, weights: Weights) -> bytes:
    """ONNX bytes: `proxy` (1, 3, h, w) SDR code, h and w multiples of 32, to `context` (1, N).

    N is `CONTEXT_SIZES`, for HDCFM with 6·h/32·w/32 numbers of the local condition after them. With weights
    of an anchor there is a second input, `levels` (1, LEVELS), and the weights of the references come last.
    """
    net = _Net(weights)
    proxy = Tensor("proxy", (1, 3, "height", "width"))
    inputs, last = [proxy], list[str]()
    found = net.condition(proxy.name)
    vector = net.vector(found)
    if is_anchored(weights):
        inputs.append(Tensor("levels", (1, LEVELS)))
        weighed, more = net.anchored("levels")
        vector, last = net.g.op("Add", vector, more), [weighed]
    parts = [vector]
    if name == "hdcfm":
        to_map = net.conv(found, "condition.to_map")
        small = net.g.op("AveragePool", proxy.name, kernel_shape=[SHRINK] * 2, strides=[SHRINK] * 2)
        size = net.g.op("Shape", small)
        wanted = net.g.op("Concat", net.g.const([1, CONDITION], np.int64), net.g.slice(size, 2, 4, 0), axis=0)
        local = net.g.op(
            "Resize", to_map, "", "", wanted, mode="linear", coordinate_transformation_mode="half_pixel",
        )  # fmt: skip
        gates: list[str] = []
        kernels: list[str] = []
        _hdcfm(net, small, vector, local, gates, kernels, None)
        parts += [net.reshape(part, (1, -1)) for part in (*gates, *kernels, to_map)]
    parts += last
    whole = net.g.op("Concat", *parts, axis=1) if len(parts) > 1 else vector
    return net.g.model(f"candela_{name}_context", inputs, Tensor("context", (1, "numbers")), whole)


def build_pixels(name: str, weights: Weights) -> bytes:
    """ONNX bytes: `sdr` (1, 3, h, w) SDR code and `context` (1, N) to `pq` (1, 3, h, w), unclipped.

    HDCFM takes besides: `local` (1, 6, h, w), the local condition, linear between its cells; `mask` (1, 1,
    h, w), 1 within the picture.
    """
    net = _Net(weights)
    inputs = [Tensor("sdr", (1, 3, "height", "width")), Tensor("context", (1, CONTEXT_SIZES[name]))]
    vector = net.g.slice("context", 0, CONDITION, 1)
    if name == "agcm":
        x = "sdr"
        for number in range(3):
            x = net.modulated(net.conv(x, f"layers.{number}"), f"modulations.{number}", vector)
            x = net.g.op("Relu", x) if number < 2 else x
    else:
        inputs.append(Tensor("local", (1, CONDITION, "height", "width")))
        inputs.append(Tensor("mask", (1, 1, "height", "width")))
        at = CONDITION
        gates: list[str] = []
        kernels: list[str] = []
        for size, shape, into in (
            (_WIDTH, (1, _WIDTH, 1, 1), gates), (_WIDTH * _TAPS, (1, _WIDTH, _TAPS), kernels)
        ):  # fmt: skip
            for _ in range(_STAGES):
                into.append(net.reshape(net.g.slice("context", at, at + size, 1), shape))
                at += size
        x = _hdcfm(net, "sdr", vector, "local", gates, kernels, "mask")
    return net.g.model(f"candela_{name}", inputs, Tensor("pq", (1, 3, "height", "width")), x)
