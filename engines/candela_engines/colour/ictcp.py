"""ICtCp, PQ variant (BT.2100-2 table 7), and the colour difference ΔE_ITP (BT.2124-0 annex 1)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour._arrays import FloatArray, as_float, elementwise, quiet, rowwise
from candela_engines.errors import InputError

__all__ = ["delta_e_itp", "from_nits", "to_nits"]

_LMS_FROM_RGB = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
_ICTCP_FROM_LMS = np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096
_RGB_FROM_LMS = np.linalg.inv(_LMS_FROM_RGB)
_LMS_FROM_ICTCP = np.linalg.inv(_ICTCP_FROM_LMS)


def from_nits(rgb_nits: npt.ArrayLike) -> FloatArray:
    """ICtCp of absolute linear BT.2020 light: BT.2100-2 table 7.

    rgb_nits: (…, 3) float, nits. Returns I (0..1), Ct and Cp (-0.5..0.5), same shape and dtype. Cone response
    below zero, which only light outside the visible gamut has, gets the PQ code of 0. A NaN makes its whole
    pixel NaN. Raises InputError for another shape or an integer array.
    """
    return rowwise(
        lambda rgb: pq.inverse_eotf(rgb @ _LMS_FROM_RGB.T) @ _ICTCP_FROM_LMS.T, rgb_nits, "ictcp.from_nits"
    )


def to_nits(ictcp: npt.ArrayLike) -> FloatArray:
    """Absolute linear BT.2020 light of ICtCp (…, 3); inverse of `from_nits`, dtype kept, unclipped."""
    return rowwise(lambda itp: pq.eotf(itp @ _LMS_FROM_ICTCP.T) @ _RGB_FROM_LMS.T, ictcp, "ictcp.to_nits")


def delta_e_itp(ictcp_a: npt.ArrayLike, ictcp_b: npt.ArrayLike) -> FloatArray:
    """ΔE_ITP = 720·√(ΔI² + ΔT² + ΔP²) with T = 0.5·Ct, P = Cp: BT.2124 annex 1. About 1 is just visible.

    ictcp_a, ictcp_b: (…, 3) float, equal shapes. Returns (…), float64 if either is. NaN stays NaN.
    """
    a, b = as_float(ictcp_a, "delta_e_itp"), as_float(ictcp_b, "delta_e_itp")
    if a.shape != b.shape or a.ndim == 0 or a.shape[-1] != 3:
        raise InputError(f"delta_e_itp: shapes {a.shape} and {b.shape}; two equal (…, 3) are needed")
    with quiet():
        d = a - b
        squares = d[..., 0] ** 2 + 0.25 * d[..., 1] ** 2 + d[..., 2] ** 2
    return elementwise(lambda s: 720.0 * np.sqrt(s), squares, "delta_e_itp")
