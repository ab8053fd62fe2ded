"""Light to HLG at 1000 nit, plane by plane, in float32: the inner loop of `unify`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import bt2390, hlg
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
    light: Planes, codes: NDArray[np.float32], nits: NDArray[np.float32], *, source_peak: float | None
) -> Counts:
    """Fill `codes` and `nits`, (h, w, 3), from planes of linear BT.2020 light, and count what was changed.

    source_peak: of the EETF that light above 1000 nit goes through; None holds it there.
    """
    total = light[0] + light[1] + light[2]
    broken = 0
    if not np.isfinite(total).all():
        bad = ~(np.isfinite(light[0]) & np.isfinite(light[1]) & np.isfinite(light[2]))
        broken = int(np.count_nonzero(bad))
        red, green, blue = (np.where(bad, np.float32(0), plane) for plane in light)
        light = (red, green, blue)
    top, bottom = largest(light), smallest(light)
    # A float32 code of exactly 1000 nit may decode to a hair above it.
    counts = Counts(
        int(np.count_nonzero(top > np.float32(_PEAK * (1 + 2e-5)))),
        float(top.max()),
        int(np.count_nonzero(bottom < np.float32(_OUTSIDE))),
        float(bottom.min()),
        broken,
    )
    if source_peak is not None:
        gain = _gain(top, source_peak)
        light = (light[0] * gain, light[1] * gain, light[2] * gain)
    red, green, blue = (np.clip(plane, np.float32(0), np.float32(_PEAK)) for plane in light)
    held: Planes = (red, green, blue)
    # E = (F/L_W)·(Y/L_W)^((1 − γ)/γ): BT.2408-7 §6.2.
    y = luminance(held)
    y *= np.float32(1 / _PEAK)
    np.maximum(y, np.float32(1e-30), out=y)
    np.power(y, np.float32((1 - _GAMMA) / _GAMMA), out=y)
    y *= np.float32(1 / _PEAK)
    for channel, plane in enumerate(held):
        nits[..., channel] = plane
        codes[..., channel] = _oetf(plane * y)
    return counts


def _oetf(scene: Plane) -> Plane:
    """√(3E) up to 1/12, a·ln(12E − b) + c above: BT.2100-2 table 5. Overwrites `scene`."""
    high = scene * np.float32(12)
    high -= np.float32(hlg.B)
    np.maximum(high, np.float32(0.5), out=high)
    np.log(high, out=high)
    high *= np.float32(hlg.A)
    high += np.float32(hlg.C)
    low = scene <= np.float32(1 / 12)
    scene *= np.float32(3)
    np.sqrt(scene, out=scene)
    np.copyto(high, scene, where=low)
    return high


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
    from candela_engines.colour import pq

    whole, target = (float(pq.inverse_eotf(x)) for x in (source_peak, _PEAK))
    return float(pq.eotf((1.5 * target / whole - 0.5) * whole)) * 0.999
