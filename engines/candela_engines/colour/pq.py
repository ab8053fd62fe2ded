"""Perceptual quantiser: SMPTE ST 2084:2014 §5, equal to BT.2100-2 table 4."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, elementwise
from candela_engines.errors import InputError

__all__ = ["PEAK_NITS", "eotf", "eotf_codes", "inverse_eotf"]

PEAK_NITS = 10000.0
M1 = 2610 / 16384
M2 = 2523 / 4096 * 128
C1 = 3424 / 4096
C2 = 2413 / 4096 * 32
C3 = 2392 / 4096 * 32

_HUGE = 1e300  # stands for an infinite luminance: the ratio below then equals its limit C2/C3


def _eotf(code: FloatArray) -> FloatArray:
    root = np.power(np.maximum(code, 0.0), 1 / M2)
    numerator = np.maximum(root - C1, 0.0)
    denominator = np.maximum(C2 - C3 * root, 0.0)
    return PEAK_NITS * np.power(numerator / denominator, 1 / M1)


def _inverse(nits: FloatArray) -> FloatArray:
    y = np.power(np.clip(nits / PEAK_NITS, 0.0, _HUGE), M1)
    return np.power((C1 + C2 * y) / (1.0 + C3 * y), M2)


def eotf(code: npt.ArrayLike) -> FloatArray:
    """Luminance of a PQ code: the reference EOTF of ST 2084.

    code: any shape, float; 0..1 is the signal range, nothing above 1 is clipped. Returns nits (cd/m²), same
    shape and dtype. The standard's max(…, 0) makes every code below inverse_eotf(0) = 7.3e-7, and so every
    negative one, 0 nit. Codes from (C2/C3)^M2 = 1.99 up, and +inf, are +inf; NaN stays NaN.
    Raises InputError for an integer array.
    """
    return elementwise(_eotf, code, "pq.eotf")


def inverse_eotf(nits: npt.ArrayLike) -> FloatArray:
    """PQ code of a luminance: the inverse EOTF of ST 2084.

    nits: any shape, float, cd/m². Returns codes, same shape and dtype; 10000 nit is 1.0, brighter light goes
    above 1 and +inf to the limit 1.99. Light below zero has no PQ code and gets that of 0 nit (7.3e-7).
    NaN stays NaN. Raises InputError for an integer array.
    """
    return elementwise(_inverse, nits, "pq.inverse_eotf")


@lru_cache(maxsize=4)
def _table(bits: int) -> npt.NDArray[np.float32]:
    codes = np.arange(1 << bits, dtype=np.float64) / ((1 << bits) - 1)
    table = eotf(codes).astype(np.float32)
    table.setflags(write=False)
    return table


def eotf_codes(codes: npt.NDArray[np.unsignedinteger], *, bits: int = 16) -> npt.NDArray[np.float32]:
    """Luminance of full-range integer codes by table: exact, and several times faster than `eotf`.

    codes: any shape, unsigned, 0..2^bits-1. bits: 8 to 16. Returns float32 nits of the same shape.
    Raises InputError for another dtype, bit depth or a code that needs more bits.
    """
    array = np.asarray(codes)
    if array.dtype.kind != "u":
        raise InputError(f"pq.eotf_codes: dtype {array.dtype} where unsigned integers are needed")
    if not 8 <= bits <= 16:
        raise InputError(f"pq.eotf_codes: {bits} bits; 8 to 16 are possible")
    if array.size and array.dtype.itemsize * 8 > bits and int(array.max()) >= 1 << bits:
        raise InputError(f"pq.eotf_codes: code {int(array.max())} does not fit {bits} bits")
    return np.asarray(np.take(_table(bits), array))
