"""Light to the R'G'B' of an HDR movie, and how much of it the encoding cannot hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import hlg, pq
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError

__all__ = ["Signal", "movie_signal"]


class Signal(NamedTuple):
    """rgb: (H, W, 3), uint16 over full scale of 16 bits, or float32 in 0..1. The counts are samples."""

    rgb: NDArray[Any]
    clipped_low: int = 0
    clipped_high: int = 0


def movie_signal(light: NDArray[Any], encoding: ColourState, bits: int, path: Path) -> Signal:
    """The signal of a frame, (H, W, 3).

    light: nits of linear BT.2020, float32 or float16; or uint16 PQ codes of 16 bits. encoding: PQ or HLG.
    bits: of the movie. What lies outside 0..1 is held there, so that a movie is as bright as a still of the
    same encoding and as its MaxCLL says, and counts as clipped by the rule of `quantise.integer_codes`:
    where it is off by half a code or more. NaN stays. Raises InputError for another type, naming `path`.
    """
    if light.dtype == np.uint16:
        if encoding.transfer == "pq":
            return Signal(light)
        light = pq.eotf_codes(light)
    elif light.dtype not in (np.dtype(np.float16), np.dtype(np.float32)):
        raise InputError(
            f"{path}: a frame of {light.dtype}; uint16 PQ codes, float16 or float32 nits are taken"
        )
    half = 0.5 / ((1 << bits) - 1)
    if encoding.transfer == "pq":
        signal = np.asarray(pq.inverse_eotf(light))
        # PQ has no code for negative light.
        low = np.count_nonzero(light < -float(pq.eotf(np.float64(half))))
    else:
        signal = np.asarray(hlg.inverse_eotf(light, peak_nits=encoding.peak_nits))
        low = np.count_nonzero(signal < -half)
    high = np.count_nonzero(signal > 1 + half)
    np.clip(signal, 0, 1, out=signal)
    return Signal(signal, int(low), int(high))
