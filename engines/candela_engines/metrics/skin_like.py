"""Skin-like pixels: a sector of hue in ICtCp around the skin patches of the ColorChecker, with bounds of
chroma.

Pascale, 2006, BabelColor averages: sRGB 115, 82, 68 and 194, 150, 130. Wood, sand and brick lie there too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["HUE_DEGREES", "skin_hue", "skin_like"]

F32 = NDArray[np.float32]
HUE_DEGREES = 108.4
"""Hue of the mean of both patches placed at 203 nit, atan2(P, T); a test computes it anew."""
_HALF_SECTOR = 16.0
_CHROMA = (8.0, 75.0)
_NITS = (2.0, 400.0)


def skin_hue(tritan: F32, protan: F32) -> F32:
    """Hue of T and P (ICtCp, T halved) less that of skin, degrees, −180..180."""
    hue = np.degrees(np.arctan2(protan, tritan)) - np.float32(HUE_DEGREES)
    return np.asarray(hue - np.float32(360) * np.round(hue / np.float32(360)), np.float32)


def skin_like(hue: F32, chroma: F32, luminance: F32) -> NDArray[np.bool_]:
    """hue: of `skin_hue`. chroma: √(T² + P²), 720 for full scale. luminance: nits. All of one shape."""
    mask = np.abs(hue) < np.float32(_HALF_SECTOR)
    mask &= (chroma > np.float32(_CHROMA[0])) & (chroma < np.float32(_CHROMA[1]))
    mask &= (luminance > np.float32(_NITS[0])) & (luminance < np.float32(_NITS[1]))
    return np.asarray(mask, np.bool_)
