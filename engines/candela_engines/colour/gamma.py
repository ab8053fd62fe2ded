"""Pure power transfer functions: 2.2 (desktop), 2.4 (BT.1886 with zero black), 2.6 (SMPTE RP 431-2)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, elementwise
from candela_engines.errors import InputError

__all__ = ["eotf", "inverse_eotf"]


def _power(values: npt.ArrayLike, exponent: float, what: str) -> FloatArray:
    if not 0.1 <= exponent <= 10.0:
        raise InputError(f"{what}: exponent {exponent}; gamma has to lie in 0.1..10")
    return elementwise(lambda v: np.copysign(np.power(np.abs(v), exponent), v), values, what)


def eotf(code: npt.ArrayLike, gamma: float) -> FloatArray:
    """Relative linear light of a code: sgn(V)·|V|^gamma.

    code: any shape, float; 0..1 nominal, unclipped; negative codes mirror the curve. gamma: 2.2, 2.4, 2.6, or
    any in 0.1..10. Returns light with 1.0 = display white, same shape and dtype. NaN and ±inf pass through.
    Raises InputError for another gamma or an integer array.
    """
    return _power(code, gamma, "gamma.eotf")


def inverse_eotf(light: npt.ArrayLike, gamma: float) -> FloatArray:
    """Code of relative linear light: sgn(L)·|L|^(1/gamma). As `eotf` otherwise."""
    return _power(light, 1.0 / gamma if gamma else 0.0, "gamma.inverse_eotf")
