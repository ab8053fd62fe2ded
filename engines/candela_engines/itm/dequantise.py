"""Undoing part of the SDR's rounding: what the neighbours agree on, within half a code.

Eight-bit codes are the floor of any reconstruction: the master's gradient is lost inside a code. Where
the mean of a pixel's 3×3 square lies within half a code of the pixel, the square is smooth and the mean is
the better guess; where it lies beyond a whole code, the pixel is detail and stays. In between the step
falls linearly to nothing, so that the result is continuous and piecewise linear in the codes. A payload
says how much of the step is taken (`strength`, in eighths): none for a master that was made from the codes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.itm.field import is_plain, over_full_scale, places
from candela_engines.native import native

__all__ = ["STRENGTHS", "dequantise_rows", "steps_at", "steps_of_rows"]

STRENGTHS = 8  # strength is a number 0..8 over this

F32 = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


def steps_of_rows(signal: F32, top: int, bottom: int, code: float) -> F32:
    """The whole step (bottom − top, W, 3) for rows of a picture (H, W, 3) of codes over full scale.

    code: one code over full scale, 1/(2^bits − 1). Outside the picture its edge repeats.
    """
    height, width = signal.shape[:2]
    part = signal[np.clip(np.arange(top - 1, bottom + 1), 0, height - 1)]
    down = part[:-2] + part[1:-1] + part[2:]
    mean = down.copy()
    mean[:, 1:] += down[:, :-1]
    mean[:, 0] += down[:, 0]
    mean[:, :-1] += down[:, 1:]
    mean[:, -1] += down[:, width - 1]
    step = mean / np.float32(9) - signal[top:bottom]
    size = np.abs(step)
    limit = np.float32(code)
    return np.asarray(np.sign(step) * np.maximum(np.minimum(size, limit - size), 0), np.float32)


def steps_at(codes: npt.NDArray[np.generic], ys: Indices, xs: Indices, bits: int) -> F32:
    """The whole step (n, 3) at pixels of a picture of `bits` bits, as `steps_of_rows` has it."""
    library, code = native(), 1.0 / ((1 << bits) - 1)
    if library is not None and is_plain(codes, bits):
        found: F32 = library.steps_at(codes, code, *places(ys, xs), min(bits, 16))
        return found
    signal = over_full_scale(codes, bits)
    out = np.empty((len(ys), 3), np.float32)
    height, width = signal.shape[:2]
    rows = max(1, (1 << 20) // width)
    order = np.argsort(ys, kind="stable")
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        first, last = np.searchsorted(ys[order], [top, bottom])
        here = order[first:last]
        out[here] = steps_of_rows(signal, top, bottom, code)[ys[here] - top, xs[here]]
    return out


def dequantise_rows(
    codes: npt.NDArray[np.generic], top: int, bottom: int, strength: int, bits: int
) -> F32:
    """Rows of a picture of codes, over full scale, with `strength` eighths of the step taken.

    bits: depth of the codes. Strength 0 gives the rows as they are.
    """
    if strength == 0:
        return over_full_scale(codes[top:bottom], bits)
    first = max(top - 1, 0)
    signal = over_full_scale(codes[first : bottom + 1], bits)
    top, bottom = top - first, bottom - first
    code = 1.0 / ((1 << bits) - 1)
    return signal[top:bottom] + steps_of_rows(signal, top, bottom, code) * np.float32(strength / STRENGTHS)
