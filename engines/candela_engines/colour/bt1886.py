"""Reference EOTF of SDR television: ITU-R BT.1886 annex 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, elementwise
from candela_engines.errors import InputError

__all__ = ["eotf", "inverse_eotf"]

GAMMA = 2.40


def _gain_and_lift(white_nits: float, black_nits: float) -> tuple[float, float]:
    if not 0.0 <= black_nits < white_nits < float("inf"):
        raise InputError(
            f"bt1886: white {white_nits} and black {black_nits} nit; 0 <= black < white is needed"
        )
    white, black = white_nits ** (1 / GAMMA), black_nits ** (1 / GAMMA)
    return (white - black) ** GAMMA, black / (white - black)


def eotf(code: npt.ArrayLike, *, white_nits: float = 100.0, black_nits: float = 0.0) -> FloatArray:
    """Luminance of a BT.1886 code: L = a·max(V + b, 0)^2.4, annex 1.

    code: any shape, float; 0 is black, 1 white, nothing above is clipped. white_nits, black_nits: L_W, L_B.
    Returns nits, same shape and dtype. Below V = -b, where a display shows nothing, the curve is continued
    as an odd function instead of the standard's max(…, 0), so that `inverse_eotf` gives back what came in.
    NaN and ±inf pass through. Raises InputError for impossible levels or an integer array.
    """
    gain, lift = _gain_and_lift(white_nits, black_nits)

    def curve(v: FloatArray) -> FloatArray:
        lifted = v + lift
        return np.copysign(gain * np.power(np.abs(lifted), GAMMA), lifted)

    return elementwise(curve, code, "bt1886.eotf")


def inverse_eotf(nits: npt.ArrayLike, *, white_nits: float = 100.0, black_nits: float = 0.0) -> FloatArray:
    """BT.1886 code of a luminance: V = (L / a)^(1/2.4) - b; the exact inverse of `eotf`.

    nits: any shape, float. Returns codes, same shape and dtype, unclipped. Errors as in `eotf`.
    """
    gain, lift = _gain_and_lift(white_nits, black_nits)

    def curve(light: FloatArray) -> FloatArray:
        return np.copysign(np.power(np.abs(light) / gain, 1 / GAMMA), light) - lift

    return elementwise(curve, nits, "bt1886.inverse_eotf")
