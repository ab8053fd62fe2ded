"""Light to HLG at 1000 nit, plane by plane, in float32: the inner loop of `unify`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import bt2390, hlg, pq
from candela_engines.scorer.planes import Plane, Planes, largest, luminance, smallest

__all__ = ["Counts", "light_to_hlg"]

_PEAK = 1000.0
_GAMMA = 1.2  # BT.2100-2 table 5 at 1000 nit
_OUTSIDE = -0.01  # nit


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a strip, in pixels; peak and lowest in nits."""

    above: int
    peak: float
    outside: int
    lowest: float
    broken: int


def light_to_hlg(
    light: Planes, codes: NDArray[np.float32] | None, nits: NDArray[np.float32], *, source_peak: float | None
) -> Counts:
    """Fill `codes` and `nits`, (h, w, 3), from planes of linear BT.2020 light, and count what was changed.

    codes: None where only the light is wanted: a power, a root and a logarithm a pixel are saved.
    source_peak: of the EETF that light above 1000 nit goes through; None holds it there.
    """
    broken = 0
    # A sum is finite only if all of it is.
    if not np.isfinite(sum(float(plane.sum()) for plane in light)):
        bad = ~(np.isfinite(light[0]) & np.isfinite(light[1]) & np.isfinite(light[2]))
        broken = int(np.count_nonzero(bad))
        red, green, blue = (np.where(bad, np.float32(0), plane) for plane in light)
        light = (red, green, blue)
    top, bottom = largest(light), smallest(light)
    peak, lowest = float(top.max()), float(bottom.min())
    # A float32 code of exactly 1000 nit may decode to a hair above it.
    limit = _PEAK * (1 + 1e-4)
    above = int(np.count_nonzero(top > np.float32(limit))) if peak > limit else 0
    outside = int(np.count_nonzero(bottom < np.float32(_OUTSIDE))) if lowest < _OUTSIDE else 0
    counts = Counts(above, peak, outside, lowest, broken)
    if source_peak is not None:
        gain = _gain(top, source_peak)
        light = (light[0] * gain, light[1] * gain, light[2] * gain)
    if lowest < 0 or peak > _PEAK:
        red, green, blue = (np.clip(plane, np.float32(0), np.float32(_PEAK)) for plane in light)
        light = (red, green, blue)
    for channel, plane in enumerate(light):
        nits[..., channel] = plane
    if codes is not None:
        _encode(light, codes)
    return counts


def _encode(light: Planes, codes: NDArray[np.float32]) -> None:
    # E = (F/L_W)·(Y/L_W)^((1 − γ)/γ): BT.2408-7 §6.2.
    y = luminance(light)
    y *= np.float32(1 / _PEAK)
    np.maximum(y, np.float32(1e-30), out=y)
    np.power(y, np.float32((1 - _GAMMA) / _GAMMA), out=y)
    y *= np.float32(1 / _PEAK)
    for channel, plane in enumerate(light):
        _oetf(plane * y, codes[..., channel])


def _oetf(scene: Plane, codes: Plane) -> None:
    """√(3E) up to 1/12, a·ln(12E − b) + c above: BT.2100-2 table 5. Overwrites `scene`.

    Both touch at 1/12 and the logarithm bends more, so it is the lesser above; held at its value at 1/12
    below, it is the greater there. The minimum is the curve, without a choice by pixel.
    """
    high = scene * np.float32(12)
    high -= np.float32(hlg.B)
    np.maximum(high, np.float32(1 - hlg.B), out=high)
    np.log(high, out=high)
    high *= np.float32(hlg.A)
    high += np.float32(hlg.C)
    scene *= np.float32(3)
    np.sqrt(scene, out=scene)
    np.minimum(high, scene, out=codes)


def _gain(top: Plane, source_peak: float) -> Plane:
    """Gain of the EETF on max(R, G, B); 1 below its knee, where no power has to be taken."""
    gain = np.ones_like(top)
    bright = top > np.float32(_knee(source_peak))
    if bright.any():
        level = top[bright].astype(np.float64)
        mapped = bt2390.eetf(level, source_peak=source_peak, target_peak=_PEAK)
        gain[bright] = (mapped / level).astype(np.float32)
    return gain


def _knee(source_peak: float) -> float:
    """Light at the knee of the EETF, nits: below it nothing changes. BT.2390-8 §5.4.1."""
    whole, target = (float(pq.inverse_eotf(x)) for x in (source_peak, _PEAK))
    return float(pq.eotf((1.5 * target / whole - 0.5) * whole)) * 0.999
