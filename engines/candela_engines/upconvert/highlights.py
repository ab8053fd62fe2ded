"""The second stage: highlights that SDR clipped, made up by a generator. Off unless it is asked for.

    mask = clip((max(R', G', B') − 0.95) / 0.05, 0, 1)
    field = generator(first stage and mask, both made small)
    PQ code = first stage + mask · field, read between the small picture's pixels

Where the mask is 0 nothing changes. The generator sees the whole picture at a fixed small size, so that a
window is the same window in HD and in 4K, tiles have nothing to do with it, and what it makes up is smooth:
edges are those of the mask. What it adds was in no grade: for a colourist it has to be a choice, and the
confidence plane counts it as made up, also where a sample is bright and not yet clipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.gamuts import luminance
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.runtime.graph import Graph, Tensor
from candela_engines.runtime.small_graph import open_small_graphs
from candela_engines.upconvert.engine import F32, Codes, Engine, EngineInfo
from candela_engines.upconvert.learnt import rec709_code
from candela_engines.upconvert.network import shares, shrunk

__all__ = [
    "DILATIONS",
    "LEAST",
    "SIDE",
    "Highlights",
    "HighlightsEngine",
    "build_highlights",
    "load_highlights",
    "mask_of",
    "open_highlights",
    "small",
    "spread",
]

Weights = Mapping[str, npt.NDArray[np.floating]]

DILATIONS = (1, 2, 4, 8, 4, 2)
SIDE = 128
"""Pixels of the longer side of what the generator sees."""
_ROWS = 256  # of the picture at a time
_FROM, _RANGE = 0.95, 0.05
LEAST = 1e-4
"""Of the mask, made small and read between its pixels, by which is divided."""


def mask_of(code: F32) -> F32:
    """(H, W) float32, 0..1: where SDR code (H, W, 3) is so bright that more may have been there."""
    largest = np.nan_to_num(code).max(axis=2)
    return np.asarray(np.clip((largest - _FROM) / _RANGE, 0, 1), np.float32)


def small(picture: F32, side: int = SIDE) -> F32:
    """A picture (H, W, 3) or mask (H, W, 1) by means of cells, its longer side `side` pixels or as it was."""
    longer = max(picture.shape[:2])
    rows, columns = (max(1, round(n * min(side, longer) / longer)) for n in picture.shape[:2])
    made = shrunk(shrunk(picture, rows).transpose(1, 0, 2), columns).transpose(1, 0, 2)
    return np.ascontiguousarray(made, np.float32)


def spread(field: F32, weights: F32, mask: F32) -> F32:
    """mask · field (H, W, 3) of a small field (h, w, 3), the mask (H, W) and that made small (h, w, 1).

    Between the field's pixels it is read linearly, each as much as there is of the mask in it: beside the
    mask the generator gives what nobody has looked at.
    """
    height, width = mask.shape
    across = shares(np.arange(width), 0, width, field.shape[1])
    weighted = np.concatenate([field * weights, weights], axis=2).transpose(2, 0, 1)
    out = np.zeros((height, width, 3), np.float32)
    for top in range(0, height, _ROWS):
        rows = slice(top, min(top + _ROWS, height))
        if mask[rows].any():
            down = shares(np.arange(rows.start, rows.stop), 0, height, field.shape[0])
            *sums, whole = down @ weighted @ across.T
            share = mask[rows] / np.maximum(whole, np.float32(LEAST))
            out[rows] = np.stack([one * share for one in sums], axis=-1)
    return out


def build_highlights(weights: Weights) -> bytes:
    """ONNX bytes: `pq` (1, 3, h, w) and `mask` (1, 1, h, w) to `field` (1, 3, h, w), PQ code to add."""
    g = Graph()
    inputs = [Tensor("pq", (1, 3, "height", "width")), Tensor("mask", (1, 1, "height", "width"))]

    def conv(x: str, name: str, reach: int) -> str:
        weight = g.const(np.asarray(weights[f"{name}.weight"], np.float32))
        bias = g.const(np.asarray(weights[f"{name}.bias"], np.float32))
        return g.op("Conv", x, weight, bias, pads=[reach] * 4, dilations=[reach] * 2)

    x = g.op("Relu", conv(g.op("Concat", "pq", "mask", axis=1), "enter", 1))
    for number, reach in enumerate(DILATIONS):
        x = g.op("Add", x, g.op("Relu", conv(x, f"body.{number}", reach)))
    field = conv(x, "leave", 1)
    return g.model("candela_highlights", inputs, Tensor("field", (1, 3, "height", "width")), field)


@dataclass(frozen=True, eq=False)
class Highlights:
    """The generator as ONNX Runtime holds it."""

    session: Any

    def added(self, code: F32, mask: F32) -> F32:
        """What is to be added to PQ code (H, W, 3), of it and the mask (H, W), of the whole picture."""
        few, weights = small(np.nan_to_num(code)), small(mask[..., None])
        feed = {key: x.transpose(2, 0, 1)[None] for key, x in (("pq", few), ("mask", weights))}
        field = self.session.run(None, feed)[0][0].transpose(1, 2, 0)
        return spread(np.asarray(field, np.float32), weights, mask)


@dataclass(frozen=True, eq=False)
class HighlightsEngine:
    """An `Engine` with the second stage after it. first: what makes the rest of the light."""

    first: Engine
    highlights: Highlights

    @property
    def info(self) -> EngineInfo:
        """That of the first stage."""
        return self.first.info

    @property
    def white_nits(self) -> float:
        """Where the first stage puts SDR white; what is added lies above."""
        return self.first.white_nits

    @property
    def peak_nits(self) -> float:
        """That of the masters that highlights are learnt from, or the first stage's."""
        return max(self.first.peak_nits, 1000.0)

    def light(self, codes: Codes, bits: int, state: ColourState) -> F32:
        """As `Engine.light`."""
        return self.finished(self.first.light(codes, bits, state), codes, bits, state)

    def finished(self, nits: F32, codes: Codes, bits: int, state: ColourState) -> F32:
        """The first stage's light (H, W, 3) with highlights; NaN and light off the mask stay as they are."""
        mask = mask_of(rec709_code(codes, bits, state))
        if not mask.any():
            return nits
        code = np.asarray(pq.inverse_eotf(np.maximum(np.nan_to_num(nits), 0)), np.float32)
        made = np.asarray(pq.eotf(np.clip(code + self.highlights.added(code, mask), 0, 1)), np.float32)
        made = np.minimum(made, np.float32(self.peak_nits))
        return np.where((mask > 0)[..., None] & np.isfinite(nits), made, nits)

    def determined(self, certain: F32, before: F32, after: F32) -> F32:
        """The confidence (H, W) of light `after` the second stage, of `certain`, that of light `before` it.

        What was added is made up, and so is what was taken away.
        """
        old, new = luminance(before), luminance(after)
        share = np.minimum(old, new) / np.maximum(np.maximum(old, new), np.float32(1e-6))
        return np.asarray(np.where(old == new, certain, certain * share), np.float32)


def load_highlights(weights: Weights, *, threads: int = 0) -> Highlights:
    """Of trained weights. Raises InfrastructureError for those of something else."""
    (session,) = open_small_graphs("highlights", [lambda: build_highlights(weights)], threads=threads)
    return Highlights(session)


def open_highlights() -> Highlights:
    """Those that ship. Raises InputError: none do."""
    raise InputError(
        "--highlights: the second stage makes up what SDR clipped, and no trained weights of it come with "
        "this version, so there is nothing to run; leave it out"
    )
