"""sRGB transfer function: IEC 61966-2-1:1999 §5.2 and Amendment 1 (the extension to negative values)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, elementwise

__all__ = ["eotf", "inverse_eotf"]


def _eotf(code: FloatArray) -> FloatArray:
    size = np.abs(code)
    light = np.where(size <= 0.04045, size / 12.92, np.power((size + 0.055) / 1.055, 2.4))
    return np.copysign(light, code)


def _inverse(light: FloatArray) -> FloatArray:
    size = np.abs(light)
    code = np.where(size <= 0.0031308, 12.92 * size, 1.055 * np.power(size, 1 / 2.4) - 0.055)
    return np.copysign(code, light)


def eotf(code: npt.ArrayLike) -> FloatArray:
    """Relative linear light of an sRGB code: IEC 61966-2-1 §5.2, piecewise.

    code: any shape, float; 0..1 nominal. Returns light with 1.0 = display white, same shape and dtype. Codes
    above 1 follow the curve on, negative ones mirror it. NaN and ±inf pass through. Raises InputError for an
    integer array.
    """
    return elementwise(_eotf, code, "srgb.eotf")


def inverse_eotf(light: npt.ArrayLike) -> FloatArray:
    """sRGB code of relative linear light: IEC 61966-2-1 §5.3.

    light: any shape, float, 1.0 = display white. Returns codes, same shape and dtype, unclipped, odd. The
    constants as printed leave a step of 3e-8 at 0.0031308, which bounds the error of a round trip.
    """
    return elementwise(_inverse, light, "srgb.inverse_eotf")
