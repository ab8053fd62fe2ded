"""The published networks as generated code: `paper` (a SIREN) and `gamma` (Gain-MLP's gamma map)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from candela_engines.itm.export.dialect import number
from candela_engines.itm.export.light_rest import two_number_matrix
from candela_engines.itm.export.parts import Pixels, Weights, units
from candela_engines.itm.gamma_mlp import BANDS, OFFSET, SDR_WHITE_NITS, GammaModel, Norms, matrices
from candela_engines.itm.siren import SirenModel
from candela_engines.runtime.frame import Curve

__all__ = ["GammaNetwork", "PaperNetwork"]


@dataclass(frozen=True)
class PaperNetwork:
    """The SIREN: statements from r, g, b, x and y to PQ codes q0, q1, q2."""

    model: SirenModel

    def lines(self, weight: Weights, pixels: Pixels) -> list[str]:
        """Its five layers written out."""
        w = self.model.folded()
        lines = [
            f"float u = {_share('x', pixels.width)};",
            f"float v = {_share('y', pixels.height)};",
        ]
        ends = []
        for branch, inputs, short in (("colour", ["r", "g", "b"], "a"), ("place", ["u", "v"], "e")):
            for depth in (0, 1):
                name = f"{branch}{depth}"
                biases = [float(b) for b in w[f"{name}.b"]]
                layer = units(weight, inputs, w[f"{name}.w"], biases, f"{short}{depth}_", "SIN({})")
                lines, inputs = lines + layer.lines, layer.names
            ends += inputs
        fused = units(weight, ends, w["fuse.w"], [float(b) for b in w["fuse.b"]], "k", "SIN({})")
        last = units(weight, fused.names, w["last.w"], [float(b) for b in w["last.b"]], "d")
        lines += [*fused.lines, *last.lines]
        return lines + [f"float q{c} = MIN(MAX(d{c}, 0.0f), 1.0f);" for c in range(3)]


@dataclass(frozen=True)
class GammaNetwork:
    """The gamma map: statements from r, g, b, x and y to PQ codes q0, q1, q2."""

    model: GammaModel
    curve: Curve

    def lines(self, weight: Weights, pixels: Pixels) -> list[str]:
        """Its encoding and layers written out."""
        norms = self.model.norms
        first, second, third = matrices(self.model.vector)
        lines = []
        for c, code in enumerate("rgb"):  # z: what single precision leaves out of s
            lines += [
                f"float v{c} = candela_light({code});",
                f"float left{c} = candela_light_rest({code}, v{c});",
            ]
        lines += two_number_matrix(self.curve.matrix, SDR_WHITE_NITS)
        for c in range(3):
            lines += [
                f"float l{c} = s{c};",
                f"s{c} = candela_pq(l{c} + z{c});",
                f"z{c} = candela_pq_rest(l{c}, z{c}, s{c});",
                *_normalised(c, norms),
            ]
        names = []
        for k in range(5):
            for band in range(BANDS):
                name = f"a{k}_{band}"
                lines += [
                    f"float {name};",
                    "{",
                    *_turns(k, band, pixels),
                    f"    {name} = turn * {number(np.pi)};",
                    "}",
                ]
                names += [f"SIN({name})", f"COS({name})"]
        inputs = [f"e{n}" for n in range(len(names))]
        lines += [f"float {e} = {name};" for e, name in zip(inputs, names, strict=True)]
        one = units(weight, inputs, first, None, "g", "SIN({})")
        two = units(weight, one.names, second, None, "h", "SIN({})")
        last = units(weight, two.names, third, None, "d")
        lines += [*one.lines, *two.lines, *last.lines]
        scale, mean = number(norms.gamma_range / 2), number(norms.gamma_mean)
        for c in range(3):
            power = f"MIN(MAX(d{c} * {scale} + {mean}, -20.0f), 20.0f)"
            raised = f"EXP(LOG(s{c} + {number(OFFSET)}) * {power})"
            lines.append(f"float q{c} = MIN(MAX({raised} - {number(OFFSET)}, 0.0f), 1.0f);")
        return lines

    @property
    def white_nits(self) -> float:
        """Where its S has SDR white."""
        return SDR_WHITE_NITS


def _share(name: str, size: int) -> str:
    return f"(float){name} / {number(size - 1)}" if size > 1 else "0.0f"


def _normalised(c: int, norms: Norms) -> list[str]:
    """Statements that declare in{c}, which is exact, and make z{c} what it is too small by."""
    by = 2 / norms.input_range
    # Twelve bits of S times twelve bits of `by`, less a mean in steps of the product's last.
    step = 2.0 ** (math.frexp(by)[1] - 12)
    coarse = round(by / step) * step
    mean = norms.input_mean * by
    middle = float(np.float32(round(mean * 4096 / step) * step / 4096))
    return [
        f"float near{c} = FLOOR(s{c} * 4096.0f + 0.5f) * {number(1 / 4096)};",
        f"float in{c} = near{c} * {number(coarse)} - {number(middle)};",
        f"z{c} = ((s{c} - near{c}) + z{c}) * {number(by)}",
        f"    + (near{c} * {number(by - coarse)} - {number(mean - middle)});",
    ]


def _turns(k: int, band: int, pixels: Pixels) -> list[str]:
    """Statements that declare `turn`: input k times 2^band without its whole turns, −1..1.

    Of the place in integers, which is exact; of S without its last bits, which are added after.
    """
    if k < 3:
        return [
            f"    float full = in{k} * {number(2.0**band)};",
            "    float turn = full - 2.0f * FLOOR(full * 0.5f + 0.5f);",
            f"    turn = turn + z{k} * {number(2.0**band)};",
            "    turn = turn - 2.0f * FLOOR(turn * 0.5f + 0.5f);",
        ]
    name, size = ("x", pixels.width) if k == 3 else ("y", pixels.height)
    span = size - 1
    if span == 0:
        return [f"    float turn = {number(-1.0 if band == 0 else 0.0)};"]
    return [
        f"    int full = (2 * {name} - {span}) * {1 << band} % {2 * span};",
        f"    full = full > {span} ? full - {2 * span} : (full < -{span} ? full + {2 * span} : full);",
        f"    float turn = (float)full / {number(span)};",
    ]
