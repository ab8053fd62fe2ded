"""HDR to SDR tone mapping: ITU-R BT.2446-1, method A (§3) and method C (§5), forward only.

Both take absolute BT.2020 light and say what they normalise it by, because that is where implementations go
wrong: method A wants 1.0 = the HDR peak, not 10000 nit.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour import gamma
from candela_engines.colour._arrays import FloatArray, elementwise, rowwise
from candela_engines.colour.gamuts import LUMA_BT2020, apply_matrix, rgb_to_rgb, rgb_to_xyz
from candela_engines.errors import InputError

__all__ = ["method_a", "method_c", "rec709_code", "sdr_rec2020_to_rec709_code"]

_LUMA = np.array(LUMA_BT2020)
_SDR_GAMMA = 2.4

# Method C, tone mapping of §5, 1000 nit to SDR.
_K1, _K2, _K3, _K4 = 0.83802, 15.09968, 0.74204, 78.99439
_INFLECTION_NITS = 58.5
_ALPHA = 0.05


def _knee(y: FloatArray) -> FloatArray:
    """Y'_c of Y'_p: method A, step 2."""
    middle = -1.1510 * y * y + 2.7811 * y - 0.6302
    return np.asarray(np.where(y <= 0.7399, 1.0770 * y, np.where(y < 0.9909, middle, 0.5 * y + 0.5)))


def method_a(rgb_nits: npt.ArrayLike, *, hdr_peak: float = 1000.0, sdr_peak: float = 100.0) -> FloatArray:
    """SDR code of HDR light by method A: BT.2446-1 §3.

    rgb_nits: (…, 3) float, linear BT.2020, display light in nits. hdr_peak, sdr_peak: L_HDR and L_SDR. Light
    is held to 0..hdr_peak first, where the method is defined; ±inf go to these ends, NaN makes its pixel NaN.
    Returns gamma-2.4 R'G'B' in BT.2020, same shape and dtype, nominally 0..1; saturated colours may leave it
    and are not clipped. Raises InputError for another shape, an integer array or odd peaks.
    """
    for peak in (hdr_peak, sdr_peak):
        if not 1.0 <= peak <= 10000.0:
            raise InputError(f"bt2446.method_a: a peak of {peak} nit; 1 to 10000 is possible")
    rho_hdr = 1 + 32 * (hdr_peak / 10000) ** (1 / 2.4)
    rho_sdr = 1 + 32 * (sdr_peak / 10000) ** (1 / 2.4)

    def curve(nits: FloatArray) -> FloatArray:
        code = np.power(np.clip(nits / hdr_peak, 0.0, 1.0), 1 / _SDR_GAMMA)
        luma = code @ _LUMA
        perceptual = np.log1p((rho_hdr - 1) * luma) / np.log(rho_hdr)
        luma_sdr = (np.power(rho_sdr, _knee(perceptual)) - 1) / (rho_sdr - 1)
        # Black has no chroma to scale.
        factor = np.where(luma > 0.0, luma_sdr / (1.1 * luma), 0.0)
        factor = np.where(np.isnan(luma), np.nan, factor)
        cb = factor * (code[:, 2] - luma) / 1.8814
        cr = factor * (code[:, 0] - luma) / 1.4746
        luma_out = luma_sdr - np.maximum(0.1 * cr, 0.0)
        # BT.2020-2 table 4, non-constant luminance, backwards.
        red = luma_out + 1.4746 * cr
        blue = luma_out + 1.8814 * cb
        green = (luma_out - _LUMA[0] * red - _LUMA[2] * blue) / _LUMA[1]
        return np.stack([red, green, blue], axis=1)

    return rowwise(curve, rgb_nits, "bt2446.method_a")


def _method_c_luminance(y: FloatArray) -> FloatArray:
    log_part = _K2 * np.log(np.maximum(y * _K1 / _INFLECTION_NITS - _K3, 1e-9)) + _K4
    return np.asarray(np.where(y < _INFLECTION_NITS / _K1, _K1 * y, log_part))


def method_c(rgb_nits: npt.ArrayLike, *, alpha: float = _ALPHA) -> FloatArray:
    """SDR light of HDR light by method C: BT.2446-1 §5, without its optional chroma correction.

    rgb_nits: (…, 3) float, linear BT.2020, display light in nits; below zero held to 0, +inf gives NaN.
    alpha: crosstalk, 0 to 0.33. Steps: crosstalk, XYZ and xyY, tone curve on Y, inverse crosstalk. Returns
    linear BT.2020 in nits, same shape and dtype: 203 nit becomes 90.7 and 1000 nit 118.4; SDR white is 100
    and the super-white above it is not clipped here. NaN makes its pixel NaN. Raises InputError for another
    shape, an integer array or alpha.
    """
    if not 0.0 <= alpha <= 0.33:
        raise InputError(f"bt2446.method_c: alpha {alpha}; 0 to 0.33 is possible")
    crosstalk = np.full((3, 3), alpha) + (1 - 3 * alpha) * np.eye(3)
    uncross = np.linalg.inv(crosstalk)
    weights = rgb_to_xyz("bt2020")[1]

    def curve(nits: FloatArray) -> FloatArray:
        mixed = np.maximum(nits, 0.0) @ crosstalk.T
        luminance = mixed @ weights
        # Keeping x and y while Y changes is one gain on all three channels.
        gain = np.where(luminance > 0.0, _method_c_luminance(luminance) / luminance, _K1)
        gain = np.where(np.isnan(luminance), np.nan, gain)
        return np.asarray((mixed * gain[:, None]) @ uncross.T)

    return rowwise(curve, rgb_nits, "bt2446.method_c")


def sdr_rec2020_to_rec709_code(light: npt.ArrayLike, *, white_nits: float = 100.0) -> FloatArray:
    """BT.709 code, ready for 8 bits, of linear BT.2020 SDR light: matrix, hard clip (BT.2407 §2), gamma 2.4.

    light: (…, 3) float in nits with `white_nits` as code 1.0; for `method_a`, give `gamma.eotf(code, 2.4)`
    and white_nits=1. Returns codes clipped to 0..1, the last step of an SDR deliverable, same shape and
    dtype. NaN stays NaN. Raises InputError for another shape, an integer array or white.
    """
    if not 0.0 < white_nits < float("inf"):
        raise InputError(f"bt2446: white of {white_nits} nit; more than 0 is needed")
    rec709 = apply_matrix(light, rgb_to_rgb("bt2020", "bt709"))
    return gamma.inverse_eotf(
        elementwise(lambda v: np.clip(v / white_nits, 0.0, 1.0), rec709, "bt2446"), _SDR_GAMMA
    )


def rec709_code(
    rgb_nits: npt.ArrayLike, *, method: Literal["a", "c"], hdr_peak: float = 1000.0, sdr_peak: float = 100.0
) -> FloatArray:
    """SDR deliverable of HDR light: the method, then `sdr_rec2020_to_rec709_code`.

    rgb_nits: (…, 3) float, linear BT.2020, display light in nits. The peaks are method A's; method C has
    none. Returns BT.709 gamma-2.4 codes in 0..1, ready for `signal_range.encode`; same shape and dtype.
    Errors as the methods'.
    """
    if method == "a":
        code = method_a(rgb_nits, hdr_peak=hdr_peak, sdr_peak=sdr_peak)
        return sdr_rec2020_to_rec709_code(gamma.eotf(code, _SDR_GAMMA), white_nits=1.0)
    if method == "c":
        return sdr_rec2020_to_rec709_code(method_c(rgb_nits))
    raise InputError(f"bt2446: method {method!r}; 'a' or 'c' is needed")
