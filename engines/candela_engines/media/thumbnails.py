"""Thumbnails for pages to read: small sRGB JPEGs of SDR codes, of HDR light and of false colour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour.bt2446 import rec709_code
from candela_engines.colour.convert import from_nits_rec2020, to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.media.codecs import imagecodecs_module

__all__ = [
    "F32",
    "U8",
    "WIDTH",
    "display_of_hdr",
    "display_of_sdr",
    "jpeg_of",
    "picture_of_hdr",
    "picture_of_sdr",
    "shrunk",
]

WIDTH = 384
_QUALITY = 82
_TONE_PEAK = 1000.0
F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]


def shrunk(picture: npt.NDArray[np.generic], width: int = WIDTH) -> F32:
    """About `width` wide: means of whole blocks of pixels, (h, w, 3) float32 in the picture's own numbers.

    Blocks that are cut off at the right and lower edge are left out.
    """
    step = max(1, round(picture.shape[1] / width))
    height, wide = picture.shape[0] // step, picture.shape[1] // step
    if height < 1:
        step, height, wide = 1, picture.shape[0], picture.shape[1]
    blocks = picture[: height * step, : wide * step, :3].reshape(height, step, wide, step, 3)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32), np.float32)


def picture_of_sdr(
    codes: npt.NDArray[np.generic], bits: int, state: ColourState, *, tone_map: bool = False
) -> U8:
    """sRGB of SDR codes: white stays white, whatever the curve. codes: as `ClipFrame` has them.

    tone_map: of a clip that is no SDR, which is shown as `picture_of_hdr` shows light.
    """
    signal = shrunk(codes)
    if codes.dtype.kind == "u":
        signal /= np.float32((1 << bits) - 1)
    light = np.asarray(to_nits_rec2020(signal, state, bits=bits if bits <= 16 else None), np.float32)
    return picture_of_hdr(light) if tone_map else display_of_sdr(light, state.peak_nits)


def display_of_sdr(nits: F32, white_nits: float) -> U8:
    """sRGB of SDR light, whose white is white. nits: (H, W, 3), linear BT.2020."""
    white = np.float32(NAMED["srgb"].peak_nits / white_nits)
    return _codes(np.asarray(from_nits_rec2020(nits * white, NAMED["srgb"]), np.float32))


def picture_of_hdr(nits: F32) -> U8:
    """sRGB of HDR light, tone-mapped by BT.2446 method A from 1000 nit, or from its own peak where that is
    higher. nits: (H, W, 3), linear BT.2020.
    """
    light = shrunk(nits)
    return display_of_hdr(light, float(np.clip(light.max(initial=_TONE_PEAK), _TONE_PEAK, 10_000)))


def display_of_hdr(nits: F32, peak_nits: float = _TONE_PEAK) -> U8:
    """sRGB of HDR light, tone-mapped by BT.2446 method A from `peak_nits`, at its own size: frames of one
    peak look alike. nits: (H, W, 3), linear BT.2020.
    """
    rec709 = np.asarray(rec709_code(nits, method="a", hdr_peak=peak_nits), np.float32)
    display = np.asarray(to_nits_rec2020(rec709, NAMED["rec709"]), np.float32)
    return display_of_sdr(display, NAMED["rec709"].peak_nits)


def jpeg_of(picture: U8) -> bytes:
    """A JPEG of (h, w, 3) uint8."""
    encoded = imagecodecs_module().jpeg8_encode(np.ascontiguousarray(picture), _QUALITY, optimize=True)
    return bytes(encoded)


def _codes(values: F32) -> U8:
    codes: U8 = np.clip(np.rint(np.nan_to_num(values) * np.float32(255)), 0, 255).astype(np.uint8)
    return codes
