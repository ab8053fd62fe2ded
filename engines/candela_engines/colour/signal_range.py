"""Narrow and full range quantisation at any bit depth: BT.2100-2 table 9, BT.709-6 item 5.1.

RGB and Y' use D = 219·E' + 16 (narrow) or (2^n − 1)·E' (full); colour differences use 224·E' + 128 or
(2^n − 1)·E' + 2^(n−1). Narrow values scale with 2^(n−8).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, as_float, quiet
from candela_engines.colour.state import Range
from candela_engines.errors import InputError

__all__ = ["Component", "decode", "encode", "full_scale_to_signal", "signal_to_full_scale"]

Component = Literal["rgb", "luma", "chroma"]


def _scale_and_offset(bits: int, signal_range: Range, component: Component) -> tuple[float, float]:
    if not isinstance(bits, int) or not 8 <= bits <= 16:
        raise InputError(f"signal_range: {bits!r} bits; 8 to 16 are possible")
    if signal_range not in ("full", "narrow") or component not in ("rgb", "luma", "chroma"):
        raise InputError(f"signal_range: {signal_range!r} {component!r} is no range of rgb, luma or chroma")
    chroma = component == "chroma"
    if signal_range == "full":
        return float((1 << bits) - 1), float(1 << (bits - 1)) if chroma else 0.0
    step = float(1 << (bits - 8))
    return (224.0 if chroma else 219.0) * step, (128.0 if chroma else 16.0) * step


def decode(
    codes: npt.NDArray[np.integer],
    *,
    bits: int,
    signal_range: Range,
    component: Component = "rgb",
    dtype: type[np.floating] = np.float32,
) -> FloatArray:
    """Signal E' of integer codes; 0..1 nominal, or -0.5..0.5 for chroma.

    codes: any shape, integer. bits: 8 to 16. Returns `dtype`, same shape. Narrow sub-blacks and super-whites
    come out below 0 and above 1. Raises InputError for a float array or a code outside 0..2^bits-1.
    """
    array = np.asarray(codes)
    if array.dtype.kind not in "iu":
        raise InputError(f"signal_range.decode: dtype {array.dtype} where integers are needed")
    scale, offset = _scale_and_offset(bits, signal_range, component)
    if array.size and (int(array.min()) < 0 or int(array.max()) >= 1 << bits):
        raise InputError(f"signal_range.decode: codes {array.min()}..{array.max()} do not fit {bits} bits")
    work = np.dtype(np.float64 if bits > 12 or np.dtype(dtype) == np.float64 else np.float32)
    signal: FloatArray = (array.astype(work) - offset) / scale
    return signal.astype(dtype)


def encode(
    signal: npt.ArrayLike, *, bits: int, signal_range: Range, component: Component = "rgb"
) -> npt.NDArray[np.uint16]:
    """Integer codes of a signal E': rounded to nearest, then held to 0..2^bits-1, all that the codes can say.

    signal: any shape, float. Returns uint8 for 8 bits, else uint16. Exact ties go up, as the standards' INT(x
    + 0.5) does. NaN becomes the code of 0; ±inf the ends. Raises InputError for an integer array.
    """
    array = as_float(signal, "signal_range.encode")
    scale, offset = _scale_and_offset(bits, signal_range, component)
    with quiet():
        codes = np.floor(np.nan_to_num(array.astype(np.float64), nan=0.0) * scale + offset + 0.5)
        held = np.clip(codes, 0, (1 << bits) - 1)
    return held.astype(np.uint8 if bits == 8 else np.uint16)


def full_scale_to_signal(
    value: npt.ArrayLike, *, bits: int, signal_range: Range, component: Component = "rgb"
) -> FloatArray:
    """Signal E' of floats that are code/(2^bits − 1), as image readers deliver integer files. Dtype kept."""
    array = as_float(value, "signal_range.full_scale_to_signal")
    scale, offset = _scale_and_offset(bits, signal_range, component)
    with quiet():
        signal = (array.astype(np.float64) * ((1 << bits) - 1) - offset) / scale
        return np.asarray(signal.astype(array.dtype))


def signal_to_full_scale(
    signal: npt.ArrayLike, *, bits: int, signal_range: Range, component: Component = "rgb"
) -> FloatArray:
    """Inverse of `full_scale_to_signal`; neither rounded nor clipped."""
    array = as_float(signal, "signal_range.signal_to_full_scale")
    scale, offset = _scale_and_offset(bits, signal_range, component)
    with quiet():
        value = (array.astype(np.float64) * scale + offset) / ((1 << bits) - 1)
        return np.asarray(value.astype(array.dtype))
