"""The published SIREN as an ONNX graph for serving: tiles of several pictures at a time, with their weights.

Every input has an axis of requests in front, the weights too, so that a server can put requests together.
"""

from __future__ import annotations

from candela_engines.runtime.graph import Graph, Tensor

__all__ = ["PAPER_INPUTS", "PAPER_LAYERS", "PAPER_OUTPUT", "build_paper"]

PAPER_LAYERS = (
    ("colour0", 3, 64),
    ("colour1", 64, 32),
    ("place0", 2, 64),
    ("place1", 64, 32),
    ("fuse", 64, 64),
    ("last", 64, 3),
)
"""Name, inputs, outputs; the factor of 30 of the sines is in the weights."""

PAPER_INPUTS = (
    Tensor("colour", ("requests", "pixels", 3)),
    Tensor("place", ("requests", "pixels", 2)),
    *(
        tensor
        for name, n_in, n_out in PAPER_LAYERS
        for tensor in (
            Tensor(f"{name}.w", ("requests", n_in, n_out)),
            Tensor(f"{name}.b", ("requests", 1, n_out)),
        )
    ),
)
PAPER_OUTPUT = Tensor("pq", ("requests", "pixels", 3))


def build_paper() -> bytes:
    """ONNX bytes: colour, place and weights to PQ codes of BT.2020, unclipped."""
    g = Graph()

    def layer(x: str, name: str) -> str:
        return g.op("Add", g.op("MatMul", x, f"{name}.w"), f"{name}.b")

    branches = []
    for branch in ("colour", "place"):
        hidden = g.op("Sin", layer(branch, f"{branch}0"))
        branches.append(g.op("Sin", layer(hidden, f"{branch}1")))
    fused = g.op("Sin", layer(g.op("Concat", *branches, axis=2), "fuse"))
    return g.model("candela_paper", PAPER_INPUTS, PAPER_OUTPUT, layer(fused, "last"))
