"""What single precision leaves out of a PQ code: for networks that look at its last bit, and past it.

The highest octave of `gamma` turns its colours by 2^11, so that the 1e-7 by which a code computed in single
precision is off becomes some 1e-5 of the result. Here a code is computed once more, from the nearest of some
forty levels of light whose codes are written out to twice that precision: what the code is above that of the
level is a small number, and so is its rounding. A hundred-millionth remains, which is that of the light.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.itm.export.dialect import number

__all__ = ["LEAST", "pq_rest"]

LEAST = 1 / 16
"""Codes below it are right to 5e-8 as they are."""
_STEP, _MOST, _TERMS = 1 / 64, 0.55, 7
F64 = npt.NDArray[np.float64]


@cache
def _levels() -> tuple[tuple[float, ...], ...]:
    """Light in nits, its code as two single-precision numbers, and what follows as powers of w."""
    rows = []
    for code in np.arange(LEAST, _MOST, _STEP):
        light = float(np.float32(pq.eotf(code)))
        high = float(np.float32(pq.inverse_eotf(light)))
        ends = pq.eotf(np.array([max(code - _STEP, 1e-3), code + _STEP]))
        w = (ends - light) / (ends + light)
        nodes = (w[0] + w[1]) / 2 + (w[1] - w[0]) / 2 * np.cos(np.pi * (np.arange(12) + 0.5) / 12)
        beyond = pq.inverse_eotf(light * (1 + nodes) / (1 - nodes)) - pq.inverse_eotf(light)
        powers = np.stack([nodes ** (k + 1) for k in range(_TERMS)], axis=1)
        terms = np.linalg.lstsq(powers, np.asarray(beyond, np.float64), rcond=None)[0]
        rows.append((light, high, float(pq.inverse_eotf(light)) - high, *(float(t) for t in terms)))
    return tuple(rows)


def pq_rest() -> str:
    """`candela_pq_rest`: what a PQ code s, as `candela_pq` gives it of light in nits, is too small by."""
    names = ["level", "high", "low", *(f"c{k}" for k in range(_TERMS))]
    rows = []
    for place, values in enumerate(_levels()):
        sets = " ".join(f"{name} = {number(value)};" for name, value in zip(names, values, strict=True))
        rows.append(f"    if (place == {place}) {{ {sets} }}")
    sums = f"c{_TERMS - 1}"
    for k in reversed(range(_TERMS - 1)):
        sums = f"c{k} + w * ({sums})"
    return "\n".join(
        [
            "FUNCTION float candela_pq_rest(float light, float s)",
            "{",
            f"    if (!(s >= {number(LEAST)}) || s > {number(_MOST - _STEP)}) {{",
            "        return 0.0f;",
            "    }",
            f"    int place = (int)((s - {number(LEAST)}) * {number(1 / _STEP)} + 0.5f);",
            f"    float {', '.join(f'{name} = 0.0f' for name in names)};",
            *rows,
            "    float w = (light - level) / (light + level);",
            f"    return (high - s) + (low + w * ({sums}));",
            "}",
            "",
        ]
    )
