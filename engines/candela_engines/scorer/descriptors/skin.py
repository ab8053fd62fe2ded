"""Skin-like regions: their share, level, hue and chroma.

Skin of every complexion lies on one line of hue, that of blood and melanin; on a vectorscope it is the I
axis of NTSC, at 123°. Here it is a sector of hue in ICtCp around the two skin patches of the ColorChecker
(Pascale, 2006, BabelColor averages: sRGB 115, 82, 68 and 194, 150, 130), with bounds of chroma. Wood, sand
and brick lie there too: the figures say skin-like and stand for skin where there is any.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.metrics.skin_like import HUE_DEGREES, skin_hue, skin_like
from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.frames import GradeFrame
from candela_engines.scorer.statistics import mad, median, safe_log, share

__all__ = ["GROUP", "HUE_DEGREES", "SPECS", "measure", "skin_mask"]

GROUP = "skin"
LEAST_SHARE = 0.002

SPECS = (
    Spec("share", "share", "pixels whose hue and chroma are those of skin"),
    Spec("level", "log10 nit", "their median Y"),
    Spec("hue", "degree", "their median hue less that of the ColorChecker's skin patches"),
    Spec("chroma", "ΔE_ITP", "their median chroma"),
    Spec("hue_spread", "degree", "median absolute deviation of their hue: mottling"),
)


def skin_mask(frame: GradeFrame) -> NDArray[np.bool_]:
    """Skin-like points, (h, w)."""
    return skin_like(_hue(frame), frame.chroma, frame.y)


def _hue(frame: GradeFrame) -> NDArray[np.float32]:
    _, tritan, protan = frame.itp
    return skin_hue(tritan, protan)


def measure(frame: GradeFrame) -> Measured:
    """Values of SPECS."""
    hue = _hue(frame)
    mask = skin_like(hue, frame.chroma, frame.y)
    covered = share(mask)
    out: Measured = {"share": covered}
    if covered < LEAST_SHARE or np.count_nonzero(mask) < 64:
        return out | dict.fromkeys(("level", "hue", "chroma", "hue_spread"), math.nan)
    out["level"] = safe_log(median(frame.y[mask]), 0.005)
    out["hue"] = median(hue[mask])
    out["chroma"] = median(frame.chroma[mask])
    out["hue_spread"] = mad(hue[mask])
    return out
