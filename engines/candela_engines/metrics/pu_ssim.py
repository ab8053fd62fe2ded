"""PU-SSIM and PU-MS-SSIM: structural similarity of PU21-encoded luminance.

SSIM: Wang et al., IEEE TIP 2004, equation 13, Gaussian window 11x11 of σ 1.5. MS-SSIM: Wang, Simoncelli and
Bovik, Asilomar 2003, equation 7. Dynamic range 256, as in the reference code of PU21 (gfxdisp/pu21).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from candela_engines.colour import pu21
from candela_engines.colour.gamuts import luminance
from candela_engines.errors import InputError
from candela_engines.metrics._images import Image, check_pair

__all__ = ["pu_ms_ssim", "pu_ssim"]

DYNAMIC_RANGE = 256.0
_K1, _K2 = 0.01, 0.03
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_SIZE, _SIGMA = 11, 1.5
_STRIP_PIXELS = 1 << 18

Source = Callable[[slice], Image]
"""Rows of a plane that need not exist as a whole."""

_OFFSETS = np.arange(_SIZE) - _SIZE // 2
_WINDOW = np.exp(-(_OFFSETS**2) / (2 * _SIGMA**2))
_WINDOW /= _WINDOW.sum()


def _blur(plane: Image) -> Image:
    """Gaussian of the window, where it fits entirely: the result is 10 rows and columns smaller."""
    rows = plane.shape[0] - _SIZE + 1
    vertical = sum(w * plane[k : k + rows] for k, w in enumerate(_WINDOW))
    columns = plane.shape[1] - _SIZE + 1
    return np.asarray(sum(w * vertical[:, k : k + columns] for k, w in enumerate(_WINDOW)))


def _terms(a: Source, b: Source, height: int, width: int) -> tuple[float, float]:
    """Means of SSIM and of its contrast-structure part, in strips of rows that overlap by a window."""
    c1, c2 = (_K1 * DYNAMIC_RANGE) ** 2, (_K2 * DYNAMIC_RANGE) ** 2
    out_rows, step = height - _SIZE + 1, max(_SIZE, _STRIP_PIXELS // width)
    ssim = structure = 0.0
    for top in range(0, out_rows, step):
        rows = slice(top, min(top + step, out_rows) + _SIZE - 1)
        x, y = a(rows).astype(np.float64), b(rows).astype(np.float64)
        mean_x, mean_y = _blur(x), _blur(y)
        var_x, var_y = _blur(x * x) - mean_x**2, _blur(y * y) - mean_y**2
        covariance = _blur(x * y) - mean_x * mean_y
        cs = (2 * covariance + c2) / (var_x + var_y + c2)
        structure += float(cs.sum())
        ssim += float((cs * (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)).sum())
    count = out_rows * (width - _SIZE + 1)
    return ssim / count, structure / count


def _encoded(picture: Image) -> Source:
    return lambda rows: pu21.encode(luminance(picture[rows]))


def _halved(source: Source, height: int, width: int) -> Source:
    """The plane at half size by 2x2 means; an odd last row or column is left out."""
    half = np.empty((height // 2, width // 2))
    step = max(1, _STRIP_PIXELS // width)
    for top in range(0, len(half), step):
        bottom = min(top + step, len(half))
        even = source(slice(2 * top, 2 * bottom))[:, : width // 2 * 2]
        half[top:bottom] = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    return lambda rows: half[rows]


def _check(test: Image, reference: Image, what: str) -> tuple[int, int]:
    check_pair(test, reference, what)
    height, width = test.shape[:2]
    if min(height, width) < _SIZE:
        raise InputError(f"{what}: a picture of {width}x{height}; at least {_SIZE}x{_SIZE} is needed")
    return height, width


def pu_ssim(test: Image, reference: Image) -> float:
    """Mean SSIM of PU21(Y), 1.0 for identical pictures.

    test, reference: (H, W, 3) float32 or float64, linear BT.2020, absolute nits, at least 11x11; Y has
    BT.2020 weights (the reference code takes BT.709's). Only windows that lie inside the picture count. NaN
    anywhere gives NaN. Raises InputError for other shapes.
    """
    return _terms(_encoded(test), _encoded(reference), *_check(test, reference, "PU-SSIM"))[0]


def pu_ms_ssim(test: Image, reference: Image) -> float:
    """Multi-scale SSIM of PU21(Y): the five published scales, halved by 2x2 means; identity is 1.0.

    As `pu_ssim`. A picture under 176 pixels on a side has fewer scales, whose weights are brought to a sum
    of 1; a figure from such a picture is not comparable with one from five scales. Negative terms count as 0.
    """
    height, width = _check(test, reference, "PU-MS-SSIM")
    a, b = _encoded(test), _encoded(reference)
    scales = min(len(_WEIGHTS), int(math.log2(min(height, width) / _SIZE)) + 1)
    weights = np.array(_WEIGHTS[:scales])
    if scales < len(_WEIGHTS):  # all five are taken as published, though they add up to 1.0001
        weights /= weights.sum()
    product = 1.0
    for scale, weight in enumerate(weights):
        ssim, structure = _terms(a, b, height, width)
        term = ssim if scale == scales - 1 else structure
        if math.isnan(term):
            return math.nan
        product *= max(term, 0.0) ** float(weight)
        if scale < scales - 1:
            a, b = _halved(a, height, width), _halved(b, height, width)
            height, width = height // 2, width // 2
    return product
