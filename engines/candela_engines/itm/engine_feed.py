"""What the ONNX engine of the default network is fed with: a payload's network, and strips of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.itm.default_model import CEILING, DefaultModel
from candela_engines.itm.dequantise import STRENGTHS
from candela_engines.itm.domain import OFFSETS, REFERENCE_WHITE
from candela_engines.itm.features import CELLS, Surroundings
from candela_engines.itm.field import Field, over_full_scale
from candela_engines.itm.guide import AXES
from candela_engines.itm.lattice import Lattice, shares_of
from candela_engines.itm.network import Layers
from candela_engines.runtime.engines import DEPTHS, Feed
from candela_engines.runtime.frame import Curve
from candela_engines.runtime.graph_default import GRIDS, INPUTS

__all__ = ["DefaultFeed", "widened"]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Codes = npt.NDArray[np.generic]
Arrays = dict[str, npt.NDArray[np.generic]]

FEATURES = 4 + len(CELLS)


def _over_raw_inputs(model: DefaultModel) -> Layers:
    """The layers in float64, the first one over x of the graph in place of the features."""
    layers = model.layers.layers(np.float64)
    w, b = layers.weights[0], layers.biases[0]
    channels = 0 if model.plane is None else model.plane.shape[-1]
    first = np.zeros((INPUTS, w.shape[1]))
    first[:4] = 2 * w[:4]
    for i in range(3):  # 4·(previous mean − mean)
        first[3 + i] += 4 * w[4 + i]
        first[4 + i] -= 4 * w[4 + i]
    if channels:
        # The graph has the plane in the axes of the output, q = p·AXES; AXES are orthonormal.
        on_plane = w[FEATURES : FEATURES + channels] / model.spread
        on_plane[0] += w[-1] * (2 / model.spread)
        first[7:10] = AXES[:channels].T @ on_plane
        first[10] = -w[-1] * (2 / model.spread)
    bias = b - w[:4].sum(0)
    return Layers([first, *layers.weights[1:]], [bias, *layers.biases[1:]])


def widened(layers: Layers, depth: int) -> Layers:
    """The same function with `depth` hidden layers, of as many or more than there are.

    After a ReLU one more with the identity before it changes nothing; a network without a hidden layer gets
    one of its inputs and their negatives, of which one is 0.
    """
    weights, biases = list(layers.weights), list(layers.biases)
    if len(weights) == 1 and depth:
        one = np.eye(len(weights[0]))
        weights = [np.concatenate([one, -one], 1), np.concatenate([weights[0], -weights[0]])]
        biases = [np.zeros(2 * len(one)), biases[0]]
    while len(weights) <= depth:
        width = weights[-2].shape[1]
        weights.insert(-1, np.eye(width))
        biases.insert(-1, np.zeros(width))
    return Layers(weights, biases)


@dataclass(frozen=True)
class DefaultFeed:
    """A payload's network and surroundings of one picture, as the engine takes them.

    fixed: the same for all strips. grids: nodes (gh, gw, 1) with their last row and column twice.
    """

    depth: int
    bits: int
    fixed: Arrays
    grids: tuple[F32, ...]
    rows: F64
    plane: F32
    plane_rows: npt.NDArray[np.int32]
    row_phase: npt.NDArray[np.int32]

    @staticmethod
    def of(model: DefaultModel, curve: Curve, around: Surroundings, height: int, width: int) -> DefaultFeed:
        """For a picture of a size. around: its surroundings, the plane not needed in them."""
        raw = _over_raw_inputs(model)
        depth = next(d for d in DEPTHS if d >= len(raw.weights) - 1)
        layers = widened(raw, depth)
        fields = list(around.means)
        plane, lattice = np.zeros((1, 1, 3), np.float32), Lattice()
        if model.plane is not None:
            with_plane = around.with_plane(model.plane, model.lattice, model.spread)
            assert with_plane.plane_means is not None
            fields.append(with_plane.plane_means)
            axes = AXES[: model.plane.shape[-1]]
            plane, lattice = (model.plane.astype(np.float64) @ axes).astype(np.float32), model.lattice
        else:
            fields.append(Field(plane[..., :1], 1.0, 0.0))
        rows, columns = (
            np.stack([f.positions(np.arange(n), axis) for f in fields])
            for axis, n in enumerate((height, width))
        )
        plane_rows, row_phase = lattice.between(np.arange(height), plane.shape[0])
        plane_columns, column_phase = lattice.between(np.arange(width), plane.shape[1])
        fixed: Arrays = {
            "undo": np.array([model.strength / STRENGTHS, 1 / ((1 << model.bits) - 1)], np.float32),
            "curve": _curve_numbers(curve),
            "matrix": np.ascontiguousarray(curve.matrix.T, np.float32),
            "grid_columns": columns.astype(np.float32),
            "plane_columns": plane_columns,
            "column_phase": column_phase,
            "shares": shares_of(lattice),
            "finish": _finish_numbers(model),
        }
        for i, (w, b) in enumerate(zip(layers.weights, layers.biases, strict=True)):
            fixed |= {f"w{i}": np.asarray(w, np.float32), f"b{i}": np.asarray(b, np.float32)}
        grids = tuple(np.pad(f.nodes[..., :1], ((0, 1), (0, 1), (0, 0)), mode="edge") for f in fields)
        return DefaultFeed(depth, model.bits, fixed, grids, rows, plane, plane_rows, row_phase)

    def strip(self, codes: Codes, top: int, bottom: int) -> Feed:
        """Inputs for rows of the picture (H, W, 3), integers of the payload's bits or floats."""
        height = len(codes)
        part = over_full_scale(codes[max(top - 1, 0) : bottom + 1, :, :3], self.bits)
        beyond = (int(top == 0), int(bottom == height))
        feed: Arrays = {"codes": np.pad(part, (beyond, (1, 1), (0, 0)), mode="edge")}
        at = self.rows[:, top:bottom].copy()
        for i, (name, nodes) in enumerate(zip(GRIDS, self.grids, strict=True)):
            # Only the nodes that the strip reads: whole grids would be most of what travels.
            first, last = int(at[i].min()), int(at[i].max()) + 2
            feed[name] = np.ascontiguousarray(nodes[first:last])
            at[i] -= first
        rows = self.plane_rows[:, top:bottom]
        first = int(rows.min())
        feed |= {
            "grid_rows": at.astype(np.float32),
            "plane": np.ascontiguousarray(self.plane[first : int(rows.max()) + 1]),
            "plane_rows": rows - np.int32(first),
            "row_phase": self.row_phase[top:bottom],
        }
        return self.fixed | feed


def _curve_numbers(curve: Curve) -> F32:
    lift, threshold, slope = (0.055, 0.04045, 12.92) if curve.kind == "srgb" else (0.0, -1.0, 1.0)
    return np.array([curve.scale, curve.offset, curve.exponent, lift, threshold, slope], np.float32)


def _finish_numbers(model: DefaultModel) -> F32:
    ceiling = model.ceiling / CEILING
    highest = float(pq.eotf(np.float64(ceiling))) / REFERENCE_WHITE
    offset = OFFSETS.get(model.domain)
    return np.array([float(offset is not None), offset or 0.0, ceiling, highest], np.float32)
