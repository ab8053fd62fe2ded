"""EETF for mapping PQ programmes to a display of smaller range: ITU-R BT.2390-8 §5.4.1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour._arrays import FloatArray, as_float, elementwise, quiet
from candela_engines.errors import InputError

__all__ = ["eetf", "eetf_max_rgb"]


def _code(nits: float) -> float:
    return float(pq.inverse_eotf(nits))


def eetf(
    nits: npt.ArrayLike,
    *,
    source_peak: float,
    target_peak: float,
    source_black: float = 0.0,
    target_black: float = 0.0,
) -> FloatArray:
    """Light of a display of target_peak for light mastered at source_peak: BT.2390-8 §5.4.1.

    nits: any shape, float; a luminance, or R, G and B each, which keeps no hue. Levels in nits (L_W, L_B,
    L_max, L_min). Light above source_peak is held there: the mastering peak says that there is none. Returns
    nits, same shape and dtype. NaN stays NaN, +inf becomes target_peak. A target as large as the source
    changes nothing. Raises InputError for levels out of order or an integer array.
    """
    if not 0 <= source_black < source_peak <= 10000 or not 0 <= target_black < target_peak <= 10000:
        raise InputError(
            f"bt2390.eetf: source {source_black}..{source_peak}, target {target_black}..{target_peak} nit; "
            "0 <= black < peak <= 10000 is needed"
        )
    floor, span = _code(source_black), _code(source_peak) - _code(source_black)
    top = min((_code(target_peak) - floor) / span, 1.0)
    bottom = max((_code(target_black) - floor) / span, 0.0)
    knee = 1.5 * top - 0.5

    def curve(light: FloatArray) -> FloatArray:
        e1 = np.clip((pq.inverse_eotf(light) - floor) / span, 0.0, 1.0)
        t = (e1 - knee) / (1 - knee) if knee < 1 else np.zeros_like(e1)
        spline = (
            (2 * t**3 - 3 * t**2 + 1) * knee
            + (t**3 - 2 * t**2 + t) * (1 - knee)
            + (-2 * t**3 + 3 * t**2) * top
        )
        e2 = np.where(e1 < knee, e1, spline)
        e3 = e2 + bottom * (1 - e2) ** 4
        return pq.eotf(e3 * span + floor)

    return elementwise(curve, nits, "bt2390.eetf")


def eetf_max_rgb(rgb_nits: npt.ArrayLike, *, source_peak: float, target_peak: float) -> FloatArray:
    """`eetf` on max(R, G, B), the same gain on all three. Keeps hue and chromaticity.

    rgb_nits: (…, 3) float, nits, linear. Returns the same shape and dtype; black stays black. Levels, NaN and
    errors as in `eetf`; an infinite pixel becomes NaN.
    """
    array = as_float(rgb_nits, "bt2390.eetf_max_rgb")
    if array.ndim == 0 or array.shape[-1] != 3:
        raise InputError(f"bt2390.eetf_max_rgb: an array of shape {array.shape} where (…, 3) is needed")
    largest = array.max(axis=-1, keepdims=True)
    mapped = eetf(largest, source_peak=source_peak, target_peak=target_peak)
    with quiet():
        gain = np.where(largest <= 0, 1.0, mapped / largest)
        return np.asarray((array * gain).astype(array.dtype))
