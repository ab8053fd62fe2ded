"""Light to integer codes of an encoding, in strips, counting what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.pq import eotf as pq_eotf
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError

__all__ = ["Quantised", "alpha_codes", "checked_picture", "integer_codes"]

_STRIP_PIXELS = 1 << 20


@dataclass(frozen=True, slots=True)
class Quantised:
    """codes: (H, W, C) uint8 or uint16, 0 to 2**bits - 1. The counts are samples, not pixels."""

    codes: NDArray[np.uint8] | NDArray[np.uint16]
    clipped_low: int
    clipped_high: int
    nonfinite: int


def checked_picture(
    nits: NDArray[np.float32], alpha: NDArray[np.float32] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """The arguments as float32. Raises InputError for shapes that are no picture."""
    nits = np.asarray(nits, dtype=np.float32)
    if nits.ndim != 3 or nits.shape[2] != 3 or nits.size == 0:
        raise InputError(f"a picture of shape {nits.shape} where (H, W, 3) is needed")
    if alpha is not None:
        alpha = np.asarray(alpha, dtype=np.float32)
        if alpha.shape != nits.shape[:2]:
            raise InputError(f"alpha of shape {alpha.shape} beside a picture of {nits.shape[:2]}")
    return nits, alpha


def integer_codes(
    nits: NDArray[np.float32], encoding: ColourState, bits: int, alpha: NDArray[np.float32] | None = None
) -> Quantised:
    """Codes of absolute linear BT.2020 light, (H, W, 3) float32 nits; with alpha a fourth channel.

    Rounded to nearest. A sample counts as clipped when its rounded code lies outside 0..2**bits - 1, and for
    PQ, which has no codes for negative light, when its light is below zero by more than half a code. NaN
    becomes 0 and infinity the last code; both count as nonfinite.
    Raises InputError for linear light, which integers from 0 to 1 nit cannot hold.
    """
    if encoding.transfer == "linear" and encoding.ocio_space is None:
        raise InputError(
            "linear light needs a float format: write .exr, or choose an encoding such as rec2100-pq"
        )
    top = (1 << bits) - 1
    height, width, _ = nits.shape
    channels = 3 if alpha is None else 4
    codes = np.empty((height, width, channels), dtype=np.uint8 if bits <= 8 else np.uint16)
    low = high = nonfinite = 0
    rows = max(1, _STRIP_PIXELS // width)
    below_zero = -float(pq_eotf(np.float64(0.5 / top)))
    for y in range(0, height, rows):
        strip = nits[y : y + rows].astype(np.float64)
        finite = np.isfinite(strip)
        nonfinite += int(strip.size - np.count_nonzero(finite))
        strip[np.isnan(strip)] = 0.0
        # Beyond any display, so that infinity meets the clipping and not the matrix.
        np.clip(strip, -1e9, 1e9, out=strip)
        if encoding.transfer == "pq" and encoding.ocio_space is None:
            light = apply_matrix(strip, rgb_to_rgb("bt2020", encoding.primaries))
            low += int(np.count_nonzero(light < below_zero))
        values = np.rint(np.asarray(from_nits_rec2020(strip, encoding, bits=bits), dtype=np.float64) * top)
        low += int(np.count_nonzero(values < 0))
        high += int(np.count_nonzero(values > top))
        codes[y : y + rows, :, :3] = np.clip(values, 0, top)
    if alpha is not None:
        codes[:, :, 3] = alpha_codes(alpha, bits)
    return Quantised(codes, low, high, nonfinite)


def alpha_codes(alpha: NDArray[np.float32], bits: int) -> NDArray[np.uint16]:
    """Codes of an alpha plane (H, W), 0..1 over the whole range; NaN becomes 0."""
    top = (1 << bits) - 1
    scaled = np.rint(np.nan_to_num(alpha, nan=0.0, posinf=1.0, neginf=0.0) * np.float32(top))
    codes: NDArray[np.uint16] = np.clip(scaled, 0, top).astype(np.uint16)
    return codes
