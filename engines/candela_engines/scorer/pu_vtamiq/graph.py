"""PU-VTAMIQ-S as one ONNX graph of plain operations, from the weights by their names in training.

Inputs: `test` and `reference` float32 (N, 4, 16, 16), patches of both pictures at the same places; `cell`
int32 (N,), the place of each in a grid of 16x16; `size` int32 (N,), 0 to 2. Output: `said` float32 (1 +
N,): 10 less the JOD, 0 for equal pictures, and how much of it each patch carries.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from candela_engines.runtime.graph import Graph, Tensor
from candela_engines.scorer.pu_vtamiq.shape import BLOCKS, GROUPS, HEADS, STEM, UNITS, WIDTH

__all__ = ["build"]

Weights = Mapping[str, npt.NDArray[np.floating]]
_EPSILON = 1e-5


class _Net:
    def __init__(self, weights: Weights) -> None:
        self.g, self.weights = Graph(), weights

    def w(self, name: str) -> str:
        return self.g.const(np.asarray(self.weights[name], np.float32))

    def reshape(self, x: str, *shape: int) -> str:
        return self.g.op("Reshape", x, self.g.const(shape, np.int64))

    def linear(self, x: str, name: str) -> str:
        weight = self.g.const(np.asarray(self.weights[f"{name}.weight"], np.float32).T)
        return self.g.op("Add", self.g.op("MatMul", x, weight), self.w(f"{name}.bias"))

    def norm(self, x: str, name: str) -> str:
        return self.g.op(
            "LayerNormalization", x, self.w(f"{name}.weight"), self.w(f"{name}.bias"), epsilon=_EPSILON
        )

    def gelu(self, x: str) -> str:
        """x·Φ(x), by the error function."""
        half = self.g.op("Mul", x, self.g.const(0.5))
        bent = self.g.op("Erf", self.g.op("Mul", x, self.g.const(np.sqrt(0.5))))
        return self.g.op("Mul", half, self.g.op("Add", bent, self.g.const(1.0)))

    def prelu(self, x: str, name: str) -> str:
        return self.g.op("PRelu", x, self.w(f"{name}.weight"))

    def embedded(self, patches: str, place: str) -> str:
        """Tokens (N, C) of patches, without the common ones."""
        x = patches
        for at in range(len(STEM)):
            x = self.g.op(
                "Conv", x, self.w(f"stem.{at}.weight"), self.w(f"stem.{at}.bias"),
                strides=[2, 2], pads=[1, 1, 1, 1],
            )  # fmt: skip
            x = self.gelu(x) if at < len(STEM) - 1 else x
        return self.g.op("Add", self.reshape(x, -1, WIDTH), place)

    def block(self, x: str, at: int) -> str:
        name = f"blocks.{at}"
        y = self.norm(x, f"{name}.before")
        parts = [self.linear(y, f"{name}.{part}") for part in ("query", "key", "value")]
        heads = [self.reshape(part, -1, HEADS, WIDTH // HEADS) for part in parts]
        query, value = (self.g.op("Transpose", heads[at_], perm=[1, 0, 2]) for at_ in (0, 2))
        key = self.g.op("Transpose", heads[1], perm=[1, 2, 0])
        scale = self.g.const((WIDTH // HEADS) ** -0.5)
        weights = self.g.op("Softmax", self.g.op("Mul", self.g.op("MatMul", query, key), scale), axis=-1)
        mixed = self.g.op("Transpose", self.g.op("MatMul", weights, value), perm=[1, 0, 2])
        mixed = self.linear(self.reshape(mixed, -1, WIDTH), f"{name}.out")
        x = self.g.op("Add", x, self.g.op("Mul", mixed, self.w(f"{name}.first_scale")))
        y = self.gelu(self.linear(self.norm(x, f"{name}.after"), f"{name}.wide"))
        y = self.linear(y, f"{name}.narrow")
        return self.g.op("Add", x, self.g.op("Mul", y, self.w(f"{name}.second_scale")))

    def encoded(self, patches: str, place: str) -> tuple[str, str]:
        """The token of the whole (1, C) and those of the patches (N, C)."""
        x = self.g.op("Concat", self.w("common"), self.embedded(patches, place), axis=0)
        for at in range(BLOCKS):
            x = self.block(x, at)
        x = self.norm(x, "norm")
        count = len(np.asarray(self.weights["common"]))
        return self.g.slice(x, 0, 1, 0), self.g.slice(x, count, 1 << 30, 0)

    def decoded(self, x: str) -> str:
        """(n, 1) of differences (n, C)."""
        for group in range(GROUPS):
            y = x
            for unit in range(UNITS):
                name = f"groups.{group}.{unit}"
                z = self.linear(self.prelu(y, f"{name}.bend"), f"{name}.mix")
                gate = self.g.op("Relu", self.linear(z, f"{name}.narrow"))
                gate = self.g.op("Sigmoid", self.linear(gate, f"{name}.wide"))
                y = self.g.op("Add", y, self.g.op("Mul", z, gate))
            x = self.g.op("Add", x, self.linear(y, f"groups.{group}.last"))
        x = self.prelu(self.linear(self.linear(x, "mix"), "hidden"), "bend")
        return self.linear(x, "score")


def build(weights: Weights, said: Mapping[str, str] | None = None) -> bytes:
    """The graph as an ONNX file. said: its metadata. Raises KeyError where a layer is missing."""
    net = _Net(weights)
    g = net.g
    place = g.op("Add", g.op("Gather", net.w("cells"), "cell"), g.op("Gather", net.w("sizes"), "size"))
    whole, tokens = zip(*(net.encoded(name, place) for name in ("test", "reference")), strict=True)
    difference = g.op("Mul", g.op("Sub", whole[1], whole[0]), net.w("scale"))
    zero = g.const(np.zeros((1, WIDTH), np.float32))
    # Equal pictures lose nothing, whatever was learnt; both rows in one call, so that they are rounded alike.
    both = net.decoded(g.op("Concat", difference, zero, axis=0))
    whole_loss = g.op("Sub", g.slice(both, 0, 1, 0), g.slice(both, 1, 2, 0))
    each = g.op("Abs", g.op("Sub", tokens[1], tokens[0]))
    carried = g.op("MatMul", each, g.op("Abs", net.w("carries")))
    loss = g.op("Add", whole_loss, g.op("ReduceMean", carried, axes=[0], keepdims=1))
    both_said = g.op("Concat", *(net.reshape(part, -1) for part in (loss, carried)), axis=0)
    patches = ("N", 4, 16, 16)
    return g.model(
        "pu_vtamiq_s",
        [Tensor("test", patches), Tensor("reference", patches),
         Tensor("cell", ("N",), "int32"), Tensor("size", ("N",), "int32")],
        Tensor("said", ("M",)),
        both_said,
        said,
    )  # fmt: skip
