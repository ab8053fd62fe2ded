"""The second stage: highlights that SDR clipped, made up by a generator. Off unless it is asked for.

    mask = clip((max(R', G', B') − 0.95) / 0.05, 0, 1)
    PQ code = first stage + mask · generator(first stage, mask)

Where the mask is 0 nothing changes. What it adds was in no grade: for a colourist it has to be a choice, and
the confidence plane counts it as made up, also where a sample is bright and not yet clipped.
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

__all__ = [
    "DILATIONS",
    "HALO",
    "Highlights",
    "HighlightsEngine",
    "build_highlights",
    "load_highlights",
    "mask_of",
    "open_highlights",
]

Weights = Mapping[str, npt.NDArray[np.floating]]

DILATIONS = (1, 2, 4, 8, 4, 2)
HALO = 2 + sum(DILATIONS)
"""Pixels about a tile that the generator looks at."""
TILE = 256
_FROM, _RANGE = 0.95, 0.05


def mask_of(code: F32) -> F32:
    """(H, W) float32, 0..1: where SDR code (H, W, 3) is so bright that more may have been there."""
    largest = np.nan_to_num(code).max(axis=2)
    return np.asarray(np.clip((largest - _FROM) / _RANGE, 0, 1), np.float32)


def build_highlights(weights: Weights) -> bytes:
    """ONNX bytes: `pq` (1, 3, h, w), `mask` and `inside` (1, 1, h, w) to `added` (1, 3, h, w) PQ code.

    inside: 1 within the picture; beyond it features are 0, as the padding of a whole frame has them, so that
    tiles with a halo give what the whole frame gives.
    """
    g = Graph()
    inputs = [
        Tensor("pq", (1, 3, "height", "width")),
        Tensor("mask", (1, 1, "height", "width")),
        Tensor("inside", (1, 1, "height", "width")),
    ]

    def conv(x: str, name: str, reach: int) -> str:
        weight = g.const(np.asarray(weights[f"{name}.weight"], np.float32))
        bias = g.const(np.asarray(weights[f"{name}.bias"], np.float32))
        around = [reach] * 4
        return g.op("Mul", g.op("Conv", x, weight, bias, pads=around, dilations=[reach] * 2), "inside")

    x = g.op("Mul", g.op("Concat", "pq", "mask", axis=1), "inside")
    x = g.op("Relu", conv(x, "enter", 1))
    for number, reach in enumerate(DILATIONS):
        x = g.op("Add", x, g.op("Relu", conv(x, f"body.{number}", reach)))
    added = g.op("Mul", conv(x, "leave", 1), "mask")
    return g.model("candela_highlights", inputs, Tensor("added", (1, 3, "height", "width")), added)


@dataclass(frozen=True, eq=False)
class Highlights:
    """The generator as ONNX Runtime holds it."""

    session: Any

    def added(self, code: F32, mask: F32, *, tile: int = TILE) -> F32:
        """What is to be added to PQ code (H, W, 3), of it and the mask (H, W)."""
        out = np.zeros(code.shape, np.float32)
        height, width = mask.shape
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                bottom, right = min(top + tile, height), min(left + tile, width)
                if mask[top:bottom, left:right].any():
                    part = self._tile(code, mask, (top - HALO, bottom + HALO), (left - HALO, right + HALO))
                    inner = part[:, HALO : HALO + bottom - top, HALO : HALO + right - left]
                    out[top:bottom, left:right] = inner.transpose(1, 2, 0)
        return out

    def _tile(self, code: F32, mask: F32, rows: tuple[int, int], columns: tuple[int, int]) -> F32:
        ys, xs = np.arange(*rows), np.arange(*columns)
        there_y, there_x = np.clip(ys, 0, mask.shape[0] - 1), np.clip(xs, 0, mask.shape[1] - 1)
        at = np.ix_(there_y, there_x)
        inside = np.outer(ys == there_y, xs == there_x).astype(np.float32)
        feed = {
            "pq": np.ascontiguousarray(np.nan_to_num(code[at]).transpose(2, 0, 1)[None]),
            "mask": mask[at][None, None],
            "inside": inside[None, None],
        }
        return np.asarray(self.session.run(None, feed)[0][0], np.float32)


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
