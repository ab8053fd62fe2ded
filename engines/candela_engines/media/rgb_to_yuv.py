"""R'G'B' to narrow-range Y'CbCr planes, as video encoders take them.

Y' = kr·R' + kg·G' + kb·B', Cb = (B' − Y') / (2 − 2·kb), Cr = (R' − Y') / (2 − 2·kr), then D = 219·E' + 16 and
224·E' + 128, times 2^(n − 8): BT.2020-2 tables 4 and 5, non-constant luminance, as in BT.2100-2.

Chroma is filtered before every other sample is taken, along rows and for 4:2:0 along columns, by the
half-band filter (−1, 0, 9, 16, 9, 0, −1)/32: symmetrical about a luma sample, so that chroma
lies on the left one of two pixels and the upper one of two rows (BT.2020-2 table 2, chroma location
type 2). At the edges the outermost sample goes on. All in single precision and in one order of operations,
which the native library (engines/native/src/video/rgb_to_yuv.cpp) shares: both give the same codes.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.native import native

__all__ = ["BT2020_WEIGHTS", "Chroma", "rgb_to_yuv"]

Chroma = Literal["420", "422", "444"]
Plane = NDArray[np.uint16]

BT2020_WEIGHTS = (0.2627, 0.0593)
"""kr and kb of BT.2020-2 table 4."""

_F = np.float32
_BAND = 128
_REACH = 3


def rgb_to_yuv(
    rgb: NDArray[Any],
    planes: tuple[Plane, Plane, Plane],
    *,
    bits: int,
    chroma: Chroma,
    weights: tuple[float, float] = BT2020_WEIGHTS,
    rgb_bits: int = 16,
    threads: int = 0,
) -> None:
    """Fill Y', Cb and Cr planes, each (rows, columns) uint16 with samples side by side, of `bits` 8 to 16.

    rgb: (H, W, 3) R'G'B', uint16 of `rgb_bits` over full scale, or float16 or float32 with 0..1 nominal (NaN
    becomes 0; held to -1..2). Codes are held to what interfaces carry, 4..1019 of 10 bits.
    threads: 0 for as many as the machine has; they change nothing.
    Raises InputError for shapes and types that do not fit, and for an odd size whose chroma would be halved.
    """
    _check(rgb, planes, bits, chroma, rgb_bits)
    library = native()
    if library is not None:
        library.rgb_to_yuv(rgb, rgb_bits, *planes, bits, chroma, *weights, threads)
        return
    height = rgb.shape[0]
    around = _REACH if chroma == "420" else 0
    for first in range(0, height, _BAND):
        last = min(first + _BAND, height)
        rows = np.clip(np.arange(first - around, last + around), 0, height - 1)
        _band(_unit(rgb[rows], rgb_bits), planes, first, last, bits, chroma, weights)


def _check(
    rgb: NDArray[Any], planes: tuple[Plane, Plane, Plane], bits: int, chroma: Chroma, rgb_bits: int
) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise InputError(f"a picture of shape {rgb.shape} where (H, W, 3) is needed")
    if rgb.dtype not in (np.dtype(np.uint16), np.dtype(np.float16), np.dtype(np.float32)):
        raise InputError(f"R'G'B' of {rgb.dtype}: uint16, float16 or float32 is needed")
    if not 8 <= bits <= 16 or not 8 <= rgb_bits <= 16:
        raise InputError(f"R'G'B' of {rgb_bits} bits to planes of {bits}: 8 to 16 are possible")
    height, width, _ = rgb.shape
    across, down = (1 if chroma == "444" else 2), (2 if chroma == "420" else 1)
    if width % across or height % down:
        raise InputError(
            f"{width}x{height}: chroma {chroma} needs an even {'width' if width % across else 'height'}"
        )
    for plane, shape in zip(planes, ((height, width), *[(height // down, width // across)] * 2), strict=True):
        if plane.shape != shape or plane.dtype != np.uint16 or plane.strides[1] != 2:
            raise InputError(f"a plane of {plane.shape} {plane.dtype} where {shape} uint16 is needed")


def _unit(rgb: NDArray[Any], bits: int) -> NDArray[np.float32]:
    if rgb.dtype == np.uint16:
        return rgb.astype(_F) * (_F(1) / _F((1 << bits) - 1))
    values = rgb.astype(_F)
    return np.minimum(np.maximum(np.where(np.isnan(values), _F(0), values), _F(-1)), _F(2))


def _codes(signal: NDArray[np.float32], steps: float, zero: float, bits: int) -> Plane:
    unit = 1 << (bits - 8)
    code = signal * _F(steps * unit) + _F(zero * unit + 0.5)
    held: Plane = np.clip(code, _F(unit), _F(255 * unit - 1) + _F(0.5)).astype(np.uint16)
    return held


def _halved(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every other row of (n + 6, w), from the fourth on, filtered."""
    at = [rows[_REACH + step : rows.shape[0] - _REACH + step : 2] for step in (-3, -1, 0, 1)]
    beyond = rows[2 * _REACH :: 2]
    filtered: NDArray[np.float32] = (_F(0.5) * at[2] + _F(0.28125) * (at[1] + at[3])) - _F(0.03125) * (
        at[0] + beyond
    )
    return filtered


def _band(
    rgb: NDArray[np.float32],
    planes: tuple[Plane, Plane, Plane],
    first: int,
    last: int,
    bits: int,
    chroma: Chroma,
    weights: tuple[float, float],
) -> None:
    """Rows first..last - 1; for 4:2:0 rgb has three rows more at either end."""
    kr, kb = weights
    red, green, blue = rgb[:, :, 0], rgb[:, :, 1], rgb[:, :, 2]
    grey = (_F(kr) * red + _F(1 - kr - kb) * green) + _F(kb) * blue
    inner = slice(_REACH, -_REACH) if chroma == "420" else slice(None)
    planes[0][first:last] = _codes(grey[inner], 219, 16, bits)
    for plane, channel, weight in ((planes[1], blue, kb), (planes[2], red, kr)):
        difference = (channel - grey) * _F(0.5 / (1 - weight))
        if chroma != "444":
            columns = np.pad(difference, ((0, 0), (_REACH, _REACH)), mode="edge").T
            difference = _halved(columns).T
        if chroma == "420":
            plane[first // 2 : last // 2] = _codes(_halved(difference), 224, 128, bits)
        else:
            plane[first:last] = _codes(difference, 224, 128, bits)
