"""The normal distribution for arrays, and the unit of JOD.

One JOD apart is preferred by three of four (Perez-Ortiz et al., IEEE TIP 2020): the noise of a difference has
a standard deviation of 1 / Φ⁻¹(0.75) = 1.4826 JOD.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["SIGMA_JOD", "log_cdf", "normal_cdf", "slope_of_log_cdf"]

F64 = NDArray[np.float64]
SIGMA_JOD = 1.0 / 0.6744897501960817
_LOG_ROOT = 0.5 * math.log(2 * math.pi)

# log Φ from −36, where the error function still is a number, to 10, where it is 1, with its two derivatives
# at steps of 1/64: the quintic between two of these is exact to rounding, and arrays cost no call of Python
# an element.
_FROM, _TO, _PER_UNIT = -36, 10, 64
_AT = np.arange(_FROM * _PER_UNIT, _TO * _PER_UNIT + 1) / _PER_UNIT
_LOG = np.array([math.log(0.5 * math.erfc(-z / math.sqrt(2))) for z in _AT])
_SLOPE = np.exp(-0.5 * _AT * _AT - _LOG_ROOT - _LOG)
_BEND = -_SLOPE * (_AT + _SLOPE)


def _quintics() -> tuple[F64, ...]:
    """Coefficients by power of the place between two knots, 0 to 1, each (knots − 1,)."""
    a, b = _LOG[:-1], _LOG[1:]
    p, q = _SLOPE[:-1] / _PER_UNIT, _SLOPE[1:] / _PER_UNIT
    u, v = _BEND[:-1] / _PER_UNIT**2, _BEND[1:] / _PER_UNIT**2
    rise = b - a
    return (
        a,
        p,
        u / 2,
        10 * rise - 6 * p - 4 * q - 1.5 * u + 0.5 * v,
        -15 * rise + 8 * p + 7 * q + 1.5 * u - v,
        6 * rise - 3 * (p + q) - 0.5 * (u - v),
    )


_POWERS = _quintics()


def normal_cdf(z: ArrayLike) -> F64:
    """Φ(z), of any shape."""
    return np.asarray(np.exp(log_cdf(z)))


def log_cdf(z: ArrayLike) -> F64:
    """log Φ(z), right in the lower tail as well, where Φ itself is no number any more."""
    z = np.asarray(z, np.float64)
    inside = np.clip(z, _FROM, _TO)
    left = (np.fmax(inside, _FROM) - _FROM) * _PER_UNIT  # fmax: what is no number has a place, and stays none
    left = np.minimum(left.astype(np.int64), len(_AT) - 2)
    t = (inside - _AT[left]) * _PER_UNIT
    found = _POWERS[-1][left]
    for power in reversed(_POWERS[:-1]):
        found = found * t + power[left]
    if (z >= _FROM).all():
        return np.asarray(found)
    # Mills' ratio: Abramowitz & Stegun 26.2.12.
    low = np.minimum(z, _FROM)
    inverse = 1.0 / (low * low)
    series = 1 - inverse * (1 - 3 * inverse * (1 - 5 * inverse))
    far = -0.5 * low * low - np.log(-low) - _LOG_ROOT + np.log(series)
    return np.asarray(np.where(z >= _FROM, found, far), np.float64)


def slope_of_log_cdf(z: ArrayLike) -> F64:
    """φ(z) / Φ(z), the derivative of log Φ."""
    z = np.asarray(z, np.float64)
    return np.asarray(np.exp(-0.5 * z * z - _LOG_ROOT - log_cdf(z)))
