"""Hybrid log-gamma: BT.2100-2 table 5, with the system gamma of note 5f for any display peak.

The standard defines its curves on 0..1. Here they are continued as odd functions and beyond 1, without the
max(0, …) that a display applies, so that light outside the gamut and super-whites survive a round trip.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, elementwise, rowwise
from candela_engines.colour.gamuts import LUMA_BT2020
from candela_engines.errors import InputError

__all__ = ["eotf", "inverse_eotf", "inverse_oetf", "inverse_ootf", "oetf", "ootf", "system_gamma"]

A = 0.17883277
B = 1 - 4 * A  # 0.28466892
C = 0.5 - A * math.log(4 * A)  # 0.55991073
_LUMA = np.array(LUMA_BT2020)


def _oetf(scene: FloatArray) -> FloatArray:
    e = np.abs(scene)
    log_part = A * np.log(np.maximum(12 * e - B, 1e-9)) + C
    return np.copysign(np.where(e <= 1 / 12, np.sqrt(3 * e), log_part), scene)


def _inverse_oetf(code: FloatArray) -> FloatArray:
    v = np.abs(code)
    return np.copysign(np.where(v <= 0.5, v * v / 3, (np.exp((v - C) / A) + B) / 12), code)


def oetf(scene: npt.ArrayLike) -> FloatArray:
    """HLG code of relative scene light: √(3E) up to 1/12, then a·ln(12E − b) + c. BT.2100-2 table 5.

    scene: any shape, float, 0..1 nominal. Returns codes, same shape and dtype; odd, unclipped. NaN and ±inf
    pass through. Raises InputError for an integer array.
    """
    return elementwise(_oetf, scene, "hlg.oetf")


def inverse_oetf(code: npt.ArrayLike) -> FloatArray:
    """Relative scene light of an HLG code: E'²/3 up to 1/2, then (exp((E' − c)/a) + b)/12. As `oetf`."""
    return elementwise(_inverse_oetf, code, "hlg.inverse_oetf")


def system_gamma(peak_nits: float) -> float:
    """γ of the OOTF for a nominal display peak L_W: BT.2100-2 note 5f.

    1.2 + 0.42·log10(L_W/1000) for 400..2000 nit; outside that the extended formula of the same note,
    1.2·1.111^log2(L_W/1000). Raises InputError unless 1 <= L_W <= 10000.
    """
    if not 1.0 <= peak_nits <= 10000.0:
        raise InputError(f"hlg: display peak {peak_nits} nit; 1 to 10000 is possible")
    if 400.0 <= peak_nits <= 2000.0:
        return 1.2 + 0.42 * math.log10(peak_nits / 1000)
    return float(1.2 * 1.111 ** math.log2(peak_nits / 1000))


def _power_of_luminance(rgb: FloatArray, exponent: float) -> FloatArray:
    luminance = np.abs(rgb @ _LUMA)[:, None]
    # Black would give 0·inf where the exponent is negative.
    return np.where(luminance == 0.0, 0.0, np.power(luminance, exponent))


def ootf(scene: npt.ArrayLike, *, peak_nits: float = 1000.0, gamma: float | None = None) -> FloatArray:
    """Display light of BT.2020 scene light: F_D = L_W·Y_S^(γ−1)·E. BT.2100-2 table 5.

    scene: (…, 3) float, 0..1 nominal. peak_nits: L_W. gamma: instead of `system_gamma(peak_nits)`, as
    one chosen for another surround. Returns nits, same shape and dtype; luminance enters by its
    absolute value. Raises InputError for another shape, an integer array or an impossible peak.
    """
    g = system_gamma(peak_nits) if gamma is None else gamma
    return rowwise(lambda e: peak_nits * _power_of_luminance(e, g - 1) * e, scene, "hlg.ootf")


def inverse_ootf(nits: npt.ArrayLike, *, peak_nits: float = 1000.0, gamma: float | None = None) -> FloatArray:
    """BT.2020 scene light of display light: E = (F_D/L_W)·(Y_D/L_W)^((1−γ)/γ). BT.2408-7 §6.2.

    The exact inverse of `ootf`, except for a coloured pixel of zero luminance, which becomes black.
    """
    g = system_gamma(peak_nits) if gamma is None else gamma

    def curve(display: FloatArray) -> FloatArray:
        light = display / peak_nits
        return light * _power_of_luminance(light, (1 - g) / g)

    return rowwise(curve, nits, "hlg.inverse_ootf")


def eotf(code: npt.ArrayLike, *, peak_nits: float = 1000.0, black_nits: float = 0.0) -> FloatArray:
    """Display light of HLG codes: OOTF(OETF⁻¹((1 − β)E' + β)), β = √(3·(L_B/L_W)^(1/γ)). BT.2100-2 table 5.

    code: (…, 3) float BT.2020 R'G'B', 0..1 nominal, 75 % being 203 nit at 1000 nit. peak_nits, black_nits:
    L_W and L_B. Returns nits, same shape and dtype, unclipped. Errors as in `ootf`.
    """
    beta = _beta(peak_nits, black_nits)
    lifted = elementwise(lambda v: _inverse_oetf((1 - beta) * v + beta), code, "hlg.eotf")
    return ootf(lifted, peak_nits=peak_nits)


def inverse_eotf(nits: npt.ArrayLike, *, peak_nits: float = 1000.0, black_nits: float = 0.0) -> FloatArray:
    """HLG codes (…, 3) of BT.2020 display light in nits; the inverse of `eotf`, unclipped."""
    beta = _beta(peak_nits, black_nits)
    scene = inverse_ootf(nits, peak_nits=peak_nits)
    return elementwise(lambda e: (_oetf(e) - beta) / (1 - beta), scene, "hlg.inverse_eotf")


def _beta(peak_nits: float, black_nits: float) -> float:
    gamma = system_gamma(peak_nits)
    if not 0.0 <= black_nits < peak_nits / 12:
        raise InputError(
            f"hlg: black {black_nits} nit; 0 to a twelfth of the peak of {peak_nits} is possible"
        )
    return math.sqrt(3 * (black_nits / peak_nits) ** (1 / gamma))
