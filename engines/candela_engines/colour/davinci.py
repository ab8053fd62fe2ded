"""DaVinci Wide Gamut and DaVinci Intermediate: Blackmagic Design's white paper of August 2021."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, elementwise
from candela_engines.colour.gamuts import Gamut, normalised_primaries, xyz_to_rgb

__all__ = ["WIDE_GAMUT", "bt2020_to_wide_gamut", "intermediate", "inverse_intermediate"]

WIDE_GAMUT = Gamut((0.8000, 0.3130), (0.1682, 0.9877), (0.0790, -0.1155), (0.3127, 0.3290))
A = 0.0075
B = 7.0
C = 0.07329248
M = 10.44426855
LINEAR_CUT = 0.00262409
LOG_CUT = 0.02740668


def _oetf(light: FloatArray) -> FloatArray:
    log_part = (np.log2(np.maximum(light, LINEAR_CUT) + A) + B) * C
    return np.where(light > LINEAR_CUT, log_part, light * M)


def _inverse(code: FloatArray) -> FloatArray:
    log_part = np.exp2(np.maximum(code, LOG_CUT) / C - B) - A
    return np.where(code > LOG_CUT, log_part, code / M)


def intermediate(light: npt.ArrayLike) -> FloatArray:
    """DaVinci Intermediate code of linear light: (log2(L + a) + b)·c above the cut, L·m below.

    light: any shape, float, 1.0 = 100 nit as DaVinci Resolve places display light. Returns codes, same shape
    and dtype, unclipped; 0.18 is 0.336043. Raises InputError for an integer array.
    """
    return elementwise(_oetf, light, "davinci.intermediate")


def inverse_intermediate(code: npt.ArrayLike) -> FloatArray:
    """Linear light of a DaVinci Intermediate code. As `intermediate`."""
    return elementwise(_inverse, code, "davinci.inverse_intermediate")


def bt2020_to_wide_gamut() -> npt.NDArray[np.float64]:
    """Matrix (3, 3) float64 from linear BT.2020 to linear DaVinci Wide Gamut; both have the white of D65."""
    wide = np.linalg.inv(normalised_primaries(WIDE_GAMUT))
    return np.asarray(wide @ np.linalg.inv(xyz_to_rgb("bt2020")), np.float64)
