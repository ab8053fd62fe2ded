"""Light of SDR codes as two numbers each, the second what single precision leaves out: see `pq_rest`.

Of a curve by levels (`levels`). Of a matrix by splitting both factors into few bits, whose products and sums
single precision holds exactly: nothing there hangs on how a compiler orders or fuses what it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from candela_engines.itm.export.dialect import number
from candela_engines.itm.export.levels import Level, Segment, fitted, places, sums, tree
from candela_engines.runtime.frame import Curve

__all__ = ["light_rest", "two_number_matrix"]

_KNEE = 0.04045
_SRGB = (Segment(0.0, _KNEE / 11, 11), Segment(_KNEE, 1 / 256, 16), Segment(_KNEE + 1 / 16, 1 / 32, 29))
_POWER = (Segment(1 / 256, 1 / 256, 16), Segment(17 / 256, 1 / 32, 30))
F64 = np.typing.NDArray[np.float64]


def light_rest(curve: Curve, white_nits: float) -> str:
    """`candela_light_rest`: what the light of a code, as `candela_light` gives it, is too small by.

    Nothing is said of codes below 0 or well above 1, which pictures do not have.
    """
    segments = _SRGB if curve.kind == "srgb" else _POWER
    shift = (curve.scale, curve.offset) != (1.0, 0.0)
    at = f"code * {number(curve.scale)} + {number(curve.offset)}" if shift else "code"
    lines = [
        "FUNCTION float candela_light_rest(float code, float light)",
        "{",
        f"    float at = {at};",
        f"    if (!(at >= {number(segments[0].first)}) || at >= {number(segments[-1].end)}) {{",
        "        return 0.0f;",
        "    }",
        *places(segments, "at"),
        *tree(_levels(curve, segments, white_nits)),
        "    float t = code - level;",
        f"    return (high - light) + (low + {sums()});",
        "}",
        "",
    ]
    return "\n".join(lines)


def two_number_matrix(matrix: F64, most: float) -> list[str]:
    """Statements from light v0… and its rests left0… to light s0, s1, s2 and its own rests z0, z1, z2.

    matrix: (3, 3). most: of the light; above it by more than a half, single precision remains.
    """
    if np.array_equal(matrix, np.eye(3)):
        return [f"float s{c} = v{c}, z{c} = left{c};" for c in range(3)]
    # Products of 12 bits each, of which three are added: light in 2^-12 of the power of two above `most`.
    step = 2.0 ** (np.ceil(np.log2(most)) - 12)
    lines = []
    for c in range(3):
        lines += [
            f"float coarse{c} = FLOOR(v{c} * {number(1 / step)} + 0.5f) * {number(step)};",
            f"float fine{c} = (v{c} - coarse{c}) + left{c};",
        ]
    for c, row in enumerate(matrix):
        coarse = np.rint(row * 4096) / 4096
        exact = " + ".join(f"{number(m)} * coarse{k}" for k, m in enumerate(coarse))
        rest = " + ".join(f"{number(m)} * fine{k}" for k, m in enumerate(row))
        fine = " + ".join(f"{number(m)} * coarse{k}" for k, m in enumerate(row - coarse))
        lines += [f"float s{c} = {exact};", f"float z{c} = ({rest}) + ({fine});"]
    return lines


def _levels(curve: Curve, segments: Sequence[Segment], white_nits: float) -> list[Level]:
    """At codes, light as powers of what a code is above the level."""

    def light(code: F64, low: float) -> F64:
        at = code * curve.scale + curve.offset
        if curve.kind == "srgb" and low < _KNEE - 1e-9:
            return white_nits * at / 12.92  # also just beyond the knee, where a code's rounding may put it
        if curve.kind == "srgb":
            return np.asarray(white_nits * ((at + 0.055) / 1.055) ** 2.4)
        return np.asarray(white_nits * at**curve.exponent)

    rows = []
    for low, high in (ends for one in segments for ends in one.intervals()):
        ends = (np.array([low - 1e-6, high + 1e-6]) - curve.offset) / curve.scale
        level = float(np.float32(ends.mean()))
        rows.append(fitted(level, ends, partial(light, low=low), partial(_beyond, level=level)))
    return rows


def _beyond(code: F64, level: float) -> F64:
    return code - level
