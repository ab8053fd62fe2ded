"""PU21, fit `banding_glare`: Mantiuk and Azimi, PCS 2021, "PU21: A novel perceptually uniform encoding"."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, elementwise

__all__ = ["MAX_NITS", "MIN_NITS", "decode", "encode"]

MIN_NITS = 0.005
MAX_NITS = 10000.0
_P = (0.353487901, 0.3734658629, 8.277049286e-05, 0.9062562627, 0.09150303166, 0.9099517204, 596.3148142)


def _encode(nits: FloatArray) -> FloatArray:
    p1, p2, p3, p4, p5, p6, p7 = _P
    y = np.power(np.clip(nits, MIN_NITS, MAX_NITS), p4)
    return np.asarray(np.maximum(p7 * (np.power((p1 + p2 * y) / (1 + p3 * y), p5) - p6), 0.0))


def _decode(value: FloatArray) -> FloatArray:
    p1, p2, p3, p4, p5, p6, p7 = _P
    q = np.power(np.maximum(value / p7 + p6, 0.0), 1 / p5)
    y = np.maximum(q - p1, 0.0) / np.maximum(p2 - p3 * q, 0.0)
    return np.asarray(np.power(y, 1 / p4))


def encode(nits: npt.ArrayLike) -> FloatArray:
    """PU21 value of absolute light, fitted to banding and glare; 100 nit is 256.4.

    nits: any shape, float, cd/m²: a luminance, or each channel of absolute linear RGB. Returns 0..595.39,
    same shape and dtype. The model is defined on 0.005..10000 nit; light outside, ±inf with
    it, is clamped to that range. NaN stays NaN. Raises InputError for an integer array.
    """
    return elementwise(_encode, nits, "pu21.encode")


def decode(value: npt.ArrayLike) -> FloatArray:
    """Light in nits of a PU21 value: the inverse of `encode` on 0..595.39, followed on beyond, unclipped.

    The value 0 is decoded to 0.005 nit within 2e-5. NaN stays NaN.
    """
    return elementwise(_decode, value, "pu21.decode")
