"""The published networks as generated code: `paper` (a SIREN) and `gamma` (Gain-MLP's gamma map)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from candela_engines.itm.export.curves import matrix_lines
from candela_engines.itm.export.dialect import number
from candela_engines.itm.export.parts import Pixels, Weights, units
from candela_engines.itm.gamma_mlp import BANDS, OFFSET, SDR_WHITE_NITS, GammaModel, matrices
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
        lines = ["float v0 = candela_light(r), v1 = candela_light(g), v2 = candela_light(b);"]
        lines += matrix_lines(self.curve.matrix, ("v0", "v1", "v2"), ("s0", "s1", "s2"))
        for c in range(3):  # each with what single precision leaves out of it
            lines += [f"float z{c} = s{c};", f"s{c} = candela_pq(s{c});"]
            lines.append(f"z{c} = candela_pq_rest(z{c}, s{c});")
        names = []
        for k in range(5):
            if k < 3:
                by = 2 / norms.input_range
                lines += [
                    f"float from{k} = s{k} - {number(norms.input_mean)};",
                    f"float in{k} = from{k} * {number(by)};",
                    f"z{k} = z{k} * {number(by)} + from{k} * {number(by - float(np.float32(by)))};",
                ]
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


def _turns(k: int, band: int, pixels: Pixels) -> list[str]:
    """Statements that declare `turn`: input k times 2^band without its whole turns, −1..1.

    Of the place in integers, which is exact; of S in single precision, and what that leaves out added after.
    """
    if k < 3:
        return [
            f"    float full = in{k} * {number(2.0**band)};",
            "    float turn = full - 2.0f * FLOOR(full * 0.5f + 0.5f);",
            f"    turn = turn + z{k} * {number(2.0**band)};",
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
