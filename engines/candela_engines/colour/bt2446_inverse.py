"""SDR to HDR inverse tone mapping: ITU-R BT.2446-1, method A (§4.2, table 4) and method C (§5) backwards.

Method A's way up is a curve of its own, printed beside its way down, and made for one pair of displays: SDR
of 100 nit to HDR of 1000 nit. It is no algebraic inverse, and it takes SDR white to the HDR peak. Method C's
way up is its way down solved for the HDR light.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, rowwise
from candela_engines.colour.gamuts import LUMA_BT2020, rgb_to_xyz
from candela_engines.errors import InputError

__all__ = ["METHOD_A_PEAK", "METHOD_C_LARGEST", "method_a_inverse", "method_c_inverse"]

METHOD_A_PEAK = 1000.0
"""L_HDR of method A's way up, nits: its constants hold for no other."""
METHOD_C_LARGEST = 118.386820295414739
"""What 1000 nit become by method C, nits over an SDR white of 100: where its way up ends."""

_LUMA = np.array(LUMA_BT2020)
# Table 4: the exponent over Y'' = 255·Y', to 70 and beyond.
_JOINT = 70.0
_LOW = (1.8712e-5, -2.7334e-3, 1.3141)
_HIGH = (2.8305e-6, -7.4622e-4, 1.2528)
_CHROMA = 1.075
# §5, as `bt2446.method_c` has them.
_K1, _K2, _K3, _K4 = 0.83802, 15.09968, 0.74204, 78.99439
_INFLECTION_NITS = 58.5
_ALPHA = 0.05


def _exponent(y: FloatArray) -> FloatArray:
    low = (_LOW[0] * y + _LOW[1]) * y + _LOW[2]
    high = (_HIGH[0] * y + _HIGH[1]) * y + _HIGH[2]
    return np.asarray(np.where(y <= _JOINT, low, high))


def method_a_inverse(code: npt.ArrayLike) -> FloatArray:
    """HDR light of SDR codes by method A: BT.2446-1 §4.2, table 4.

    code: (…, 3) float, gamma-2.4 R'G'B' in BT.2020 of a 100-nit display, full range, 0..1 nominal; held to
    0..1.25, the exponent runs away beyond. Returns linear BT.2020 in nits, held to 0..1000 as the table has
    it, same shape and dtype: code 1.0 becomes 999.5 nit (the printed constants end 0.05 % short), code 0.489,
    an 18 % grey, 72 nit. NaN makes its pixel NaN. Raises InputError for another shape or an integer array.
    """

    def curve(given: FloatArray) -> FloatArray:
        rgb = np.clip(given, 0.0, 1.25)
        luma = rgb @ _LUMA
        full = 255.0 * luma
        luma_hdr = np.power(full, _exponent(full))
        # Black has no chroma to scale: the table has the factor 1 there.
        scale = np.where(luma > 0.0, _CHROMA * luma_hdr / luma, 1.0)
        cb = scale * (rgb[:, 2] - luma) / 1.8814
        cr = scale * (rgb[:, 0] - luma) / 1.4746
        red = luma_hdr + 1.4746 * cr
        blue = luma_hdr + 1.8814 * cb
        green = luma_hdr - 0.16455 * cb - 0.57135 * cr
        out = np.clip(np.stack([red, green, blue], axis=1), 0.0, 1000.0) / 1000.0
        return np.asarray(METHOD_A_PEAK * np.power(out, 2.4))

    return rowwise(curve, code, "bt2446_inverse.method_a_inverse")


def _luminance(y: FloatArray) -> FloatArray:
    joint = _INFLECTION_NITS / _K1
    log_part = (np.exp((y - _K4) / _K2) + _K3) * joint
    # The printed constants leave a step of 0.04 nit at the joint; without the hold light would fall there.
    return np.asarray(np.where(y < _INFLECTION_NITS, y / _K1, np.maximum(log_part, joint)))


def method_c_inverse(rgb_nits: npt.ArrayLike, *, alpha: float = _ALPHA) -> FloatArray:
    """HDR light of SDR light by method C solved for its input: BT.2446-1 §5, without chroma correction.

    rgb_nits: (…, 3) float, linear BT.2020 with SDR white at 100 nit; below zero held to 0, and luminance
    above 118.39 nit, what 1000 nit become on the way down, counts as that. alpha: crosstalk, 0 to 0.33.
    Returns linear BT.2020 in nits, same shape and dtype: white becomes 332.4 nit, an 18 % grey 21.5. NaN
    makes its pixel NaN. Raises InputError for another shape, an integer array or alpha.
    """
    if not 0.0 <= alpha <= 0.33:
        raise InputError(f"bt2446_inverse.method_c_inverse: alpha {alpha}; 0 to 0.33 is possible")
    # Crosstalk in, one gain a pixel, crosstalk out: of the two matrices what is left is the luminance that
    # the gain is read by, so the mixed colour itself is never needed.
    crosstalk = np.full((3, 3), alpha) + (1 - 3 * alpha) * np.eye(3)
    weights = crosstalk.T @ rgb_to_xyz("bt2020")[1]

    def curve(nits: FloatArray) -> FloatArray:
        light = np.maximum(nits, 0.0)
        luminance = light @ weights
        held = np.minimum(luminance, METHOD_C_LARGEST)
        gain = np.where(luminance > 0.0, _luminance(held) / luminance, 1 / _K1)
        gain = np.where(np.isnan(luminance), np.nan, gain)
        return np.asarray(light * gain[:, None])

    return rowwise(curve, rgb_nits, "bt2446_inverse.method_c_inverse")
