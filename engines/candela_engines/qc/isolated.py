"""Dead and stuck pixels: the same pixel stands out of its neighbours while the picture around it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_SAMPLES", "Stuck", "stuck_pixels"]

LEAST_SAMPLES = 3
_SHARE = 0.7
_MOST = 64
_TEN_BITS = 1023 / 16383


@dataclass(frozen=True, slots=True)
class Stuck:
    """A pixel at (x_px, y_px) that stands out in `samples` of `of` sampled frames. contrast_codes: the
    median of how far, 10-bit PQ codes, below zero for a dark one. spread_codes: its standard deviation: the
    picture around moves.
    """

    x_px: int
    y_px: int
    samples: int
    of: int
    contrast_codes: float
    spread_codes: float


def stuck_pixels(found: Sequence[NDArray[np.int32]]) -> tuple[Stuck, ...]:
    """Of the isolated pixels of a shot's sampled frames, (n, 3) each, those that stay; the strongest 64.

    With fewer than three samples nothing can be told. What stands still in a still picture is told too, with
    the small spread that it has.
    """
    if len(found) < LEAST_SAMPLES:
        return ()
    every = np.concatenate(found)
    if not len(every):
        return ()
    places, inverse, counts = np.unique(every[:, :2], axis=0, return_inverse=True, return_counts=True)
    stays = np.flatnonzero(counts >= _SHARE * len(found))
    out = []
    for index in stays:
        contrasts = every[inverse.reshape(-1) == index, 2] * _TEN_BITS
        if np.abs(np.sign(contrasts).sum()) != len(contrasts):
            continue  # now above, now below: a detail of the picture
        x, y = (int(v) for v in places[index])
        out.append(
            Stuck(x, y, int(counts[index]), len(found), float(np.median(contrasts)), float(contrasts.std()))
        )
    out.sort(key=lambda stuck: (-abs(stuck.contrast_codes), stuck.y_px, stuck.x_px))
    return tuple(out[:_MOST])
