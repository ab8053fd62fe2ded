"""What single precision leaves out of a PQ code: for networks that look at its last bit, and past it.

The highest octave of `gamma` turns its colours by 2^11, so that the 1e-7 by which a code computed in single
precision is off becomes some 1e-4 of a turn. Here a code is computed once more, from the nearest of some
fifty levels of light whose codes are written out to twice that precision (`levels`). Light comes as two
numbers, too (`light_rest`).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from candela_engines.colour import pq
from candela_engines.itm.export.dialect import number
from candela_engines.itm.export.levels import Level, Segment, fitted, places, sums, tree

__all__ = ["pq_rest"]

# Of codes. Below the first, a code is off by a share of next to nothing; SDR white, at 100 nit, has 0.508.
_SEGMENTS = (Segment(1 / 2048, 1 / 2048, 7), Segment(1 / 256, 1 / 256, 15), Segment(1 / 16, 1 / 64, 30))


@cache
def _levels() -> tuple[Level, ...]:
    """At light in nits; codes as powers of (light - level) / (light + level)."""
    rows = []
    for low, high in (ends for one in _SEGMENTS for ends in one.intervals()):
        level = float(np.float32(pq.eotf((low + high) / 2)))
        # A code in single precision may fall into the interval beside its own.
        ends = np.asarray(pq.eotf(np.array([low - 1e-6, high + 1e-6])), np.float64)

        def w(light: np.ndarray, level: float = level) -> np.ndarray:
            return np.asarray((light - level) / (light + level))

        rows.append(fitted(level, ends, lambda light: np.asarray(pq.inverse_eotf(light)), w))
    return tuple(rows)


def pq_rest() -> str:
    """`candela_pq_rest`: what a PQ code s, as `candela_pq` gives it of light a + b, is too small by."""
    lines = [
        "FUNCTION float candela_pq_rest(float a, float b, float s)",
        "{",
        f"    if (!(s >= {number(_SEGMENTS[0].first)}) || s >= {number(_SEGMENTS[-1].end)}) {{",
        "        return 0.0f;",
        "    }",
        *places(_SEGMENTS, "s"),
        *tree(_levels()),
        "    float t = ((a - level) + b) / ((a + b) + level);",
        f"    return (high - s) + (low + {sums()});",
        "}",
        "",
    ]
    return "\n".join(lines)
