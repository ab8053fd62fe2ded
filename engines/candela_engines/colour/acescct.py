"""ACEScct: the working space of grading in ACES, S-2016-001. Its primaries are AP1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, elementwise

__all__ = ["decode", "encode"]

CUT = 0.0078125
CUT_CODE = 0.155251141552511
SLOPE = 10.5402377416545
OFFSET = 0.0729055341958355
LOG_OFFSET = 9.72
LOG_RANGE = 17.52


def _encode(light: FloatArray) -> FloatArray:
    log_part = (np.log2(np.maximum(light, CUT)) + LOG_OFFSET) / LOG_RANGE
    return np.where(light > CUT, log_part, SLOPE * light + OFFSET)


def _decode(code: FloatArray) -> FloatArray:
    log_part = np.exp2(np.maximum(code, CUT_CODE) * LOG_RANGE - LOG_OFFSET)
    return np.where(code > CUT_CODE, log_part, (code - OFFSET) / SLOPE)


def encode(light: npt.ArrayLike) -> FloatArray:
    """ACEScct code of linear AP1 light: (log2(L) + 9.72)/17.52 above 2^−7, a straight line below. §4.4.

    light: any shape, float. Returns codes, same shape and dtype, unclipped; 0.18 is 0.4135884. Raises
    InputError for an integer array.
    """
    return elementwise(_encode, light, "acescct.encode")


def decode(code: npt.ArrayLike) -> FloatArray:
    """Linear AP1 light of an ACEScct code. As `encode`, without the limit of half floats at the top."""
    return elementwise(_decode, code, "acescct.decode")
